package tables_test

import (
	"context"
	"iter"
	"runtime"
	"testing"

	"github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/workflows/tables"
)

// Engines read from threads of their own, locked or not, one after the other.
func TestReadersWorkFromAnyThread(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	reader, err := checked(t, manyForms(t, 50, 10), tables.WithBatchRows(3)).Map(t.Context(), "DEMO", tables.MapOptions{}).Reader18()
	require.NoError(t, err)
	rows := int64(0)
	for more := true; more; {
		done := make(chan struct{})
		go func() {
			runtime.LockOSThread() // and never unlocked: the thread ends with the goroutine
			defer close(done)
			if more = reader.Next(); more {
				rows += reader.RecordBatch().NumRows()
			}
		}()
		<-done
	}
	require.NoError(t, reader.Err())
	reader.Release()
	require.EqualValues(t, 50, rows)
}

func TestAReaderThatIsLeftEarlyHoldsNothing(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	for _, steps := range []int{0, 1, 2, 100} {
		reader, err := checked(t, manyForms(t, 20, 10), tables.WithBatchRows(3)).Map(t.Context(), "DEMO", tables.MapOptions{}).Reader()
		require.NoError(t, err)
		for range steps {
			reader.Next()
		}
		reader.Retain()
		reader.Release()
		reader.Release()
		require.Nil(t, reader.Record())
		require.False(t, reader.Next(), "after the last release there is nothing")
	}
	ctx, cancel := context.WithCancel(t.Context())
	reader, err := checked(t, manyForms(t, 20, 10), tables.WithBatchRows(3)).Map(ctx, "DEMO", tables.MapOptions{}).Reader()
	require.NoError(t, err)
	defer reader.Release()
	cancel()
	require.False(t, reader.Next())
	require.False(t, reader.Next())
	require.ErrorIs(t, reader.Err(), context.Canceled)
}

type panics struct{ *tableSource }

func (panics) Records(context.Context, string, imednet.ListOptions) iter.Seq2[imednet.Record, error] {
	panic("the source's own")
}

func TestAPanicReachesWhoReads(t *testing.T) {
	m, err := tables.NewRecordMapper(panics{smallStudy()}, tables.WithAllocator(memory.NewGoAllocator()))
	require.NoError(t, err)
	reader, err := m.Map(t.Context(), "DEMO", tables.MapOptions{}).Reader()
	require.NoError(t, err)
	defer reader.Release()
	require.PanicsWithValue(t, "the source's own", func() { reader.Next() })
	require.False(t, reader.Next())
}
