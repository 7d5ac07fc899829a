package pipeline

import (
	"fmt"
	"io"
	"runtime"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/stretchr/testify/require"
)

// heldBytes is what is in use on the heap.
func heldBytes() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// TestAColumnOfARowGroupHoldsLittleMemory: what a file says of its columns waits for its end, and is most of the
// memory of a table of very many columns. As objects of the library it was 700 bytes a column.
func TestAColumnOfARowGroupHoldsLittleMemory(t *testing.T) {
	const columns, groups = 5000, 4
	fields := make([]arrow.Field, columns)
	for i := range fields {
		fields[i] = arrow.Field{Name: fmt.Sprint("F12V", i), Type: arrow.PrimitiveTypes.Int64, Nullable: true}
	}
	schema := arrow.NewSchema(fields, nil)
	b := array.NewRecordBuilder(memory.DefaultAllocator, schema)
	defer b.Release()
	for i := range fields {
		b.Field(i).(*array.Int64Builder).Append(int64(i))
	}
	batch := b.NewRecord()
	defer batch.Release()
	shape, err := newParquetShape(schema)
	require.NoError(t, err)
	w, err := newParquetWriter(shape, nil, io.Discard)
	require.NoError(t, err)
	require.NoError(t, w.writeGroup(whole{batch}, 0, 1))
	before := heldBytes()
	for range groups {
		require.NoError(t, w.writeGroup(whole{batch}, 0, 1))
	}
	held := float64(heldBytes()-before) / (groups * columns)
	t.Logf("%.0f bytes a column", held)
	require.Less(t, held, 250.0)
	require.NoError(t, w.close())
	runtime.KeepAlive(w)
}
