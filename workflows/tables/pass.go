package tables

import (
	"cmp"
	"context"
	"errors"
	"iter"
	"slices"
	"strconv"
	"strings"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/answers"
	"github.com/imednetgo/imednet/internal/listing"
	"github.com/imednetgo/imednet/internal/shown"
)

// rowSink is what a pass writes rows into: a frame, or the survey of InferPlan.
type rowSink interface {
	putMetadata(r *imednet.Record, c *cover, misfit func(name string, raw []byte))
	write(column int, c cell) Reason
	endRow(size int) (grown int64)
}

// formPass is one form during a pass.
type formPass struct {
	form       *imednet.IndexedForm
	plan       *FormPlan
	report     *FormReport
	wanted     bool             // by MapOptions.Forms
	answers    *answers.Matcher // made for the first record
	columns    []columnTraits   // of the plan's columns
	places     []int            // of the form's columns in the table
	treatments []treatment
	described  [][]arrow.Metadata // of the fields of the columns, as far as a table has them
	sink       rowSink
	frame      *frame                        // nil during a survey, and before the first row
	open       func() *frame                 // makes the frame and enters it in the pass; nil during a survey
	misfit     func(name string, raw []byte) // takes a field of a record that is not of its documented type
}

// columnTraits are what a pass asks of a column for every answer.
type columnTraits struct{ extra, holdsText, isNumber bool }

// pass is one reading of the records of a study.
type pass struct {
	m         *RecordMapper
	op        string
	studyKey  string
	opts      MapOptions
	plan      *Plan
	index     *imednet.FormIndex
	selection imednet.FormSelection
	variables map[[2]string]bool // form and name of each column of MapOptions.Variables
	visit     imednet.Opt[int64]
	cover     *cover
	report    *MapReport
	forms     []*formPass
	byForm    map[*imednet.IndexedForm]*formPass
	frames    []*frame       // those that were opened
	held      int64          // bytes in all frames
	ahead     ahead          // memory that frames may make for rows that they expect
	rows      int64          // so far
	round     int            // the last one, of MapOptions.InOrder
	inRound   int            // rows of the open round
	endsRound bool           // the batch that is being emitted
	record    imednet.Record // the one at hand
	failed    error          // from OnReject, or the first reject of a strict run
}

// contextEvery is how many records may pass between two looks at the context.
const contextEvery = 64

// begin checks the options and prepares the pass. Sinks are not set yet.
func (m *RecordMapper) begin(ctx context.Context, op, studyKey string, opts MapOptions, report *MapReport) (*pass, error) {
	*report = MapReport{}
	p := &pass{m: m, op: op, studyKey: studyKey, opts: opts, plan: opts.Plan, report: report, ahead: ahead{m.batchBytes}}
	if err := errors.Join(p.parseVisit(), opts.Titles.check()); err != nil {
		return nil, p.fail(err, "")
	}
	if p.plan == nil {
		plan, err := m.Plan(ctx, studyKey, PlanOptions{})
		if err != nil {
			return nil, err
		}
		p.plan = plan
	}
	if err := p.checkPlan(); err != nil {
		return nil, p.fail(err, "")
	}
	p.plan = m.deid.withoutUndeclared(p.plan)
	c, err := m.newCover(ctx, studyKey)
	if err != nil {
		return nil, p.fail(err, "the subjects could not be told apart")
	}
	p.cover = c
	p.addForms()
	return p, nil
}

func (p *pass) fail(err error, hint string) error {
	return &imednet.Error{Package: "tables", Op: p.op, StudyKey: p.studyKey, Err: err, Hint: hint}
}

func (p *pass) parseVisit() error {
	if p.opts.VisitKey == "" {
		return nil
	}
	id, err := strconv.ParseInt(p.opts.VisitKey, 10, 64)
	if err != nil {
		return refused("VisitKey", "the visit key is not a whole number; it is the visitId of the visit")
	}
	p.visit = imednet.Some(id)
	return nil
}

// refused is an error about one of the MapOptions.
func refused(path, message string) error {
	return &imednet.ValidationError{What: "map options", Problems: []imednet.Problem{{Path: path, Message: message}}}
}

// checkPlan refuses a plan that cannot be used and names that it does not know.
func (p *pass) checkPlan() error {
	if err := p.plan.Validate(); err != nil {
		return err
	}
	if p.plan.StudyKey != p.studyKey {
		return refused("Plan", "the plan is of study "+strconv.Quote(p.plan.StudyKey))
	}
	if p.opts.Translate == nil && p.plan.hasCodes() {
		return refused("Plan", "the plan has columns for the codes of choices, which only Translate adds to records")
	}
	p.index = p.plan.index(!p.opts.Answers.IsZero())
	problems := slices.Concat(p.selectForms(), p.selectVariables(), p.checkAnswers())
	if len(problems) > 0 {
		return &imednet.ValidationError{What: "map options", Problems: problems}
	}
	if p.m.deid != nil {
		return p.m.deid.checkFields(p.plan)
	}
	return nil
}

// selectForms makes the selection of MapOptions.Forms, whose names are form keys or those of
// tables.
func (p *pass) selectForms() []imednet.Problem {
	var keys []string
	for _, key := range p.opts.Forms {
		form, ok := p.plan.Form(key)
		if ok {
			key = form.apiKey()
		}
		if key != "" || !ok {
			keys = append(keys, key)
		}
	}
	selection, err := p.index.Select(keys...)
	if err != nil {
		return problemsOf(err, func(string) string { return "Forms" })
	}
	if len(keys) == len(p.opts.Forms) {
		p.selection = selection // else a form without a key is among them, and everything is read
	}
	return nil
}

// selectVariables finds the columns of MapOptions.Variables and reports names that no column has.
func (p *pass) selectVariables() (problems []imednet.Problem) {
	if len(p.opts.Variables) == 0 {
		return nil
	}
	p.variables = map[[2]string]bool{}
	for _, name := range p.opts.Variables {
		found := false
		for i := range p.plan.Forms {
			for _, c := range p.plan.Forms[i].named(name) {
				p.variables[[2]string{c.Form, c.Name}], found = true, true
				for _, codes := range p.plan.Forms[i].codesOf(c) {
					p.variables[[2]string{codes.Form, codes.Name}] = true
				}
			}
		}
		if !found {
			message := "the study has no variable " + strconv.Quote(name) + shown.DidYouMean(name, p.plan.variableNames())
			problems = append(problems, imednet.Problem{Path: "Variables", Message: message, NotFound: true})
		}
	}
	return problems
}

// variableNames are the names of the declared columns, as MapOptions.Variables takes them.
func (p *Plan) variableNames() (names []string) {
	for i := range p.Forms {
		for _, c := range p.Forms[i].Columns {
			if !c.Extra {
				names = append(names, c.Name, c.Form+"."+c.Name)
			}
		}
	}
	return names
}

// named returns the columns with a name or "FORM.VARIABLE": those with this spelling or, where the form has
// none, those that differ from it in case.
func (f *FormPlan) named(name string) []*Column {
	var exact, found []*Column
	for i := range f.Columns {
		c := &f.Columns[i]
		if !answers.Same(c.Name, name) && !answers.Same(c.Form+"."+c.Name, name) {
			continue
		}
		found = append(found, c)
		if strings.HasSuffix(name, c.Name) {
			exact = append(exact, c)
		}
	}
	if len(exact) > 0 {
		return exact
	}
	return found
}

// codesOf returns the columns that hold the codes of a column's choices: who selects the one selects both.
func (f *FormPlan) codesOf(c *Column) (codes []*Column) {
	for i := range f.Columns {
		if c.CodesOf == "" && f.Columns[i].CodesOf == c.Name {
			codes = append(codes, &f.Columns[i])
		}
	}
	return codes
}

// checkAnswers reports conditions on variables that no selected form has.
func (p *pass) checkAnswers() []imednet.Problem {
	if p.opts.Answers.IsZero() {
		return nil
	}
	var forms []*imednet.IndexedForm
	for i := range p.plan.Forms {
		plan := &p.plan.Forms[i]
		if form, _ := p.index.Of(plan.FormID, plan.apiKey()); form != nil && p.wants(plan) {
			forms = append(forms, form)
		}
	}
	return problemsOf(p.opts.Answers.ValidateAnswersOf(forms), func(variable string) string { return "Answers." + variable })
}

// problemsOf are the problems of an error with one of the MapOptions, at the places that they have there.
func problemsOf(err error, place func(path string) string) []imednet.Problem {
	var invalid *imednet.ValidationError
	if !errors.As(err, &invalid) {
		return nil
	}
	problems := slices.Clone(invalid.Problems)
	for i := range problems {
		problems[i].Path = place(problems[i].Path)
	}
	return problems
}

// wants reports whether MapOptions.Forms selects a form.
func (p *pass) wants(form *FormPlan) bool {
	return len(p.opts.Forms) == 0 || slices.Contains(p.opts.Forms, form.FormKey) || slices.Contains(p.opts.Forms, form.apiKey())
}

func (p *pass) addForms() {
	p.report.Forms = make([]FormReport, len(p.plan.Forms))
	p.byForm = map[*imednet.IndexedForm]*formPass{}
	for i := range p.plan.Forms {
		plan := &p.plan.Forms[i]
		p.report.Forms[i].FormKey = plan.FormKey
		f := &formPass{
			plan: plan, report: &p.report.Forms[i], treatments: make([]treatment, len(plan.Columns)), described: make([][]arrow.Metadata, len(plan.Columns)),
			wanted: p.wants(plan),
		}
		for j := range plan.Columns {
			c := &plan.Columns[j]
			f.treatments[j] = p.m.deid.treatmentOf(c)
			f.columns = append(f.columns, columnTraits{c.Extra, c.Type.holdsText(), c.Type.isNumber()})
		}
		f.misfit = func(name string, raw []byte) {
			p.report.FieldsRejected++
			p.reject(f.report, name, reasonOfField(raw), p.coveredRaw(raw))
		}
		p.forms = append(p.forms, f)
		if form, _ := p.index.Of(plan.FormID, plan.apiKey()); form != nil {
			p.byForm[form], f.form = f, form
		}
	}
}

// records lists what is wanted, and more where the source cannot be asked for less; the pass
// checks every record all the same.
func (p *pass) records(ctx context.Context, src imednet.RecordSource) iter.Seq2[imednet.Record, error] {
	opts := imednet.ListOptions{Filter: p.filter()}
	if filters := p.selection.Filters(opts.Filter); len(filters) > 1 {
		return p.selection.Records(ctx, src, p.studyKey, opts)
	}
	return src.Records(ctx, p.studyKey, opts)
}

func (p *pass) filter() imednet.Filter {
	if id, ok := p.visit.Get(); ok {
		return listing.Narrow(p.opts.Filter, imednet.Records, "visitId", strconv.FormatInt(id, 10))
	}
	return p.opts.Filter
}

// each reads the records and hands every full batch to emit, which returns false to stop. The
// batch is released when emit returns, and what the frame says of its rows is valid until then.
func (p *pass) each(ctx context.Context, emit func(f *frame, batch arrow.Record) bool) error {
	progress := mapProgress{p.op, p.studyKey, p.m.progress}
	defer p.finish()
	for record, err := range p.records(ctx, p.m.src) {
		if err != nil {
			return p.fail(err, "the records could not be read; what came before is incomplete")
		}
		if p.report.Records%contextEvery == 0 && ctx.Err() != nil {
			return p.fail(context.Cause(ctx), "")
		}
		p.record = record
		f, err := p.add(&p.record)
		if err != nil {
			return err
		}
		progress.tell(p.report.Records, false)
		if !p.flush(f, emit) {
			return nil
		}
	}
	if !p.emitAll(emit) {
		return nil
	}
	progress.tell(p.report.Records, true)
	return nil
}

// roundRows is how many rows a round may have; it also ends when the frames are full.
const roundRows = 1 << 16

// emitAll emits what every frame holds, in the order of the plan.
func (p *pass) emitAll(emit func(*frame, arrow.Record) bool) bool {
	if p.opts.InOrder {
		p.round++
	}
	p.inRound = 0
	slices.SortFunc(p.frames, func(a, b *frame) int { return cmp.Compare(a.at, b.at) })
	filled := slices.DeleteFunc(slices.Clone(p.frames), func(f *frame) bool { return f.rows == 0 })
	for i, f := range filled {
		p.endsRound = p.opts.InOrder && i == len(filled)-1
		if !p.emit(f, emit) {
			return false
		}
	}
	return true
}

// finish completes the counts.
func (p *pass) finish() {
	p.report.sum()
	if p.cover != nil {
		p.report.FieldsMasked = p.cover.fieldsMasked
	}
}

// heldBatches is how many full batches all frames together may come to.
const heldBatches = 4

// flush emits the frame of the last row if it is full. When all frames together are too large it
// emits the largest ones until half is left, so that looking for them costs little a record.
func (p *pass) flush(f *formPass, emit func(*frame, arrow.Record) bool) bool {
	if f == nil || f.frame == nil {
		return true
	}
	if p.opts.InOrder {
		return p.inRound < roundRows && p.held < heldBatches*p.m.batchBytes || p.emitAll(emit)
	}
	if f.frame.rows >= p.m.batchRows || f.frame.bytes >= p.m.batchBytes {
		return p.emit(f.frame, emit)
	}
	limit := heldBatches * p.m.batchBytes
	if p.held < limit {
		return true
	}
	slices.SortFunc(p.frames, func(a, b *frame) int { return cmp.Or(cmp.Compare(b.bytes, a.bytes), cmp.Compare(a.at, b.at)) })
	for _, largest := range p.frames {
		if p.held <= limit/2 {
			break
		}
		if largest.rows > 0 && !p.emit(largest, emit) {
			return false
		}
	}
	return true
}

func (p *pass) emit(f *frame, emit func(*frame, arrow.Record) bool) bool {
	p.held -= f.bytes
	batch := f.take()
	defer batch.Release()
	defer func() { f.positions = f.positions[:0] }()
	return emit(f, batch)
}

func (p *pass) release() {
	for _, f := range p.frames {
		f.release()
	}
}
