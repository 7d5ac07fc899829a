package imednettest

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/imednetgo/imednet"
)

// item is one element of a POST body.
type item struct {
	raw   []byte
	ids   map[string]int64  // formId, siteId, subjectId, intervalId, recordId
	texts map[string]string // formKey, siteName, subjectKey, subjectOid, intervalName, recordOid
	data  []byte
}

// itemKeys are the keys that an item may have (contract section 6), and whether they are ids.
// The values go under data: recordData is the name for reading and is refused.
func itemKeys() map[string]bool {
	return map[string]bool{
		"formKey": false, "formId": true, "siteName": false, "siteId": true, "subjectKey": false, "subjectId": true, "subjectOid": false,
		"intervalName": false, "intervalId": true, "recordId": true, "recordOid": false,
	}
}

// readItems checks the shape of a POST body: a non-empty array of items. attribute names the
// first thing that is wrong.
func readItems(body []byte) (items []item, attribute string) {
	body = bytes.TrimSpace(body)
	if len(body) == 0 || body[0] != '[' || !jsontext.Value(body).IsValid() {
		return nil, "body"
	}
	for i := skipBlank(body, 1); i < len(body) && body[i] != ']'; {
		end := skipValue(body, i)
		it, attribute := readItem(body[i:end])
		if attribute != "" {
			return nil, attribute
		}
		items = append(items, it)
		i = skipBlank(body, end)
		if body[i] == ',' {
			i = skipBlank(body, i+1)
		}
	}
	if len(items) == 0 {
		return nil, "body"
	}
	return items, ""
}

func readItem(raw []byte) (it item, attribute string) {
	it = item{raw: bytes.Clone(raw), ids: map[string]int64{}, texts: map[string]string{}}
	if raw[0] != '{' {
		return it, "body"
	}
	keys := itemKeys()
	for m := range members(it.raw) {
		name, value := m.text(), it.raw[m.start:m.end]
		isID, known := keys[name]
		switch {
		case name == "data":
			it.data = value
		case !known:
			return it, name
		case isID:
			if it.ids[name] = intOf(value); it.ids[name] <= 0 || value[0] == '"' {
				return it, name
			}
		default:
			if value[0] != '"' || textOf(value) == "" {
				return it, name
			}
			it.texts[name] = textOf(value)
		}
	}
	if it.texts["formKey"] == "" && it.ids["formId"] == 0 {
		return it, "formKey"
	}
	if len(it.data) == 0 || it.data[0] != '{' {
		return it, "data"
	}
	for m := range members(it.data) {
		if c := it.data[m.start]; c == '{' || c == '[' {
			return it, m.text()
		}
	}
	return it, ""
}

func (it item) has(names ...string) bool {
	return slices.ContainsFunc(names, func(name string) bool { return it.ids[name] != 0 || it.texts[name] != "" })
}

// lookup returns the row of a resource that an item names by id or by text.
func (s *Study) lookup(resource imednet.Resource, it item, idName string, textNames ...string) (id int64, raw []byte, err error) {
	t := s.tables[resource]
	if id := it.ids[idName]; id != 0 {
		if raw, ok := t.get(id); ok {
			return id, raw, nil
		}
		return 0, nil, fmt.Errorf("%s is unknown", idName)
	}
	for _, name := range textNames {
		want := it.texts[name]
		if want == "" {
			continue
		}
		for pos := range t.len() {
			raw := t.appendJSON(nil, pos)
			if textOf(valueOf(raw, name)) == want {
				id, _, _ := t.at(pos)
				return id, raw, nil
			}
		}
		return 0, nil, fmt.Errorf("%s is unknown", name)
	}
	return 0, nil, nil
}

// store does what one item asks for; the kind follows from its keys (contract section 6).
func (s *Study) store(it item, out *SubmittedItem) {
	err := s.storeItem(it, out)
	out.Stored = err == nil
	if err != nil {
		out.Problem = err.Error()
	}
}

func (s *Study) storeItem(it item, out *SubmittedItem) error {
	formID, form, err := s.lookup(imednet.Forms, it, "formId", "formKey")
	if err != nil {
		return err
	}
	if string(valueOf(form, "disabled")) == "true" {
		return errors.New("the form is disabled")
	}
	answers, err := s.answers(it.data, formID)
	if err != nil {
		return err
	}
	if it.has("recordId", "recordOid") {
		id, _, err := s.lookup(imednet.Records, it, "recordId", "recordOid")
		if err != nil {
			return err
		}
		return s.update(id, answers, out)
	}
	if !it.has("subjectKey", "subjectId", "subjectOid") {
		return s.register(it, formID, form, answers, out)
	}
	subjectID, subject, err := s.lookup(imednet.Subjects, it, "subjectId", "subjectKey", "subjectOid")
	if err != nil {
		return err
	}
	if string(valueOf(subject, "deleted")) == "true" {
		return errors.New("the subject is deleted")
	}
	intervalID, _, err := s.lookup(imednet.Intervals, it, "intervalId", "intervalName")
	if err != nil {
		return err
	}
	if intervalID != 0 {
		if id := s.scheduledRecord(subjectID, intervalID, formID); id != 0 {
			return s.update(id, answers, out)
		}
	}
	return s.create(subject, formID, form, intervalID, answers, out)
}

// answer is one value of an item in the form in which records show it.
type answer struct {
	variable string
	value    []byte
}

// answers turns the data of an item into what records show, as the vendor's sample has it:
// numbers and booleans as text, null as "".
func (s *Study) answers(data []byte, formID int64) ([]answer, error) {
	known := map[string]bool{}
	variables := s.tables[imednet.Variables]
	for pos := range variables.len() {
		raw := variables.appendJSON(nil, pos)
		if intOf(valueOf(raw, "formId")) == formID && string(valueOf(raw, "disabled")) != "true" && string(valueOf(raw, "deleted")) != "true" {
			known[textOf(valueOf(raw, "variableName"))] = true
		}
	}
	var answers []answer
	for m := range members(data) {
		if !known[m.text()] {
			return nil, fmt.Errorf("variable %s is not on the form", m.text())
		}
		value := data[m.start:m.end]
		if value[0] != '"' {
			value = appendString(nil, textOf(value))
		}
		answers = append(answers, answer{m.text(), value})
	}
	return answers, nil
}

func merge(data []byte, answers []answer) []byte {
	if len(data) == 0 || data[0] != '{' {
		data = []byte("{}")
	}
	for _, a := range answers {
		data = withMember(data, a.variable, a.value)
	}
	return data
}

// update writes answers into a record that exists.
func (s *Study) update(id int64, answers []answer, out *SubmittedItem) error {
	raw, ok := s.tables[imednet.Records].get(id)
	if !ok {
		return errors.New("recordId is unknown")
	}
	if string(valueOf(raw, "deleted")) == "true" {
		return errors.New("the record is deleted")
	}
	out.RecordID, out.SubjectID = id, intOf(valueOf(raw, "subjectId"))
	return s.saveLocked(id, saved{dataChanged: true, moveDate: true, reason: "API"}, func(raw []byte) []byte {
		return withMember(raw, "recordData", merge(valueOf(raw, "recordData"), answers))
	})
}

// scheduledRecord finds the record of a subject's form at an interval, 0 when there is none.
func (s *Study) scheduledRecord(subjectID, intervalID, formID int64) int64 {
	t := s.tables[imednet.Records]
	for pos := range t.len() {
		if h := t.hot(pos); h.subjectID == subjectID && h.intervalID == intervalID && h.formID == formID && !h.deleted {
			id, _, _ := t.at(pos)
			return id
		}
	}
	return 0
}

// create adds a record of a subject.
func (s *Study) create(subject []byte, formID int64, form []byte, intervalID int64, answers []answer, out *SubmittedItem) error {
	data, err := imednet.NewRecordData(merge(nil, answers))
	if err != nil {
		return err
	}
	text := func(raw []byte, name string) imednet.Opt[string] { return imednet.Some(textOf(valueOf(raw, name))) }
	rec := imednet.Record{
		FormID: imednet.Some(formID), FormKey: text(form, "formKey"), SiteID: imednet.Some(intOf(valueOf(subject, "siteId"))),
		RecordOID: imednet.NullOf[string](), RecordStatus: imednet.Some("Record Complete"), SubjectID: imednet.Some(intOf(valueOf(subject, "subjectId"))),
		SubjectOID: text(subject, "subjectOid"), SubjectKey: text(subject, "subjectKey"),
		IntervalID: imednet.NullOf[int64](), VisitID: imednet.NullOf[int64](), ParentRecordID: imednet.NullOf[int64](),
		Keywords: []imednet.Keyword{}, RecordData: data,
	}
	if intervalID != 0 {
		rec.IntervalID = imednet.Some(intervalID)
		if visit := s.visitOf(rec.SubjectID.Or(0), intervalID); visit != 0 {
			rec.VisitID = imednet.Some(visit)
		}
	}
	out.RecordID, out.Created, out.SubjectID = s.insert(rec), true, rec.SubjectID.Or(0)
	return nil
}

func (s *Study) visitOf(subjectID, intervalID int64) int64 {
	t := s.tables[imednet.Visits]
	for pos := range t.len() {
		if h := t.hot(pos); h.subjectID == subjectID && h.intervalID == intervalID {
			id, _, _ := t.at(pos)
			return id
		}
	}
	return 0
}

// register adds a subject, to whom the server gives a key, and its first record.
func (s *Study) register(it item, formID int64, form []byte, answers []answer, out *SubmittedItem) error {
	if it.has("intervalId", "intervalName") {
		return errors.New("an interval needs a subject")
	}
	siteID, site, err := s.lookup(imednet.Sites, it, "siteId", "siteName")
	if err != nil {
		return err
	}
	if siteID == 0 {
		return errors.New("neither subject nor site is given")
	}
	now := appendTime(nil, s.tick().Unix())
	subjects := s.tables[imednet.Subjects]
	key := s.freeSubjectKey(siteID)
	id := subjects.add(func(id int64) []byte {
		return fmt.Appendf(nil, `{"studyKey":%s,"subjectId":%d,"subjectOid":null,"subjectKey":%s,"subjectStatus":"Registered","siteId":%d,"siteName":%s,"deleted":false,"enrollmentStartDate":null,"dateCreated":%s,"dateModified":%s,"keywords":[]}`,
			appendString(nil, s.key), id, appendString(nil, key), siteID, orNull(valueOf(site, "siteName")), now, now)
	})
	raw, _ := subjects.get(id)
	return s.create(raw, formID, form, s.firstInterval(formID), answers, out)
}

// freeSubjectKey is the key that the server gives to the next subject of a site.
func (s *Study) freeSubjectKey(siteID int64) string {
	taken := map[string]bool{}
	t := s.tables[imednet.Subjects]
	for pos := range t.len() {
		taken[textOf(valueOf(t.appendJSON(nil, pos), "subjectKey"))] = true
	}
	for n := 1; ; n++ {
		if key := fmt.Sprintf("%d-%03d", siteID, n); !taken[key] {
			return key
		}
	}
}

// firstInterval is the interval at which a form is first filled in, 0 for none.
func (s *Study) firstInterval(formID int64) int64 {
	t := s.tables[imednet.Intervals]
	for pos := range t.len() {
		raw := t.appendJSON(nil, pos)
		if strings.Contains(string(valueOf(raw, "forms")), fmt.Sprintf(`"formId":%d,`, formID)) {
			id, _, _ := t.at(pos)
			return id
		}
	}
	return 0
}
