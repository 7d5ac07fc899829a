package pipeline

import (
	"errors"

	"github.com/imednetgo/imednet/workflows/tables"
)

// fill writes every row.
func (d *dataSet) fill(w *TableWriter) (err error) {
	var report tables.MapReport
	switch {
	case d.wide != nil:
		err = d.fillText(w)
		report = d.wide.Report()
	case d.layout == Wide:
		err = d.fillInOrder(w)
		report = d.forms.Report()
	default:
		err = d.fillForms(w)
		report = d.forms.Report()
	}
	w.manifest.Report = &report
	return err
}

func (d *dataSet) fillText(w *TableWriter) error {
	for batch, err := range d.wide.Batches() {
		if err != nil {
			return err
		}
		if err := w.Write("", batch); err != nil {
			return err
		}
	}
	return nil
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

// fillInOrder writes the wide table. A row group holds whole rounds of batches, so that its rows can be
// put in order.
func (d *dataSet) fillInOrder(w *TableWriter) (err error) {
	group := newWideGroup(w.byName[""], d.fields, d.metadata)
	defer func() { err = errors.Join(err, group.close()) }()
	for batch, err := range d.forms.Batches() {
		if err != nil {
			return err
		}
		group.add(batch)
		if err := group.bound(w.pipeline.heldBytes); err != nil {
			return err
		}
		w.wrote(batch.Record.NumRows())
		if !batch.EndsRound {
			continue
		}
		if err := group.endRound(); err != nil {
			return err
		}
		if group.full() {
			if err := group.end(); err != nil {
				return err
			}
		}
	}
	return group.end()
}
