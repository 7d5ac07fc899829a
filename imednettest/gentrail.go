package imednettest

import (
	"fmt"
	"strconv"
	"strings"
)

// revisionBase computes the audit trail on demand.
type revisionBase struct{ *layout }

func (b revisionBase) len() int          { return b.revisions() }
func (b revisionBase) id(k int) int64    { return b.revisionIDs().at(k) }
func (b revisionBase) find(id int64) int { return b.revisionIDs().find(id, b.len()) }

// since implements sinceFinder.
func (b revisionBase) since(attribute string, unix int64) (int, bool) {
	return min(b.blockSince(unix)*blockSlots, b.len()), attribute == "dateCreated"
}

// record returns which record a revision saved.
func (b revisionBase) record(k int) int {
	block, slot := k/blockSlots, k%blockSlots
	j := createdBefore(slot)
	if creationSlot(j) != slot {
		j, _ = b.laterSave(block, slot)
	}
	return block*blockRecords + j
}

func (b revisionBase) hot(k int) hot {
	i := b.record(k)
	h := recordBase(b).hot(i)
	s := b.history(i, k%blockSlots)
	h.modified, h.visitID, h.formID = 0, 0, 0
	h.created, h.deleted = b.slotTime(k/blockSlots, k%blockSlots), s.deleted
	return h
}

func (b revisionBase) appendJSON(dst []byte, k int) []byte {
	i := b.record(k)
	at, s, r := b.place(i), b.history(i, k%blockSlots), recordBase(b)
	role, user, reason := "Research Coordinator", b.pick(50, uint64(k), 4)+1, "null"
	if s.count.record > 1 {
		reason = [...]string{`"Data entry error"`, `"Status changed"`, `"Entered in error"`, `"Entered in error"`}[s.last]
	}
	dst = appendMember(dst, '{', "studyKey", appendString(nil, b.key))
	dst = append(dst, `,"recordRevisionId":`...)
	dst = strconv.AppendInt(dst, b.id(k), 10)
	dst = append(dst, `,"recordId":`...)
	dst = strconv.AppendInt(dst, r.id(i), 10)
	dst = append(dst, `,"recordOid":`...)
	dst = r.appendRecordOID(dst, i, at)
	dst = append(dst, `,"recordRevision":`...)
	dst = strconv.AppendInt(dst, s.count.record, 10)
	dst = append(dst, `,"dataRevision":`...)
	dst = strconv.AppendInt(dst, s.count.data, 10)
	dst = append(dst, `,"recordStatus":"`...)
	dst = append(dst, b.status(i, s)...)
	dst = append(dst, '"')
	dst = r.appendSubject(dst, at)
	dst = append(dst, `,"siteId":`...)
	dst = strconv.AppendInt(dst, b.siteID(b.site(at.subject)), 10)
	dst = append(dst, `,"formKey":"`...)
	dst = append(dst, formKeys[at.form]...)
	dst = append(dst, `","intervalId":`...)
	if at.scheduled {
		dst = strconv.AppendInt(dst, b.intervalID(at.nth%b.intervals), 10)
	} else {
		dst = append(dst, "null"...)
	}
	dst = append(dst, `,"role":"`...)
	dst = append(dst, role...)
	dst = append(dst, `","user":"coord0`...)
	dst = strconv.AppendInt(dst, int64(user), 10)
	dst = append(dst, `","reasonForChange":`...)
	dst = append(dst, reason...)
	dst = append(dst, `,"deleted":`...)
	dst = strconv.AppendBool(dst, s.deleted)
	dst = append(dst, `,"dateCreated":`...)
	dst = appendTime(dst, b.slotTime(k/blockSlots, k%blockSlots))
	return append(dst, '}')
}

// queryBase computes data queries on demand: one for every 29th record.
type queryBase struct{ *layout }

func (b queryBase) len() int          { return (b.n + 28) / 29 }
func (b queryBase) id(k int) int64    { return b.queryIDs().at(k) }
func (b queryBase) find(id int64) int { return b.queryIDs().find(id, b.len()) }

func (b queryBase) hot(k int) hot { return hot{} }

// appendJSON writes a query about a record, a question on it, or its subject. Its state is
// open, closed, or unknown (no comments); the comments may come in reverse order.
func (b queryBase) appendJSON(dst []byte, k int) []byte {
	i := k * 29
	at, r := b.place(i), recordBase(b)
	subject := r.appendSubject(nil, at)
	typ, record, variable := `"question"`, strconv.FormatInt(r.id(i), 10), strconv.Quote(formDefTable[at.form].variables[0].name)
	switch {
	case at.siteLevel || k%11 == 5:
		typ, variable = `"record"`, "null"
	case k%7 == 3:
		typ, record, variable = "null", "null", "null"
	}
	opened := b.final(i).created + 3600
	comments, modified := b.comments(k, opened)
	return fmt.Appendf(dst, `{"studyKey":%s%s,"annotationType":"Monitor Query","annotationId":%d,"type":%s,"description":"Monitor Query","recordId":%s,"variable":%s,"dateCreated":%s,"dateModified":%s,"queryComments":[%s]}`,
		b.quotedKey(), subject, b.id(k), typ, record, variable, appendTime(nil, opened), appendTime(nil, modified), comments)
}

func (b queryBase) comments(k int, opened int64) (comments string, modified int64) {
	comment := func(n int, status, user, text string, closed bool) string {
		return fmt.Sprintf(`{"sequence":%d,"annotationStatus":%q,"user":%q,"comment":%q,"closed":%t,"date":%s}`,
			n, "Monitor Query "+status, user, text, closed, appendTime(nil, opened+int64(n-1)*86400))
	}
	open := comment(1, "Open", "monitor01", "Please confirm.", false)
	switch b.pick(51, uint64(k), 5) {
	case 0:
		return "", opened
	case 1:
		return open, opened
	case 2:
		return open + "," + comment(2, "Closed", "monitor01", "Confirmed.", true), opened + 86400
	case 3:
		return comment(2, "Closed", "monitor02", "Resolved.", true) + "," + open, opened + 86400
	}
	return comment(3, "Open", "monitor02", "Still unclear.", false) + "," + open + "," + comment(2, "Closed", "coord01", "Done.", true), opened + 2*86400
}

// codingBase computes codings on demand. Ten visits have 21: the event and the medication of
// each (records 3 and 4 of a visit), and one event that was coded again.
type codingBase struct{ *layout }

func (b codingBase) len() int {
	whole := b.n / perVisit // only complete visits are coded
	return whole/10*21 + whole%10*2
}
func (b codingBase) id(k int) int64    { return b.codingIDs().at(k) }
func (b codingBase) find(id int64) int { return b.codingIDs().find(id, b.len()) }

func (b codingBase) hot(k int) hot {
	h := recordBase(b).hot(b.record(k))
	return hot{recordID: h.recordID, formID: h.formID, siteID: h.siteID, subjectID: h.subjectID, formKey: h.formKey}
}

func (b codingBase) record(k int) int {
	ten, n := k/21*10, k%21
	if n == 20 {
		return ten*perVisit + 3
	}
	return (ten+n/2)*perVisit + 3 + n%2
}

func (b codingBase) appendJSON(dst []byte, k int) []byte {
	i := b.record(k)
	at := b.place(i)
	revision, reason, variable, dictionary, version := 1, "null", "AETERM", "MedDRA", "27.0"
	if at.form == formCM {
		variable, dictionary, version = "cmtrt", "WHODrug", ""
	}
	value := textOf(valueOf(valueOf(recordBase(b).appendJSON(nil, i), "recordData"), variable))
	if k%21 == 20 {
		revision, reason = 2, `"Recoded after query"`
	}
	code := string(appendString(nil, strings.ToUpper(value)))
	if k%9 == 4 || value == "" {
		code = "null"
	}
	return fmt.Appendf(dst, `{"studyKey":%s,"siteName":%q,"siteId":%d,"subjectId":%d,"subjectKey":"%s","formId":%d,"formName":%q,"formKey":%q,"revision":%d,"recordId":%d,"variable":%q,"value":%s,"codingId":%d,"code":%s,"codedBy":"Coder %02d","reason":%s,"dictionaryName":%q,"dictionaryVersion":%q,"dateCoded":%s}`,
		b.quotedKey(), b.siteName(b.site(at.subject)), b.siteID(b.site(at.subject)), b.subjectIDs().at(at.subject), b.appendSubjectKey(nil, at.subject),
		formID(at.form), formDefTable[at.form].name, formKeys[at.form], revision, recordBase(b).id(i), strings.ToUpper(variable), appendString(nil, value), b.id(k), code, b.pick(52, uint64(k), 5)+1,
		reason, dictionary, version, appendTime(nil, b.final(i).created+int64(revision)*86400))
}
