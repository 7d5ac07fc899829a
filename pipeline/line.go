package pipeline

import (
	"cmp"
	"slices"

	"github.com/apache/arrow/go/v17/arrow"
)

// cellColumn is a column of a batch, at its place in the table.
type cellColumn struct {
	field int
	cells arrow.Array
}

// cellColumns returns the columns of a batch that the table has, in the table's order. fields gives the
// table's field of each, -1 for none; if it is nil, the batch has the table's columns.
func cellColumns(batch arrow.Record, fields []int) []cellColumn {
	columns := make([]cellColumn, 0, batch.NumCols())
	for i, cells := range batch.Columns() {
		field := i
		if fields != nil {
			field = fields[i]
		}
		if field >= 0 {
			columns = append(columns, cellColumn{field, cells})
		}
	}
	slices.SortFunc(columns, func(a, b cellColumn) int { return cmp.Compare(a.field, b.field) })
	return columns
}
