package warehouse_test

import (
	"context"
	"database/sql"
	"iter"
	"path/filepath"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/warehouse"
)

// gated is an audit trail that stops in the middle until it is let go.
type gated struct {
	rows    int64
	reached chan struct{}
	resume  chan struct{}
}

func (g *gated) RecordRevisions(context.Context, string, imednet.ListOptions) iter.Seq2[imednet.RecordRevision, error] {
	return func(yield func(imednet.RecordRevision, error) bool) {
		for i := range g.rows {
			if i == g.rows/2 {
				close(g.reached)
				<-g.resume
			}
			if !yield(revision(i+1, i, 1, "ann", 1), nil) {
				return
			}
		}
	}
}

func TestReadersSeeTheStateBeforeOrAfter(t *testing.T) {
	d := open(t)
	src := &gated{rows: 50_000, reached: make(chan struct{}), resume: make(chan struct{})}
	var wg sync.WaitGroup
	wg.Go(func() {
		_, err := d.IngestRevisions(t.Context(), src, "S1", warehouse.RevisionOptions{})
		require.NoError(t, err)
	})
	<-src.reached
	require.Equal(t, []string{"0|0"}, table(t, d, `SELECT (SELECT count(*) FROM bronze_revisions), (SELECT sum(position) FROM imednet_marks)`))
	close(src.resume)
	wg.Wait()
	require.Equal(t, []string{"50000|50000"}, table(t, d, `SELECT (SELECT count(*) FROM bronze_revisions), (SELECT position FROM imednet_marks)`))
}

func TestASecondWriterIsToldSo(t *testing.T) {
	path := filepath.Join(t.TempDir(), "study.duckdb")
	first, err := warehouse.NewDuckDBIngestion(t.Context(), path)
	require.NoError(t, err)
	defer first.Close()
	second, err := warehouse.NewDuckDBIngestionDB(t.Context(), first.DB())
	require.NoError(t, err)

	src := &gated{rows: 10_000, reached: make(chan struct{}), resume: make(chan struct{})}
	var wg sync.WaitGroup
	wg.Go(func() {
		_, err := first.IngestRevisions(t.Context(), src, "S1", warehouse.RevisionOptions{})
		require.NoError(t, err)
	})
	<-src.reached
	_, err = second.IngestRevisions(t.Context(), &trail{rows: []imednet.RecordRevision{revision(1, 1, 1, "bob", 1)}}, "S1", warehouse.RevisionOptions{})
	require.ErrorIs(t, err, warehouse.ErrBusy)
	close(src.resume)
	wg.Wait()
	require.Equal(t, []string{"10000"}, table(t, first, `SELECT count(*) FROM bronze_revisions`))
}

func TestTheCallersDatabaseStaysOpen(t *testing.T) {
	db, err := sql.Open("duckdb", "")
	require.NoError(t, err)
	defer db.Close()
	d, err := warehouse.NewDuckDBIngestionDB(t.Context(), db)
	require.NoError(t, err)
	require.NoError(t, d.Close())
	require.NoError(t, db.Ping())
	_, err = warehouse.NewDuckDBIngestionDB(t.Context(), db, warehouse.WithMemoryLimit("1GB"))
	require.ErrorContains(t, err, "are the caller's own database's")
	_, err = warehouse.NewDuckDBIngestionDB(t.Context(), nil)
	require.ErrorContains(t, err, "db: is nil")
}

// numbered is an audit trail of so many revisions.
type numbered int64

func (n numbered) RecordRevisions(_ context.Context, _ string, opts imednet.ListOptions) iter.Seq2[imednet.RecordRevision, error] {
	first := int64(0)
	for _, c := range opts.Filter.Conditions() {
		first = c.Value.(int64)
	}
	return func(yield func(imednet.RecordRevision, error) bool) {
		for i := first; i < int64(n); i++ {
			if !yield(revision(i+1, i, 1, "ann", 1), nil) {
				return
			}
		}
	}
}
