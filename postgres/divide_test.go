package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/postgrestest"
	"github.com/imednetgo/imednet/postgres"
)

func TestNamesAreAssignedEvenly(t *testing.T) {
	var names []string
	for i := range 41 {
		names = append(names, fmt.Sprint("S", i))
	}
	require.Empty(t, postgres.Assign(names, nil))
	for _, workers := range [][]string{{"a"}, {"a", "b"}, {"c", "a", "b", "a"}, {"a", "b", "c", "d", "e", "f", "g"}} {
		all := postgres.Assign(names, workers)
		require.Equal(t, all, postgres.Assign(slices.Sorted(slices.Values(names)), slices.Sorted(slices.Values(workers))), "in any order")
		var given []string
		distinct := len(slices.Compact(slices.Sorted(slices.Values(workers))))
		for worker, mine := range all {
			require.Contains(t, workers, worker)
			require.Contains(t, []int{len(names) / distinct, len(names)/distinct + 1}, len(mine))
			given = append(given, mine...)
		}
		require.ElementsMatch(t, names, given)
	}
	before, after, moved := postgres.Assign(names, []string{"a", "b", "c", "d"}), postgres.Assign(names, []string{"a", "b", "c"}), 0
	for _, worker := range []string{"a", "b", "c"} {
		for _, name := range before[worker] {
			if !slices.Contains(after[worker], name) {
				moved++
			}
		}
	}
	require.Less(t, moved, 12, "of 31 names whose worker stayed")
}

// event is that a worker began or ended to work at a name.
type event struct {
	worker, name string
	began        bool
}

// gang is a test's workers, and who works at what.
type gang struct {
	*testing.T
	url    string
	names  []string
	events chan event
	at     map[string]string
	ends   map[string]func()
}

func newGang(t *testing.T, names ...string) *gang {
	return &gang{t, postgrestest.URL(t), names, make(chan event, 1000), map[string]string{}, map[string]func(){}}
}

// hire starts a worker; ends stops it and waits.
func (c *gang) hire(worker string, term time.Duration) {
	db := open(c, c.url)
	ctx, cancel := context.WithCancel(c.Context())
	done := make(chan error, 1)
	go func() {
		done <- db.Divide(ctx, postgres.Division{Holder: worker, Term: term,
			Names: func(context.Context) ([]string, error) { return c.names, nil },
			Work: func(ctx context.Context, name string) {
				c.events <- event{worker, name, true}
				<-ctx.Done()
				c.events <- event{worker, name, false}
			}})
	}()
	c.ends[worker] = func() {
		cancel()
		require.NoError(c, <-done)
	}
}

// until follows what happens until each of these workers has its share. No name ever has two.
func (c *gang) until(workers ...string) {
	c.Helper()
	limit, cancel := context.WithTimeout(c.Context(), time.Minute)
	defer cancel()
	want := postgres.Assign(c.names, workers)
	for {
		got := map[string][]string{}
		for name, worker := range c.at {
			got[worker] = append(got[worker], name)
		}
		for worker := range got {
			slices.Sort(got[worker])
		}
		if fmt.Sprint(want) == fmt.Sprint(got) {
			return
		}
		select {
		case e := <-c.events:
			if e.began {
				require.Empty(c, c.at[e.name], "%s is worked at by two", e.name)
				c.at[e.name] = e.worker
			} else {
				delete(c.at, e.name)
			}
		case <-limit.Done():
			require.Fail(c, "the names are not divided", "%v instead of %v", got, want)
		}
	}
}

// TestWorkersDivideNames as workers come and go: evenly, each name by one of them.
func TestWorkersDivideNames(t *testing.T) {
	c := newGang(t, "A", "B", "C", "D", "E", "F", "G", "H", "I")
	c.hire("one", time.Minute)
	c.until("one")
	c.hire("two", time.Minute)
	c.hire("three", time.Minute)
	c.until("one", "two", "three")
	held, err := open(t, c.url).Leases(t.Context())
	require.NoError(t, err)
	holders := map[string]string{}
	for _, h := range held {
		holders[h.Name] = h.Holder
	}
	for name, worker := range c.at {
		require.Equal(t, worker, holders[postgres.StudyLease(name)])
	}
	c.ends["two"]()
	c.until("one", "three")
	c.ends["one"]()
	c.ends["three"]()
	c.until()
	held, err = open(t, c.url).Leases(t.Context())
	require.NoError(t, err)
	require.Empty(t, held, "a worker that ends gives its leases back")
}

// TestNamesOfADeadWorkerFallToOthers: leases that nobody renews end, and the others take over.
func TestNamesOfADeadWorkerFallToOthers(t *testing.T) {
	c := newGang(t, "A", "B", "C")
	dead := open(t, c.url)
	_, err := dead.Acquire(t.Context(), postgres.StudyLease("B"), "dead", 300*time.Millisecond)
	require.NoError(t, err)
	c.hire("alive", 300*time.Millisecond)
	c.until("alive")
	c.ends["alive"]()
}

// TestALostLeaseEndsTheWork, and the name is worked at again under a new one.
func TestALostLeaseEndsTheWork(t *testing.T) {
	c := newGang(t, "A")
	c.hire("one", 600*time.Millisecond)
	c.until("one")
	postgrestest.Exec(t, c.url, `UPDATE imednet_lease SET holder = '', token = token + 1 WHERE name = 'study A'`)
	require.Equal(t, event{"one", "A", false}, <-c.events)
	delete(c.at, "A")
	c.until("one")
	c.ends["one"]()
}

func TestWhatCannotBeDividedIsRefused(t *testing.T) {
	db := open(t, postgrestest.URL(t))
	names := func(context.Context) ([]string, error) { return nil, errors.New("no list") }
	work := func(context.Context, string) {}
	for _, d := range []postgres.Division{{Names: names, Work: work}, {Holder: "w", Work: work}, {Holder: "w", Names: names}, {Holder: "w", Names: names, Work: work, Term: 1}} {
		require.ErrorAs(t, db.Divide(t.Context(), d), new(*imednet.ValidationError))
	}
	ctx, cancel := context.WithCancel(t.Context())
	require.NoError(t, db.Divide(ctx, postgres.Division{Holder: "w", Names: names, Work: work, Failed: func(err error) {
		require.ErrorContains(t, err, "no list")
		cancel()
	}}))
}

// TestWorkersThatAreLongGoneAreForgotten when another begins, by the server's clock. Leases that commits carry stay.
func TestWorkersThatAreLongGoneAreForgotten(t *testing.T) {
	c := newGang(t, "A")
	c.hire("first", term)
	c.until("first")
	c.ends["first"]()
	c.until()
	leases := func() []string {
		return postgrestest.Column(t, c.url, `SELECT regexp_replace(name, '^worker [0-9a-f]{16}', 'worker') || ' ' || token FROM imednet_lease ORDER BY 1`)
	}
	require.Equal(t, []string{"study A 1", "worker first 1"}, leases())
	postgrestest.Exec(t, c.url, `INSERT INTO imednet_lease SELECT replace(name, 'first', 'killed'), 3, 'killed', clock_timestamp() - interval '25 hours' FROM imednet_lease WHERE holder = '' AND name LIKE 'worker%'`,
		`INSERT INTO imednet_lease SELECT replace(name, 'first', 'late'), 3, 'late', clock_timestamp() - interval '23 hours' FROM imednet_lease WHERE name LIKE '%first'`,
		`UPDATE imednet_lease SET expires_at = clock_timestamp() - interval '1 year' WHERE name LIKE '%first' OR name LIKE 'study%'`)
	c.hire("second", term)
	c.until("second")
	require.Equal(t, []string{"study A 2", "worker late 3", "worker second 1"}, leases())
	c.ends["second"]()
	c.until()
}
