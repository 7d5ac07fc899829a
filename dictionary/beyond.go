package dictionary

import (
	"slices"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/answers"
)

// beyond evaluates an operand that is about more than the record, as far as that is known.
func (e *evaluation) beyond(x *Element) (operand, bool) {
	switch x.Name {
	case "external":
		return e.external(x)
	case "current_interval":
		return e.interval()
	case "number_of_child_log_records", "number_of_sibling_records":
		return e.count(x)
	case "user_role", "role":
		if e.checker.role != "" {
			return operand{of: textOperands, text: e.checker.role, role: true}, true
		}
		e.undecided("%s needs the role of the user", x.Name)
		return operand{}, false
	}
	e.undecided("%s needs more than the record", x.Name)
	return operand{}, false
}

// around are the surroundings of a stored record; ok is false where they are not known.
func (e *evaluation) around(word string) (s *Surroundings, ok bool) {
	s = e.checker.around
	if s == nil || e.record == nil || s.byID[e.record.RecordID] == nil {
		e.undecided("%s needs more than the record", word)
		return nil, false
	}
	return s, true
}

// formOf is the one form of the name that an element gives.
func (e *evaluation) formOf(x *Element, s *Surroundings) (*Form, bool) {
	name := x.Child("form").name()
	if name == "" {
		name = x.Trimmed()
	}
	forms := s.forms[name]
	if len(forms) != 1 {
		e.undecided("%s is about a form that is not one of the dictionary's", x.Name)
		return nil, false
	}
	return forms[0], true
}

// external is an answer in another record of the subject, or in the record's parent. With several such
// records it is decided only if they have the same answer, because then it does not matter which is meant.
func (e *evaluation) external(x *Element) (operand, bool) {
	s, ok := e.around(x.Name)
	if !ok {
		return operand{}, false
	}
	form, ok := e.formOf(x, s)
	if !ok {
		return operand{}, false
	}
	q, known := form.Question(x.Child("question").name())
	if !known {
		e.undecided("external is about a question that its form does not have")
		return operand{}, false
	}
	var found []operand
	itself := true // whether there is no record but the evaluated one
	for _, n := range e.candidates(x, s) {
		if n.form != form {
			continue
		}
		itself = itself && n.record.RecordID == e.record.RecordID
		v, several := s.joined.answersOf(form, &n.record)(q.Name)
		o, ok := e.answer(q, v)
		if several > 1 || !ok {
			e.undecided("several answers could be that to %s", q.Name)
			return operand{}, false
		}
		found = append(found, o)
	}
	if len(found) == 0 || slices.ContainsFunc(found, func(o operand) bool { return o != found[0] }) {
		e.undecided("external is about no record, or about several with other answers")
		return operand{}, false
	}
	if itself {
		e.undecided("whether external is about the record itself is not known")
		return operand{}, false
	}
	return found[0], true
}

// candidates are the records that an external operand may be about.
func (e *evaluation) candidates(x *Element, s *Surroundings) []*neighbor {
	if x.Child("parent") == nil {
		subject, known := idOf(e.record.SubjectID)
		if !known {
			return nil
		}
		return s.bySubject[subject]
	}
	if parent := s.byID[e.record.ParentRecordID.Or(0)]; parent != nil {
		return []*neighbor{parent}
	}
	return nil
}

// interval is the name of the record's interval. With a text that is no interval's name, such as an id, it is
// not compared.
func (e *evaluation) interval() (operand, bool) {
	s, ok := e.around("current_interval")
	if !ok {
		return operand{}, false
	}
	name := s.intervals[e.record.IntervalID.Or(0)]
	if name == "" {
		e.undecided("the interval of the record is not known")
	}
	return operand{of: textOperands, text: answers.TrimSpace(name), among: intervalNames{s}}, name != ""
}

// intervalNames are the texts with which the name of an interval is compared.
type intervalNames struct{ s *Surroundings }

func (n intervalNames) has(text string) bool { return n.s != nil && n.s.names[text] }

// count is the number of the record's children of a form, or of the other children of its parent. Whether the
// record is one of its own siblings is not known.
func (e *evaluation) count(x *Element) (operand, bool) {
	s, ok := e.around(x.Name)
	if !ok {
		return operand{}, false
	}
	form, ok := e.formOf(x, s)
	if !ok {
		return operand{}, false
	}
	parent := e.record.RecordID
	if x.Name == "number_of_sibling_records" {
		if parent = e.record.ParentRecordID.Or(0); parent == 0 || form == e.form {
			e.undecided("which records are its siblings is not known")
			return operand{}, false
		}
	}
	n := 0
	for _, child := range s.children[parent] {
		if child.form == form {
			n++
		}
	}
	text := imednet.NewNumber(int64(n)).Canonical()
	return operand{of: numberOperands, text: text}, true
}

// changed reports whether an answer is another than before the record was saved. By another word for the same flag
// or choice it is not; where it is not known what another spelling of the same answer is, nothing is decided.
func (e *evaluation) changed(c *Element) imednet.YesNo {
	name := c.Child("question").name()
	q, known := e.form.Question(name)
	if e.checker.earlier == nil || !known {
		return e.undecided("field_changed needs more than the record")
	}
	was, several := e.checker.earlier(name)
	is, more := e.answers(name)
	if several > 1 || more > 1 {
		return e.undecided("several answers could be that to %s", name)
	}
	before, okBefore := e.answer(q, was)
	after, okAfter := e.answer(q, is)
	if !okBefore || !okAfter {
		return imednet.Unknown
	}
	switch {
	case before.missing || after.missing:
		return imednet.YesNoOf(before.missing != after.missing)
	case q.Kind() == imednet.ChoiceVariable:
		return imednet.YesNoOf(before.text != after.text)
	case was.Text() == is.Text():
		return imednet.No
	case before.of == flagOperands:
		return not(e.compareFlags("equals", before.asFlag(), after.asFlag()))
	case before.text == after.text || sameNumber(before, after) || before.of >= dateOperands && orderOf(before.date, after.date) == imednet.Same:
		return e.undecided("the answer to %s is spelled otherwise", name)
	}
	return imednet.Yes
}

// sameNumber reports whether two answers to a question about a number are the same number.
func sameNumber(a, b operand) bool {
	x, okX := a.asNumber()
	y, okY := b.asNumber()
	return a.of == numberOperands && okX && okY && x.read.Compare(y.read) == 0
}

// exists looks for a keyword of the record itself or of what it belongs to, and for queries.
func (e *evaluation) exists(c *Element) imednet.YesNo {
	if len(c.Children) != 1 {
		return e.undecided("exists has %d operands", len(c.Children))
	}
	status := c.Children[0]
	if !e.understands(status) {
		return imednet.Unknown
	}
	switch status.Name {
	case "keyword_status_record":
		if e.record == nil {
			return e.undecided("keywords are not known of a record that is not stored")
		}
		return e.tagged(status, e.record.Keywords)
	case "keyword_status_parent", "keyword_status_patient", "keyword_status_child_log_record", "keyword_status_record_in_interval":
		return e.taggedBeyond(status)
	case "query_status_record", "query_status_record_cel":
		return e.queried(status)
	}
	return e.undecided("exists needs more than the record")
}

// tagged reports whether a keyword is one of a list, by its key or its name. Whether another spelling of either is the
// same keyword is not known.
func (e *evaluation) tagged(status *Element, keywords []imednet.Keyword) imednet.YesNo {
	want := status.Child("keyword").name()
	if want == "" {
		return e.undecided("%s names no keyword", status.Name)
	}
	similar := false
	for _, k := range keywords {
		for _, text := range []string{answers.TrimSpace(k.KeywordKey.Or("")), answers.TrimSpace(k.KeywordName.Or(""))} {
			if text == want {
				return imednet.Yes
			}
			similar = similar || text != "" && (answers.Same(text, want) || looksAlike(text, want))
		}
	}
	if similar {
		return e.undecided("%s names a keyword in another spelling", status.Name)
	}
	return imednet.No
}

// taggedBeyond looks for a keyword of the subject, the parent, a child, or another record at the interval.
func (e *evaluation) taggedBeyond(status *Element) imednet.YesNo {
	s, ok := e.around(status.Name)
	if !ok {
		return imednet.Unknown
	}
	switch status.Name {
	case "keyword_status_patient":
		id, known := idOf(e.record.SubjectID)
		subject := s.subjects[id]
		if !known || subject == nil {
			return e.undecided("the subject of the record is not known")
		}
		return e.tagged(status, subject.Keywords)
	case "keyword_status_parent":
		parent := s.byID[e.record.ParentRecordID.Or(0)]
		if parent == nil {
			return e.undecided("the parent of the record is not known")
		}
		return e.tagged(status, parent.record.Keywords)
	case "keyword_status_child_log_record":
		return e.anyTagged(status, s.children[e.record.RecordID])
	}
	return e.taggedAtInterval(status, s)
}

func (e *evaluation) anyTagged(status *Element, records []*neighbor) imednet.YesNo {
	result := imednet.No
	for _, n := range records {
		switch e.tagged(status, n.record.Keywords) {
		case imednet.Yes:
			return imednet.Yes
		case imednet.Unknown:
			result = imednet.Unknown
		}
	}
	return result
}

// taggedAtInterval looks at the subject's records at the same interval. Whether the record itself is one of
// them is not known, so that its own keyword decides nothing.
func (e *evaluation) taggedAtInterval(status *Element, s *Surroundings) imednet.YesNo {
	interval, known := idOf(e.record.IntervalID)
	subject, hasSubject := idOf(e.record.SubjectID)
	if !known || !hasSubject {
		return e.undecided("the interval of the record is not known")
	}
	others := slices.DeleteFunc(slices.Clone(s.bySubject[subject]), func(n *neighbor) bool {
		return n.record.IntervalID.Or(0) != interval || n.record.RecordID == e.record.RecordID
	})
	if found := e.anyTagged(status, others); found != imednet.No {
		return found
	}
	if e.tagged(status, e.record.Keywords) != imednet.No {
		return e.undecided("whether a record at the interval is the record itself is not known")
	}
	return imednet.No
}

// queried reports No for a record that has no queries, and whose children have none. The numbers that rules
// have for the statuses of queries are not in the API, so that nothing is known of others.
func (e *evaluation) queried(status *Element) imednet.YesNo {
	s, ok := e.around(status.Name)
	if !ok {
		return imednet.Unknown
	}
	none := s.queries != nil && !s.queries[e.record.RecordID] &&
		!slices.ContainsFunc(s.children[e.record.RecordID], func(n *neighbor) bool { return s.queries[n.record.RecordID] })
	if !none {
		return e.undecided("%s has a number for the status of a query, which the API does not give", status.Name)
	}
	return imednet.No
}
