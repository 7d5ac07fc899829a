package tables

import (
	"bytes"
	"context"
	"strconv"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/answers"
	"github.com/imednetgo/imednet/internal/listing"
)

// rowSink is what a run writes rows into: a frame, or the survey of InferPlan.
type rowSink interface {
	putMetadata(r *imednet.Record, cover *subjectCover, misfit func(name string, raw []byte))
	write(column int, c cell) Reason
	endRow(size int)
}

// formRun is one form during a run.
type formRun struct {
	plan    *FormPlan
	report  *FormReport
	wanted  bool // by MapOptions.Forms
	answers *answers.Matcher
	places  []int // of the form's columns in the table
	hide    []hiding
	sink    rowSink
	frame   *frame // nil during a survey
}

// mapRun is one pass over the records of a study.
type mapRun struct {
	m        *RecordMapper
	op       string
	studyKey string
	opts     MapOptions
	plan     *Plan
	visit    imednet.Opt[int64]
	cover    *subjectCover
	report   *MapReport
	forms    []*formRun
	byKey    map[string]*formRun
	byID     map[int64]*formRun
	frames   []*frame
	record   *imednet.Record // the one being mapped
	failed   error           // from OnReject, or the first reject of a strict run
}

// contextEvery is how many records may pass between two looks at the context.
const contextEvery = 64

// begin checks the options and prepares the pass. Sinks are not set yet.
func (m *RecordMapper) begin(ctx context.Context, op, studyKey string, opts MapOptions) (*mapRun, error) {
	run := &mapRun{m: m, op: op, studyKey: studyKey, opts: opts, plan: opts.Plan, report: opts.Report}
	if err := run.parseVisit(); err != nil {
		return nil, run.fail(err, "")
	}
	if run.plan == nil {
		plan, err := m.Plan(ctx, studyKey, PlanOptions{})
		if err != nil {
			return nil, err
		}
		run.plan = plan
	}
	if err := run.checkPlan(); err != nil {
		return nil, run.fail(err, "")
	}
	if run.report == nil {
		run.report = &MapReport{}
	}
	*run.report = MapReport{}
	run.cover = m.deid.cover(studyKey)
	run.addForms()
	return run, nil
}

func (run *mapRun) fail(err error, hint string) error {
	return &imednet.Error{Package: "tables", Op: run.op, StudyKey: run.studyKey, Err: err, Hint: hint}
}

func (run *mapRun) parseVisit() error {
	if run.opts.VisitKey == "" {
		return nil
	}
	id, err := strconv.ParseInt(run.opts.VisitKey, 10, 64)
	if err != nil {
		return invalidMapper("VisitKey", "the visit key is no whole number; it is the visitId of the visit")
	}
	run.visit = imednet.Some(id)
	return nil
}

// checkPlan refuses a plan that cannot be used and names that it does not know.
func (run *mapRun) checkPlan() error {
	if err := run.plan.Validate(); err != nil {
		return err
	}
	if run.plan.StudyKey != run.studyKey {
		return invalidMapper("Plan", "the plan is of study "+strconv.Quote(run.plan.StudyKey))
	}
	var problems []imednet.Problem
	for _, key := range run.opts.Forms {
		if _, ok := run.plan.Form(key); !ok {
			problems = append(problems, imednet.Problem{Path: "Forms", Message: "the study has no form " + strconv.Quote(key)})
		}
	}
	for _, name := range run.opts.Variables {
		if !run.plan.hasVariable(name) {
			problems = append(problems, imednet.Problem{Path: "Variables", Message: "the study has no variable " + strconv.Quote(name)})
		}
	}
	if len(problems) > 0 {
		return &imednet.ValidationError{What: "map options", Problems: problems}
	}
	if run.m.deid != nil {
		return run.m.deid.checkFields(run.plan)
	}
	return nil
}

func (p *Plan) hasVariable(name string) bool {
	for i := range p.Forms {
		for j := range p.Forms[i].Columns {
			if requested(&p.Forms[i].Columns[j], []string{name}) {
				return true
			}
		}
	}
	return false
}

func (run *mapRun) addForms() {
	wanted := map[string]bool{}
	for _, key := range run.opts.Forms {
		wanted[key] = true
	}
	run.byKey, run.byID = map[string]*formRun{}, map[int64]*formRun{}
	for i := range run.plan.Forms {
		plan := &run.plan.Forms[i]
		f := &formRun{
			plan: plan, report: &FormReport{FormKey: plan.FormKey},
			wanted:  len(wanted) == 0 || wanted[plan.FormKey],
			answers: answers.Compile(namesOf(plan.Columns)),
		}
		for j := range plan.Columns {
			h, _ := run.m.deid.hidingOf(&plan.Columns[j])
			f.hide = append(f.hide, h)
		}
		run.forms = append(run.forms, f)
		run.byKey[plan.FormKey] = f
		if plan.FormID != 0 {
			run.byID[plan.FormID] = f
		}
		run.report.Forms = append(run.report.Forms, f.report)
	}
}

// listing asks the source for no more than is wanted; the run checks every record all the same.
func (run *mapRun) listing() imednet.ListOptions {
	filter := run.opts.Filter
	if id, ok := run.visit.Get(); ok {
		filter = listing.Narrow(filter, imednet.Records, "visitId", strconv.FormatInt(id, 10))
	}
	if len(run.opts.Forms) == 1 {
		filter = listing.Narrow(filter, imednet.Records, "formKey", run.opts.Forms[0])
	}
	return imednet.ListOptions{Filter: filter}
}

// each reads the records and hands every full batch to emit, which returns false to stop. The
// batch is released when emit returns.
func (run *mapRun) each(ctx context.Context, emit func(formKey string, batch arrow.Record) bool) error {
	progress := mapProgress{run.op, run.studyKey, run.m.progress}
	defer run.report.sum()
	for record, err := range run.m.src.Records(ctx, run.studyKey, run.listing()) {
		if err != nil {
			return run.fail(err, "the records could not be read; what came before is incomplete")
		}
		if run.report.Records%contextEvery == 0 && ctx.Err() != nil {
			return run.fail(context.Cause(ctx), "")
		}
		f, err := run.add(&record)
		if err != nil {
			return err
		}
		progress.tell(run.report.Records, false)
		if !run.flush(f, emit) {
			return nil
		}
	}
	for _, f := range run.frames {
		if f.rows > 0 && !emitBatch(f, emit) {
			return nil
		}
	}
	progress.tell(run.report.Records, true)
	return nil
}

// flush emits the frame of the last row if it is full, and the largest of all frames if they are
// too large together.
func (run *mapRun) flush(f *formRun, emit func(string, arrow.Record) bool) bool {
	if f == nil || f.frame == nil {
		return true
	}
	if f.frame.rows >= run.m.batchRows || f.frame.bytes >= run.m.batchBytes {
		return emitBatch(f.frame, emit)
	}
	if len(run.frames) < 4 {
		return true
	}
	total, largest := int64(0), run.frames[0]
	for _, other := range run.frames {
		total += other.bytes
		if other.bytes > largest.bytes {
			largest = other
		}
	}
	return total < 4*run.m.batchBytes || emitBatch(largest, emit)
}

func emitBatch(f *frame, emit func(string, arrow.Record) bool) bool {
	batch := f.take()
	defer batch.Release()
	return emit(f.formKey, batch)
}

func (run *mapRun) release() {
	for _, f := range run.frames {
		f.release()
	}
}

// add maps one record. It returns the form whose table got a row, or nil.
func (run *mapRun) add(r *imednet.Record) (*formRun, error) {
	f, err := run.accept(r)
	if f == nil || err != nil {
		return nil, err
	}
	run.addRow(f, len(r.RecordData.Raw()))
	return f, run.failed
}

// accept counts a record and sorts its answers. It returns nil for one that is left out or
// rejected.
func (run *mapRun) accept(r *imednet.Record) (*formRun, error) {
	run.record = r
	run.report.Records++
	f := run.formOf(r)
	switch {
	case r.IsDeleted() && !run.opts.IncludeDeleted:
		run.report.Deleted++
		return nil, nil
	case f == nil && len(run.opts.Forms) > 0, f != nil && !f.wanted:
		run.report.OtherForms++
		return nil, nil
	case run.visit.IsSet() && r.VisitID != run.visit:
		run.report.OtherVisits++
		return nil, nil
	}
	if run.cover != nil {
		run.cover.begin(r)
	}
	if f == nil {
		return nil, run.rejectRecord(&FormReport{FormKey: r.FormKey.Or("")}, ReasonUnknownForm)
	}
	data := r.RecordData.Raw()
	if s := r.RecordData.Presence(); s == imednet.Absent || s == imednet.Null {
		data = jsontext.Value("{}")
	}
	if !f.answers.Collect(data) {
		return nil, run.rejectRecord(f.report, ReasonNoObject)
	}
	return f, nil
}

// formOf finds the form of a record by its key and, when it has none, by its id.
func (run *mapRun) formOf(r *imednet.Record) *formRun {
	if key, ok := r.FormKey.Get(); ok {
		return run.byKey[key]
	}
	return run.byID[r.FormID.Or(0)]
}

func (run *mapRun) addRow(f *formRun, size int) {
	f.sink.putMetadata(run.record, run.cover, func(name string, raw []byte) {
		run.report.FieldsRejected++
		run.reject(f.report, name, ReasonRecordField, run.coveredRaw(raw))
	})
	for _, i := range f.answers.Touched() {
		run.addAnswer(f, i)
	}
	for _, s := range f.answers.Strays() {
		f.report.Values++
		f.report.Rejected++
		if s.Fate != answers.Repeated {
			f.report.undeclared(s.Key)
		}
		run.reject(f.report, string(s.Key), reasonOf(s.Fate), run.coveredRaw(s.Raw))
	}
	f.sink.endRow(size)
	f.report.Rows++
}

func (run *mapRun) addAnswer(f *formRun, i int) {
	s, c := f.answers.Slots()[i], &f.plan.Columns[i]
	if !answers.Populated(s.Raw) {
		return
	}
	f.report.Values++
	if c.Extra {
		f.report.undeclared(s.Key)
	}
	switch f.places[i] {
	case placeWithheld:
		f.report.Withheld++
		return
	case placeNotRequested:
		f.report.NotRequested++
		return
	}
	value, reason := newCell(s.Raw)
	raw := s.Raw
	if f.hide[i] != hideNothing {
		value, reason = run.hideAnswer(f, i, value, reason)
		raw = rawOf(value)
	}
	if reason == "" {
		reason = f.sink.write(f.places[i], value)
	}
	switch {
	case reason != "":
		f.report.Rejected++
		run.reject(f.report, c.Name, reason, bytes.Clone(raw))
	case c.Extra:
		f.report.Extra++
	default:
		f.report.Cells++
	}
}

// hideAnswer de-identifies an answer. One that could not even be read is masked.
func (run *mapRun) hideAnswer(f *formRun, i int, value cell, reason Reason) (cell, Reason) {
	h := f.hide[i]
	if reason != "" {
		h = hideMask
	}
	treated, masked := run.cover.apply(h, value)
	if masked && f.hide[i] != hideMask {
		f.report.Masked++
	}
	return treated, ""
}

// coveredRaw returns a copy of a value that nothing is known of, masked in a de-identified run.
func (run *mapRun) coveredRaw(raw []byte) jsontext.Value {
	if run.cover != nil {
		return maskedRaw()
	}
	return bytes.Clone(raw)
}

func (run *mapRun) rejectRecord(f *FormReport, reason Reason) error {
	run.report.RecordsRejected++
	raw := run.record.RecordData.Raw()
	if raw == nil {
		raw = jsontext.Value("null")
	}
	run.reject(f, "", reason, run.coveredRaw(raw))
	return run.failed
}

// reject hands a value over. raw belongs to the receiver.
func (run *mapRun) reject(f *FormReport, variable string, reason Reason, raw jsontext.Value) {
	f.reason(reason)
	if run.failed != nil {
		return
	}
	r := Reject{RecordID: run.record.RecordID, FormKey: f.FormKey, Variable: variable, Reason: reason, Raw: raw}
	if run.opts.OnReject != nil {
		if err := run.opts.OnReject(r); err != nil {
			run.failed = &imednet.Error{Package: "tables", Op: run.op, StudyKey: run.studyKey, RecordID: r.RecordID, Err: err, Hint: "OnReject ended the run"}
			return
		}
	}
	if run.opts.Strict {
		run.failed = &imednet.Error{Package: "tables", Op: run.op, StudyKey: run.studyKey, RecordID: r.RecordID, Err: &RejectError{r}}
	}
}
