package imednettest

import (
	"fmt"
	"strconv"
)

// subjectBase computes subjects on demand: those with records first, then withdrawn ones, which
// are deleted.
type subjectBase struct{ *layout }

func (b subjectBase) len() int          { return b.seen + b.withdrawn }
func (b subjectBase) id(i int) int64    { return b.subjectIDs().at(i) }
func (b subjectBase) find(id int64) int { return b.subjectIDs().find(id, b.len()) }

func (b subjectBase) hot(i int) hot {
	return hot{subjectID: b.id(i), siteID: b.siteID(b.site(i)), deleted: i >= b.seen, deletedKnown: true}
}

// appendSubjectKey writes a key such as 01-007: site, number at the site.
func (p *layout) appendSubjectKey(dst []byte, subject int) []byte {
	site, number := p.site(subject)+1, subject/p.sites+1
	if site < 10 {
		dst = append(dst, '0')
	}
	dst = strconv.AppendInt(dst, int64(site), 10)
	dst = append(dst, '-')
	for limit := 100; limit > number && limit > 1; limit /= 10 {
		dst = append(dst, '0')
	}
	return strconv.AppendInt(dst, int64(number), 10)
}

func (p *layout) appendSubjectOID(dst []byte, subject int) []byte {
	if subject%5 == 4 {
		return append(dst, "null"...)
	}
	dst = append(dst, `"S-`...)
	dst = strconv.AppendInt(dst, int64(subject+1), 10)
	return append(dst, '"')
}

// enrolled is when a subject's first visit began.
func (p *layout) enrolled(subject int) int64 {
	if subject >= p.seen {
		return p.start + int64(subject-p.seen)*3600
	}
	return p.visitTime(p.firstVisit(subject))
}

// visitTime is when the first record of a visit was created.
func (p *layout) visitTime(v int) int64 {
	i := v * perVisit
	return p.slotTime(i/blockRecords, creationSlot(i%blockRecords))
}

func (b subjectBase) appendJSON(dst []byte, i int) []byte {
	created := b.enrolled(i)
	status, start := [...]string{"Enrolled", "Registered", "Baseline", "Completed"}[b.pick(40, uint64(i), 4)], []byte("null")
	if status != "Registered" {
		start = appendTime(nil, created/86400*86400)
	}
	keywords := ""
	if i%10 == 3 {
		keywords = fmt.Sprintf(`{"keywordName":"Protocol Deviation","keywordKey":"PD","keywordId":812,"dateAdded":%s}`, appendTime(nil, created))
	}
	return fmt.Appendf(dst, `{"studyKey":%s,"subjectId":%d,"subjectOid":%s,"subjectKey":"%s","subjectStatus":%q,"siteId":%d,"siteName":%q,"deleted":%t,"enrollmentStartDate":%s,"dateCreated":%s,"dateModified":%s,"keywords":[%s]}`,
		b.quotedKey(), b.id(i), b.appendSubjectOID(nil, i), b.appendSubjectKey(nil, i), status, b.siteID(b.site(i)), b.siteName(b.site(i)), i >= b.seen,
		start, appendTime(nil, created), appendTime(nil, created+int64(b.pick(41, uint64(i), 3))*3600), keywords)
}

// visitBase computes visits on demand: those with records, then a deleted one for each
// withdrawn subject.
type visitBase struct{ *layout }

func (b visitBase) len() int          { return b.visits + b.withdrawn }
func (b visitBase) id(i int) int64    { return b.visitIDs().at(i) }
func (b visitBase) find(id int64) int { return b.visitIDs().find(id, b.len()) }

func (b visitBase) whose(i int) (subject, nth int) {
	if i >= b.visits {
		return b.seen + i - b.visits, 0
	}
	return b.visit(i)
}

func (b visitBase) hot(i int) hot {
	subject, nth := b.whose(i)
	return hot{visitID: b.id(i), subjectID: b.subjectIDs().at(subject), intervalID: b.intervalID(nth % b.intervals),
		deleted: i >= b.visits, deletedKnown: true}
}

func (b visitBase) appendJSON(dst []byte, i int) []byte {
	subject, nth := b.whose(i)
	at := b.enrolled(subject)
	if i < b.visits {
		at = b.visitTime(i)
	}
	due := b.enrolled(subject) + int64(nth)*30*86400
	window := fmt.Sprintf(`"startDate":%s,"endDate":%s,"dueDate":%s`, appendDate(nil, due-5*86400), appendDate(nil, due+7*86400), appendDate(nil, due))
	if nth == 0 {
		window = `"startDate":null,"endDate":"","dueDate":null`
	}
	date := appendDate(nil, at)
	switch b.pick(42, uint64(i), 30) {
	case 0:
		date = []byte(`""`)
	case 1:
		date = []byte("null")
	}
	form, question := `"Vital Signs"`, `"VSDTC"`
	if string(date) == "null" {
		form, question = "null", "null"
	}
	return fmt.Appendf(dst, `{"visitId":%d,"studyKey":%s,"intervalId":%d,"intervalName":%q,"subjectId":%d,"subjectKey":"%s",%s,"visitDate":%s,"visitDateForm":%s,"deleted":%t,"visitDateQuestion":%s,"dateCreated":%s,"dateModified":%s}`,
		b.id(i), b.quotedKey(), b.intervalID(nth%b.intervals), b.intervalName(nth%b.intervals), b.subjectIDs().at(subject), b.appendSubjectKey(nil, subject),
		window, date, form, i >= b.visits, question, appendTime(nil, at), appendTime(nil, at))
}
