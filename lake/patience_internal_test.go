package lake

import (
	"context"
	"errors"
	"io"
	"path/filepath"
	"testing"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/apache/iceberg-go/catalog"
	"github.com/apache/iceberg-go/table"
	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
)

var errCut = &lostConnection{io.ErrUnexpectedEOF}

// cutCatalog loses its connection at the next commit.
type cutCatalog struct {
	catalog.Catalog
	next  string // what becomes of the next commit
	late  func() error
	away  bool // nothing is answered
	calls int
}

func (c *cutCatalog) LoadTable(ctx context.Context, id table.Identifier) (*table.Table, error) {
	if c.away {
		return nil, errCut
	}
	return c.Catalog.LoadTable(ctx, id)
}

func (c *cutCatalog) CommitTable(ctx context.Context, id table.Identifier, reqs []table.Requirement, updates []table.Update) (table.Metadata, string, error) {
	c.calls++
	commit := func() error { _, _, err := c.Catalog.CommitTable(ctx, id, reqs, updates); return err }
	next := c.next
	c.next = ""
	switch next {
	case "lost before it arrived":
		return nil, "", errCut
	case "lost after it was made":
		return nil, "", errors.Join(commit(), errCut)
	case "arrives late":
		c.late = commit
		return nil, "", errCut
	case "made, and nothing answers":
		c.away = true
		return nil, "", errors.Join(commit(), errCut)
	}
	if c.away {
		return nil, "", errCut
	}
	if c.late != nil {
		late := c.late
		c.late = nil
		if err := late(); err != nil {
			return nil, "", err
		}
	}
	return c.Catalog.CommitTable(ctx, id, reqs, updates)
}

// TestACommitOfUnknownOutcomeIsMadeOnce: the commit that was lost stands, does not, or arrives while it is made again.
func TestACommitOfUnknownOutcomeIsMadeOnce(t *testing.T) {
	dir, ctx := t.TempDir(), t.Context()
	inner, closeCatalog, err := OpenCatalog(ctx, "sqlite://"+filepath.Join(dir, "catalog.sqlite3"), CatalogOptions{Warehouse: filepath.Join(dir, "files")})
	require.NoError(t, err)
	defer closeCatalog()
	cut := &cutCatalog{Catalog: inner}
	l, err := New(nil, &patientCatalog{cut, patience{50 * time.Millisecond, imednet.SystemClock()}})
	require.NoError(t, err)
	write := func(version int64) error {
		_, err := l.WriteTable(ctx, "S", "numbers", numbers(t, version), imednet.Origin{Version: imednet.MirrorVersion(version)}, false)
		return err
	}
	require.NoError(t, write(1))
	stands := func(version int64) {
		t.Helper()
		tbl, err := inner.LoadTable(ctx, ident("S", "numbers"))
		require.NoError(t, err)
		head, err := momentOf(tbl.CurrentSnapshot())
		require.NoError(t, err)
		require.EqualValues(t, version, head.version)
		require.Equal(t, version, head.rows)
		require.Equal(t, version, tbl.Metadata().LastSequenceNumber(), "commits")
		files, err := dataFiles(ctx, tbl, "")
		require.NoError(t, err)
		require.Equal(t, version, rowsOf(plain(files)))
		rows := 0
		for _, f := range files {
			for batch, err := range f.read(ctx, tbl) {
				require.NoError(t, err)
				rows += int(batch.NumRows())
			}
		}
		require.EqualValues(t, version, rows)
	}
	for i, how := range []string{"lost before it arrived", "lost after it was made", "arrives late"} {
		version := int64(i + 2)
		cut.next = how
		require.NoError(t, write(version), how)
		require.Empty(t, cut.next)
		stands(version)
	}
	cut.next = "made, and nothing answers"
	require.ErrorIs(t, write(5), ErrUnknownOutcome)
	cut.away = false
	stands(5)

	tbl, err := l.load(ctx, "S", "numbers")
	require.NoError(t, err)
	snapshot := tbl.CurrentSnapshot().SnapshotID
	for _, how := range []string{"lost before it arrived", "lost after it was made", "arrives late"} {
		cut.next, cut.calls = how, 0
		require.NoError(t, l.tagTable(ctx, "S", "numbers", how, snapshot))
		require.Less(t, cut.calls, 3, "it is not taken for another writer's")
	}
	before := tbl.Metadata().Snapshots()
	for i, how := range []string{"lost before it arrived", "lost after it was made", "arrives late"} {
		cut.next = how
		tbl, err = l.load(ctx, "S", "numbers")
		require.NoError(t, err)
		require.NoError(t, l.removeSnapshots(ctx, tbl, []int64{before[i].SnapshotID}))
	}
	tbl, err = l.load(ctx, "S", "numbers")
	require.NoError(t, err)
	require.Len(t, tbl.Metadata().Snapshots(), len(before)-3)
	stands(5)
}

// numbers are as many rows as is asked for.
func numbers(t *testing.T, n int64) array.RecordReader {
	schema := arrow.NewSchema([]arrow.Field{{Name: "n", Type: arrow.PrimitiveTypes.Int64}}, nil)
	b := array.NewRecordBuilder(memory.DefaultAllocator, schema)
	for i := range n {
		b.Field(0).(*array.Int64Builder).Append(i)
	}
	reader, err := array.NewRecordReader(schema, []arrow.Record{b.NewRecord()})
	require.NoError(t, err)
	return reader
}
