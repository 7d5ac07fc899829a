package pipeline

import (
	"io"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/stretchr/testify/require"
)

// TestFilesOfLinesShareTheNamesOfTheirColumns: of a schema for many forms, whose files are open at once, the names are in
// memory once.
func TestFilesOfLinesShareTheNamesOfTheirColumns(t *testing.T) {
	fields := []arrow.Field{{Name: "a", Type: arrow.BinaryTypes.String}, {Name: "b\n", Type: arrow.PrimitiveTypes.Int64}}
	schema, other := arrow.NewSchema(fields, nil), arrow.NewSchema(fields[1:], nil)
	var known shapes
	first := newNDJSONWriter(known.json(schema), io.Discard)
	require.Same(t, first.shape, newNDJSONWriter(known.json(schema), io.Discard).shape)

	var out strings.Builder
	w := newNDJSONWriter(known.json(other), &out)
	numbers := array.NewInt64Builder(memory.DefaultAllocator)
	numbers.AppendValues([]int64{7, 0}, []bool{true, false})
	column := []cellColumn{{0, numbers.NewArray()}}
	require.NoError(t, w.write(column, 0))
	require.NoError(t, w.write(column, 1))
	require.NoError(t, w.close())
	require.Equal(t, "{\"b\\n\":7}\n{\"b\\n\":null}\n", out.String())
}
