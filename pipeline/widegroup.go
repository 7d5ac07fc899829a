package pipeline

import (
	"errors"
	"slices"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
)

// wideGroup gathers a row group of a wide table from batches that have one form's columns. The metadata
// columns stay in memory; the answers may wait in a spool for each form, and come back one form after
// the other when the row group is written. So it costs as much as its largest form.
type wideGroup struct {
	table *chunkSeries
	forms []*formRows
	named map[string]*formRows
	owner []*formRows // of every field; nil for metadata
	heads []part
	start int64 // rows of the table before this group
	rows  int64

	metadata *assembly // while the group is written
	open     *formRows // likewise, the form whose rows are in memory
	answers  *assembly // of open
}

// formRows are the answers of one form.
type formRows struct {
	fields    []int // of the form's columns; -1 for those that the table does not have
	metadata  int   // how many of the form's columns are metadata
	head      columnTypes
	body      columnTypes
	group     rowGroup
	positions [][]int64 // of each batch, in the group
}

// newWideGroup takes the fields of each form's columns in the table. The first columns of the table and
// of every form, as many as told, are metadata.
func newWideGroup(table *chunkSeries, fields map[string][]int, metadata int) *wideGroup {
	g := &wideGroup{table: table, named: map[string]*formRows{}, owner: make([]*formRows, table.schema.NumFields())}
	for key, places := range fields {
		f := &formRows{fields: places, metadata: metadata}
		for _, field := range places[metadata:] {
			g.owner[field] = f
		}
		g.named[key], g.forms = f, append(g.forms, f)
	}
	return g
}

// add keeps a batch of a form; positions are the places of its rows in the table.
func (g *wideGroup) add(formKey string, batch arrow.Record, positions []int64) {
	f := g.named[formKey]
	if g.rows == 0 {
		g.start = g.table.rows
	}
	at := make([]int64, len(positions))
	for i, p := range positions {
		at[i] = p - g.start
	}
	columns := batch.Columns()
	g.heads = append(g.heads, part{batch: f.head.record(columns[:f.metadata], batch.NumRows()), fields: f.fields[:f.metadata], positions: at})
	body := f.body.record(columns[f.metadata:], batch.NumRows())
	f.group.add(body, nil)
	body.Release()
	f.positions = append(f.positions, at)
	g.rows += batch.NumRows()
	g.table.rows += batch.NumRows()
}

// columnTypes is a schema that knows nothing but the types of its columns.
type columnTypes struct{ schema *arrow.Schema }

// record makes a batch of columns, which are of the same types each time.
func (t *columnTypes) record(columns []arrow.Array, rows int64) arrow.Record {
	if t.schema == nil {
		fields := make([]arrow.Field, len(columns))
		for i, c := range columns {
			fields[i] = arrow.Field{Type: c.DataType(), Nullable: true}
		}
		t.schema = arrow.NewSchema(fields, nil)
	}
	return array.NewRecord(t.schema, columns, rows)
}

// full reports whether the group should end at the next round.
func (g *wideGroup) full() bool {
	return g.rows >= groupRows || slices.ContainsFunc(g.forms, func(f *formRows) bool { return f.group.total >= groupBytes })
}

// bound moves the answers into the spools when they come to more than so many bytes.
func (g *wideGroup) bound(bytes int64) error {
	held := int64(0)
	for _, f := range g.forms {
		held += f.group.bytes
	}
	if held <= bytes {
		return nil
	}
	for _, f := range g.forms {
		if err := f.group.spill(g.table.stage.root, g.table.prefix); err != nil {
			return err
		}
	}
	return nil
}

// end writes the row group.
func (g *wideGroup) end() error {
	if g.rows == 0 {
		return nil
	}
	if err := g.bound(groupBytes / 8); err != nil { // the files need the memory
		return err
	}
	g.metadata = newAssembly(g.heads, int(g.rows), g.table.schema.NumFields())
	err := g.table.writeRows(g, int(g.rows))
	g.leave()
	for _, f := range g.forms {
		err = errors.Join(err, f.group.clear())
		f.positions = nil
	}
	g.releaseHeads()
	return err
}

func (g *wideGroup) releaseHeads() {
	for _, p := range g.heads {
		p.batch.Release()
	}
	g.heads, g.rows, g.metadata = nil, 0, nil
}

// close gives back everything.
func (g *wideGroup) close() error {
	g.leave()
	g.releaseHeads()
	var err error
	for _, f := range g.forms {
		err = errors.Join(err, f.group.close())
	}
	return err
}

func (g *wideGroup) filled(field int) int64 {
	if f := g.owner[field]; f != nil {
		return f.group.rows
	}
	return g.metadata.filled(field)
}

// column implements rowSource.
func (g *wideGroup) column(field int, from, to int, out *columnWriter) error {
	f := g.owner[field]
	switch {
	case f == nil:
		return g.metadata.column(field, from, to, out)
	case f.group.rows == 0:
		return out.writeAnswers()
	}
	if f != g.open {
		if err := g.enter(f); err != nil {
			return err
		}
	}
	return g.answers.column(field-g.first(f), from, to, out)
}

// first is the first field that a form has answers in.
func (g *wideGroup) first(f *formRows) int { return f.fields[f.metadata] }

// enter brings the rows of a form into memory, in place of those of another.
func (g *wideGroup) enter(f *formRows) error {
	g.leave()
	parts, err := f.group.read()
	if err != nil {
		return err
	}
	for i := range parts {
		parts[i].positions = f.positions[i]
	}
	g.open, g.answers = f, newAssembly(parts, int(g.rows), len(f.fields)-f.metadata)
	return nil
}

func (g *wideGroup) leave() {
	if g.open != nil {
		releaseParts(g.answers.parts)
	}
	g.open, g.answers = nil, nil
}
