package imednettest

import (
	"strconv"
	"strings"
)

// recordBase computes records on demand.
type recordBase struct{ *layout }

func (b recordBase) len() int          { return b.n }
func (b recordBase) id(i int) int64    { return b.recordIDs().at(i) }
func (b recordBase) find(id int64) int { return b.recordIDs().find(id, b.n) }

// since implements sinceFinder: nothing of a block happens before the block.
func (b recordBase) since(attribute string, unix int64) (int, bool) {
	if attribute != "dateCreated" && attribute != "dateModified" {
		return 0, false
	}
	return min(b.blockSince(unix)*blockRecords, b.n), true
}

// place is where a record belongs.
type place struct {
	form                 int
	visit, subject, nth  int
	scheduled, siteLevel bool
	parent               int // index of the parent record, -1 for none
}

// place tells what record i is. A visit's eight records are three scheduled ones (at the first
// visit with DM, otherwise without) and unscheduled ones.
func (p *layout) place(i int) place {
	v, slot := i/perVisit, i%perVisit
	subject, nth := p.visit(v)
	first := [perVisit]int{formDM, formVS, formLB, formAE, formCM, formLOG, formNOTE, formCM}
	later := [perVisit]int{formVS, formLB, formCM, formAE, formCM, formLOG, formNOTE, formAE}
	at := place{form: later[slot], visit: v, subject: subject, nth: nth, parent: -1}
	if nth == 0 {
		at.form = first[slot]
	}
	switch {
	case slot == 6 && v%61 == 0:
		at.form, at.siteLevel = formSITE, true
	case at.form == formLOG:
		at.parent = i - 2
	}
	at.scheduled = at.form == formDM || at.form == formVS || at.form == formLB
	return at
}

func (b recordBase) hot(i int) hot {
	at, s := b.place(i), b.final(i)
	h := hot{
		created: s.created, modified: s.modified, recordID: b.id(i), formID: formID(at.form),
		siteID: b.siteID(b.site(at.subject)), formKey: formKeys[at.form], deleted: s.deleted, deletedKnown: true,
	}
	if !at.siteLevel {
		h.subjectID = b.subjectIDs().at(at.subject)
	}
	if at.scheduled {
		h.intervalID, h.visitID = b.intervalID(at.nth%b.intervals), b.visitIDs().at(at.visit)
	}
	return h
}

// formKeys are the keys of formDefs, by number.
var formKeys = [...]string{"DM", "VS", "LB", "AE", "CM", "LOG", "SITE", "NOTE", "OLD"}

func (b recordBase) appendJSON(dst []byte, i int) []byte {
	at, s := b.place(i), b.final(i)
	dst = appendMember(dst, '{', "studyKey", appendString(nil, b.key))
	dst = b.appendPlace(dst, "intervalId", b.intervalID(at.nth%b.intervals), i, at)
	dst = append(dst, `,"formId":`...)
	dst = strconv.AppendInt(dst, formID(at.form), 10)
	dst = append(dst, `,"formKey":"`...)
	dst = append(dst, formKeys[at.form]...)
	dst = append(dst, `","siteId":`...)
	dst = strconv.AppendInt(dst, b.siteID(b.site(at.subject)), 10)
	dst = append(dst, `,"recordId":`...)
	dst = strconv.AppendInt(dst, b.id(i), 10)
	dst = append(dst, `,"recordOid":`...)
	dst = b.appendRecordOID(dst, i, at)
	dst = append(dst, `,"recordType":`...)
	dst = append(dst, [2]string{`"SUBJECT"`, `"SITE"`}[boolIndex(at.siteLevel)]...)
	dst = append(dst, `,"recordStatus":"`...)
	dst = append(dst, b.status(i, s)...)
	dst = append(dst, `","deleted":`...)
	dst = strconv.AppendBool(dst, s.deleted)
	dst = append(dst, `,"dateCreated":`...)
	dst = appendTime(dst, s.created)
	dst = append(dst, `,"dateModified":`...)
	dst = appendTime(dst, s.modified)
	dst = b.appendSubject(dst, at)
	dst = b.appendPlace(dst, "visitId", b.visitIDs().at(at.visit), i, at)
	if !at.siteLevel {
		dst = append(dst, `,"parentRecordId":`...)
		dst = b.appendParent(dst, i, at)
		dst = append(dst, `,"keywords":[`...)
		if b.pick(3, uint64(i), 50) == 0 {
			dst = append(dst, `{"keywordName":"Data Entry Error","keywordKey":"DEE","keywordId":811,"dateAdded":`...)
			dst = appendTime(dst, s.created)
			dst = append(dst, '}')
		}
		dst = append(dst, ']')
	}
	dst = b.appendData(dst, i, at, s)
	return append(dst, '}')
}

func boolIndex(b bool) int {
	if b {
		return 1
	}
	return 0
}

// appendPlace writes intervalId or visitId: of unscheduled records they are null, 0 or absent.
func (b recordBase) appendPlace(dst []byte, name string, id int64, i int, at place) []byte {
	absence := [...]string{"null", "0", ""}[b.pick(4, uint64(i), 3)]
	if !at.scheduled && absence == "" {
		return dst
	}
	dst = append(dst, `,"`...)
	dst = append(dst, name...)
	dst = append(dst, `":`...)
	if at.scheduled {
		return strconv.AppendInt(dst, id, 10)
	}
	return append(dst, absence...)
}

func (b recordBase) appendRecordOID(dst []byte, i int, at place) []byte {
	if at.form != formAE {
		return append(dst, [...]string{"null", `""`}[i&1]...)
	}
	dst = append(dst, `"AE-`...)
	dst = strconv.AppendInt(dst, int64(i), 10)
	return append(dst, '"')
}

func (b recordBase) appendParent(dst []byte, i int, at place) []byte {
	if at.parent >= 0 {
		return strconv.AppendInt(dst, b.id(at.parent), 10)
	}
	return append(dst, [...]string{"null", "0"}[i&1]...)
}

func (b recordBase) appendSubject(dst []byte, at place) []byte {
	if at.siteLevel {
		return append(dst, `,"subjectId":null,"subjectOid":null,"subjectKey":""`...)
	}
	dst = append(dst, `,"subjectId":`...)
	dst = strconv.AppendInt(dst, b.subjectIDs().at(at.subject), 10)
	dst = append(dst, `,"subjectOid":`...)
	dst = b.appendSubjectOID(dst, at.subject)
	dst = append(dst, `,"subjectKey":"`...)
	dst = b.appendSubjectKey(dst, at.subject)
	return append(dst, '"')
}

// status is a record's recordStatus: study-defined text.
func (p *layout) status(i int, s saves) string {
	if s.reviewed {
		return "Record Reviewed"
	}
	return [...]string{"Record Complete", "Record Complete", "Record Incomplete"}[p.pick(5, uint64(i), 3)]
}

// appendData writes recordData. A later data entry changes the answers that depend on dataRevision.
func (b recordBase) appendData(dst []byte, i int, at place, s saves) []byte {
	switch at.form {
	case formNOTE:
		return b.appendNote(dst, i, s)
	case formLB:
		return b.appendLab(dst, i, s)
	}
	dst = append(dst, `,"recordData":{`...)
	start := len(dst)
	for n, v := range formDefTable[at.form].variables {
		h := b.hash(uint64(16+n), uint64(i))
		if v.retired != "" || h%37 == 0 { // an answer can be missing altogether
			continue
		}
		if len(dst) > start {
			dst = append(dst, ',')
		}
		dst = append(dst, '"')
		if at.form == formCM { // endpoints differ in the case that they use
			dst = append(dst, lowerName(v.name)...)
		} else {
			dst = append(dst, v.name...)
		}
		dst = append(dst, `":`...)
		dst = b.appendAnswer(dst, v, h>>8, s)
	}
	if at.form == formAE { // answers can be named like the record's own attributes
		dst = append(dst, `,"dateCreated":`...)
		dst = appendTime(dst, s.created-60)
		dst = append(dst, `,"dateModified":`...)
		dst = appendTime(dst, s.modified-60)
		dst = append(dst, `,"unvnum":"1"`...)
	}
	return append(dst, '}')
}

// formDefTable is formDefs, made once.
var formDefTable = formDefs()

func lowerName(name string) string { return strings.ToLower(name) }

// appendAnswer writes one answer the way the vendor's sample does: as text, "" when unanswered.
func (b recordBase) appendAnswer(dst []byte, v variableDef, h uint64, s saves) []byte {
	if h%29 == 0 {
		return append(dst, `""`...)
	}
	h /= 29
	dst = append(dst, '"')
	switch v.typ {
	case "NUMBER":
		dst = appendDecimal(dst, b.figure(v, h, s), v.decimals)
	case "DATE":
		dst = appendPlainDate(dst, s.created, 10)
	case "Date/Time Precision":
		dst = appendPlainDate(dst, s.created-int64(h%40)*86400, [...]int{10, 10, 10, 7, 4, 16}[h%6])
	case "CHECKBOX":
		dst = append(dst, [...]string{"true", "false", "1"}[h%3]...)
	case "RADIO", "DROPDOWN":
		choices := strings.Split(v.choices, "|")
		dst = append(dst, choices[h%uint64(len(choices))]...)
	default:
		dst = append(dst, phrases[h%uint64(len(phrases))]...)
		if s.count.data > 1 {
			dst = append(dst, " (corrected)"...)
		}
	}
	return append(dst, '"')
}

// phrases are free texts, already escaped for JSON.
var phrases = [...]string{
	"Headache", "Nausea after intake", "NA", "unknown", "n/a", " leading blank", "Müdigkeit", "头痛",
	"Paracetamol 500 mg, as needed", "Ibuprofen", "Site called; no answer", "per \\\"source\\\"", "line 1\\nline 2", "100%", "0", "-",
}

func (b recordBase) figure(v variableDef, h uint64, s saves) int64 {
	return int64(v.low) + int64((h+uint64(s.count.data-1)*7)%uint64(max(1, v.high-v.low+1)))
}

// appendLab writes a form whose numbers are JSON numbers and whose gaps are null.
func (b recordBase) appendLab(dst []byte, i int, s saves) []byte {
	dst = append(dst, `,"recordData":{"LBDTC":`...)
	dst = appendDate(dst, s.created)
	for n, v := range formDefTable[formLB].variables[1:6] {
		dst = append(dst, ',', '"')
		dst = append(dst, v.name...)
		dst = append(dst, `":`...)
		h := b.hash(uint64(32+n), uint64(i))
		if h%41 == 0 {
			dst = append(dst, "null"...)
			continue
		}
		dst = appendDecimal(dst, b.figure(v, h/41, s), v.decimals)
	}
	return append(dst, [...]string{`,"LBFAST":true,"LBCOM":""}`, `,"LBFAST":false,"LBCOM":null}`, `,"LBCOM":"hemolyzed"}`}[b.pick(6, uint64(i), 3)]...)
}

// appendDecimal writes n with its last digits after the point; trailing zeros stay.
func appendDecimal(dst []byte, n int64, decimals int) []byte {
	if decimals == 0 {
		return strconv.AppendInt(dst, n, 10)
	}
	scale := int64(1)
	for range decimals {
		scale *= 10
	}
	dst = strconv.AppendInt(dst, n/scale, 10)
	dst = append(dst, '.')
	rest := strconv.AppendInt(nil, n%scale+scale, 10)
	return append(dst, rest[1:]...)
}

// appendPlainDate writes the first length characters of an instant as 2006-01-02T15:04: a
// partial date when fewer than ten.
func appendPlainDate(dst []byte, unix int64, length int) []byte {
	text := unixTime(unix).AppendFormat(nil, "2006-01-02T15:04")
	return append(dst, text[:length]...)
}
