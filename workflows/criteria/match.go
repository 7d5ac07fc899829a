package criteria

import (
	"maps"
	"slices"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/listing"
)

// matches holds the subjects and visits that matched. A nil map means that no filter was given. Whose a
// record or a visit is, the study's list of subjects says.
type matches struct {
	study    *imednet.SubjectIndex // nil where it does not matter whose a record is
	subjects map[int64]bool
	visits   map[int64]imednet.Visit
	records  imednet.Filter     // what the server cannot be asked of records
	answers  imednet.Filter     // and of answers
	forms    *imednet.FormIndex // of the variables that the criteria name; nil if they name none
}

// match lists what the filters for subjects and visits select.
func (r *RecordRun) match() (matches, error) {
	var m matches
	c := r.criteria
	_, m.records = c.Records.Split()
	_, m.answers = c.RecordData.Split()
	if err := r.listForms(&m); err != nil {
		return m, err
	}
	if err := r.matchSubjects(&m); err != nil || m.none() {
		return m, err
	}
	if c.Visits.IsZero() && c.Subjects.IsZero() && c.IncludeDeleted {
		return m, nil
	}
	if err := r.listSubjects(&m); err != nil {
		return m, err
	}
	return m, r.matchVisits(&m)
}

func (r *RecordRun) matchSubjects(m *matches) error {
	c := r.criteria
	if c.Subjects.IsZero() {
		return nil
	}
	m.subjects = map[int64]bool{}
	asked, deleted := splitDeleted(c.Subjects)
	asked, kept := asked.Split()
	for s, err := range r.client.Subjects(r.ctx, r.studyKey, imednet.ListOptions{Filter: asked}) {
		switch {
		case err != nil:
			return err
		case !deleted.matches(s.Deleted) || !imednet.MatchRow(kept, &s):
		case s.IsDeleted() && !c.IncludeDeleted:
			r.report.DeletedSubjects++
		default:
			m.subjects[s.SubjectID] = true
		}
	}
	r.report.Subjects = len(m.subjects)
	return nil
}

// listSubjects reads all subjects, also where a filter names some: a key says whose a record is only if no
// other subject has it. Which subjects are soft-deleted is read here as well: whether a filter may name
// deleted is not documented, and a server that reads it otherwise would leave records of deleted subjects in
// without a word.
func (r *RecordRun) listSubjects(m *matches) error {
	list, err := listing.Collect(r.client.Subjects(r.ctx, r.studyKey, imednet.ListOptions{}))
	m.study = imednet.NewSubjectIndex(list)
	return err
}

// listForms reads the variables that answers can be of, and refuses a condition on another: it would select
// nothing, or where it asks for no value everything.
func (r *RecordRun) listForms(m *matches) error {
	if r.criteria.RecordData.IsZero() {
		return nil
	}
	forms, err := listing.Collect(r.client.Forms(r.ctx, r.studyKey, imednet.ListOptions{}))
	if err != nil {
		return err
	}
	variables, err := listing.Collect(r.client.Variables(r.ctx, r.studyKey, imednet.ListOptions{}))
	if err != nil {
		return err
	}
	m.forms = imednet.NewFormIndex(forms, variables)
	problems := problemsUnder("RecordData", r.criteria.RecordData.ValidateAnswersOf(formsNamed(r.criteria.Records, m.forms)))
	if len(problems) > 0 {
		return &imednet.ValidationError{What: "criteria", Problems: problems}
	}
	return nil
}

// formsNamed are the forms that a filter for records names, or all if it names none that is there.
func formsNamed(f imednet.Filter, index *imednet.FormIndex) []*imednet.IndexedForm {
	if f.IsOr() {
		return index.Forms()
	}
	var names imednet.Filter
	for _, c := range f.Conditions() {
		if c.Attribute == "formKey" || c.Attribute == "formId" {
			names = names.And(c.Attribute, c.Operator, c.Value)
		}
	}
	var named []*imednet.IndexedForm
	for _, form := range index.Forms() {
		if imednet.MatchRow(names, &form.Form) {
			named = append(named, form)
		}
	}
	if len(named) == 0 {
		return index.Forms()
	}
	return named
}

func (r *RecordRun) matchVisits(m *matches) error {
	c := r.criteria
	if c.Visits.IsZero() {
		return nil
	}
	m.visits = map[int64]imednet.Visit{}
	asked, deleted := splitDeleted(c.Visits)
	asked, kept := asked.Split()
	for v, err := range r.client.Visits(r.ctx, r.studyKey, imednet.ListOptions{Filter: asked}) {
		switch {
		case err != nil:
			return err
		case !deleted.matches(v.Deleted) || !imednet.MatchRow(kept, &v):
		case !m.hasSubject(m.ofVisit(&v)):
		case v.Deleted.Or(false) && !c.IncludeDeleted:
			r.report.DeletedVisits++
		default:
			m.visits[v.VisitID] = v
		}
	}
	r.report.Visits = len(m.visits)
	return nil
}

// none reports whether some filter matched nothing, so that no record can match either.
func (m matches) none() bool {
	return m.subjects != nil && len(m.subjects) == 0 || m.visits != nil && len(m.visits) == 0
}

// hasSubject reports whether a subject matches; nil is none.
func (m matches) hasSubject(s *imednet.Subject) bool {
	return m.subjects == nil || s != nil && m.subjects[s.SubjectID]
}

// has reports whether a record of a subject is of a matching subject and of a matching visit of that
// subject. No visit is of a subject that the study does not list.
func (m matches) has(r *imednet.Record, subject *imednet.Subject) bool {
	if !m.hasSubject(subject) {
		return false
	}
	if m.visits == nil {
		return true
	}
	id, ok := r.VisitID.Get()
	visit, found := m.visits[id]
	if !ok || !found {
		return false
	}
	return subject != nil && m.ofVisit(&visit) == subject
}

// hasAnswers reports whether a record's answers match, found as those to the variables of its form, and if not,
// whether only an ambiguous answer is why.
func (m matches) hasAnswers(r *imednet.Record) (match, unclear bool) {
	if m.answers.IsZero() {
		return true, false
	}
	if form, _ := m.forms.OfRecord(r); form != nil {
		match = form.MatchAnswers(m.answers, r.RecordData)
		return match, !match && form.UnclearAnswers(m.answers, r.RecordData)
	}
	match = m.answers.MatchAnswers(r.RecordData)
	return match, !match && m.answers.UnclearAnswers(r.RecordData)
}

func (m matches) ofVisit(v *imednet.Visit) *imednet.Subject {
	subject, _ := m.study.OfVisit(v)
	return subject
}

// ofRecord is the subject that a record belongs to; nil is none, or one that need not be known.
func (m matches) ofRecord(r *imednet.Record) *imednet.Subject {
	if m.study == nil {
		return nil
	}
	subject, _ := m.study.OfRecord(r)
	return subject
}

// count enters the record into the report and reports whether it is to be yielded.
func (m matches) count(report *RecordReport, r *imednet.Record, includeDeleted bool) bool {
	report.Read++
	subject := m.ofRecord(r)
	deleted := !includeDeleted && r.IsDeletedWith(subject)
	matches := m.records.MatchRecord(r) && m.has(r, subject)
	answers, unclear := m.hasAnswers(r)
	switch {
	case !matches || !answers:
		report.Unmatched++
		if matches && unclear && !deleted {
			report.Unclear++
		}
		return false
	case deleted:
		report.Deleted++
		if !r.IsDeleted() {
			report.OfDeletedSubjects++
		}
		if r.DoubtfulDeletion() {
			report.Doubtful++
		}
		return false
	}
	report.Yielded++
	return true
}

// wanted returns the subjects whose records are wanted, in ascending order of id, and false when they are more
// than limit, or all.
func (m matches) wanted(limit int) ([]*imednet.Subject, bool) {
	ids := m.subjects
	if m.visits != nil {
		ids = map[int64]bool{}
		for _, v := range m.visits {
			if subject := m.ofVisit(&v); subject != nil {
				ids[subject.SubjectID] = true
			}
		}
	}
	if ids == nil || len(ids) > limit {
		return nil, false
	}
	var list []*imednet.Subject
	for _, id := range slices.Sorted(maps.Keys(ids)) {
		if subject, _ := m.study.Of(id, ""); subject != nil {
			list = append(list, subject)
		}
	}
	return list, true
}
