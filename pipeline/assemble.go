package pipeline

import (
	"errors"
	"slices"

	arrow18 "github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
)

// assembly makes the columns of a row group out of its parts, one at a time.
type assembly struct {
	parts  []part
	rows   int
	origin []origin                 // of every row, if the parts have positions
	nulls  map[string]arrow18.Array // a column without an answer, by type
	failed error
}

// origin is where a row comes from.
type origin struct{ part, row int32 }

// newAssembly puts the rows of a group in order. Positions must be consecutive over all parts.
func newAssembly(parts []part, rows int) (*assembly, error) {
	a := &assembly{parts: parts, rows: rows, nulls: map[string]arrow18.Array{}}
	if rows == 0 || parts[0].positions == nil {
		return a, nil
	}
	first := parts[0].positions[0]
	for _, p := range parts {
		first = min(first, p.positions[0])
	}
	a.origin = make([]origin, rows)
	for i := range parts {
		for row, at := range parts[i].positions {
			if at -= first; at >= int64(rows) {
				return nil, errors.New("the rows of a row group are not consecutive")
			}
			parts[i].positions[row] = at
			a.origin[at] = origin{int32(i), int32(row)}
		}
	}
	return a, nil
}

func (a *assembly) release() {
	for _, n := range a.nulls {
		n.Release()
	}
}

// column returns a column of the rows from and below to. The caller releases it.
func (a *assembly) column(field int, typ arrow18.DataType, from, to int) (*arrow18.Chunked, error) {
	c := a.chunks(field, typ, from, to)
	if a.failed != nil {
		c.Release()
		return nil, a.failed
	}
	return c, nil
}

func (a *assembly) chunks(field int, typ arrow18.DataType, from, to int) *arrow18.Chunked {
	if a.origin == nil {
		return a.inTurn(field, typ)
	}
	filled := 0
	last := -1
	for i := range a.parts {
		if a.place(i, field) >= 0 {
			filled++
			last = i
		}
	}
	switch filled {
	case 0:
		return chunkedOf(typ, a.null(typ, to-from))
	case 1:
		return chunkedOf(typ, a.spread(last, field, typ, from, to))
	}
	return chunkedOf(typ, a.merged(field, typ, from, to))
}

// place is the column of a part that a field of the table has; -1 for none.
func (a *assembly) place(i, field int) int {
	if a.parts[i].places == nil {
		return field
	}
	return a.parts[i].places[field]
}

// inTurn is a column whose rows come part by part.
func (a *assembly) inTurn(field int, typ arrow18.DataType) *arrow18.Chunked {
	chunks := make([]arrow18.Array, len(a.parts))
	for i, p := range a.parts {
		if at := a.place(i, field); at >= 0 {
			chunks[i] = p.batch.Column(at)
			chunks[i].Retain()
		} else {
			chunks[i] = a.null(typ, int(p.batch.NumRows()))
		}
	}
	return chunkedOf(typ, chunks...)
}

// null is a column without an answer. All of a type share their memory.
func (a *assembly) null(typ arrow18.DataType, rows int) arrow18.Array {
	key := typ.Fingerprint()
	if a.nulls[key] == nil {
		a.nulls[key] = array.MakeArrayOfNull(memory.DefaultAllocator, typ, a.rows)
	}
	return array.NewSlice(a.nulls[key], 0, int64(rows))
}

// spread is a column that only one part has: its rows, and nulls between them.
func (a *assembly) spread(i, field int, typ arrow18.DataType, from, to int) arrow18.Array {
	p := a.parts[i]
	b := array.NewBuilder(memory.DefaultAllocator, typ)
	defer b.Release()
	appendValue := a.appender(b, p.batch.Column(a.place(i, field)))
	next := int64(from)
	row, _ := slices.BinarySearch(p.positions, next)
	for ; row < len(p.positions) && p.positions[row] < int64(to); row++ {
		b.AppendNulls(int(p.positions[row] - next))
		appendValue(row)
		next = p.positions[row] + 1
	}
	b.AppendNulls(to - int(next))
	return b.NewArray()
}

// merged is a column that several parts have.
func (a *assembly) merged(field int, typ arrow18.DataType, from, to int) arrow18.Array {
	b := array.NewBuilder(memory.DefaultAllocator, typ)
	defer b.Release()
	appenders := make([]func(int), len(a.parts))
	for i, p := range a.parts {
		if at := a.place(i, field); at >= 0 {
			appenders[i] = a.appender(b, p.batch.Column(at))
		}
	}
	for _, o := range a.origin[from:to] {
		if appendValue := appenders[o.part]; appendValue != nil {
			appendValue(int(o.row))
		} else {
			b.AppendNull()
		}
	}
	return b.NewArray()
}

func chunkedOf(typ arrow18.DataType, chunks ...arrow18.Array) *arrow18.Chunked {
	c := arrow18.NewChunked(typ, chunks)
	for _, chunk := range chunks {
		chunk.Release()
	}
	return c
}

// appender returns a function that appends a row of a column to a builder of its type, which is one of
// those that a RecordMapper gives.
func (a *assembly) appender(b array.Builder, column arrow18.Array) func(row int) {
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
