package postgres_test

import (
	"context"
	"errors"
	"iter"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/postgrestest"
	"github.com/imednetgo/imednet/ledger"
	"github.com/imednetgo/imednet/postgres"
	"github.com/imednetgo/imednet/triage"
)

const term = time.Minute

// expire lets all leases end now.
func expire(t *testing.T, url string) {
	t.Helper()
	postgrestest.Exec(t, url, `UPDATE imednet_lease SET expires_at = clock_timestamp() - interval '1 second'`)
}

func TestALeaseHasOneHolder(t *testing.T) {
	url := postgrestest.URL(t)
	a, b := open(t, url), open(t, url)
	held, err := a.Leases(t.Context())
	require.NoError(t, err)
	require.Empty(t, held)
	first, err := a.Acquire(t.Context(), "study S", "worker 1", term)
	require.NoError(t, err)
	require.EqualValues(t, 1, first.Token)
	_, err = b.Acquire(t.Context(), "study S", "worker 2", term)
	require.ErrorIs(t, err, postgres.ErrLeased)
	require.True(t, imednet.Retryable(err))
	var leased *postgres.LeaseError
	require.ErrorAs(t, err, &leased)
	require.Equal(t, []any{"worker 1", int64(1)}, []any{leased.Holding.Holder, leased.Holding.Token})
	other, err := b.Acquire(t.Context(), "study T", "worker 2", term)
	require.NoError(t, err)
	held, err = a.Leases(t.Context())
	require.NoError(t, err)
	require.Len(t, held, 2)
	require.Equal(t, leased.Holding, held[0])
	require.NoError(t, first.Renew(t.Context()))
	require.NoError(t, first.Release(t.Context()))
	require.ErrorIs(t, first.Release(t.Context()), postgres.ErrLeaseLost)
	require.ErrorIs(t, first.Renew(t.Context()), postgres.ErrLeaseLost, "what was given back cannot be kept")
	second, err := b.Acquire(t.Context(), "study S", "worker 2", term)
	require.NoError(t, err)
	require.EqualValues(t, 2, second.Token, "the token rises")

	expire(t, url)
	require.ErrorIs(t, second.Renew(t.Context()), postgres.ErrLeaseLost, "expired, whether another one has it or not")
	require.NoError(t, other.Release(t.Context()), "to give back what has expired is no fault")
	third, err := a.Acquire(t.Context(), "study S", "worker 1", term)
	require.NoError(t, err)
	require.EqualValues(t, 3, third.Token)
	require.ErrorIs(t, second.Release(t.Context()), postgres.ErrLeaseLost, "it is not its own any more")
	require.NoError(t, third.Renew(t.Context()))
}

func TestWhatIsNoLeaseIsRefused(t *testing.T) {
	db := open(t, postgrestest.URL(t))
	for _, wrong := range []struct {
		name, holder string
		term         time.Duration
	}{{"", "w", term}, {"study S", " ", term}, {"study S", "w", 0}, {"study S", "w", -term}} {
		_, err := db.Acquire(t.Context(), wrong.name, wrong.holder, wrong.term)
		require.ErrorAs(t, err, new(*imednet.ValidationError), "%+v", wrong)
	}
	for _, err := range db.Changes(t.Context(), 0) {
		require.ErrorAs(t, err, new(*imednet.ValidationError))
	}
}

// TestAStaleTokenWritesNothing to any of the stores.
func TestAStaleTokenWritesNothing(t *testing.T) {
	url := postgrestest.URL(t)
	db := open(t, url)
	store, err := db.Ledger(t.Context())
	require.NoError(t, err)
	marks, err := ledger.NewExtractionStateLedger(store)
	require.NoError(t, err)
	queue, err := db.Triage(t.Context())
	require.NoError(t, err)
	write := func(ctx context.Context, second int) error {
		return errors.Join(
			marks.Advance(ctx, "S", "records", imednet.Watermark{Time: noon.Add(time.Duration(second) * time.Second)}),
			func() error {
				_, err := queue.ReportFindings(ctx, "checks", []triage.Finding{{StudyKey: "S", Severity: "HIGH", Fingerprint: string(rune('a' + second))}})
				return err
			}())
	}
	ends := map[string]func(*postgres.Lease){
		"released": func(l *postgres.Lease) { require.NoError(t, l.Release(t.Context())) },
		"expired":  func(*postgres.Lease) { expire(t, url) },
		"taken over": func(*postgres.Lease) {
			expire(t, url)
			taken, err := db.Acquire(t.Context(), postgres.StudyLease("S"), "other", term)
			require.NoError(t, err)
			require.NoError(t, taken.Release(t.Context()))
		},
	}
	second := 0
	for how, end := range ends {
		lease, err := db.Acquire(t.Context(), postgres.StudyLease("S"), "worker", term)
		require.NoError(t, err)
		ctx := lease.Context(t.Context())
		second++
		require.NoError(t, write(ctx, second), how)
		another, err := db.Acquire(t.Context(), "another "+how, "worker", term)
		require.NoError(t, err)
		second++
		require.NoError(t, write(another.Context(ctx), second), "under both")
		end(lease)
		before := postgrestest.Column(t, url, `SELECT body FROM ledger_entry UNION ALL SELECT body FROM ledger_run UNION ALL SELECT hash FROM triage_events`)
		for _, stale := range []context.Context{ctx, another.Context(ctx), lease.Context(another.Context(t.Context()))} {
			err = write(stale, second+1)
			require.ErrorIs(t, err, postgres.ErrLeaseLost, how)
			require.Len(t, err.(interface{ Unwrap() []error }).Unwrap(), 2, "both were refused")
			require.False(t, imednet.Retryable(err))
		}
		require.Equal(t, before, postgrestest.Column(t, url, `SELECT body FROM ledger_entry UNION ALL SELECT body FROM ledger_run UNION ALL SELECT hash FROM triage_events`))
	}
}

// TestATakeoverWaitsForTheWriteUnderWay: a transaction that has shown its token ends before anybody else
// has the lease.
func TestATakeoverWaitsForTheWriteUnderWay(t *testing.T) {
	url := postgrestest.URL(t)
	db := open(t, url)
	_, err := db.Acquire(t.Context(), "study S", "worker", term)
	require.NoError(t, err)
	conn, err := pgx.Connect(t.Context(), url)
	require.NoError(t, err)
	defer conn.Close(t.Context())
	tx, err := conn.Begin(t.Context()) // as a write under the lease does
	require.NoError(t, err)
	_, err = tx.Exec(t.Context(), `SELECT token FROM imednet_lease WHERE name = 'study S' FOR SHARE`)
	require.NoError(t, err)
	patient := open(t, url, postgres.WithWait(50*time.Millisecond))
	_, err = patient.Acquire(t.Context(), "study S", "other", term)
	require.ErrorIs(t, err, postgres.ErrBusy)
	require.NoError(t, tx.Commit(t.Context()))
	_, err = patient.Acquire(t.Context(), "study S", "other", term)
	require.ErrorIs(t, err, postgres.ErrLeased)
}

// TestWhoListensIsTold of what other processes write, at once, and looks again when the connection was
// lost.
func TestWhoListensIsTold(t *testing.T) {
	url := postgrestest.URL(t)
	writer, follower := open(t, url), open(t, url, postgres.WithClock(imednet.SystemClock()))
	ctx, cancel := context.WithCancel(t.Context())
	next, stop := iter.Pull2(follower.Changes(ctx, time.Hour))
	defer stop()
	change := func() postgres.Change {
		c, err, ok := next()
		require.True(t, ok)
		require.NoError(t, err)
		return c
	}
	require.Equal(t, postgres.Change{}, change(), "the first comes at once")
	queue, err := writer.Triage(t.Context())
	require.NoError(t, err)
	_, err = queue.ReportFindings(t.Context(), "checks", []triage.Finding{{StudyKey: "S", Severity: "HIGH", Fingerprint: "f"}})
	require.NoError(t, err)
	require.Equal(t, postgres.Change{Store: "triage"}, change())
	lease, err := writer.Acquire(t.Context(), "study S", "w", term)
	require.NoError(t, err)
	require.Equal(t, postgres.Change{Store: "shared"}, change())
	postgrestest.Exec(t, url, `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%' AND pid <> pg_backend_pid()`)
	require.Equal(t, postgres.Change{}, change(), "anything may have changed")
	require.NoError(t, lease.Release(t.Context()))
	cancel()
	_, err, ok := next()
	require.True(t, ok)
	require.ErrorIs(t, err, context.Canceled)
	_, _, ok = next()
	require.False(t, ok)
}

// TestWithoutAListenerItLooksEverySoOften.
func TestWithoutAListenerItLooksEverySoOften(t *testing.T) {
	server, url := postgrestest.Start(t)
	follower := open(t, url)
	looks := 0
	for c, err := range follower.Changes(t.Context(), time.Millisecond) {
		require.NoError(t, err)
		require.Empty(t, c.Store)
		if looks++; looks == 3 {
			server.Restart(t) // whoever listens is cut off
		}
		if looks == 10 {
			break
		}
	}
}
