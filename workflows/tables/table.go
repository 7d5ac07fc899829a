package tables

import (
	"context"
	"iter"
	"sync/atomic"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
)

// FormBatch is a batch of the records of one form.
type FormBatch struct {
	FormKey string
	Record  arrow.Record
}

// FormTable is the table of one form.
type FormTable struct {
	FormKey string
	Table   arrow.Table
}

// FormSchema is the schema of one form's table.
type FormSchema struct {
	FormKey string
	Schema  *arrow.Schema
}

// beginWide prepares a run whose forms all write into one table.
func (m *RecordMapper) beginWide(ctx context.Context, studyKey string, opts MapOptions) (*mapRun, error) {
	run, err := m.begin(ctx, "map", studyKey, opts)
	if err != nil {
		return nil, err
	}
	layout, places := run.layoutOf(run.forms, opts.AllMetadata)
	f := newFrame(m.mem, layout, "")
	run.frames = []*frame{f}
	for i, form := range run.forms {
		form.places, form.sink, form.frame = places[i], f, f
	}
	return run, nil
}

// beginForms prepares a run in which every form has its own table.
func (m *RecordMapper) beginForms(ctx context.Context, studyKey string, opts MapOptions) (*mapRun, error) {
	run, err := m.begin(ctx, "map", studyKey, opts)
	if err != nil {
		return nil, err
	}
	wide, widePlaces := run.layoutOf(run.forms, true)
	for i, form := range run.forms {
		if !form.wanted {
			continue
		}
		layout, places := wide, widePlaces[i]
		if !opts.OneSchema {
			own, ownPlaces := run.layoutOf([]*formRun{form}, true)
			layout, places = own, ownPlaces[0]
		}
		f := newFrame(m.mem, layout, form.plan.FormKey)
		form.places, form.sink, form.frame = places, f, f
		run.frames = append(run.frames, f)
	}
	return run, nil
}

// Batches yields the records of all forms as batches of one wide table: the reference's frame.
// Metadata columns come first (recordId, subjectKey, visitId, formId, recordStatus, dateCreated),
// then the variables of every form in the order of the plan; a record fills those of its form.
//
// A batch is valid until the next iteration; call Retain to keep it. An error is yielded once,
// last, with a nil batch: what was yielded before it is then incomplete. A study without records
// yields no batch; Schema gives the columns.
func (m *RecordMapper) Batches(ctx context.Context, studyKey string, opts MapOptions) iter.Seq2[arrow.Record, error] {
	return func(yield func(arrow.Record, error) bool) {
		run, err := m.beginWide(ctx, studyKey, opts)
		if err != nil {
			yield(nil, err)
			return
		}
		defer run.release()
		err = run.each(ctx, func(_ string, batch arrow.Record) bool { return yield(batch, nil) })
		if err != nil {
			yield(nil, err)
		}
	}
}

// FormBatches yields the records of every form as batches of that form's table, in one pass over
// the source; batches of different forms alternate. A form's table has all metadata columns, then
// the form's variables. The rules of Batches about lifetime and errors hold.
func (m *RecordMapper) FormBatches(ctx context.Context, studyKey string, opts MapOptions) iter.Seq2[FormBatch, error] {
	return func(yield func(FormBatch, error) bool) {
		run, err := m.beginForms(ctx, studyKey, opts)
		if err != nil {
			yield(FormBatch{}, err)
			return
		}
		defer run.release()
		err = run.each(ctx, func(form string, batch arrow.Record) bool {
			return yield(FormBatch{form, batch}, nil)
		})
		if err != nil {
			yield(FormBatch{}, err)
		}
	}
}

// Schema returns the schema that Batches, Table and Reader have with these options.
func (m *RecordMapper) Schema(ctx context.Context, studyKey string, opts MapOptions) (*arrow.Schema, error) {
	opts.Report = nil
	run, err := m.beginWide(ctx, studyKey, opts)
	if err != nil {
		return nil, err
	}
	defer run.release()
	return run.frames[0].layout.schema, nil
}

// FormSchemas returns the schemas that FormBatches and FormTables have with these options, in the
// order of the plan.
func (m *RecordMapper) FormSchemas(ctx context.Context, studyKey string, opts MapOptions) ([]FormSchema, error) {
	opts.Report = nil
	run, err := m.beginForms(ctx, studyKey, opts)
	if err != nil {
		return nil, err
	}
	defer run.release()
	var schemas []FormSchema
	for _, f := range run.frames {
		schemas = append(schemas, FormSchema{f.formKey, f.layout.schema})
	}
	return schemas, nil
}

// Table returns the whole wide table: the reference's dataframe. It holds the selected records in
// memory. A study without records gives a table with all its columns and no rows. The caller
// releases it.
func (m *RecordMapper) Table(ctx context.Context, studyKey string, opts MapOptions) (arrow.Table, error) {
	reader, err := m.Reader(ctx, studyKey, opts)
	if err != nil {
		return nil, err
	}
	defer reader.Release()
	batches, err := keepBatches(reader)
	defer releaseAll(batches)
	if err != nil {
		return nil, err
	}
	return array.NewTableFromRecords(reader.Schema(), batches), nil
}

func keepBatches(reader array.RecordReader) ([]arrow.Record, error) {
	var batches []arrow.Record
	for reader.Next() {
		batch := reader.Record()
		batch.Retain()
		batches = append(batches, batch)
	}
	return batches, reader.Err()
}

func releaseAll(batches []arrow.Record) {
	for _, b := range batches {
		b.Release()
	}
}

// FormTables returns the table of every form, in the order of the plan, forms without records
// included. It holds the selected records in memory. The caller releases the tables.
func (m *RecordMapper) FormTables(ctx context.Context, studyKey string, opts MapOptions) ([]FormTable, error) {
	plan, schemas, err := m.planned(ctx, studyKey, opts)
	if err != nil {
		return nil, err
	}
	opts.Plan = plan
	batches := map[string][]arrow.Record{}
	defer func() {
		for _, kept := range batches {
			releaseAll(kept)
		}
	}()
	for batch, err := range m.FormBatches(ctx, studyKey, opts) {
		if err != nil {
			return nil, err
		}
		batch.Record.Retain()
		batches[batch.FormKey] = append(batches[batch.FormKey], batch.Record)
	}
	var tables []FormTable
	for _, s := range schemas {
		tables = append(tables, FormTable{s.FormKey, array.NewTableFromRecords(s.Schema, batches[s.FormKey])})
	}
	return tables, nil
}

// planned returns the plan of a run and the schemas of its forms.
func (m *RecordMapper) planned(ctx context.Context, studyKey string, opts MapOptions) (*Plan, []FormSchema, error) {
	if opts.Plan == nil {
		plan, err := m.Plan(ctx, studyKey, PlanOptions{})
		if err != nil {
			return nil, nil, err
		}
		opts.Plan = plan
	}
	schemas, err := m.FormSchemas(ctx, studyKey, opts)
	return opts.Plan, schemas, err
}

// Reader returns the wide table as an array.RecordReader, for everything that takes one. Release
// it after use, also before the end; Err tells whether the records are complete.
func (m *RecordMapper) Reader(ctx context.Context, studyKey string, opts MapOptions) (array.RecordReader, error) {
	run, err := m.beginWide(ctx, studyKey, opts)
	if err != nil {
		return nil, err
	}
	return newRunReader(ctx, run), nil
}

// FormReader returns the table of one form as an array.RecordReader; opts.Forms is not used.
func (m *RecordMapper) FormReader(ctx context.Context, studyKey, formKey string, opts MapOptions) (array.RecordReader, error) {
	opts.Forms = []string{formKey}
	run, err := m.beginForms(ctx, studyKey, opts)
	if err != nil {
		return nil, err
	}
	return newRunReader(ctx, run), nil
}

// newRunReader reads the batches of a run with one table. The run is released when the reader is,
// even if nobody ever called Next.
func newRunReader(ctx context.Context, run *mapRun) array.RecordReader {
	reader := newSeqReader(run.frames[0].layout.schema, func(yield func(arrow.Record, error) bool) {
		err := run.each(ctx, func(_ string, batch arrow.Record) bool { return yield(batch, nil) })
		if err != nil {
			yield(nil, err)
		}
	})
	reader.closed = run.release
	return reader
}

// seqReader is a stream of batches as an array.RecordReader.
type seqReader struct {
	refs    atomic.Int64
	schema  *arrow.Schema
	next    func() (arrow.Record, error, bool)
	stop    func()
	closed  func() // called once, after the last Release
	current arrow.Record
	err     error
}

func newSeqReader(schema *arrow.Schema, batches iter.Seq2[arrow.Record, error]) *seqReader {
	r := &seqReader{schema: schema}
	r.next, r.stop = iter.Pull2(batches)
	r.refs.Store(1)
	return r
}

func (r *seqReader) Retain() { r.refs.Add(1) }

func (r *seqReader) Release() {
	if r.refs.Add(-1) != 0 {
		return
	}
	r.current = nil
	r.stop()
	if r.closed != nil {
		r.closed()
	}
}

func (r *seqReader) Schema() *arrow.Schema { return r.schema }
func (r *seqReader) Record() arrow.Record  { return r.current }
func (r *seqReader) Err() error            { return r.err }

// Next moves to the next batch, which is valid until the call after.
func (r *seqReader) Next() bool {
	if r.err != nil {
		return false
	}
	batch, err, ok := r.next()
	r.current, r.err = batch, err
	return ok && err == nil
}
