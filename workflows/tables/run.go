package tables

import (
	"context"
	"iter"

	array18 "github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"

	"github.com/imednetgo/imednet/internal/arrowbridge"
)

// Run is one mapping of the records of a study to one table. No records are read before its batches
// are. It is not safe for concurrent use. Reading a run again reads the records again with the same
// plan and restarts the counts.
type Run struct {
	ctx      context.Context
	m        *RecordMapper
	studyKey string
	opts     MapOptions
	oneForm  bool // of opts.Forms; else the wide table
	report   MapReport
}

// Map returns a run over the records of all forms as one wide table, like the data frame of the
// Python package. Metadata columns come first (recordId, subjectKey, visitId, formId, recordStatus,
// dateCreated), followed by the variables of every form in the order of the plan. A record fills
// the columns of its form. Cancelling ctx ends the run.
func (m *RecordMapper) Map(ctx context.Context, studyKey string, opts MapOptions) *Run {
	return &Run{ctx: ctx, m: m, studyKey: studyKey, opts: opts}
}

// MapForm returns a run over the records of one form as a table with all metadata columns. It
// ignores opts.Forms. Cancelling ctx ends the run.
func (m *RecordMapper) MapForm(ctx context.Context, studyKey, formKey string, opts MapOptions) *Run {
	opts.Forms = []string{formKey}
	return &Run{ctx: ctx, m: m, studyKey: studyKey, opts: opts, oneForm: true}
}

// Report returns the counts so far. They are complete after the last batch or an error.
func (r *Run) Report() MapReport { return r.report.clone() }

// begin prepares a pass with one table.
func (r *Run) begin() (*pass, *tableLayout, error) {
	p, err := r.m.begin(r.ctx, "map", r.studyKey, r.opts, &r.report)
	if err != nil {
		return nil, nil, err
	}
	r.opts.Plan = p.plan
	forms, all := p.forms, r.opts.AllMetadata
	if r.oneForm {
		forms, all = p.wantedForms(), true
	}
	layout, places := p.layoutOf(forms, all)
	var f *frame
	key := ""
	if r.oneForm {
		key = forms[0].plan.FormKey
	}
	open := func() *frame {
		if f == nil {
			f = newFrame(r.m.mem, layout, key, 0, len(layout.columns), &p.ahead)
			p.frames = append(p.frames, f)
		}
		return f
	}
	for i, form := range forms {
		form.places, form.open = places[i], open
	}
	return p, layout, nil
}

func (p *pass) wantedForms() []*formPass {
	var wanted []*formPass
	for _, f := range p.forms {
		if f.wanted {
			wanted = append(wanted, f)
		}
	}
	return wanted
}

// Schema returns the schema of the run's batches. It reads no records.
func (r *Run) Schema() (*arrow.Schema, error) {
	_, layout, err := r.begin()
	if err != nil {
		return nil, err
	}
	return layout.schema, nil
}

// Plan returns the plan of the run, without anything that a de-identified run must not show. It
// reads no records.
func (r *Run) Plan() (*Plan, error) {
	if _, _, err := r.begin(); err != nil {
		return nil, err
	}
	return r.opts.Plan, nil
}

// Batches yields the table in batches. A batch is valid until the next iteration; call Retain to
// keep it. An error is yielded once, as the last element and with a nil batch; the batches before
// it are then incomplete. A study without records yields no batch; [Run.Schema] returns the
// columns.
func (r *Run) Batches() iter.Seq2[arrow.Record, error] {
	return func(yield func(arrow.Record, error) bool) {
		p, _, err := r.begin()
		if err != nil {
			yield(nil, err)
			return
		}
		defer p.release()
		err = p.each(r.ctx, func(_ *frame, batch arrow.Record) bool { return yield(batch, nil) })
		if err != nil {
			yield(nil, err)
		}
	}
}

// Reader returns the table as an array.RecordReader, which can be used from any goroutine or
// thread. The caller must release it, even before its end. Its Err method reports whether the
// records are complete.
func (r *Run) Reader() (array.RecordReader, error) {
	schema, err := r.Schema()
	if err != nil {
		return nil, err
	}
	return newStreamReader(schema, r.Batches()), nil
}

// Reader18 is like [Run.Reader], for programs that use arrow-go v18.
func (r *Run) Reader18() (array18.RecordReader, error) {
	reader, err := r.Reader()
	if err != nil {
		return nil, err
	}
	defer reader.Release()
	return arrowbridge.Reader(reader)
}

// Table returns the whole table. It holds the selected records in memory. A study without records
// gives a table with all columns and no rows. The caller must release it.
func (r *Run) Table() (arrow.Table, error) {
	schema, err := r.Schema()
	if err != nil {
		return nil, err
	}
	var kept []arrow.Record
	defer func() { releaseAll(kept) }()
	for batch, err := range r.Batches() {
		if err != nil {
			return nil, err
		}
		batch.Retain()
		kept = append(kept, batch)
	}
	return array.NewTableFromRecords(schema, kept), nil
}

func releaseAll(batches []arrow.Record) {
	for _, b := range batches {
		b.Release()
	}
}
