package pipeline

import (
	"errors"
	"slices"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"github.com/imednetgo/imednet/workflows/tables"
)

// wideGroup gathers a row group of a wide table in Parquet, of whole rounds of batches that have one form's columns. The metadata
// columns stay in memory; the answers may wait in a spool for each form, and come back one form after
// the other when the row group is written. So it costs as much as its largest form.
type wideGroup struct {
	table *chunkSeries
	limit int64 // bytes of answers in memory
	forms []*wideForm
	named map[string]*wideForm
	owner []*wideForm // of every field; nil for metadata
	head  *arrow.Schema
	heads []part // metadata of whole rounds
	round []part // metadata of the open round
	start int64  // rows of the table before this group
	rows  int64

	metadata *assembly // while the group is written
	open     *wideForm // likewise, the form whose rows are in memory
	answers  *assembly // of open
}

// wideForm is where the rows of one form go.
type wideForm struct {
	metadata  []int // the columns of a batch that are metadata of the table, in its order
	fields    []int // of a batch's columns; -1 for metadata
	group     rowGroup
	positions [][]int64 // of each batch, in the group
}

// newWideGroup takes the fields in the table of the columns of each form. The first columns of every
// form, as many as told, are metadata, of which the table has the first or all. Answers of
// more bytes than the limit wait in spools.
func newWideGroup(table *chunkSeries, fields map[string][]int, metadata int, limit int64) *wideGroup {
	g := &wideGroup{table: table, limit: limit, named: map[string]*wideForm{}, owner: make([]*wideForm, table.schema.NumFields())}
	for key, places := range fields {
		f := &wideForm{fields: slices.Clone(places)}
		for column := range metadata {
			if places[column] >= 0 {
				f.metadata = append(f.metadata, column)
			}
			f.fields[column] = -1
		}
		for _, field := range places[metadata:] {
			g.owner[field] = f
		}
		g.named[key], g.forms = f, append(g.forms, f)
		g.head = arrow.NewSchema(table.schema.Fields()[:len(f.metadata)], nil)
	}
	return g
}

// add keeps a batch.
func (g *wideGroup) add(batch tables.FormBatch) error {
	f, rows := g.named[batch.FormKey], batch.Record.NumRows()
	if g.rows == 0 {
		g.start = g.table.rows
	}
	at := make([]int64, len(batch.Positions))
	for i, p := range batch.Positions {
		at[i] = p - g.start
	}
	var head []arrow.Array
	for _, column := range f.metadata {
		head = append(head, batch.Record.Column(column))
	}
	g.round = append(g.round, part{batch: array.NewRecord(g.head, head, rows), positions: at})
	f.group.add(batch.Record, f.fields)
	f.positions = append(f.positions, at)
	g.rows += rows
	g.table.rows += rows
	return g.bound(g.limit)
}

// endRound writes the row group if it should end here.
func (g *wideGroup) endRound() error {
	if err := g.gatherRound(); err != nil || !g.full() {
		return err
	}
	return g.finish()
}

// gatherRound makes one batch of the metadata of the round's batches, which may be of a few rows each.
func (g *wideGroup) gatherRound() error {
	if len(g.round) == 0 {
		return nil
	}
	whole := part{}
	columns := make([]arrow.Array, g.head.NumFields())
	for i := range columns {
		var pieces []arrow.Array
		for _, p := range g.round {
			pieces = append(pieces, p.batch.Column(i))
		}
		var err error
		if columns[i], err = array.Concatenate(pieces, memory.DefaultAllocator); err != nil {
			return err
		}
		defer columns[i].Release()
	}
	for _, p := range g.round {
		whole.positions = append(whole.positions, p.positions...)
	}
	whole.batch = array.NewRecord(g.head, columns, int64(len(whole.positions)))
	g.heads = append(g.heads, whole)
	releaseParts(g.round)
	g.round = g.round[:0]
	return nil
}

// full reports whether the group should end with this round.
func (g *wideGroup) full() bool {
	return g.rows >= groupRows || slices.ContainsFunc(g.forms, func(f *wideForm) bool { return f.group.total >= groupBytes })
}

// wideBytes is what answers may hold in memory while a row group is written.
const wideBytes = 8 << 20

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

// finish writes the row group.
func (g *wideGroup) finish() error {
	if err := g.gatherRound(); err != nil || g.rows == 0 {
		return err
	}
	if err := g.bound(wideBytes); err != nil { // the files need the memory
		return err
	}
	g.metadata = newAssembly(g.heads, int(g.rows))
	g.metadata.mixed = true
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
	releaseParts(g.heads)
	releaseParts(g.round)
	g.heads, g.round, g.rows, g.metadata = nil, nil, 0, nil
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
	return g.answers.column(field, from, to, out)
}

// enter brings the rows of a form into memory, in place of those of another.
func (g *wideGroup) enter(f *wideForm) error {
	g.leave()
	parts, err := f.group.read()
	if err != nil {
		return err
	}
	for i := range parts {
		parts[i].positions = f.positions[i]
	}
	g.open, g.answers = f, newAssembly(parts, int(g.rows))
	return nil
}

func (g *wideGroup) leave() {
	if g.open != nil {
		releaseParts(g.answers.parts)
	}
	g.open, g.answers = nil, nil
}
