package imednettest

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"strings"

	"github.com/imednetgo/imednet"
)

// batch stores the items of one submission. What it looks up in the study it looks up once;
// the study is locked all the while.
type batch struct {
	study     *Study
	variables map[int64]map[string]string // declared types by form id and name, retired ones left out
	byText    map[string]map[string]int64 // attribute, its text, id of the row
	scheduled map[scheduledPlace]int64    // record ids
	visits    map[scheduledPlace]int64    // visit ids; form is 0
	lastKeys  map[int64]int               // of subjects, by site id
	sights    map[imednet.Resource]*sight // what the keys may see; nil is everything
	intervals map[int64]int64             // form id to the interval at which it is filled in first
}

// scheduledPlace is a subject's form at an interval.
type scheduledPlace struct{ subject, interval, form int64 }

// answer is one value of an item in the form in which records show it.
type answer struct {
	variable string
	value    []byte
}

// store does what one item asks for.
func (b *batch) store(it item, out *SubmittedItem) {
	err := b.storeItem(it, out)
	out.Stored = err == nil
	if err != nil {
		out.Problem = err.Error()
	}
}

// storeItem finds out the kind of an item from its keys (contract section 6).
func (b *batch) storeItem(it item, out *SubmittedItem) error {
	formID, form, err := b.find(imednet.Forms, it, "formId", "formKey")
	if err != nil {
		return err
	}
	if string(valueOf(form, "disabled")) == "true" {
		return errors.New("the form is disabled")
	}
	answers, err := b.answers(it.data, formID)
	if err != nil {
		return err
	}
	siteForm := strings.EqualFold(textOf(valueOf(form, "formType")), "Site")
	if it.has("recordId", "recordOid") {
		if siteForm && !b.study.settings.SiteRecords {
			return errors.New("a record of a site cannot be changed")
		}
		id, record, err := b.find(imednet.Records, it, "recordId", "recordOid")
		if err == nil {
			err = b.belongs(it, record, formID)
		}
		if err != nil {
			return err
		}
		return b.update(id, answers, out)
	}
	if !it.has("subjectKey", "subjectId", "subjectOid") {
		if siteForm {
			return b.createAtSite(it, form, answers, out)
		}
		return b.register(it, form, answers, out)
	}
	if siteForm {
		return errors.New("a site form has no subject")
	}
	subjectID, subject, err := b.find(imednet.Subjects, it, "subjectId", "subjectKey", "subjectOid")
	if err != nil {
		return err
	}
	if string(valueOf(subject, "deleted")) == "true" {
		return errors.New("the subject is deleted")
	}
	if err := b.agrees(imednet.Sites, it, "subject", subject, "siteId", "siteName"); err != nil {
		return err
	}
	intervalID, interval, err := b.find(imednet.Intervals, it, "intervalId", "intervalName")
	if string(valueOf(interval, "disabled")) == "true" {
		return errors.New("the interval is disabled")
	}
	if err == nil {
		err = b.study.settings.placed(form, interval)
	}
	if err != nil {
		return err
	}
	if intervalID != 0 {
		if id := b.scheduledRecord(scheduledPlace{subjectID, intervalID, formID}); id != 0 {
			if !b.sees(imednet.Records, id) {
				return errors.New("the record cannot be changed")
			}
			return b.update(id, answers, out)
		}
	}
	return b.create(subject, form, intervalID, answers, out)
}

// find returns the row of a resource that an item names by id or by text; 0 when it names none. A row
// that the keys may not see is as unknown as one that does not exist. Where the item has several
// identifiers, all of them must name this row.
func (b *batch) find(resource imednet.Resource, it item, idName string, textNames ...string) (id int64, raw []byte, err error) {
	named := ""
	if id = it.ids[idName]; id != 0 {
		named = idName
	}
	for _, name := range textNames {
		if text := it.texts[name]; text != "" && named == "" {
			id, named = b.idOf(resource, name, text), name
		}
	}
	if named == "" {
		return 0, nil, nil
	}
	raw, ok := b.study.tables[resource].get(id)
	if !ok || !b.sees(resource, id) {
		return 0, nil, fmt.Errorf("%s is unknown", named)
	}
	for _, name := range textNames {
		if text := it.texts[name]; text != "" && text != textOf(valueOf(raw, name)) {
			return 0, nil, fmt.Errorf("%s and %s name different rows", named, name)
		}
	}
	return id, raw, nil
}

// sees reports whether the keys may see a row that the study has.
func (b *batch) sees(resource imednet.Resource, id int64) bool {
	if b.sights == nil {
		b.sights = map[imednet.Resource]*sight{}
	}
	limits, known := b.sights[resource]
	if !known {
		limits = b.study.sightOf(resource)
		b.sights[resource] = limits
	}
	if limits == nil {
		return true
	}
	t, v := b.study.tables[resource], &view{}
	v.move(t, t.find(id))
	return limits.shows(v)
}

// idOf returns the id of the row whose attribute has this text, 0 when there is none.
func (b *batch) idOf(resource imednet.Resource, name, text string) int64 {
	key := string(resource) + "." + name
	if b.byText == nil {
		b.byText = map[string]map[string]int64{}
	}
	if b.byText[key] == nil {
		b.byText[key] = map[string]int64{}
		for id, raw := range b.study.tables[resource].all() {
			b.byText[key][textOf(valueOf(raw, name))] = id
		}
	}
	return b.byText[key][text]
}

// belongs checks that a record is of the form, and of the subject, interval and site where an item
// names them: answers of one form have no place in a record of another.
func (b *batch) belongs(it item, record []byte, formID int64) error {
	if intOf(valueOf(record, "formId")) != formID {
		return errors.New("the record is of another form")
	}
	return cmp.Or(
		b.agrees(imednet.Subjects, it, "record", record, "subjectId", "subjectKey", "subjectOid"),
		b.agrees(imednet.Intervals, it, "record", record, "intervalId", "intervalName"),
		b.agrees(imednet.Sites, it, "record", record, "siteId", "siteName"))
}

// agrees checks that what an item names is what a row of it has.
func (b *batch) agrees(resource imednet.Resource, it item, what string, row []byte, idName string, textNames ...string) error {
	id, _, err := b.find(resource, it, idName, textNames...)
	if err == nil && id != 0 && id != intOf(valueOf(row, idName)) {
		return fmt.Errorf("the %s has another %s", what, idName)
	}
	return err
}

// answers turns the data of an item into what records show, as the vendor's sample has it:
// numbers and booleans as text, null as "".
func (b *batch) answers(data []byte, formID int64) ([]answer, error) {
	if b.variables == nil {
		b.readVariables()
	}
	var answers []answer
	for m := range members(data) {
		declared, known := b.variables[formID][m.text()]
		if !known {
			return nil, fmt.Errorf("variable %s is not on the form", m.text())
		}
		value := data[m.start:m.end]
		if problem := b.study.settings.misfit(declared, value); problem != "" {
			return nil, fmt.Errorf("variable %s: %s", m.text(), problem)
		}
		if value[0] != '"' {
			value = appendString(nil, textOf(value))
		}
		answers = append(answers, answer{m.text(), value})
	}
	return answers, nil
}

func (b *batch) readVariables() {
	b.variables = map[int64]map[string]string{}
	for _, raw := range b.study.tables[imednet.Variables].all() {
		form := intOf(valueOf(raw, "formId"))
		if b.variables[form] == nil {
			b.variables[form] = map[string]string{}
		}
		if string(valueOf(raw, "disabled")) != "true" && string(valueOf(raw, "deleted")) != "true" {
			b.variables[form][textOf(valueOf(raw, "variableName"))] = textOf(valueOf(raw, "variableType"))
		}
	}
}

// merge sets answers in recordData; declared are the variables of its form.
func merge(data []byte, answers []answer, declared map[string]string) []byte {
	if len(data) == 0 || data[0] != '{' {
		data = []byte("{}")
	}
	for _, a := range answers {
		data = withMember(data, spelling(data, a.variable, declared), a.value)
	}
	return data
}

// spelling is the key under which recordData shows a variable: its name, or the only key that
// differs from the name in case and is not itself a variable of the form.
func spelling(data []byte, variable string, declared map[string]string) string {
	found := variable
	for m := range members(data) {
		key := m.text()
		if key == variable {
			return variable
		}
		if _, own := declared[key]; own || !strings.EqualFold(key, variable) || key == found {
			continue
		}
		if found != variable {
			return variable // two spellings: neither is the answer
		}
		found = key
	}
	return found
}

// update writes answers into a record that exists.
func (b *batch) update(id int64, answers []answer, out *SubmittedItem) error {
	raw, _ := b.study.tables[imednet.Records].get(id)
	if string(valueOf(raw, "deleted")) == "true" {
		return errors.New("the record is deleted")
	}
	subjectID := intOf(valueOf(raw, "subjectId"))
	if subject, ok := b.study.tables[imednet.Subjects].get(subjectID); ok && string(valueOf(subject, "deleted")) == "true" {
		return errors.New("the subject is deleted")
	}
	declared := b.variables[intOf(valueOf(raw, "formId"))]
	effects, err := b.checkUpdate(id, answers, declared)
	if err != nil {
		return err
	}
	out.RecordID, out.SubjectID = id, subjectID
	err = b.study.saveLocked(id, saved{dataChanged: true, moveDate: true, reason: "API"}, func(raw []byte) []byte {
		data := merge(valueOf(raw, "recordData"), answers, declared)
		return withMember(raw, "recordData", merge(data, blanks(effects), declared))
	})
	if err == nil {
		b.study.enact(id, effects)
	}
	return err
}

// checkUpdate runs the edit checks over a record as it would be saved.
func (b *batch) checkUpdate(id int64, answers []answer, declared map[string]string) (imednet.RecordEffects, error) {
	if b.study.checks == nil {
		return imednet.RecordEffects{}, nil
	}
	raw, _ := b.study.tables[imednet.Records].latest(id)
	rec, err := imednet.Decode[imednet.Record](raw)
	if err != nil {
		return imednet.RecordEffects{}, err
	}
	return b.study.check(rec, merge(valueOf(raw, "recordData"), answers, declared))
}

// scheduledRecord finds the active record of a place, 0 when there is none.
func (b *batch) scheduledRecord(at scheduledPlace) int64 {
	if b.scheduled == nil {
		b.scheduled = map[scheduledPlace]int64{}
		t := b.study.tables[imednet.Records]
		for pos := range t.len() {
			if h := t.hot(pos); h.intervalID != 0 && !h.deleted {
				id, _, _ := t.at(pos)
				b.scheduled[scheduledPlace{h.subjectID, h.intervalID, h.formID}] = id
			}
		}
	}
	return b.scheduled[at]
}

// visitOf finds the visit of a subject at an interval, 0 when there is none.
func (b *batch) visitOf(subjectID, intervalID int64) int64 {
	if b.visits == nil {
		b.visits = map[scheduledPlace]int64{}
		t := b.study.tables[imednet.Visits]
		for pos := range t.len() {
			h := t.hot(pos)
			id, _, _ := t.at(pos)
			b.visits[scheduledPlace{subject: h.subjectID, interval: h.intervalID}] = id
		}
	}
	return b.visits[scheduledPlace{subject: subjectID, interval: intervalID}]
}

// create adds a record of a subject, scheduled when intervalID is given.
func (b *batch) create(subject, form []byte, intervalID int64, answers []answer, out *SubmittedItem) error {
	text := func(raw []byte, name string) imednet.Opt[string] {
		if value := valueOf(raw, name); len(value) > 0 && value[0] != 'n' {
			return imednet.Some(textOf(value))
		}
		return imednet.NullOf[string]()
	}
	number := func(raw []byte, name string) imednet.Opt[int64] { return imednet.Some(intOf(valueOf(raw, name))) }
	rec := imednet.Record{
		FormID: number(form, "formId"), FormKey: text(form, "formKey"), SiteID: number(subject, "siteId"),
		RecordOID: imednet.NullOf[string](), RecordStatus: imednet.Some("Record Complete"),
		SubjectID: number(subject, "subjectId"), SubjectOID: text(subject, "subjectOid"), SubjectKey: text(subject, "subjectKey"),
		IntervalID: imednet.NullOf[int64](), VisitID: imednet.NullOf[int64](), ParentRecordID: imednet.NullOf[int64](),
		Keywords: []imednet.Keyword{},
	}
	effects, err := b.study.check(rec, merge(nil, answers, nil))
	if err != nil {
		return err
	}
	if rec.RecordData, err = imednet.NewRecordData(merge(merge(nil, answers, nil), blanks(effects), nil)); err != nil {
		return err
	}
	out.SubjectID = rec.SubjectID.Or(0)
	if intervalID != 0 {
		rec.IntervalID = imednet.Some(intervalID)
		if visit := b.visitOf(out.SubjectID, intervalID); visit != 0 {
			rec.VisitID = imednet.Some(visit)
		}
	}
	out.RecordID, out.Created = b.study.insert(rec), true
	b.study.enact(out.RecordID, effects)
	if b.scheduled != nil && intervalID != 0 {
		b.scheduled[scheduledPlace{out.SubjectID, intervalID, rec.FormID.Or(0)}] = out.RecordID
	}
	return nil
}

// register adds a subject, to whom the server gives a key, and the subject's first record.
func (b *batch) register(it item, form []byte, answers []answer, out *SubmittedItem) error {
	if it.has("intervalId", "intervalName") {
		return errors.New("an interval needs a subject")
	}
	siteID, site, err := b.find(imednet.Sites, it, "siteId", "siteName")
	if err != nil {
		return err
	}
	if siteID == 0 {
		return errors.New("neither subject nor site is given")
	}
	intervalID, interval := b.firstInterval(form), []byte(nil)
	if intervalID != 0 {
		interval, _ = b.study.tables[imednet.Intervals].get(intervalID)
	}
	if err := b.study.settings.placed(form, interval); err != nil {
		return err
	}
	if _, err := b.study.check(imednet.Record{FormKey: imednet.Some(textOf(valueOf(form, "formKey")))}, merge(nil, answers, nil)); err != nil {
		return err // before there is a subject
	}
	now := appendTime(nil, b.study.tick().Unix())
	subjects := b.study.tables[imednet.Subjects]
	key := b.freeSubjectKey(siteID)
	id := subjects.add(func(id int64) []byte {
		return fmt.Appendf(nil, `{"studyKey":%s,"subjectId":%d,"subjectOid":null,"subjectKey":%s,"subjectStatus":"Registered","siteId":%d,"siteName":%s,"deleted":false,"enrollmentStartDate":null,"dateCreated":%s,"dateModified":%s,"keywords":[]}`,
			appendString(nil, b.study.key), id, appendString(nil, key), siteID, orNull(valueOf(site, "siteName")), now, now)
	})
	b.byText["subjects.subjectKey"][key] = id
	raw, _ := subjects.get(id)
	return b.create(raw, form, intervalID, answers, out)
}

// createAtSite adds a record of a site, where the server allows it.
func (b *batch) createAtSite(it item, form []byte, answers []answer, out *SubmittedItem) error {
	if !b.study.settings.SiteRecords {
		return errors.New("a site form registers no subject")
	}
	if it.has("intervalId", "intervalName") {
		return errors.New("an interval needs a subject")
	}
	siteID, _, err := b.find(imednet.Sites, it, "siteId", "siteName")
	if err != nil {
		return err
	}
	if siteID == 0 {
		return errors.New("neither subject nor site is given")
	}
	data, err := imednet.NewRecordData(merge(nil, answers, nil))
	if err != nil {
		return err
	}
	out.RecordID, out.Created = b.study.insert(imednet.Record{
		FormID: imednet.Some(intOf(valueOf(form, "formId"))), FormKey: imednet.Some(textOf(valueOf(form, "formKey"))), SiteID: imednet.Some(siteID),
		RecordType: imednet.Some("SITE"), RecordStatus: imednet.Some("Record Complete"), RecordData: data,
		SubjectID: imednet.NullOf[int64](), SubjectOID: imednet.NullOf[string](), SubjectKey: imednet.Some(""),
	}), true
	return nil
}

// freeSubjectKey is the key that the server gives to the next subject of a site.
func (b *batch) freeSubjectKey(siteID int64) string {
	if b.lastKeys == nil {
		b.lastKeys = map[int64]int{}
	}
	for {
		b.lastKeys[siteID]++
		if key := fmt.Sprintf("%d-%03d", siteID, b.lastKeys[siteID]); b.idOf(imednet.Subjects, "subjectKey", key) == 0 {
			return key
		}
	}
}

// firstInterval is the interval in use at which a form is first filled in, 0 for none: the one with the
// smallest intervalSequence. Those without a sequence come last, and equal ones by their ids.
func (b *batch) firstInterval(form []byte) int64 {
	formID := intOf(valueOf(form, "formId"))
	if b.intervals == nil {
		b.intervals = map[int64]int64{}
	}
	if id, ok := b.intervals[formID]; ok {
		return id
	}
	first, found := int64(0), int64(0)
	for id, raw := range b.study.tables[imednet.Intervals].all() {
		if !lists(raw, form) || string(valueOf(raw, "disabled")) == "true" {
			continue
		}
		if sequence := sequenceOf(raw); found == 0 || sequence < first {
			first, found = sequence, id
		}
	}
	b.intervals[formID] = found
	return found
}

// sequenceOf is the place of an interval among the others.
func sequenceOf(interval []byte) int64 {
	sequence := valueOf(interval, "intervalSequence")
	if len(sequence) == 0 || string(sequence) == "null" {
		return math.MaxInt64
	}
	return intOf(sequence)
}
