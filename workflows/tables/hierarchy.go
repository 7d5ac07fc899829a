package tables

import (
	"context"
	"iter"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/answers"
)

// HierarchySubject is a subject with its records. Records of no subject, such as those of sites,
// are grouped under one with neither id nor key.
type HierarchySubject struct {
	SubjectID  imednet.Opt[int64]
	SubjectKey imednet.Opt[string] // as in the subject's first record
	Visits     []HierarchyVisit
}

// HierarchyVisit is a visit of a subject. Records outside any visit have no VisitID. A visitId of
// 0, which the API also uses for "none", is kept separate.
type HierarchyVisit struct {
	VisitID imednet.Opt[int64]
	Forms   []HierarchyForm
}

// HierarchyForm holds the records of one form at a visit.
type HierarchyForm struct {
	FormID  int64
	FormKey string
	Records []HierarchyRecord
}

// HierarchyRecord is one record. Cells holds its populated answers in the order of the plan,
// followed by undeclared ones in order of arrival.
type HierarchyRecord struct {
	RecordID       int64
	ParentRecordID imednet.Opt[int64] // as in the record: unset or 0 at the top level, never inferred
	RecordStatus   imednet.Opt[string]
	DateCreated    imednet.Opt[imednet.Time]
	Deleted        bool
	Cells          []HierarchyCell
}

// HierarchyCell is one answer.
type HierarchyCell struct {
	Title string // according to MapOptions.Titles; the key for an undeclared answer
	Key   string // as it arrived
	Value imednet.Value
}

// HierarchyRun is one reading of the records of a study as a hierarchy. It is used in the same way
// as a [Run].
type HierarchyRun struct {
	ctx      context.Context
	m        *RecordMapper
	studyKey string
	opts     MapOptions
	report   MapReport
}

// Hierarchy returns a run over the subjects of a study with their visits, forms and records.
// Cancelling ctx ends the run. [MapOptions.Variables] does not apply to undeclared answers.
func (m *RecordMapper) Hierarchy(ctx context.Context, studyKey string, opts MapOptions) *HierarchyRun {
	return &HierarchyRun{ctx: ctx, m: m, studyKey: studyKey, opts: opts}
}

// Report returns the counts so far. They are complete after the last subject or an error, and
// reconcile as they do for tables.
func (r *HierarchyRun) Report() MapReport { return r.report.clone() }

// Subjects yields the subjects. At every level, items are in the order in which the source first
// lists them. Values are not typed, so the only rejects are records whose form is not in the plan
// or whose recordData is not an object. A de-identified run treats values as it does for tables and
// leaves out answers under undeclared keys.
//
// A source that implements [imednet.SubjectRecordSource] is read one subject at a time. With any
// other source, the selected records are held in memory until the last one has been read.
func (r *HierarchyRun) Subjects() iter.Seq2[HierarchySubject, error] {
	return func(yield func(HierarchySubject, error) bool) {
		p, err := r.m.begin(r.ctx, "hierarchy", r.studyKey, r.opts, &r.report)
		if err != nil {
			yield(HierarchySubject{}, err)
			return
		}
		tree := &hierarchyTree{pass: p, titles: p.hierarchyTitles()}
		if err := tree.fill(r.ctx, yield); err != nil {
			yield(HierarchySubject{}, err)
		}
	}
}

// hierarchyTitles gives every column of every form its title, as the form's table has it.
func (p *pass) hierarchyTitles() map[*FormPlan][]string {
	titles := map[*FormPlan][]string{}
	for _, f := range p.forms {
		columns := make([]*Column, len(f.plan.Columns))
		f.places = make([]int, len(f.plan.Columns))
		for i := range f.plan.Columns {
			columns[i] = &f.plan.Columns[i]
			f.places[i] = p.placeOf(f, columns[i], f.treatments[i], i)
		}
		titles[f.plan] = assignTitles(columns, p.opts.Titles)
	}
	return titles
}

// hierarchyTree gathers records until their subjects are complete.
type hierarchyTree struct {
	pass     *pass
	titles   map[*FormPlan][]string
	subjects []*HierarchySubject
	places   map[hierarchyPlace]int
}

// hierarchyPlace names a node below a subject; its index is the node's place among its siblings.
type hierarchyPlace struct {
	subjectID  imednet.Opt[int64]
	subjectKey string // only for subjects without an id
	level      int    // 0 subject, 1 visit, 2 form
	visit      imednet.Opt[int64]
	form       string
}

func (t *hierarchyTree) fill(ctx context.Context, yield func(HierarchySubject, error) bool) error {
	p := t.pass
	defer p.report.sum()
	t.places = map[hierarchyPlace]int{}
	records, oneByOne := p.records(ctx, p.m.src), false
	if bySubject, ok := p.m.src.(imednet.SubjectRecordSource); ok {
		records, oneByOne = bySubject.RecordsBySubject(ctx, p.studyKey, imednet.ListOptions{Filter: p.filter()}), true
	}
	progress := mapProgress{p.op, p.studyKey, p.m.progress}
	for record, err := range records {
		if err != nil {
			return p.fail(err, "the records could not be read; what came before is incomplete")
		}
		if p.report.Records%contextEvery == 0 && ctx.Err() != nil {
			return p.fail(context.Cause(ctx), "")
		}
		if oneByOne && !t.continues(&record) && !t.emit(yield) {
			return nil
		}
		if err := t.add(&record); err != nil {
			return err
		}
		progress.tell(p.report.Records, false)
	}
	t.emit(yield)
	progress.tell(p.report.Records, true)
	return nil
}

// continues reports whether the record belongs to the subject being gathered.
func (t *hierarchyTree) continues(r *imednet.Record) bool {
	_, known := t.places[t.subjectPlace(r)]
	return known
}

func (t *hierarchyTree) subjectPlace(r *imednet.Record) hierarchyPlace {
	if c := t.pass.cover; c != nil {
		c.begin(r)
		return hierarchyPlace{subjectKey: c.who.pseudonym}
	}
	if r.SubjectID.IsSet() {
		return hierarchyPlace{subjectID: r.SubjectID}
	}
	return hierarchyPlace{subjectKey: r.SubjectKey.Or("")}
}

// emit yields the subjects gathered so far and forgets them.
func (t *hierarchyTree) emit(yield func(HierarchySubject, error) bool) bool {
	gathered := t.subjects
	t.subjects = nil
	clear(t.places)
	for _, s := range gathered {
		if !yield(*s, nil) {
			return false
		}
	}
	return true
}

func (t *hierarchyTree) add(r *imednet.Record) error {
	f, err := t.pass.accept(r)
	if f == nil || err != nil {
		return err
	}
	form := t.formNode(r, f)
	form.Records = append(form.Records, t.record(r, f))
	f.report.Rows++
	return nil
}

// formNode finds the form's node at the record's place, and makes what is missing on the way.
func (t *hierarchyTree) formNode(r *imednet.Record, f *formPass) *HierarchyForm {
	at := t.subjectPlace(r)
	i, known := t.places[at]
	if !known {
		i = len(t.subjects)
		t.places[at] = i
		t.subjects = append(t.subjects, t.subject(r))
	}
	subject := t.subjects[i]

	at.level, at.visit = 1, r.VisitID
	if !r.VisitID.IsSet() {
		at.visit = imednet.Opt[int64]{}
	}
	if i, known = t.places[at]; !known {
		i = len(subject.Visits)
		t.places[at] = i
		subject.Visits = append(subject.Visits, HierarchyVisit{VisitID: at.visit})
	}
	visit := &subject.Visits[i]

	at.level, at.form = 2, f.plan.FormKey
	if i, known = t.places[at]; !known {
		i = len(visit.Forms)
		t.places[at] = i
		visit.Forms = append(visit.Forms, HierarchyForm{FormID: f.plan.FormID, FormKey: f.plan.FormKey})
	}
	return &visit.Forms[i]
}

func (t *hierarchyTree) subject(r *imednet.Record) *HierarchySubject {
	c := t.pass.cover
	if c == nil {
		return &HierarchySubject{SubjectID: r.SubjectID, SubjectKey: r.SubjectKey}
	}
	s := &HierarchySubject{}
	if name, ok := c.subject(); ok {
		s.SubjectKey = imednet.Some(name)
	}
	return s
}

func (t *hierarchyTree) record(r *imednet.Record, f *formPass) HierarchyRecord {
	h := HierarchyRecord{
		RecordID: r.RecordID, ParentRecordID: r.ParentRecordID, RecordStatus: t.pass.cover.word("recordStatus", r.RecordStatus),
		DateCreated: r.DateCreated, Deleted: r.IsDeleted(),
	}
	if c := t.pass.cover; c != nil {
		h.ParentRecordID, h.RecordStatus = withoutMisfit(h.ParentRecordID), withoutMisfit(h.RecordStatus)
		h.DateCreated = withoutMisfit(h.DateCreated)
		if at, ok := r.DateCreated.Get(); ok {
			h.DateCreated = imednet.Some(imednet.NewTime(c.instant(at)))
		}
	}
	for i := range f.answers.Slots() {
		t.addCell(&h, f, i)
	}
	for _, s := range f.answers.Strays() {
		t.addStray(&h, f, s)
	}
	return h
}

// withoutMisfit drops what a field holds that is not of its type.
func withoutMisfit[T imednet.Scalar](o imednet.Opt[T]) imednet.Opt[T] {
	if o.Presence() == imednet.Misfit {
		return imednet.Opt[T]{}
	}
	return o
}

// addStray adds an answer that no variable declares. A de-identified run shows neither its key nor
// its value.
func (t *hierarchyTree) addStray(h *HierarchyRecord, f *formPass, s answers.Stray) {
	f.report.Values++
	if s.Fate != answers.Repeated {
		t.pass.undeclared(f.report, s.Key)
	}
	if t.pass.cover != nil {
		f.report.Withheld++
		return
	}
	f.report.Extra++
	key := string(s.Key)
	h.Cells = append(h.Cells, HierarchyCell{Title: key, Key: key, Value: imednet.NewValue(jsontext.Value(s.Raw).Clone())})
}

func (t *hierarchyTree) addCell(h *HierarchyRecord, f *formPass, i int) {
	s := f.answers.Slots()[i]
	if !answers.Populated(s.Raw) {
		return
	}
	raw, ok := t.pass.answer(f, i)
	if !ok {
		return
	}
	f.report.Cells++
	h.Cells = append(h.Cells, HierarchyCell{Title: t.titles[f.plan][i], Key: string(s.Key), Value: imednet.NewValue(raw)})
}

// answer counts an answer and returns it as it may be shown; false when it may not.
func (p *pass) answer(f *formPass, i int) (jsontext.Value, bool) {
	f.report.Values++
	switch f.places[i] {
	case placeWithheld:
		f.report.Withheld++
		return nil, false
	case placeNotRequested:
		f.report.NotRequested++
		return nil, false
	}
	raw := f.answers.Slots()[i].Raw
	if f.treatments[i] == treatNothing {
		return jsontext.Value(raw).Clone(), true
	}
	value, reason := newCell(raw)
	value, _ = p.treat(f, i, value, reason)
	return rawOf(value), true
}
