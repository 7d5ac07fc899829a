package lake

import (
	"context"
	"fmt"
	"slices"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/compute"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/iceberg-go/table"
)

// arrowSchema is the schema of what is written to and read from a table, with the field ids.
func arrowSchema(tbl *table.Table) (*arrow.Schema, error) {
	return table.SchemaToArrowSchema(tbl.Schema(), nil, true, false)
}

// conform gives a batch the columns of a schema: by name, with dictionaries as the values that they
// stand for, and null where it has none. The caller must release it.
func conform(ctx context.Context, batch arrow.RecordBatch, to *arrow.Schema) (arrow.RecordBatch, error) {
	columns := make([]arrow.Array, 0, to.NumFields())
	defer func() { release(columns) }()
	for _, f := range to.Fields() {
		at := batch.Schema().FieldIndices(f.Name)
		if len(at) == 0 {
			columns = append(columns, array.MakeArrayOfNull(memory.DefaultAllocator, f.Type, int(batch.NumRows())))
			continue
		}
		c, err := converted(ctx, batch.Column(at[0]), f.Type)
		if err != nil {
			return nil, fmt.Errorf("column %q: %w", f.Name, err)
		}
		columns = append(columns, c)
	}
	return array.NewRecordBatch(to, columns, batch.NumRows()), nil
}

func converted(ctx context.Context, from arrow.Array, to arrow.DataType) (arrow.Array, error) {
	if arrow.TypeEqual(from.DataType(), to) {
		from.Retain()
		return from, nil
	}
	return compute.CastArray(ctx, from, compute.SafeCastOptions(to))
}

func release[T interface{ Release() }](all []T) {
	for _, x := range all {
		x.Release()
	}
}

// keysOf are the values of the column that rows are found by.
func keysOf(batch arrow.RecordBatch, key string) ([]int64, error) {
	at := batch.Schema().FieldIndices(key)
	if len(at) != 1 {
		return nil, fmt.Errorf("there is no column %q", key)
	}
	ids, ok := batch.Column(at[0]).(*array.Int64)
	if !ok || ids.NullN() > 0 {
		return nil, fmt.Errorf("column %q is no column of whole numbers without nulls", key)
	}
	return ids.Int64Values(), nil
}

// take gives rows of a batch in an order. The caller must release it.
func take(ctx context.Context, batch arrow.RecordBatch, rows []int64) (arrow.RecordBatch, error) {
	b := array.NewInt64Builder(memory.DefaultAllocator)
	defer b.Release()
	b.AppendValues(rows, nil)
	indices := b.NewArray()
	defer indices.Release()
	taken, err := compute.Take(ctx, *compute.DefaultTakeOptions(), compute.NewDatumWithoutOwning(batch), compute.NewDatumWithoutOwning(indices))
	if err != nil {
		return nil, err
	}
	return taken.(*compute.RecordDatum).Value, nil
}

// where gives the rows whose key satisfies a condition. The caller must release it.
func where(ctx context.Context, batch arrow.RecordBatch, key string, keep func(int64) bool) (arrow.RecordBatch, error) {
	keys, err := keysOf(batch, key)
	if err != nil {
		return nil, err
	}
	var rows []int64
	for i, k := range keys {
		if keep(k) {
			rows = append(rows, int64(i))
		}
	}
	if len(rows) == len(keys) {
		batch.Retain()
		return batch, nil
	}
	return take(ctx, batch, rows)
}

// sorted joins batches of one schema into one with ascending keys, or in their order for the key "";
// rows with the same key keep their
// order. It is nil without rows. The caller must release it.
func sorted(ctx context.Context, schema *arrow.Schema, batches []arrow.RecordBatch, key string) (arrow.RecordBatch, error) {
	joined, err := join(schema, batches)
	if err != nil || joined == nil || key == "" {
		return joined, err
	}
	keys, err := keysOf(joined, key)
	if err != nil || slices.IsSorted(keys) {
		return joined, err
	}
	defer joined.Release()
	rows := make([]int64, len(keys))
	for i := range rows {
		rows[i] = int64(i)
	}
	slices.SortStableFunc(rows, func(a, b int64) int {
		switch {
		case keys[a] < keys[b]:
			return -1
		case keys[a] > keys[b]:
			return 1
		}
		return 0
	})
	return take(ctx, joined, rows)
}

func join(schema *arrow.Schema, batches []arrow.RecordBatch) (arrow.RecordBatch, error) {
	rows := int64(0)
	for _, b := range batches {
		rows += b.NumRows()
	}
	if rows == 0 {
		return nil, nil
	}
	columns := make([]arrow.Array, 0, schema.NumFields())
	defer func() { release(columns) }()
	for i := range schema.NumFields() {
		parts := make([]arrow.Array, len(batches))
		for j, b := range batches {
			parts[j] = b.Column(i)
		}
		c, err := array.Concatenate(parts, memory.DefaultAllocator)
		if err != nil {
			return nil, err
		}
		columns = append(columns, c)
	}
	return array.NewRecordBatch(schema, columns, rows), nil
}
