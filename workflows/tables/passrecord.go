package tables

import (
	"bytes"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/answers"
)

// add maps one record. It returns the form whose table got a row, or nil.
func (p *pass) add(r *imednet.Record) (*formPass, error) {
	f, err := p.accept(r)
	if f == nil || err != nil {
		return nil, err
	}
	if f.sink == nil {
		f.frame = f.open()
		f.sink = f.frame
	}
	p.held += p.addRow(f, len(r.RecordData.Raw()))
	if f.frame != nil {
		f.frame.positions = append(f.frame.positions, p.rows)
	}
	p.rows++
	p.inRound++
	return f, p.failed
}

// accept counts a record and sorts its answers. It returns nil for one that is left out or
// rejected.
func (p *pass) accept(r *imednet.Record) (*formPass, error) {
	p.report.Records++
	f := p.formOf(r)
	switch {
	case r.IsDeleted() && !p.opts.IncludeDeleted:
		p.report.Deleted++
		if r.DoubtfulDeletion() {
			p.report.Doubtful++
		}
		return nil, nil
	case f == nil && len(p.opts.Forms) > 0, f != nil && !f.wanted:
		p.report.OtherForms++
		return nil, nil
	case p.visit.IsSet() && r.VisitID != p.visit:
		p.report.OtherVisits++
		return nil, nil
	case !p.selects(f, r):
		p.report.NotSelected++
		return nil, nil
	}
	if p.cover != nil {
		p.cover.begin(r)
	}
	if f == nil {
		return nil, p.rejectRecord(&FormReport{FormKey: p.coveredText(r.FormKey.Or(""))}, ReasonUnknownForm)
	}
	if p.opts.Translate != nil {
		*r = p.opts.Translate(*r)
	}
	data := r.RecordData.Raw()
	if s := r.RecordData.Presence(); s == imednet.Absent || s == imednet.Null {
		data = jsontext.Value("{}")
	}
	if f.answers == nil {
		f.answers = answers.Compile(namesOf(f.plan.Columns))
	}
	if !f.answers.Collect(data) {
		return nil, p.rejectRecord(f.report, ReasonNoObject)
	}
	return f, nil
}

// selects applies MapOptions.Select and Answers, by the variables of the record's form if that is known.
func (p *pass) selects(f *formPass, r *imednet.Record) bool {
	if p.opts.Select != nil {
		if own := *r; !p.opts.Select(&own) { // it may keep the record
			return false
		}
	}
	if p.opts.Answers.IsZero() {
		return true
	}
	matches, unclear := p.opts.Answers.MatchAnswers, p.opts.Answers.UnclearAnswers
	if f != nil {
		matches = func(d imednet.RecordData) bool { return f.form.MatchAnswers(p.opts.Answers, d) }
		unclear = func(d imednet.RecordData) bool { return f.form.UnclearAnswers(p.opts.Answers, d) }
	}
	if matches(r.RecordData) {
		return true
	}
	if unclear(r.RecordData) {
		p.report.Unclear++
	}
	return false
}

// formOf finds the form of a record, and counts what the record contradicts itself about.
func (p *pass) formOf(r *imednet.Record) *formPass {
	form, contradiction := p.index.OfRecord(r)
	if !contradiction.IsZero() {
		if p.report.Contradictions == nil {
			p.report.Contradictions = map[imednet.ContradictionKind]int64{}
		}
		p.report.Contradictions[contradiction.Kind]++
	}
	if form == nil {
		return nil
	}
	return p.byForm[form]
}

func (p *pass) addRow(f *formPass, size int) (grown int64) {
	f.sink.putMetadata(&p.record, p.cover, f.misfit)
	for _, i := range f.answers.Touched() {
		p.addAnswer(f, i)
	}
	for _, s := range f.answers.Strays() {
		f.report.Values++
		f.report.Rejected++
		fate := s.Fate
		if fate == answers.Repeated && f.plan.namesCodes(string(s.Key)) {
			fate = answers.Undeclared // what comes again is the code
		}
		if fate != answers.Repeated {
			p.undeclared(f.report, s.Key)
		}
		p.reject(f.report, p.coveredText(string(s.Key)), reasonOf(fate), p.coveredRaw(s.Raw))
	}
	f.report.Rows++
	return f.sink.endRow(size)
}

// reasonOfField says why a field of the record itself has no cell.
func reasonOfField(raw []byte) Reason {
	if !answers.IsUnicode(raw) {
		return ReasonNotUnicode
	}
	return ReasonRecordField
}

func (p *pass) addAnswer(f *formPass, i int) {
	s, c := &f.answers.Slots()[i], &f.columns[i]
	absence := answers.AbsenceOf(s.Raw)
	if absence != answers.Answered && absence != answers.WhiteSpace {
		return
	}
	f.report.Values++
	if c.extra {
		p.undeclared(f.report, s.Key)
	}
	switch f.places[i] {
	case placeWithheld:
		f.report.Withheld++
		return
	case placeNotRequested:
		f.report.NotRequested++
		return
	}
	if absence == answers.WhiteSpace && !c.holdsText {
		f.report.Missing++
		return
	}
	value, reason := newCell(s.Raw)
	raw := s.Raw
	if f.treatments[i] != treatNothing {
		value, reason = p.treat(f, i, value, reason)
		raw = rawOf(value)
	}
	if reason == "" {
		reason = f.sink.write(f.places[i], value)
	}
	switch {
	case reason != "":
		f.report.Rejected++
		p.reject(f.report, f.plan.Columns[i].Name, reason, bytes.Clone(raw))
		return
	case c.extra:
		f.report.Extra++
	default:
		f.report.Cells++
	}
	if c.isNumber && value.padded() {
		f.report.Padded++
	}
}

// treat de-identifies an answer.
func (p *pass) treat(f *formPass, i int, value cell, reason Reason) (cell, Reason) {
	treated, masked := p.cover.treat(f.treatments[i], &f.plan.Columns[i], value, reason)
	if masked {
		f.report.Masked++
	}
	return treated, ""
}

// coveredRaw returns a copy of a value that nothing is known of, masked in a de-identified run.
func (p *pass) coveredRaw(raw []byte) jsontext.Value {
	if p.cover != nil {
		return maskedRaw()
	}
	return bytes.Clone(raw)
}

// coveredText is coveredRaw for a name that nothing is known of.
func (p *pass) coveredText(name string) string {
	if p.cover != nil && name != "" {
		return Mask
	}
	return name
}

// undeclared counts an answer under a key that no variable declares. A de-identified run does not
// say which key it is.
func (p *pass) undeclared(f *FormReport, key []byte) {
	if p.cover != nil {
		key = []byte(otherKeysName)
	}
	f.undeclared(key)
}

func (p *pass) rejectRecord(f *FormReport, reason Reason) error {
	p.report.RecordsRejected++
	raw := p.record.RecordData.Raw()
	if raw == nil {
		raw = jsontext.Value("null")
	}
	p.reject(f, "", reason, p.coveredRaw(raw))
	return p.failed
}

// reject hands a value over. raw belongs to the receiver.
func (p *pass) reject(f *FormReport, variable string, reason Reason, raw jsontext.Value) {
	f.reason(reason)
	if p.failed != nil {
		return
	}
	r := Reject{RecordID: p.record.RecordID, FormKey: f.FormKey, Variable: variable, Reason: reason, Raw: raw}
	if p.opts.OnReject != nil {
		if err := p.opts.OnReject(r); err != nil {
			p.failed = p.failRecord(err, "OnReject ended the run")
			return
		}
	}
	if p.opts.Strict {
		p.failed = p.failRecord(&RejectError{r}, "")
	}
}

func (p *pass) failRecord(err error, hint string) error {
	return &imednet.Error{Package: "tables", Op: p.op, StudyKey: p.studyKey, RecordID: p.record.RecordID, Err: err, Hint: hint}
}
