package warehouse_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/duckdb/duckdb-go/v2"
	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/warehouse"
)

// TestADamagedFileIsNoBusyFile damages a file in its headers and in its blocks and cuts it short.
// DuckDB reports some of it when it opens the file and some when it reads the rows.
func TestADamagedFileIsNoBusyFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "study.duckdb")
	d, err := warehouse.NewDuckDBIngestion(t.Context(), path)
	require.NoError(t, err)
	_, err = d.IngestRevisions(t.Context(), numbered(20_000), "S1", warehouse.RevisionOptions{})
	require.NoError(t, err)
	require.NoError(t, d.Close())
	whole, err := os.ReadFile(path)
	require.NoError(t, err)
	flipped := func(at int) []byte {
		text := append([]byte{}, whole...)
		for i := range 64 {
			text[at+i] ^= 0xff
		}
		return text
	}
	for name, text := range map[string][]byte{
		"main header": flipped(20), "first header": flipped(4096 + 20), "second header": flipped(8192 + 20), "first block": flipped(12288 + 100),
		"second block": flipped(12288 + 262144 + 50), "cut in half": whole[:len(whole)/2], "cut in the headers": whole[:5000],
		"zeroes": append(append(append([]byte{}, whole[:4096]...), make([]byte, 8192)...), whole[12288:]...),
	} {
		t.Run(name, func(t *testing.T) {
			damaged := filepath.Join(t.TempDir(), "study.duckdb")
			require.NoError(t, os.WriteFile(damaged, text, 0o600))
			err := ingestAll(t, damaged)
			require.ErrorIs(t, err, warehouse.ErrDamaged)
			require.NotErrorIs(t, err, warehouse.ErrBusy)
			var failure *imednet.Error
			require.ErrorAs(t, err, &failure)
			require.Contains(t, failure.Hint, "bring the file back from a copy")
			require.ErrorAs(t, err, new(*duckdb.Error), "the cause is there for errors.As")
		})
	}
}

func ingestAll(t *testing.T, path string) error {
	d, err := warehouse.NewDuckDBIngestion(t.Context(), path)
	if err != nil {
		return err
	}
	_, err = d.IngestRevisions(t.Context(), numbered(30_000), "S1", warehouse.RevisionOptions{})
	return errors.Join(err, d.Close())
}

func TestWrongArguments(t *testing.T) {
	ctx, path := t.Context(), filepath.Join(t.TempDir(), "study.duckdb")
	d := open(t)
	open := func(opts ...warehouse.Option) error {
		_, err := warehouse.NewDuckDBIngestion(ctx, path, opts...)
		return err
	}
	_, noDatabase := warehouse.NewDuckDBIngestionDB(ctx, nil)
	_, memory := warehouse.NewDuckDBIngestionDB(ctx, d.DB(), warehouse.WithThreads(1))
	_, noMapper := d.BuildSilverTables(ctx, nil, "S1", warehouse.SilverOptions{})
	_, noStudy := d.IngestRevisions(ctx, &trail{}, " ", warehouse.RevisionOptions{})
	_, noMode := d.IngestRevisions(ctx, &trail{}, "S1", warehouse.RevisionOptions{Mode: "merge"})
	_, noFile := warehouse.OpenReadOnly(ctx, ":memory:")
	for name, err := range map[string]error{
		"clock": open(warehouse.WithClock(nil)), "ledger": open(warehouse.WithLedger(nil)), "progress": open(warehouse.WithProgress(nil)),
		"threads": open(warehouse.WithThreads(0)), "database": noDatabase, "settings of another database": memory, "mapper": noMapper,
		"study": noStudy, "mode": noMode, "file": noFile,
	} {
		require.ErrorAs(t, err, new(*imednet.ValidationError), name)
	}
	require.NoFileExists(t, path)
}

func TestARunPrintsItsCounts(t *testing.T) {
	d := open(t)
	run, err := d.IngestRevisions(t.Context(), &trail{rows: []imednet.RecordRevision{revision(1, 10, 1, "ann", 1), {RecordRevisionID: 6}}}, "S1", warehouse.RevisionOptions{})
	require.NoError(t, err)
	require.Equal(t, "recordRevisions: 2 read = 1 new + 0 unchanged + 1 rejected; 0 removed, 0 cells changed", run.String())
}
