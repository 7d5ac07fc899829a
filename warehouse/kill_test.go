package warehouse_test

import (
	"bufio"
	"context"
	"fmt"
	"iter"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/warehouse"
)

const (
	childPath  = "IMEDNET_TEST_WAREHOUSE"
	killRows   = 12_000
	killRounds = 25
)

// spoken is an audit trail that says on stdout how far it was read, so that the parent can kill
// this process at a chosen row, and ends with a line when the run has committed.
type spoken struct{ numbered }

func (s spoken) RecordRevisions(ctx context.Context, study string, opts imednet.ListOptions) iter.Seq2[imednet.RecordRevision, error] {
	return func(yield func(imednet.RecordRevision, error) bool) {
		for r, err := range s.numbered.RecordRevisions(ctx, study, opts) {
			if r.RecordRevisionID%200 == 0 {
				fmt.Println(r.RecordRevisionID)
			}
			if !yield(r, err) {
				return
			}
		}
		fmt.Println(killRows + 1)
	}
}

// TestChild is the process that is killed; it does nothing in an ordinary run.
func TestChild(t *testing.T) {
	path := os.Getenv(childPath)
	if path == "" {
		t.Skip("runs as the child of TestAKilledRunLeavesTheOldOrTheNewState")
	}
	d, err := warehouse.NewDuckDBIngestion(t.Context(), path)
	require.NoError(t, err)
	_, err = d.IngestRevisions(t.Context(), spoken{killRows}, "S1", warehouse.RevisionOptions{})
	require.NoError(t, err)
	fmt.Println(killRows + 2)
	require.NoError(t, d.Close())
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
		killAt := random.Int64N(killRows + 3) // the last ones are around the commit
		killChild(t, path, killAt)

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

// killChild runs TestChild in a process of its own and kills it when it reports row killAt.
func killChild(t *testing.T, path string, killAt int64) {
	child := exec.Command(os.Args[0], "-test.run=^TestChild$")
	child.Env = append(os.Environ(), childPath+"="+path)
	out, err := child.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, child.Start())
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if row, err := strconv.ParseInt(lines.Text(), 10, 64); err == nil && row >= killAt {
			require.NoError(t, child.Process.Kill())
			break
		}
	}
	_ = child.Wait() // killed, or done before the moment came
}
