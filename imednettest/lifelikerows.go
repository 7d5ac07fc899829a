package imednettest

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/imednetgo/imednet"
)

// oddities are what is awkward about a study: comments on other records, a subject who was deleted
// and entered again, records of deleted subjects, a renamed one, and one who moved.
func (l *lifelike) oddities() {
	for n := range len(l.records) / 300 {
		parent := l.records[n*300]
		l.record(parent.whose, lifeCO, parent.visit, parent.created+day).parent = parent
	}
	if l.subjects > 7 {
		twice := l.people[3]
		gone := &lifeSubject{site: twice.site, earlySite: twice.site, key: twice.key, earlyKey: twice.key, oid: twice.oid, deleted: true, enrolled: twice.enrolled - day}
		l.people = append(l.people, gone)
		l.visit(gone, &l.intervals[0], true)
		l.people[5].earlyKey = "TEMP-5"
		l.people[7].earlySite = int64(1301 + (7+1)%lifeSites)
	}
	for n := range lifeSites {
		l.record(&lifeSubject{site: int64(1301 + n), earlySite: int64(1301 + n)}, lifeSITE, nil, l.start+int64(n)*day)
	}
}

// lock stamps a thirty-fifth of the records with the instant of the lock.
func (l *lifelike) lock() {
	for n, r := range l.records {
		if n%35 == 0 {
			r.modified, r.locked = l.lockedAt(), true
		}
	}
}

// finish writes subjects, visits, records and what hangs on them.
func (l *lifelike) finish() {
	l.number()
	for n, s := range l.people {
		status := [...]string{"Enrolled", "Completed", "Discontinued"}[n%3]
		l.add(imednet.Subjects, s.id, "studyKey", l.key, "subjectId", s.id, "subjectOid", s.oid, "subjectKey", s.key, "subjectStatus", status, "siteId", s.site,
			"siteName", fmt.Sprint(s.site-600), "deleted", s.deleted, "enrollmentStartDate", instant(s.enrolled/day*day), "dateCreated", instant(s.enrolled),
			"dateModified", instant(s.enrolled+int64(n%9)*day), "keywords", jsonText("[]"))
	}
	for _, v := range l.visits {
		l.writeVisit(v)
	}
	for _, r := range l.records {
		l.writeRecord(r)
		l.writeQuery(r)
		l.writeCoding(r)
	}
	l.writeRevisions()
}

// number orders subjects, visits and records by their creation and gives them ids in that order, as a
// server does.
func (l *lifelike) number() {
	slices.SortStableFunc(l.people, func(a, b *lifeSubject) int { return cmp.Compare(a.enrolled, b.enrolled) })
	slices.SortStableFunc(l.visits, func(a, b *lifeVisit) int { return cmp.Compare(a.at, b.at) })
	slices.SortStableFunc(l.records, func(a, b *lifeRecord) int { return cmp.Compare(a.created, b.created) })
	for n, s := range l.people {
		s.id = int64(24001 + n)
	}
	for n, v := range l.visits {
		v.id = int64(54001 + n)
	}
	for n, r := range l.records {
		r.id = int64(1000001 + n)
	}
}

// whose are the members that name a record's subject: now, or as it was early.
func (r *lifeRecord) of(early bool) []any {
	s := r.whose
	if s.id == 0 {
		return []any{"subjectId", nil, "subjectOid", nil, "subjectKey", ""}
	}
	key := s.key
	if early {
		key = s.earlyKey
	}
	return []any{"subjectId", s.id, "subjectOid", s.oid, "subjectKey", key}
}

func (r *lifeRecord) intervalID() any {
	if r.visit == nil {
		return nil
	}
	return r.visit.interval.id
}

func (r *lifeRecord) visitID() any {
	if r.visit == nil {
		return nil
	}
	return r.visit.id
}

func (r *lifeRecord) parentID() any {
	if r.parent == nil {
		return nil
	}
	return r.parent.id
}

func (l *lifelike) writeVisit(v *lifeVisit) {
	at := instant(v.at)
	l.add(imednet.Visits, v.id, "visitId", v.id, "studyKey", l.key, "intervalId", v.interval.id, "intervalName", v.interval.name, "subjectId", v.whose.id,
		"subjectKey", v.whose.key, "startDate", nil, "endDate", nil, "dueDate", nil, "visitDate", jsonText(appendDate(nil, v.at)),
		"visitDateForm", l.forms[lifeSV].name, "deleted", v.whose.deleted, "visitDateQuestion", lifeVisitDate, "dateCreated", at, "dateModified", at)
}

func (l *lifelike) writeRecord(r *lifeRecord) {
	kind, status := "SUBJECT", r.status
	if r.form == lifeSITE {
		kind = "SITE"
	}
	if r.locked {
		status = "Record Locked"
	}
	members := append([]any{"studyKey", l.key, "intervalId", r.intervalID(), "formId", l.forms[r.form].id, "formKey", l.forms[r.form].key, "siteId", r.whose.site,
		"recordId", r.id, "recordOid", nil, "recordType", kind, "recordStatus", status, "deleted", r.deleted, "dateCreated", instant(r.created),
		"dateModified", instant(r.modified)}, r.of(false)...)
	l.add(imednet.Records, r.id, append(members, "visitId", r.visitID(), "parentRecordId", r.parentID(), "keywords", jsonText("[]"), "recordData", jsonText(r.data))...)
}

// saved is when the record was saved, the first time being 0. A deletion follows a day after the
// last edit.
func (r *lifeRecord) saved(n int) int64 {
	if r.deleted && n == r.saves-1 {
		return r.created + int64(n-1)*betweenEdits + day
	}
	return r.created + int64(n)*betweenEdits
}

// writeRevisions writes one row for each save, in order of time. The first of a record shows the
// subject's early key and site.
func (l *lifelike) writeRevisions() {
	type save struct {
		of *lifeRecord
		n  int
	}
	var saves []save
	for _, r := range l.records {
		for n := range r.saves {
			saves = append(saves, save{r, n})
		}
	}
	slices.SortStableFunc(saves, func(a, b save) int { return cmp.Compare(a.of.saved(a.n), b.of.saved(b.n)) })
	for i, s := range saves {
		r, n, id := s.of, s.n, int64(880001+i)
		last := n == r.saves-1
		reason := any("Data entry error")
		site, status := r.whose.site, r.status
		if n == 0 {
			reason, site = nil, r.whose.earlySite
		}
		if !last {
			status = "Record Incomplete"
		}
		members := append([]any{"studyKey", l.key, "recordRevisionId", id, "recordId", r.id, "recordOid", nil, "recordRevision", n + 1, "dataRevision", n + 1,
			"recordStatus", status}, r.of(n == 0)...)
		l.add(imednet.RecordRevisions, id, append(members, "siteId", site, "formKey", l.forms[r.form].key, "intervalId", r.intervalID(), "role", "Research Coordinator",
			"user", fmt.Sprintf("coord%02d", r.whose.site-1300), "reasonForChange", reason, "deleted", r.deleted && last, "dateCreated", instant(r.saved(n)))...)
	}
}

// writeQuery asks about one record in 41: half of the queries are closed, most others open, some
// open again, and one in twenty-four has no comment.
func (l *lifelike) writeQuery(r *lifeRecord) {
	if r.whose.id == 0 || !l.chance(24) {
		return
	}
	id := int64(61001 + len(l.rows[imednet.Queries]))
	comment := func(n int, status string, closed bool) string {
		return string(object("sequence", n, "annotationStatus", "Monitor Query "+status, "user", "monitor02", "comment", "Please confirm.", "closed", closed, "date", instant(r.created+int64(n)*day)))
	}
	comments, last := comment(1, "Open", false), int64(1)
	switch n := l.rnd.IntN(1000); {
	case n < 42:
		comments = ""
	case n < 555:
		comments, last = comments+","+comment(2, "Closed", true), 2
	case n < 600:
		comments, last = comment(3, "Open", false)+","+comments+","+comment(2, "Closed", true), 3
	}
	kind, record, variable := any("question"), any(r.id), any(l.forms[r.form].variables[0].name)
	if l.chance(50) {
		kind, record, variable = nil, nil, nil
	}
	members := append([]any{"studyKey", l.key}, r.of(false)...)
	l.add(imednet.Queries, id, append(members, "annotationType", "Monitor Query", "annotationId", id, "type", kind, "description", "Monitor Query", "recordId", record,
		"variable", variable, "dateCreated", instant(r.created+day), "dateModified", instant(r.created+last*day), "queryComments", jsonText("["+comments+"]"))...)
}

// writeCoding codes every medication, event and history.
func (l *lifelike) writeCoding(r *lifeRecord) {
	if r.form != lifeCM && r.form != lifeAE && r.form != lifeMH {
		return
	}
	id, form := int64(4401+len(l.rows[imednet.Codings])), l.forms[r.form]
	variable := form.variables[7].name
	data, _ := imednet.NewRecordData(r.data) // made here, so it is JSON
	answer, _ := data.Lookup(variable)
	code := any("TERM")
	if l.chance(60) || answer.Text() == "" {
		code = nil
	}
	l.add(imednet.Codings, id, "studyKey", l.key, "siteName", fmt.Sprint(r.whose.site-600), "siteId", r.whose.site, "subjectId", r.whose.id, "subjectKey", r.whose.key,
		"formId", form.id, "formName", form.name, "formKey", form.key, "revision", 1, "recordId", r.id, "variable", variable, "value", answer.Text(), "codingId", id,
		"code", code, "codedBy", "Coder 01", "reason", nil, "dictionaryName", "MedDRA", "dictionaryVersion", "27.0", "dateCoded", instant(r.created+day))
}
