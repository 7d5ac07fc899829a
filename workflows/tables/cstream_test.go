//go:build cgo

package tables_test

import (
	"context"
	"io"
	"runtime"
	"sync"
	"testing"

	array18 "github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/cdata"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/imednetgo/imednet/workflows/tables"
)

// onAnotherThread runs a step on a thread that ends with it.
func onAnotherThread(step func()) {
	done := make(chan struct{})
	go func() {
		runtime.LockOSThread() // and never unlocked
		defer close(done)
		step()
	}()
	<-done
}

// TestReadersWorkFromCCallbacks reads as an engine does, through C's stream of batches: every batch on another
// thread, while others take hold of the reader and let go, to the end, or until it is cancelled or left.
func TestReadersWorkFromCCallbacks(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	const records = 3000
	src := manyForms(t, 1, 10)
	for len(src.records) < records {
		src.records = append(src.records, answer(t, int64(len(src.records)+1), "F00000", `{"X":"7"}`))
	}
	for name, until := range map[string]int64{"to the end": records, "cancelled": 500, "left": 500} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			reader, err := checked(t, src, tables.WithBatchRows(100)).Map(ctx, "DEMO", tables.MapOptions{}).Reader18()
			require.NoError(t, err)
			stop := holdAndLetGo(reader)
			var stream cdata.CArrowArrayStream
			cdata.ExportRecordReader(reader, &stream)
			imported, err := cdata.ImportCRecordReader(&stream, nil)
			require.NoError(t, err)
			rows, last := int64(0), error(nil)
			for last == nil && (rows < until || name != "left") {
				onAnotherThread(func() {
					batch, err := imported.Read()
					if last = err; err == nil {
						rows += batch.NumRows()
					}
				})
				if name == "cancelled" && rows >= until {
					cancel()
				}
			}
			stop()
			imported.(array18.RecordReader).Release()
			reader.Release()
			require.GreaterOrEqual(t, rows, until)
			switch name {
			case "to the end":
				require.ErrorIs(t, last, io.EOF)
			case "cancelled":
				require.Less(t, rows, int64(records))
				require.ErrorContains(t, last, "context canceled", "a run that was cancelled is no whole one")
			}
		})
	}
}

// holdAndLetGo does so from several threads until it is stopped.
func holdAndLetGo(reader interface {
	Retain()
	Release()
},
) (stop func()) {
	end := make(chan struct{})
	var all sync.WaitGroup
	for range 3 {
		all.Go(func() {
			runtime.LockOSThread()
			for {
				select {
				case <-end:
					return
				default:
					reader.Retain()
					runtime.Gosched()
					reader.Release()
				}
			}
		})
	}
	return func() { close(end); all.Wait() }
}
