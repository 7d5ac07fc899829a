//go:build cgo

package pipeline_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet/pipeline"
)

// scribbler is an allocator that writes over memory as soon as it is given back, as one that uses
// it again does.
type scribbler struct{ memory.Allocator }

func (s scribbler) Free(b []byte) {
	for i := range b {
		b[i] = 'Z'
	}
	s.Allocator.Free(b)
}

// The bounds of a row group are those of its values, whatever becomes of the memory of the batches:
// engines leave out the groups in which, by their bounds, nothing can match.
func TestBoundsOutliveTheBatches(t *testing.T) {
	schema := everyColumnType()
	mem := scribbler{memory.NewGoAllocator()}
	dir := t.TempDir()
	_, err := newPipeline(t).WriteTables(t.Context(), "S", dir, pipeline.Parquet, []pipeline.Table{{Name: "T", Schema: schema}}, pipeline.TableOptions{},
		func(w *pipeline.TableWriter) error {
			b := array.NewRecordBuilder(mem, schema)
			defer b.Release()
			for from := 100; from < 1000; from += 100 {
				for n := from; n < from+100; n++ {
					appendEveryColumnType(b, n)
				}
				batch := b.NewRecord()
				err := w.Write("T", batch)
				batch.Release()
				if err != nil {
					return err
				}
			}
			return nil
		})
	require.NoError(t, err)
	db := database(t)
	files := "'" + filepath.Join(dir, "T", "*.parquet") + "'"
	for column, want := range map[string]string{
		"subject": "B100 B999", "code": "B100 B999", "raw": "B100 B999", "whole": "100 999", "real": "25.0 249.75",
		"flag": "true true", "day": "1970-04-11 1972-09-26", "local": "1970-01-01 00:01:40 1970-01-01 00:16:39", "instant": "1970-01-01 00:01:40+00 1970-01-01 00:16:39+00",
	} {
		require.Equal(t, want, query(t, db, fmt.Sprintf("SELECT stats_min_value, stats_max_value FROM parquet_metadata(%s) WHERE path_in_schema = '%s'", files, column)), column)
	}
	for _, condition := range []string{
		"subject = 'B500'", "code = 'B500'", "raw = 'B500'::BLOB", "whole = 500", "real = 125", "day = DATE '1971-05-16'",
		"local = TIMESTAMP '1970-01-01 00:08:20'", "instant = TIMESTAMPTZ '1970-01-01 00:08:20+00'",
	} {
		require.Equal(t, "1", query(t, db, "SELECT count(*) FROM "+files+" WHERE "+condition), condition)
	}
	require.Equal(t, "900", strings.TrimSpace(query(t, db, "SELECT count(*) FROM "+files+" WHERE flag")))
}
