package imednettest

import (
	"fmt"
	"strings"
)

// lifeSubject is a subject of a lifelike study; early is what revisions before a change show.
type lifeSubject struct {
	id, site, earlySite int64
	key, earlyKey       string
	oid                 string
	deleted             bool
	enrolled            int64
	drugs               int // how many records of medications a visit has, in tenths of the usual
}

// lifeVisit is a visit of one.
type lifeVisit struct {
	id       int64
	interval *lifeInterval
	whose    *lifeSubject
	at       int64
}

// lifeRecord is a record of one.
type lifeRecord struct {
	id                int64
	parent            *lifeRecord
	form              int
	visit             *lifeVisit // nil without one
	whose             *lifeSubject
	created, modified int64
	status            string
	deleted, locked   bool
	saves             int
	data              []byte
}

// enrol makes a subject with visits and records: one in seven fails the screening, a third leaves
// early, the others stay to the end.
func (l *lifelike) enrol(n int) {
	s := &lifeSubject{site: int64(1301 + n%lifeSites), key: fmt.Sprint(1001 + n), oid: fmt.Sprintf("01-%d-%d", 701+n%lifeSites, 1001+n), drugs: 6 + l.rnd.IntN(11)}
	s.enrolled = l.start + int64(n)*540*day/int64(l.subjects) + l.rnd.Int64N(20)*3600
	s.earlyKey, s.earlySite = s.key, s.site
	if l.chance(60) {
		s.drugs = 30
	}
	l.people = append(l.people, s)
	last := 36
	switch r := l.rnd.IntN(100); {
	case n == 0: // the shortest
		last = 0
	case n == 1: // the longest
		s.drugs = 38
	case r < 15:
		last = 0
	case r < 47:
		last = 2 + l.rnd.IntN(26)
	}
	for i := range l.intervals {
		at := &l.intervals[i]
		if i > last || at.unscheduled && !l.chance(32) {
			continue
		}
		l.visit(s, at, last == 0)
	}
	if last > 0 {
		for range l.rnd.IntN(11) { // events and medications between visits
			l.record(s, []int{lifeAE, lifeCM}[l.rnd.IntN(2)], nil, s.enrolled+l.rnd.Int64N(int64(last+1)*7*day))
		}
	}
}

// visit makes a visit and its records.
func (l *lifelike) visit(s *lifeSubject, at *lifeInterval, failed bool) {
	when := s.enrolled + at.day*day
	visit := &lifeVisit{interval: at, whose: s, at: when}
	l.visits = append(l.visits, visit)
	forms := at.forms
	if failed {
		forms = []int{lifeDM, lifeSC, lifeDS}
	}
	for _, form := range forms {
		records := 1
		if l.forms[form].log && !failed && !at.unscheduled && l.chance(17*s.drugs) {
			for records = 2; records < 30 && l.chance(690); records++ {
			}
		}
		if l.people[0] != s && len(l.people) == 2 && at.id == 401 && form == lifeCM {
			records = 30 // the most that the pilot has
		}
		for n := range records {
			l.record(s, form, visit, when+int64(n)*60+l.rnd.Int64N(3*day))
		}
	}
}

// record makes a record.
func (l *lifelike) record(s *lifeSubject, form int, visit *lifeVisit, when int64) *lifeRecord {
	r := &lifeRecord{form: form, visit: visit, whose: s, created: when, modified: when, saves: 1}
	r.status = "Record Complete"
	switch n := l.rnd.IntN(1000); {
	case n < 87:
		r.status = "Record Incomplete"
	case n < 128:
		r.status = "Record Reviewed"
	}
	switch n := l.rnd.IntN(1000); {
	case n < 54:
		r.saves = 2
	case n < 72:
		r.saves = 3
	case n < 89:
		r.saves = 4
	}
	r.modified += int64(r.saves-1) * betweenEdits
	if l.chance(10) {
		r.deleted, r.saves = true, r.saves+1
		if l.chance(660) {
			r.modified += day
		}
	}
	r.data = l.answers(r)
	l.records = append(l.records, r)
	return r
}

// answers makes recordData: names that the form had by then, a quarter of the answers empty.
func (l *lifelike) answers(r *lifeRecord) []byte {
	dst := []byte{'{'}
	lower := l.chance(3)
	for i, v := range l.forms[r.form].variables {
		if r.created < v.since || v.retire > 0 && r.created > v.retire || i > 0 && v.name == l.forms[r.form].variables[i-1].name {
			continue
		}
		if len(dst) > 1 {
			dst = append(dst, ',')
		}
		name := v.name
		if lower {
			name = strings.ToLower(name)
		}
		dst = append(appendMemberName(dst, name), l.answer(v, r)...)
	}
	if len(l.records)%1500 == 700 && len(dst) > 1 { // a key that repeats
		v := l.forms[r.form].variables[0]
		dst = append(append(append(dst, ','), appendMemberName(nil, v.name)...), l.answer(v, r)...)
	}
	return append(dst, '}')
}

func (l *lifelike) answer(v lifeVariable, r *lifeRecord) []byte {
	switch n := l.rnd.IntN(1000); {
	case n < 230:
		return []byte(`""`)
	case n < 263:
		return []byte("null")
	}
	n := l.rnd.IntN(900)
	switch v.typ {
	case "NUMBER":
		return fmt.Appendf(nil, [...]string{"%d", "%d.50", `"%d"`}[n%3], n)
	case "RADIO", "DROPDOWN":
		return appendString(nil, [...]string{"Y", "N", "MILD", "NONE", "SCREENING"}[n%5])
	case "DATE":
		date := appendDate(nil, r.created-int64(n)*day/9)
		if n%11 == 0 {
			return append(date[:8:8], '"') // year and month
		}
		return date
	case "CHECKBOX":
		return []byte([...]string{"true", "false"}[n%2])
	}
	return []byte(`"` + phrases[n%len(phrases)] + `"`)
}
