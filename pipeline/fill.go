package pipeline

import (
	"errors"

	"github.com/imednetgo/imednet/workflows/tables"
)

// fill writes every row.
func (d *dataSet) fill(w *TableWriter) (err error) {
	if d.layout == Wide {
		err = d.fillInOrder(w)
	} else {
		err = d.fillForms(w)
	}
	report := d.forms.Report()
	w.manifest.Report = &report
	return err
}

func (d *dataSet) fillForms(w *TableWriter) error {
	for batch, err := range d.forms.Batches() {
		if err != nil {
			return err
		}
		if err := w.write(w.byName[batch.FormKey], batch.Record); err != nil {
			return err
		}
	}
	return nil
}

// rounds puts the rows of a wide table in order, which come in rounds of batches (see
// [tables.MapOptions.InOrder]).
type rounds interface {
	add(tables.FormBatch) error
	endRound() error
	finish() error
	close() error
}

// fillInOrder writes the wide table.
func (d *dataSet) fillInOrder(w *TableWriter) (err error) {
	var rows rounds = &wideText{table: w.byName[""], fields: d.fields}
	if w.manifest.Format == Parquet {
		rows = newWideGroup(w.byName[""], d.fields, d.metadata, w.pipeline.heldBytes)
	}
	defer func() { err = errors.Join(err, rows.close()) }()
	for batch, err := range d.forms.Batches() {
		if err != nil {
			return err
		}
		if err := rows.add(batch); err != nil {
			return err
		}
		w.wrote(batch.Record.NumRows())
		if !batch.EndsRound {
			continue
		}
		if err := rows.endRound(); err != nil {
			return err
		}
	}
	return rows.finish()
}
