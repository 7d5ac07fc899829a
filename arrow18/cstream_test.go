//go:build cgo

package arrow18_test

import (
	"io"
	"runtime"
	"testing"

	array17 "github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/cdata"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/imednetgo/imednet/arrow18"
	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/workflows/tables"
)

// TestReadersOfV17WorkFromCCallbacks reads every batch through C on another thread: of the mapper's own reader, and of one
// that went to v18 and back.
func TestReadersOfV17WorkFromCCallbacks(t *testing.T) {
	server := imednettest.NewServer(imednettest.Generate(imednettest.GenerateOptions{Records: 200}))
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	m, err := tables.NewRecordMapper(server.Client(), tables.WithBatchRows(20))
	require.NoError(t, err)
	for _, there := range []bool{false, true} {
		run := m.Map(t.Context(), "DEMO", tables.MapOptions{})
		reader, err := run.Reader()
		require.NoError(t, err)
		if there {
			reader = thereAndBack(t, reader)
		}
		var stream cdata.CArrowArrayStream
		cdata.ExportRecordReader(reader, &stream)
		reader.Release()
		imported, err := cdata.ImportCRecordReader(&stream, nil)
		require.NoError(t, err)
		rows, last := int64(0), error(nil)
		for last == nil {
			done := make(chan struct{})
			go func() {
				runtime.LockOSThread() // and never unlocked: the thread ends with the goroutine
				defer close(done)
				batch, err := imported.Read()
				if last = err; err == nil {
					rows += batch.NumRows()
				}
			}()
			<-done
		}
		require.ErrorIs(t, last, io.EOF)
		require.Positive(t, rows)
		require.Equal(t, run.Report().Rows, rows)
	}
}

func thereAndBack(t *testing.T, reader array17.RecordReader) array17.RecordReader {
	there, err := arrow18.Reader(reader)
	require.NoError(t, err)
	reader.Release()
	back, err := arrow18.FromReader(there)
	require.NoError(t, err)
	there.Release()
	return back
}
