package pipeline

import (
	"errors"
	"slices"

	arrow18 "github.com/apache/arrow-go/v18/arrow"
	array18 "github.com/apache/arrow-go/v18/arrow/array"
	memory18 "github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"github.com/imednetgo/imednet/internal/arrowbridge"
)

// assembly makes the columns of a row group out of its parts, one at a time.
type assembly struct {
	parts   []part
	rows    int
	sources [][]source               // of every field, in the order of the parts
	origin  []origin                 // of every row, if the parts have positions
	nulls   map[string]arrow18.Array // a column without an answer, by type
	failed  error
}

// source is a column of a part.
type source struct{ part, column int32 }

// origin is where a row comes from.
type origin struct{ part, row int32 }

// newAssembly puts the rows of a group in order.
func newAssembly(parts []part, rows, fields int) (*assembly, error) {
	a := &assembly{parts: parts, rows: rows, sources: make([][]source, fields), nulls: map[string]arrow18.Array{}}
	for i, p := range parts {
		for column := range int(p.batch.NumCols()) {
			field := column
			if p.fields != nil {
				field = p.fields[column]
			}
			if field >= 0 {
				a.sources[field] = append(a.sources[field], source{int32(i), int32(column)})
			}
		}
	}
	if rows == 0 || parts[0].positions == nil {
		return a, nil
	}
	return a, a.order()
}

// order finds the origin of every row. Positions must be consecutive over all parts.
func (a *assembly) order() error {
	first := a.parts[0].positions[0]
	for _, p := range a.parts {
		first = min(first, p.positions[0])
	}
	a.origin = make([]origin, a.rows)
	for i, p := range a.parts {
		for row, at := range p.positions {
			if at -= first; at >= int64(a.rows) {
				return errors.New("the rows of a row group are not consecutive")
			}
			p.positions[row] = at
			a.origin[at] = origin{int32(i), int32(row)}
		}
	}
	return nil
}

func (a *assembly) release() {
	for _, n := range a.nulls {
		n.Release()
	}
}

// column returns a column of the rows from and below to. The caller releases it.
func (a *assembly) column(field int, typ arrow18.DataType, from, to int) (*arrow18.Chunked, error) {
	var chunks []arrow18.Array
	switch {
	case a.origin == nil:
		chunks = a.inTurn(field, typ)
	case len(a.sources[field]) == 0:
		chunks = []arrow18.Array{a.null(typ, to-from)}
	default:
		chunks = []arrow18.Array{a.inOrder(field, typ, from, to)}
	}
	c := arrow18.NewChunked(typ, chunks)
	for _, chunk := range chunks {
		chunk.Release()
	}
	if a.failed != nil {
		c.Release()
		return nil, a.failed
	}
	return c, nil
}

// inTurn is a column whose rows come part by part.
func (a *assembly) inTurn(field int, typ arrow18.DataType) []arrow18.Array {
	chunks := make([]arrow18.Array, len(a.parts))
	for _, s := range a.sources[field] {
		chunks[s.part] = arrowbridge.Column(a.parts[s.part].batch.Column(int(s.column)), typ)
	}
	for i, p := range a.parts {
		if chunks[i] == nil {
			chunks[i] = a.null(typ, int(p.batch.NumRows()))
		}
	}
	return chunks
}

// null is a column without an answer. All of a type share their memory.
func (a *assembly) null(typ arrow18.DataType, rows int) arrow18.Array {
	key := typ.Fingerprint()
	if a.nulls[key] == nil {
		a.nulls[key] = array18.MakeArrayOfNull(memory18.DefaultAllocator, typ, a.rows)
	}
	return array18.NewSlice(a.nulls[key], 0, int64(rows))
}

// inOrder is a column whose rows stand at their positions.
func (a *assembly) inOrder(field int, typ arrow18.DataType, from, to int) arrow18.Array {
	sources := a.sources[field]
	b := array.NewBuilder(memory.DefaultAllocator, a.of(sources[0]).DataType())
	defer b.Release()
	if a.inSequence(sources) {
		a.spread(b, sources, from, to)
	} else {
		a.merge(b, sources, from, to)
	}
	column := b.NewArray()
	defer column.Release()
	return arrowbridge.Column(column, typ)
}

func (a *assembly) of(s source) arrow.Array { return a.parts[s.part].batch.Column(int(s.column)) }

// inSequence reports whether all rows of one source come before those of the next, as with the columns
// of one form.
func (a *assembly) inSequence(sources []source) bool {
	end := int64(-1)
	for _, s := range sources {
		positions := a.parts[s.part].positions
		if positions[0] <= end {
			return false
		}
		end = positions[len(positions)-1]
	}
	return true
}

// spread appends the rows of sources that come one after the other, and nulls between them.
func (a *assembly) spread(b array.Builder, sources []source, from, to int) {
	next := int64(from)
	for _, s := range sources {
		positions, appendRow := a.parts[s.part].positions, a.appender(b, a.of(s))
		row, _ := slices.BinarySearch(positions, next)
		for ; row < len(positions) && positions[row] < int64(to); row++ {
			b.AppendNulls(int(positions[row] - next))
			appendRow(row)
			next = positions[row] + 1
		}
	}
	b.AppendNulls(to - int(next))
}

// merge appends the rows of sources in any order.
func (a *assembly) merge(b array.Builder, sources []source, from, to int) {
	appenders := make([]func(int), len(a.parts))
	for _, s := range sources {
		appenders[s.part] = a.appender(b, a.of(s))
	}
	for _, o := range a.origin[from:to] {
		if appendRow := appenders[o.part]; appendRow != nil {
			appendRow(int(o.row))
		} else {
			b.AppendNull()
		}
	}
}

// appender returns a function that appends a row of a column to a builder of its type, which is one of
// those that a RecordMapper gives.
func (a *assembly) appender(b array.Builder, column arrow.Array) func(row int) {
	var value func(row int)
	switch c := column.(type) {
	case *array.Int64:
		value = valueOf(b.(*array.Int64Builder).Append, c.Value)
	case *array.Float64:
		value = valueOf(b.(*array.Float64Builder).Append, c.Value)
	case *array.Boolean:
		value = valueOf(b.(*array.BooleanBuilder).Append, c.Value)
	case *array.Date32:
		value = valueOf(b.(*array.Date32Builder).Append, c.Value)
	case *array.Timestamp:
		value = valueOf(b.(*array.TimestampBuilder).Append, c.Value)
	case *array.String:
		value = valueOf(b.(*array.StringBuilder).Append, c.Value)
	default: // a dictionary; the slow way is right for every type
		value = func(row int) { a.failed = errors.Join(a.failed, b.AppendValueFromString(column.ValueStr(row))) }
	}
	return func(row int) {
		if column.IsNull(row) {
			b.AppendNull()
			return
		}
		value(row)
	}
}

func valueOf[T any](put func(T), get func(int) T) func(int) {
	return func(row int) { put(get(row)) }
}
