package postgres_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/cache/cachetest"
	"github.com/imednetgo/imednet/internal/childtest"
	"github.com/imednetgo/imednet/internal/postgrestest"
	"github.com/imednetgo/imednet/ledger"
	"github.com/imednetgo/imednet/postgres"
	"github.com/imednetgo/imednet/triage"
)

// TestMain runs the tests, or a process of workers that one of them started.
func TestMain(m *testing.M) { childtest.Main(m, workers) }

// labour is the task of a process of workers.
type labour struct {
	URL, Name string
	Seed      uint64
	Mirror    *cachetest.Task // only sync a mirror, and be killed
}

const (
	processes  = 4
	perProcess = 2
	studyCount = 6
)

// workers work until they are killed. Each line that a process says is a word and a unit of work.
func workers(ctx context.Context, task labour, say childtest.Say) error {
	if task.Mirror != nil {
		return task.Mirror.Run(ctx, openMirrorOf)
	}
	db, err := openPatiently(ctx, task.URL)
	if err != nil {
		return err
	}
	store, err := db.Ledger(ctx, ledger.WithHistoryLimit(1_000_000))
	if err != nil {
		return err
	}
	marks, err := ledger.NewExtractionStateLedger(store)
	if err != nil {
		return err
	}
	queue, err := db.Triage(ctx, triage.WithoutCheck())
	if err != nil {
		return err
	}
	var wg sync.WaitGroup
	for i := range perProcess {
		wg.Go(func() {
			w := &worker{db: db, marks: marks, queue: queue, say: say, name: fmt.Sprintf("%s.%d", task.Name, i), random: rand.New(rand.NewPCG(task.Seed, uint64(i)))}
			for {
				w.unit(ctx)
			}
		})
	}
	wg.Wait()
	return nil
}

// openPatiently opens a database whose server may be away.
func openPatiently(ctx context.Context, url string) (*postgres.DB, error) {
	for {
		db, err := postgres.Open(ctx, url, postgres.WithWait(20*time.Second))
		if !imednet.Retryable(err) {
			return db, err
		}
		if err := imednet.SystemClock().Sleep(ctx, 10*time.Millisecond); err != nil {
			return nil, err
		}
	}
}

type worker struct {
	db     *postgres.DB
	marks  *ledger.ExtractionStateLedger
	queue  *triage.TriageStore
	say    childtest.Say
	name   string
	random *rand.Rand
	units  int
	stale  *postgres.Lease
}

// unit does one piece of work under the lease of a study: a comment on the study's item, then a second of
// its mark, both with the lease's token. Sometimes it tries with a lease that it has no more.
func (w *worker) unit(ctx context.Context) {
	w.units++
	unit := fmt.Sprintf("%s-%d", w.name, w.units)
	study := fmt.Sprintf("S%d", w.random.IntN(studyCount))
	lease, err := w.db.Acquire(ctx, postgres.StudyLease(study), w.name, time.Second)
	if errors.Is(err, postgres.ErrLeased) {
		_ = imednet.SystemClock().Sleep(ctx, time.Millisecond) // another study may be free
		return
	}
	if err != nil {
		w.outcome(unit, err)
		return
	}
	w.outcome(unit, w.work(lease.Context(ctx), study, unit, lease.Token))
	if w.stale != nil && w.random.IntN(3) == 0 {
		w.tryStale(ctx, study, unit)
	}
	if w.random.IntN(8) > 0 { // or it is forgotten, and expires
		err := lease.Release(ctx)
		if err != nil && !errors.Is(err, postgres.ErrLeaseLost) {
			w.outcome("release", err)
			return
		}
		w.stale = lease
	}
}

func (w *worker) work(ctx context.Context, study, unit string, token int64) error {
	text := fmt.Sprintf("%s %d", unit, token)
	if _, err := w.queue.AddAnnotation(ctx, triage.Comment{ItemID: study, UserID: w.name, Text: text}); err != nil {
		return err
	}
	return w.marks.Transaction(ctx, study, "records", noon, func(_ context.Context, tx *ledger.Tx) error {
		tx.NewTimestamp = tx.LastTimestamp.Add(time.Second)
		return tx.Metadata.Set("unit", text)
	})
}

// tryStale writes under a lease that was given back.
func (w *worker) tryStale(ctx context.Context, study, unit string) {
	_, err := w.queue.AddAnnotation(w.stale.Context(ctx), triage.Comment{ItemID: study, UserID: w.name, Text: "stale 0"})
	if err == nil {
		w.say("accepted " + unit)
	} else {
		w.outcome("stale", err)
	}
}

// outcome says what became of a unit.
func (w *worker) outcome(unit string, err error) {
	switch {
	case err == nil:
		w.say("done " + unit)
	case errors.Is(err, postgres.ErrLeaseLost):
		w.say("refused " + unit)
	case errors.Is(err, postgres.ErrUnknownOutcome):
		w.say("unknown " + unit)
	case imednet.Retryable(err):
		w.say("waits " + unit)
	default:
		w.say("failed " + err.Error())
	}
}

// TestWorkersUnderKills lets 8 workers in 4 processes work at 6 studies while processes are killed,
// connections cut and the server restarted. What a worker was told to be written is written, nothing is
// written twice, and nothing by a lease that another worker had taken over. There are 12 faults, or 200
// with IMEDNET_LONG=1.
func TestWorkersUnderKills(t *testing.T) {
	faults := 12
	if os.Getenv("IMEDNET_LONG") == "1" {
		faults = 200
	}
	server, url := postgrestest.Start(t)
	db := open(t, url)
	queue, err := db.Triage(t.Context())
	require.NoError(t, err)
	for i := range studyCount {
		_, err := queue.UpsertItem(t.Context(), triage.ItemUpsert{ItemID: fmt.Sprintf("S%d", i), StudyKey: "S", UserID: "lead", Severity: "HIGH"})
		require.NoError(t, err)
	}
	_, err = db.Ledger(t.Context())
	require.NoError(t, err)
	c := &crew{T: t, url: url, random: rand.New(rand.NewPCG(23, 23)), said: map[string]int{}}
	for range processes {
		c.hire()
	}
	for n := range faults {
		c.listen(1 + c.random.IntN(12))
		switch kind := n % 4; kind {
		case 0, 1:
			c.dismiss(c.random.IntN(processes))
			c.hire()
		case 2:
			c.cut()
		case 3:
			server.Restart(t)
		}
	}
	c.listen(100)
	for range processes {
		c.dismiss(0)
	}
	c.check(db, queue)
}

// crew is the processes, and what they have said.
type crew struct {
	*testing.T
	url    string
	random *rand.Rand
	at     []*childtest.Process
	hired  int
	lines  []string
	said   map[string]int
}

func (c *crew) hire() {
	c.hired++
	c.at = append(c.at, childtest.Start(c, labour{URL: c.url, Name: fmt.Sprintf("p%d", c.hired), Seed: c.random.Uint64()}))
}

// listen waits for n lines of the processes.
func (c *crew) listen(n int) {
	for range n {
		line, ok := c.at[c.random.IntN(len(c.at))].Next()
		require.True(c, ok, "a process ended")
		c.note(line)
	}
}

func (c *crew) note(line string) {
	word, _, _ := strings.Cut(line, " ")
	require.NotContains(c, []string{"failed", "accepted"}, word, line)
	c.said[word]++
	c.lines = append(c.lines, line)
}

// dismiss kills a process.
func (c *crew) dismiss(i int) {
	for _, line := range c.at[i].Kill(c) {
		c.note(line)
	}
	c.at = slices.Delete(c.at, i, i+1)
}

// cut ends half of the connections, wherever they are in their work.
func (c *crew) cut() {
	conn, err := pgx.Connect(c.Context(), c.url)
	require.NoError(c, err)
	defer conn.Close(c.Context())
	_, err = conn.Exec(c.Context(), `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid() AND random() < 0.5`)
	require.NoError(c, err)
}

// check compares what was said with what is stored.
func (c *crew) check(db *postgres.DB, queue *triage.TriageStore) {
	ctx := c.Context()
	_, err := queue.Verify(ctx, triage.VerifyOptions{})
	require.NoError(c, err)
	comments := written{}
	for e, err := range queue.Events(ctx, triage.EventOptions{}) {
		require.NoError(c, err)
		if e.Kind == triage.KindAnnotated {
			comments.add(c, e.ItemID, e.Change.Comment)
		}
	}
	store, err := db.Ledger(ctx)
	require.NoError(c, err)
	marks, err := ledger.NewExtractionStateLedger(store)
	require.NoError(c, err)
	_, err = marks.Verify(ctx, ledger.VerifyOptions{})
	require.NoError(c, err)
	var runs []ledger.Run
	for r, err := range marks.Runs(ctx, ledger.RunFilter{}) {
		require.NoError(c, err)
		runs = append(runs, r)
	}
	slices.Reverse(runs)
	steps := written{}
	moved := map[string]int{}
	for _, r := range runs {
		if r.Status != ledger.StatusSuccess {
			continue
		}
		var text string
		require.NoError(c, json.Unmarshal(r.Metadata["unit"], &text))
		steps.add(c, r.StudyKey, text)
		moved[r.StudyKey]++
	}
	for study, n := range moved {
		mark, _, err := marks.LastTimestamp(ctx, study, "records")
		require.NoError(c, err)
		require.Equal(c, noon.Add(time.Duration(n)*time.Second), mark, "each step moved the mark once")
	}
	for _, line := range c.lines {
		if unit, done := strings.CutPrefix(line, "done "); done {
			require.True(c, comments.has(unit) && steps.has(unit), "lost: %s", unit)
		}
	}
	require.Greater(c, c.said["done"], 20)
	require.Positive(c, c.said["refused"], "somebody tried with a lease that was lost")
	c.Logf("%d processes; said %v; %d comments, %d steps of marks", c.hired, c.said, len(comments.units), len(steps.units))
}

// written is what a store has, in its order.
type written struct {
	units  map[string]bool
	tokens map[string]int64 // of the newest entry of a study
}

// add notes an entry: none is there twice, and none is under an older token than the one before it.
func (w *written) add(c *crew, study, text string) {
	if w.units == nil {
		w.units, w.tokens = map[string]bool{}, map[string]int64{}
	}
	unit, number, _ := strings.Cut(text, " ")
	token, err := strconv.ParseInt(number, 10, 64)
	require.NoError(c, err)
	require.False(c, w.units[unit], "written twice: %s", unit)
	require.GreaterOrEqual(c, token, w.tokens[study], "%s was written under a lease that another one had taken over", unit)
	w.units[unit], w.tokens[study] = true, token
}

func (w *written) has(unit string) bool { return w.units[unit] }
