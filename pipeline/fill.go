package pipeline

import "github.com/imednetgo/imednet/workflows/tables"

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
func (d *dataSet) fillInOrder(w *TableWriter) error {
	table, round := w.byName[""], 0
	for batch, err := range d.forms.Batches() {
		if err != nil {
			return err
		}
		if batch.Round != round && table.group.full() {
			if err := table.endGroup(); err != nil {
				return err
			}
		}
		round = batch.Round
		table.gather(batch.Record, d.fields[batch.FormKey], batch.Positions)
		w.wrote(batch.Record.NumRows())
	}
	return nil
}
