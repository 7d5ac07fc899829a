package pipeline

import (
	"slices"

	"github.com/apache/arrow/go/v17/arrow"
)

// A row group ends at so many rows, or when its batches come to so many bytes. Readers skip whole
// groups by their statistics.
const (
	groupRows  = 1 << 16
	groupBytes = 64 << 20
)

// part is a batch on its way into a table.
type part struct {
	batch arrow.Record
	// fields gives the table's field of each of the batch's columns; -1 for none. If it is nil, the
	// batch has the table's columns.
	fields []int
	// positions of the rows, ascending. If they are nil, the rows come after those of the parts before.
	positions []int64
}

// rowGroup gathers the rows of a table until they make a row group, so that only one column of one
// table is being encoded at a time, however many tables and columns there are. What all tables hold
// together is bounded by a spool for each.
type rowGroup struct {
	parts []part
	rows  int64 // in parts and spool
	bytes int64 // of the parts, in memory
	total int64 // of parts and spool, in memory or as they were there
	spool *spool
}

// add keeps a batch, which is shared and not copied.
func (g *rowGroup) add(batch arrow.Record, fields []int, positions []int64) {
	batch.Retain()
	g.parts = append(g.parts, part{batch, fields, slices.Clone(positions)})
	size := int64(0)
	for _, column := range batch.Columns() {
		size += columnBytes + sizeOf(column.Data())
	}
	g.rows, g.bytes, g.total = g.rows+batch.NumRows(), g.bytes+size, g.total+size
}

// columnBytes is what a column of a batch takes besides its buffers.
const columnBytes = 512

// sizeOf returns the bytes of a column's buffers, with those of its dictionary and children.
func sizeOf(data arrow.ArrayData) (size int64) {
	for _, b := range data.Buffers() {
		if b != nil {
			size += int64(b.Len())
		}
	}
	for _, child := range data.Children() {
		size += sizeOf(child)
	}
	if data.DataType().ID() == arrow.DICTIONARY {
		size += sizeOf(data.Dictionary())
	}
	return size
}

func (g *rowGroup) full() bool { return g.rows >= groupRows || g.total >= groupBytes }

// spill moves the batches into the spool. All of them have the same columns and come in order.
func (g *rowGroup) spill(dir, prefix string) (err error) {
	if len(g.parts) == 0 {
		return nil
	}
	if g.spool == nil {
		if g.spool, err = newSpool(dir, prefix, g.parts[0].batch.Schema()); err != nil {
			return err
		}
	}
	if err := g.spool.write(g.parts); err != nil {
		return err
	}
	g.release()
	return nil
}

// load brings back what was spilled, in front of what came later.
func (g *rowGroup) load(fields []int) error {
	if g.spool == nil || g.spool.empty() {
		return nil
	}
	batches, err := g.spool.take()
	if err != nil {
		return err
	}
	parts := make([]part, 0, len(batches)+len(g.parts))
	for _, b := range batches {
		parts = append(parts, part{batch: b, fields: fields})
	}
	g.parts = append(parts, g.parts...)
	return nil
}

// release gives back the batches in memory.
func (g *rowGroup) release() {
	for _, p := range g.parts {
		p.batch.Release()
	}
	g.parts, g.bytes = g.parts[:0], 0
}

// clear starts the next row group.
func (g *rowGroup) clear() {
	g.release()
	g.rows, g.total = 0, 0
}

// close gives back everything.
func (g *rowGroup) close() error {
	g.clear()
	if g.spool == nil {
		return nil
	}
	err := g.spool.close()
	g.spool = nil
	return err
}
