package pipeline

import (
	"errors"
	"slices"

	array18 "github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow/go/v17/arrow"

	"github.com/imednetgo/imednet/internal/arrowbridge"
)

// assembly makes the columns of a row group out of its parts, one at a time.
type assembly struct {
	parts   []part
	rows    int
	mixed   bool       // the positions of a part are in no order
	first   int        // field of sources
	sources [][]source // of every field from the first on, in the order of the parts
	origin  []origin   // of every row, found when a column needs it
}

// source is a column of a part.
type source struct{ part, column int32 }

// origin is where a row comes from.
type origin struct{ part, row int32 }

// newAssembly is over the parts of a row group of so many rows.
func newAssembly(parts []part, rows int) *assembly {
	a := &assembly{parts: parts, rows: rows}
	for i, p := range parts {
		for column := range int(p.batch.NumCols()) {
			field := column
			if p.fields != nil {
				field = p.fields[column]
			}
			if field >= 0 {
				a.addSource(field, source{int32(i), int32(column)})
			}
		}
	}
	return a
}

// addSource keeps a list of the fields that there are, which may be a few of many.
func (a *assembly) addSource(field int, s source) {
	if len(a.sources) == 0 {
		a.first = field
	}
	if before := a.first - field; before > 0 {
		a.sources = append(make([][]source, before), a.sources...)
		a.first = field
	}
	for len(a.sources) <= field-a.first {
		a.sources = append(a.sources, nil)
	}
	a.sources[field-a.first] = append(a.sources[field-a.first], s)
}

// sourcesOf returns where a field comes from.
func (a *assembly) sourcesOf(field int) []source {
	if field -= a.first; field < 0 || field >= len(a.sources) {
		return nil
	}
	return a.sources[field]
}

func (a *assembly) of(s source) arrow.Array { return a.parts[s.part].batch.Column(int(s.column)) }

func (a *assembly) filled(field int) (rows int64) {
	for _, s := range a.sourcesOf(field) {
		rows += a.parts[s.part].batch.NumRows()
	}
	return rows
}

// column implements rowSource.
func (a *assembly) column(field int, from, to int, out *columnWriter) error {
	sources := a.sourcesOf(field)
	switch {
	case len(sources) == 0:
	case a.parts[0].positions == nil:
		return a.inTurn(sources, from, to, out)
	case !a.mixed && a.inSequence(sources):
		if err := a.spread(sources, from, to, out); err != nil {
			return err
		}
	default:
		if err := a.merge(sources, from, to, out); err != nil {
			return err
		}
	}
	return out.writeAnswers()
}

// inTurn writes a column whose rows come part by part. All parts have it.
func (a *assembly) inTurn(sources []source, from, to int, out *columnWriter) error {
	start := 0
	for _, s := range sources {
		column := a.of(s)
		first, last := max(from-start, 0), min(to-start, column.Len())
		start += column.Len()
		if first >= last {
			continue
		}
		if err := writeSlice(column, first, last, out); err != nil {
			return err
		}
	}
	return nil
}

func writeSlice(column arrow.Array, from, to int, out *columnWriter) error {
	whole := arrowbridge.Column(column, out.typ)
	defer whole.Release()
	rows := array18.NewSlice(whole, int64(from), int64(to))
	defer rows.Release()
	return out.write(rows)
}

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

// spread collects the answers of sources that come one after the other.
func (a *assembly) spread(sources []source, from, to int, out *columnWriter) error {
	for _, s := range sources {
		column, positions := a.of(s), a.parts[s.part].positions
		add, err := out.from(column)
		if err != nil {
			return err
		}
		row, _ := slices.BinarySearch(positions, int64(from))
		for ; row < len(positions) && positions[row] < int64(to); row++ {
			if column.IsValid(row) {
				out.levels[positions[row]-int64(from)] = 1
				add(row)
			}
		}
	}
	return nil
}

// merge collects the answers of sources in any order.
func (a *assembly) merge(sources []source, from, to int, out *columnWriter) error {
	if a.origin == nil {
		var err error
		if a.origin, err = originOf(a.parts, a.rows); err != nil {
			return err
		}
	}
	columns, add := make([]arrow.Array, len(a.parts)), make([]func(int), len(a.parts))
	for _, s := range sources {
		columns[s.part] = a.of(s)
		var err error
		if add[s.part], err = out.from(columns[s.part]); err != nil {
			return err
		}
	}
	for i, o := range a.origin[from:to] {
		if c := columns[o.part]; c != nil && c.IsValid(int(o.row)) {
			out.levels[i] = 1
			add[o.part](int(o.row))
		}
	}
	return nil
}

// originOf finds the origin of each of so many rows. Positions must be consecutive over all parts.
func originOf(parts []part, rows int) ([]origin, error) {
	all := make([]origin, rows)
	found := 0
	for i, p := range parts {
		found += len(p.positions)
		for row, at := range p.positions {
			if at < 0 || at >= int64(rows) {
				return nil, errNotConsecutive
			}
			all[at] = origin{int32(i), int32(row)}
		}
	}
	if found != rows {
		return nil, errNotConsecutive
	}
	return all, nil
}

var errNotConsecutive = errors.New("the rows of a round are not consecutive")
