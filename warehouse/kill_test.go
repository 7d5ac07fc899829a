package warehouse_test

import (
	"context"
	"errors"
	"iter"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/childtest"
	"github.com/imednetgo/imednet/warehouse"
)

const (
	killRows   = 12_000
	killRounds = 6
)

// ingestTask is what the process that is killed does: it takes over revisions, or a whole study.
type ingestTask struct {
	Path  string
	Study bool
}

func TestMain(m *testing.M) { childtest.Main(m, ingest) }

func ingest(ctx context.Context, task ingestTask, say childtest.Say) error {
	d, err := warehouse.NewDuckDBIngestion(ctx, task.Path)
	if err != nil {
		return err
	}
	take := ingestRevisions
	if task.Study {
		take = ingestStudy
	}
	return errors.Join(take(ctx, d, say), d.Close())
}

// ingestRevisions takes over revisions and says how far it is.
func ingestRevisions(ctx context.Context, d *warehouse.DuckDBIngestion, say childtest.Say) error {
	_, err := d.IngestRevisions(ctx, spoken{killRows, say}, "S1", warehouse.RevisionOptions{})
	say(strconv.Itoa(killRows + 2))
	return err
}

// killIngest runs a task in a process of its own and kills it when it says killAt.
func killIngest(t *testing.T, task ingestTask, killAt int) {
	t.Helper()
	childtest.Start(t, task).KillWhen(t, func(line string) bool {
		point, err := strconv.Atoi(line)
		require.NoError(t, err)
		return point >= killAt
	})
}

// spoken is an audit trail that says how far it was read, so that the parent can kill
// this process at a chosen row, and ends with a line when the run has committed.
type spoken struct {
	numbered
	say childtest.Say
}

func (s spoken) RecordRevisions(ctx context.Context, study string, opts imednet.ListOptions) iter.Seq2[imednet.RecordRevision, error] {
	return func(yield func(imednet.RecordRevision, error) bool) {
		for r, err := range s.numbered.RecordRevisions(ctx, study, opts) {
			if r.RecordRevisionID%200 == 0 {
				s.say(strconv.FormatInt(r.RecordRevisionID, 10))
			}
			if !yield(r, err) {
				return
			}
		}
		s.say(strconv.Itoa(killRows + 1))
	}
}

func TestAKilledRunLeavesTheOldOrTheNewState(t *testing.T) {
	if testing.Short() {
		t.Skip("starts many processes")
	}
	random := rand.New(rand.NewPCG(1, 2))
	rounds := killRounds
	if os.Getenv("IMEDNET_LONG") != "" {
		rounds = 100
	}
	for round := range rounds {
		path := filepath.Join(t.TempDir(), "study.duckdb")
		killAt := killRows + 1 // every row was read: what follows is the commit
		if round%2 == 0 {
			killAt = random.IntN(killRows)
		}
		killIngest(t, ingestTask{Path: path}, killAt)

		d, err := warehouse.NewDuckDBIngestion(t.Context(), path)
		require.NoError(t, err, "round %d: the file opens", round)
		count := table(t, d, `SELECT count(*), (SELECT coalesce(max(position), 0) FROM imednet_marks) FROM bronze_revisions`)[0]
		require.Contains(t, []string{"0|0", "12000|12000"}, count, "killed at row %d", killAt)
		run, err := d.IngestRevisions(t.Context(), numbered(killRows), "S1", warehouse.RevisionOptions{})
		require.NoError(t, err)
		reconciles(t, run)
		require.Equal(t, []string{"12000|12000"}, table(t, d, `SELECT count(*), count(DISTINCT record_revision_id) FROM bronze_revisions`))
		require.NoError(t, d.Close())
	}
}
