package tables

import (
	"context"
	"iter"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
)

// FormBatch is a batch of the records of one form. Positions are the places of its rows among the rows
// of the whole run, counted from 0 and ascending. Rounds count from 1 if [MapOptions.InOrder] is set,
// and every position of a round is below those of the next; otherwise Round is 0. EndsRound marks the
// last batch of a round, when the run holds no other rows.
type FormBatch struct {
	FormKey   string
	Record    arrow.Record
	Positions []int64
	Round     int
	EndsRound bool
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

// WideTable is one table with the columns of all forms, and how the forms' own tables fit into it.
type WideTable struct {
	// Schema is that of [RecordMapper.Map] with the same options.
	Schema *arrow.Schema
	// Places gives, by form key, the place in Schema of each field of the form's own table; -1 for a
	// metadata column that Schema does not have.
	Places map[string][]int
	// Metadata is the number of metadata columns, which are the first of each form's own table.
	Metadata int
}

// FormsRun is one mapping of the records of a study to one table per form. It is used in the same
// way as a [Run].
type FormsRun struct {
	ctx      context.Context
	m        *RecordMapper
	studyKey string
	opts     MapOptions
	report   MapReport
	// described is what the passes of the run say of the fields of each form
	described [][][]arrow.Metadata
	layouts   []formLayout // of the plan's forms, made when first asked for
}

// MapForms returns a run over the records of a study as one table per form. Each table has all
// metadata columns, followed by the form's variables. Cancelling ctx ends the run.
func (m *RecordMapper) MapForms(ctx context.Context, studyKey string, opts MapOptions) *FormsRun {
	return &FormsRun{ctx: ctx, m: m, studyKey: studyKey, opts: opts}
}

// Report returns the counts so far. They are complete after the last batch or an error.
func (r *FormsRun) Report() MapReport { return r.report.clone() }

// formLayout is where a form's answers go.
type formLayout struct {
	*tableLayout
	places []int
	first  int // of the layout's columns that are the form's
	count  int
}

// begin prepares a pass in which every form has its own table, made when its first record comes.
func (r *FormsRun) begin() (*pass, error) {
	p, err := r.m.begin(r.ctx, "map", r.studyKey, r.opts, &r.report)
	if err != nil {
		return nil, err
	}
	r.opts.Plan = p.plan
	if r.layouts == nil {
		r.layouts = make([]formLayout, len(p.forms))
		if r.opts.OneSchema {
			r.layOutAsOne(p)
		}
	}
	r.shareDescriptions(p)
	for i, form := range p.forms {
		form.open = func() *frame {
			l := r.layout(p, i)
			form.places = l.places
			f := newFrame(r.m.mem, l.tableLayout, form.plan.FormKey, l.first, l.count, &p.ahead)
			f.at = i
			p.frames = append(p.frames, f)
			return f
		}
	}
	return p, nil
}

// shareDescriptions has all passes of the run describe their columns in the same words.
func (r *FormsRun) shareDescriptions(p *pass) {
	if r.described == nil {
		for _, form := range p.forms {
			r.described = append(r.described, form.described)
		}
	}
	for i, form := range p.forms {
		form.described = r.described[i]
	}
}

// layout lays out a form's own table.
func (r *FormsRun) layout(p *pass, i int) formLayout {
	l := &r.layouts[i]
	if l.tableLayout == nil {
		own, places := p.layoutOf(p.forms[i:i+1], true)
		*l = formLayout{own, places[0], 0, len(own.columns)}
	}
	return *l
}

// layOutAsOne gives all forms the layout of the wide table.
func (r *FormsRun) layOutAsOne(p *pass) {
	wide, places := p.layoutOf(p.forms, true)
	first := 0
	for i := range p.forms {
		count := 0
		for _, place := range places[i] {
			if place >= 0 {
				count++
			}
		}
		r.layouts[i] = formLayout{wide, places[i], first, count}
		first += count
	}
}

// Schemas returns the schemas of the tables in the order of the plan, including those of forms
// without records. It reads no records.
func (r *FormsRun) Schemas() ([]FormSchema, error) {
	p, err := r.begin()
	if err != nil {
		return nil, err
	}
	var schemas []FormSchema
	for i, form := range p.forms {
		if form.wanted {
			schemas = append(schemas, FormSchema{form.plan.FormKey, r.layout(p, i).schema})
		}
	}
	return schemas, nil
}

// Wide returns the table into which the tables of all forms fit. It reads no records. It is not for
// runs with [MapOptions.OneSchema], in which every table is that one.
func (r *FormsRun) Wide() (*WideTable, error) {
	p, err := r.begin()
	if err != nil {
		return nil, err
	}
	if r.opts.OneSchema {
		return nil, p.fail(refused("OneSchema", "the tables of all forms have one schema already"), "")
	}
	wide, places := p.layoutOf(p.forms, r.opts.AllMetadata)
	table := &WideTable{wide.schema, map[string][]int{}, len(metadataFields)}
	for i, form := range p.forms {
		if form.wanted {
			table.Places[form.plan.FormKey] = r.layout(p, i).placesIn(wide, places[i])
		}
	}
	return table, nil
}

// placesIn gives the place of each field of a form's own table in the fields of the wide table, in
// which places are those of the form's columns.
func (l formLayout) placesIn(wide *tableLayout, places []int) []int {
	starts := wide.starts()
	var at []int
	for i := range l.metadata {
		if i >= len(wide.metadata) {
			i = -1
		}
		at = append(at, i)
	}
	for i, place := range l.places { // in the order of the layout's columns
		if place < 0 {
			continue
		}
		for part := range l.columns[place].Type.dataTypes() {
			at = append(at, starts[places[i]]+part)
		}
	}
	return at
}

// Plan returns the plan of the run, without anything that a de-identified run must not show. It
// reads no records.
func (r *FormsRun) Plan() (*Plan, error) {
	if _, err := r.begin(); err != nil {
		return nil, err
	}
	return r.opts.Plan, nil
}

// Batches yields the records of every form as batches of that form's table, in one pass over the
// source. Batches of different forms are interleaved. Lifetime and errors are as described at
// [Run.Batches].
func (r *FormsRun) Batches() iter.Seq2[FormBatch, error] {
	return func(yield func(FormBatch, error) bool) {
		p, err := r.begin()
		if err != nil {
			yield(FormBatch{}, err)
			return
		}
		defer p.release()
		err = p.each(r.ctx, func(f *frame, batch arrow.Record) bool {
			return yield(FormBatch{f.formKey, batch, f.positions, p.round, p.endsRound}, nil)
		})
		if err != nil {
			yield(FormBatch{}, err)
		}
	}
}

// Tables returns the table of every form in the order of the plan, including those of forms without
// records. It holds the selected records in memory. The caller must release the tables.
func (r *FormsRun) Tables() ([]FormTable, error) {
	schemas, err := r.Schemas()
	if err != nil {
		return nil, err
	}
	kept := map[string][]arrow.Record{}
	defer func() {
		for _, batches := range kept {
			releaseAll(batches)
		}
	}()
	for batch, err := range r.Batches() {
		if err != nil {
			return nil, err
		}
		batch.Record.Retain()
		kept[batch.FormKey] = append(kept[batch.FormKey], batch.Record)
	}
	var tables []FormTable
	for _, s := range schemas {
		tables = append(tables, FormTable{s.FormKey, array.NewTableFromRecords(s.Schema, kept[s.FormKey])})
	}
	return tables, nil
}
