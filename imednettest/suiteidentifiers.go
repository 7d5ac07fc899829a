package imednettest

import (
	"bytes"
	"fmt"

	"github.com/imednetgo/imednet"
)

// addressed is a submission and the record that it must change; 0 is a new one.
type addressed struct {
	by     string
	item   imednet.Submission
	record int64
}

// identifies submits one item for each way in which the API lets a record be named, each in a batch of its
// own: it must arrive as every client sends it, and be stored where it belongs.
func (s *suite) identifies() {
	for _, a := range s.addressed() {
		stored := s.arrives("a submission by "+a.by, a.item)
		s.check(stored.Stored, "a submission by %s was not stored: %s", a.by, stored.Problem)
		s.check(stored.Created == (a.record == 0) && (stored.Created || stored.RecordID == a.record), "a submission by %s changed record %d instead of %d", a.by, stored.RecordID, a.record)
	}
}

// arrives submits an item, which must arrive as every client sends it, and returns what became of it.
func (s *suite) arrives(what string, item imednet.Submission) SubmittedItem {
	s.Helper()
	want, err := imednet.EncodeSubmissions([]imednet.Submission{item})
	s.check(err == nil, "the suite's own item: %v", err)
	job, err := s.client.SubmitRecords(s.Context(), s.study.Key(), []imednet.Submission{item}, imednet.SubmitOptions{})
	s.check(err == nil, "%s gave %v", what, err)
	s.ends(job)
	all := s.study.Submissions()
	last := all[len(all)-1]
	s.check(len(last.Items) == 1 && bytes.Equal(last.Items[0].Raw, want[1:len(want)-1]), "%s arrived changed", what)
	return last.Items[0]
}

// answers submits answers of every kind, which no client may change on the way. Not even null, which a strict
// server refuses: left out, it would leave the answer as it is.
func (s *suite) answers() {
	subject := s.recordOf("NOTE", func(r imednet.Record) bool { return r.SubjectKey.IsSet() }).SubjectKey.Or("")
	number := func(text string) any {
		exact, _ := imednet.ExactNumber(text)
		return exact
	}
	for what, data := range map[string]map[string]any{
		"text":            {"NOTE": "  größer, \"2\" \u2028 <b>&\n "},
		"empty text":      {"NOTE": "", "NOTENUM": 1},
		"numbers":         {"NOTENUM": number("61.50"), "NOTEBIG": int64(1<<53 + 1)},
		"a long number":   {"NOTEBIG": number("12345678901234567890123")},
		"zero and false":  {"NOTENUM": 0, "NOTEFLAG": false},
		"true and a text": {"NOTEFLAG": true, "NOTE": "true"},
		"a date":          {"NOTEDTC": "2024-02"},
		"null":            {"NOTE": "x", "NOTENUM": nil},
	} {
		stored := s.arrives(what, imednet.Submission{FormKey: "NOTE", SubjectKey: subject, Data: data})
		refused := what == "null" && !s.settings().ClearAnswers
		s.check(stored.Stored != refused, "%s: stored %t: %s", what, stored.Stored, stored.Problem)
	}
}

// addressed are items by each identifier of the API, with answers of their own.
func (s *suite) addressed() []addressed {
	event := s.recordOf("AE", func(r imednet.Record) bool { return r.RecordOID.Or("") != "" && r.SubjectOID.Or("") != "" })
	vitals := s.recordOf("VS", func(r imednet.Record) bool { return r.IntervalID.Or(0) != 0 })
	subject, subjectID, form := event.SubjectKey.Or(""), event.SubjectID.Or(0), event.FormID.Or(0)
	ae := func(n int) map[string]any { return map[string]any{"AETERM": fmt.Sprintf("Cough %d", n)} }
	bp := func(n int) map[string]any { return map[string]any{"SYSBP": 120 + n} }
	dm := map[string]any{"AGE": 61}
	interval, visitor := vitals.IntervalID.Or(0), vitals.SubjectKey.Or("")
	return []addressed{
		{"recordId", imednet.Submission{FormKey: "AE", RecordID: event.RecordID, Data: ae(1)}, event.RecordID},
		{"recordOid", imednet.Submission{FormKey: "AE", RecordOID: event.RecordOID.Or(""), Data: ae(2)}, event.RecordID},
		{"recordId and formId", imednet.Submission{FormID: form, RecordID: event.RecordID, Data: ae(3)}, event.RecordID},
		{"subjectId", imednet.Submission{FormKey: "AE", SubjectID: subjectID, Data: ae(4)}, 0},
		{"subjectOid", imednet.Submission{FormKey: "AE", SubjectOID: event.SubjectOID.Or(""), Data: ae(5)}, 0},
		{"subjectKey and formId", imednet.Submission{FormID: form, SubjectKey: subject, Data: ae(6)}, 0},
		{"intervalName", imednet.Submission{FormKey: "VS", SubjectKey: visitor, IntervalName: s.intervalName(interval), Data: bp(1)}, vitals.RecordID},
		{"intervalId", imednet.Submission{FormKey: "VS", SubjectKey: visitor, IntervalID: interval, Data: bp(2)}, vitals.RecordID},
		{"siteName", imednet.Submission{FormKey: "DM", SiteName: "Site 02 - North; Annex", Data: dm}, 0},
		{"siteId", imednet.Submission{FormKey: "DM", SiteID: 702, Data: dm}, 0},
	}
}

// recordOf is a record of a form that can be changed.
func (s *suite) recordOf(form string, fits func(imednet.Record) bool) imednet.Record {
	for _, id := range s.study.RecordIDs() {
		rec, _ := s.study.Record(id)
		if rec.FormKey.Or("") == form && fits(rec) && !rec.IsDeleted() && !s.subjectDeleted(rec.SubjectID.Or(0)) {
			return rec
		}
	}
	s.Fatalf("the suite's own study has no such record of form %s", form)
	return imednet.Record{}
}

func (s *suite) subjectDeleted(id int64) bool {
	return string(valueOf(s.row(imednet.Subjects, id), "deleted")) == "true"
}

func (s *suite) intervalName(id int64) string {
	return textOf(valueOf(s.row(imednet.Intervals, id), "intervalName"))
}

// row is what the study has of a resource under an id.
func (s *suite) row(resource imednet.Resource, id int64) []byte {
	s.study.mu.RLock()
	defer s.study.mu.RUnlock()
	raw, _ := s.study.tables[resource].get(id)
	return raw
}
