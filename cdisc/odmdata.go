package cdisc

import (
	"cmp"
	"iter"
	"slices"
	"strconv"
	"strings"
	"time"
)

// odmState is a row of a form in the place where it is written.
type odmState struct {
	form          *odmForm
	number        int // of the form
	event, repeat string
	record        int64
	row           Row
	transaction   string
	before        Row // the state before, in an update
	at            time.Time
	user, site    string
	reason, id    string
}

// formStream is the rows of a form, with one read ahead.
type formStream struct {
	form *odmForm
	at   int
	next func() (Row, error, bool)
	row  Row // nil at the end
}

// data writes reference data, which come first, and the data of subjects.
func (d *odmWriter) data() error {
	var streams []*formStream
	for i, f := range d.forms {
		next, stop := iter.Pull2(f.rows.Rows(d.ctx))
		defer stop()
		s := &formStream{form: f, at: i, next: next}
		if err := s.advance(); err != nil {
			return err
		}
		streams = append(streams, s)
	}
	if err := d.reference(streams); err != nil {
		return err
	}
	d.start("ClinicalData", "StudyOID", d.study.OID, "MetaDataVersionOID", d.study.MetaDataVersionOID)
	for {
		subject := nextSubject(streams)
		if subject == "" {
			break
		}
		states, err := d.gather(streams, subject)
		if err != nil {
			return err
		}
		d.subject(subject, states)
		if d.err != nil {
			return d.err
		}
	}
	d.end()
	return nil
}

func (s *formStream) advance() error {
	row, err, ok := s.next()
	s.row = nil
	if err != nil {
		return err
	}
	if ok {
		s.row = slices.Clone(row)
	}
	return nil
}

// nextSubject is the first subject in the order of keys; "" at the end.
func nextSubject(streams []*formStream) (first string) {
	for _, s := range streams {
		if s.row == nil {
			continue
		}
		if subject := s.form.subject(s.row); first == "" || subject < first {
			first = subject
		}
	}
	return first
}

// reference writes the rows without a subject, which come first in every form.
func (d *odmWriter) reference(streams []*formStream) error {
	opened := false
	for _, s := range streams {
		for s.row != nil && s.form.subject(s.row) == "" {
			if !opened {
				d.start("ReferenceData", "StudyOID", d.study.OID, "MetaDataVersionOID", d.study.MetaDataVersionOID)
				opened = true
			}
			states, err := d.referenceStates(s)
			if err != nil {
				return err
			}
			for _, state := range states {
				d.referenceRow(state)
			}
		}
	}
	if opened {
		d.end()
	}
	return nil
}

// referenceStates takes the rows of a record without a subject. Such a record has no visit to move from.
func (d *odmWriter) referenceStates(s *formStream) (states []*odmState, err error) {
	record := s.row[s.form.index.record]
	for s.row != nil && s.form.subject(s.row) == "" && s.row[s.form.index.record] == record {
		if states, err = d.take(s, states); err != nil {
			return nil, err
		}
	}
	for _, state := range states {
		state.event, state.repeat = "", ""
	}
	if d.o.Transactional {
		states = chained(states)
	}
	return states, nil
}

// take appends the row of a stream to the states and goes on to the next; a deleted one is counted.
func (d *odmWriter) take(s *formStream, states []*odmState) ([]*odmState, error) {
	if deleted, _ := s.form.deleted(s.row); deleted && !d.o.Transactional {
		d.report.Deleted++
	} else {
		states = append(states, d.state(s))
	}
	return states, s.advance()
}

func (d *odmWriter) referenceRow(state *odmState) {
	d.report.Reference++
	attributes := []string{"ItemGroupOID", "IGR." + state.form.key, "ItemGroupRepeatKey", strconv.FormatInt(state.record, 10)}
	if d.two {
		attributes[3] = "record " + attributes[3]
	}
	if d.o.Transactional {
		attributes = append(attributes, "TransactionType", state.transaction)
	}
	d.start("ItemGroupData", attributes...)
	if d.o.Transactional && !d.two {
		d.audit(state)
	}
	if state.transaction != "Remove" {
		d.items(state, state.form.answers, state.form.itemOID)
		d.items(state, state.form.record, state.form.recordItemOID)
	}
	if d.o.Transactional && d.two {
		d.audit(state)
	}
	d.end()
}

func (f *odmForm) recordItemOID(i int) string { return recordOID(f.survey.dataset.Variables[i].Name) }

func (f *odmForm) deleted(row Row) (deleted, known bool) {
	if f.index.deleted < 0 {
		return false, false
	}
	return row[f.index.deleted].Bool()
}

// text is an identifier in a row, "" when there is none.
func (f *odmForm) text(row Row, at int) string {
	if at < 0 || row[at].IsMissing() {
		return ""
	}
	return idText(row[at])
}

func (d *odmWriter) state(s *formStream) *odmState {
	f, row := s.form, s.row
	st := &odmState{form: f, number: s.at, row: row, event: f.text(row, f.index.event), site: f.text(row, f.index.site)}
	st.record, _ = row[f.index.record].Integer()
	if st.event != "" {
		st.repeat = orElse(f.text(row, f.index.repeat), "none")
	}
	if d.o.Transactional {
		st.transaction = orElse(f.text(row, f.index.transaction), "Insert")
		st.at, _ = f.time(row)
		st.user, st.reason, st.id = f.text(row, f.index.user), escapeForbidden(f.text(row, f.index.reason)), escapeForbidden(f.text(row, f.index.sourceID))
		if st.user == "" {
			st.user = unknownUser
			d.report.Unknown++
		}
	}
	return st
}

// gather takes the rows of a subject from all forms, in the order in which they are written.
func (d *odmWriter) gather(streams []*formStream, subject string) (states []*odmState, err error) {
	for _, s := range streams {
		for s.row != nil && s.form.subject(s.row) == subject {
			if states, err = d.take(s, states); err != nil {
				return nil, err
			}
		}
	}
	if d.o.Transactional {
		states = chained(states)
	}
	slices.SortStableFunc(states, func(a, b *odmState) int {
		return cmp.Or(compareIDs(a.event, b.event), compareIDs(a.repeat, b.repeat), cmp.Compare(a.number, b.number), cmp.Compare(a.record, b.record))
	})
	return states, nil
}

// compareIDs compares numbers by value and other texts bytewise.
func compareIDs(a, b string) int {
	return cmp.Or(cmp.Compare(len(a), len(b)), strings.Compare(a, b))
}

// chained gives every state the one before it. A record that moved to another visit is removed there
// and inserted here; one whose removal names another visit is removed where it was.
func chained(states []*odmState) []*odmState {
	var list []*odmState
	var last *odmState
	for _, s := range states {
		if last != nil && (last.record != s.record || last.form != s.form) {
			last = nil
		}
		switch {
		case last == nil || last.transaction == "Remove":
			switch {
			case s.transaction == "Update":
				s.transaction = "Insert"
			case last != nil && s.transaction == "Remove":
				s.event, s.repeat = last.event, last.repeat // it went nowhere while it was removed
			}
		case last.event != s.event || last.repeat != s.repeat:
			moved := *s
			moved.event, moved.repeat, moved.transaction = last.event, last.repeat, "Remove"
			list = append(list, &moved)
			if s.transaction == "Remove" {
				last = &moved
				continue
			}
			if s.transaction == "Update" {
				s.transaction = "Insert"
			}
		case s.transaction == "Update":
			s.before = last.row
		}
		list = append(list, s)
		last = s
	}
	return list
}

func (d *odmWriter) subject(key string, states []*odmState) {
	if len(states) == 0 {
		return
	}
	d.report.Subjects++
	context := []string(nil)
	if d.o.Transactional {
		context = []string{"TransactionType", "Context"}
	}
	d.start("SubjectData", append([]string{"SubjectKey", key}, context...)...)
	if site := lastSite(states); site != "" {
		d.leaf("SiteRef", "LocationOID", locationOID(site))
	}
	for from := 0; from < len(states); {
		to := from
		for to < len(states) && states[to].event == states[from].event && states[to].repeat == states[from].repeat {
			to++
		}
		first := states[from]
		attributes := []string{"StudyEventOID", eventOID(first.event)}
		if first.repeat != "" {
			attributes = append(attributes, "StudyEventRepeatKey", first.repeat)
		}
		d.start("StudyEventData", append(attributes, context...)...)
		for _, s := range states[from:to] {
			d.record(s)
		}
		d.end()
		from = to
	}
	d.end()
}

// lastSite is the site of the subject's newest record.
func lastSite(states []*odmState) (site string) {
	var newest int64 = -1
	for _, s := range states {
		if s.site != "" && s.record >= newest {
			newest, site = s.record, s.site
		}
	}
	return site
}

func (d *odmWriter) record(s *odmState) {
	d.report.Records++
	repeat, transaction := strconv.FormatInt(s.record, 10), []string(nil)
	if d.o.Transactional {
		transaction = []string{"TransactionType", s.transaction}
	}
	if d.two {
		d.start("ItemGroupData", append([]string{"ItemGroupOID", "IG." + s.form.key, "ItemGroupRepeatKey", repeat}, transaction...)...)
		if s.transaction != "Remove" {
			d.items(s, s.form.answers, s.form.itemOID)
			d.group(s, recordGroup, s.form.record, s.form.recordItemOID)
		}
		if d.o.Transactional {
			d.audit(s)
		}
		d.end()
		return
	}
	d.start("FormData", append([]string{"FormOID", "F." + s.form.key, "FormRepeatKey", repeat}, transaction...)...)
	if d.o.Transactional {
		d.audit(s)
	}
	if s.transaction != "Remove" {
		d.group(s, "IG."+s.form.key, s.form.answers, s.form.itemOID)
		d.group(s, recordGroup, s.form.record, s.form.recordItemOID)
	}
	d.end()
}
