package warehouse

import (
	"context"
	"fmt"

	"github.com/duckdb/duckdb-go/v2"
)

// column is one column of a feed of rows: add adds the row's value, or NULL, to what of makes. misfit, where it
// is set, reports a member that does not have its documented type.
type column[T any] struct {
	name   string
	typ    duckdb.Type
	of     func() vector
	add    func(to vector, row *T)
	misfit func(row *T) bool
}

// vector is one column of a batch.
type vector interface {
	fill(chunk duckdb.DataChunk, col int) error
	empty()
}

// values are those of one column in the order of the rows. A NULL has a value too, which is not written.
type values[V any] struct {
	all   []V
	nulls []int // rows
}

func newValues[V any]() vector { return &values[V]{all: make([]V, 0, chunkRows)} }

func (v *values[V]) add(value V) { v.all = append(v.all, value) }

func (v *values[V]) addNull() {
	var none V
	v.nulls = append(v.nulls, len(v.all))
	v.all = append(v.all, none)
}

// fill writes the values between the NULLs, and those.
func (v *values[V]) fill(chunk duckdb.DataChunk, col int) error {
	row := 0
	for _, null := range v.nulls {
		if err := v.write(chunk, col, row, null); err != nil {
			return err
		}
		if err := putNull(chunk, col, null); err != nil {
			return err
		}
		row = null + 1
	}
	return v.write(chunk, col, row, len(v.all))
}

func (v *values[V]) write(chunk duckdb.DataChunk, col, from, to int) error {
	for row := from; row < to; row++ {
		if err := duckdb.SetChunkValue(chunk, col, row, v.all[row]); err != nil {
			return err
		}
	}
	return nil
}

func (v *values[V]) empty() {
	clear(v.all) // what it points to is no longer held
	v.all, v.nulls = v.all[:0], v.nulls[:0]
}

func putNull(chunk duckdb.DataChunk, col, row int) error {
	return duckdb.SetChunkValue[any](chunk, col, row, nil)
}

// rowBatch is a batch that was gathered from rows.
type rowBatch struct {
	names   []string
	columns []vector
	rows    int
}

func (b *rowBatch) fill(chunk duckdb.DataChunk) error {
	for col, v := range b.columns {
		if err := v.fill(chunk, col); err != nil {
			return fmt.Errorf("column %s: %w", b.names[col], err)
		}
	}
	return chunk.SetSize(b.rows)
}

func (b *rowBatch) empty() {
	for _, v := range b.columns {
		v.empty()
	}
	b.rows = 0
}

// gathering makes batches of rows, in memory of batches that DuckDB took.
type gathering[T any] struct {
	columns []column[T]
	names   []string
	emptied chan *rowBatch
}

func newGathering[T any](columns []column[T]) *gathering[T] {
	g := &gathering[T]{columns: columns, emptied: make(chan *rowBatch, waitingBatches)}
	for _, c := range columns {
		g.names = append(g.names, c.name)
	}
	return g
}

func (g *gathering[T]) gather(ctx context.Context, produce func(context.Context, func(*T) error) error, emit func(batch) error) error {
	b := g.emptyBatch()
	err := produce(ctx, func(row *T) error {
		for i := range g.columns {
			g.columns[i].add(b.columns[i], row)
		}
		if b.rows++; b.rows < chunkRows {
			return nil
		}
		full := b
		b = g.emptyBatch()
		return emit(full)
	})
	if err != nil || b.rows == 0 {
		return err
	}
	return emit(b)
}

// emptyBatch returns one that was emptied, or a new one.
func (g *gathering[T]) emptyBatch() *rowBatch {
	select {
	case b := <-g.emptied:
		return b
	default:
	}
	b := &rowBatch{names: g.names, columns: make([]vector, len(g.columns))}
	for i, c := range g.columns {
		b.columns[i] = c.of()
	}
	return b
}

// takeBack empties a batch that DuckDB took, to be filled again.
func (g *gathering[T]) takeBack(b batch) {
	taken := b.(*rowBatch)
	taken.empty()
	select {
	case g.emptied <- taken:
	default:
	}
}
