package pipeline

import (
	"github.com/imednetgo/imednet/workflows/tables"
)

// wideText writes a wide table as text, from batches that have one form's columns.
type wideText struct {
	table  *chunkSeries
	fields map[string][]int // of each form's columns
	start  int64            // rows of the table before this round
	round  []part
	rows   int
}

// add keeps a batch.
func (t *wideText) add(batch tables.FormBatch) error {
	positions := make([]int64, len(batch.Positions))
	for i, p := range batch.Positions {
		positions[i] = p - t.start
	}
	batch.Record.Retain()
	t.round = append(t.round, part{batch: batch.Record, fields: t.fields[batch.FormKey], positions: positions})
	t.rows += len(positions)
	return nil
}

// endRound writes the rows of the round.
func (t *wideText) endRound() error {
	order, err := originOf(t.round, t.rows)
	if err != nil {
		return err
	}
	columns := make([][]cellColumn, len(t.round))
	for i, p := range t.round {
		columns[i] = cellColumns(p.batch, p.fields)
	}
	for _, o := range order {
		if err := t.table.writeLine(columns[o.part], int(o.row)); err != nil {
			return err
		}
	}
	t.start += int64(t.rows)
	t.table.rows += int64(t.rows)
	return t.close()
}

func (t *wideText) finish() error { return nil }

func (t *wideText) close() error {
	releaseParts(t.round)
	t.round, t.rows = nil, 0
	return nil
}
