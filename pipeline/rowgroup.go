package pipeline

import (
	"errors"

	"github.com/apache/arrow/go/v17/arrow"
)

// A row group ends at so many rows, or when its batches come to so many bytes: fewer than the tables may
// hold together, so that a table alone is not written to a spool and read again. Readers skip whole groups
// by their statistics.
const (
	groupRows  = 1 << 16
	groupBytes = 40 << 20
)

// part is a batch on its way into a table.
type part struct {
	batch arrow.Record
	// fields gives the table's field of each of the batch's columns; -1 for none. If it is nil, the
	// batch has the table's columns.
	fields []int
	// positions of the rows in the row group, ascending. If they are nil, the rows come after those of
	// the parts before.
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
	// fields of the parts in the spool
	fields []int
}

// add keeps a batch, which is shared and not copied.
func (g *rowGroup) add(batch arrow.Record, fields []int) {
	batch.Retain()
	g.parts = append(g.parts, part{batch: batch, fields: fields})
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
		if g.spool, err = newSpool(dir, prefix); err != nil {
			return err
		}
	}
	if err := g.spool.write(g.parts); err != nil {
		return err
	}
	g.fields = g.parts[0].fields
	g.release()
	return nil
}

// read returns all rows in order, those that were spilled first. The caller releases the parts.
func (g *rowGroup) read() ([]part, error) {
	var parts []part
	if g.spool != nil {
		batches, err := g.spool.read()
		if err != nil {
			return nil, err
		}
		for _, b := range batches {
			parts = append(parts, part{batch: b, fields: g.fields})
		}
	}
	for _, p := range g.parts {
		p.batch.Retain()
		parts = append(parts, p)
	}
	return parts, nil
}

func releaseParts(parts []part) {
	for _, p := range parts {
		p.batch.Release()
	}
}

// release gives back the batches in memory.
func (g *rowGroup) release() {
	releaseParts(g.parts)
	g.parts, g.bytes = g.parts[:0], 0
}

// clear starts the next row group.
func (g *rowGroup) clear() error {
	g.release()
	g.rows, g.total = 0, 0
	if g.spool == nil {
		return nil
	}
	return g.spool.clear()
}

// close gives back everything.
func (g *rowGroup) close() error {
	err := g.clear()
	if g.spool != nil {
		err = errors.Join(err, g.spool.close())
	}
	g.spool = nil
	return err
}
