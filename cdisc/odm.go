package cdisc

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"time"

	"github.com/imednetgo/imednet/internal/argument"
)

// ODMForm is a form with the rows of its records. The name of its dataset is the form's key and the
// label is its name. Each variable is an item of the form, except those that Place names.
type ODMForm struct {
	Source
	Place ODMPlace
	// Record names the variables, by their source, that describe the record and are not answers.
	// They form a separate item group, which all forms share.
	Record []string
}

// ODMPlace names the variables, by their source, that determine where a row belongs. Record is
// required. A row without a subject is reference data. A row without an event belongs to no visit;
// one with an event but no repeat has the repeat key "none".
type ODMPlace struct {
	Subject, Site, Event, EventRepeat, Record string
	// Deleted is a boolean; rows in which it is true are left out of a snapshot and counted.
	Deleted string
	// The remaining variables are for a transactional file, in which each row is a state of a
	// record and the states of a record are in order of time. Transaction is Insert, Update or
	// Remove, and Time an instant in UTC. A record that leaves a subject or a form needs a row that
	// removes it there; one that leaves an event does not.
	Transaction, Time, User, Reason, SourceID string
}

// ODMStudy describes the study of the forms. Events, sites and users that only the rows name are
// described by their identifiers.
type ODMStudy struct {
	OID, Name, Description, ProtocolName, MetaDataVersionOID string
	Events                                                   []ODMEvent
	Sites                                                    []ODMSite
	// Effective is the day from which the metadata apply at sites, as YYYY-MM-DD; required.
	Effective string
}

// ODMEvent is a planned visit.
type ODMEvent struct{ ID, Name string }

// ODMSite is a site.
type ODMSite struct{ ID, Name string }

// ODMOptions configures [WriteODM].
type ODMOptions struct {
	// Version is 1.3.2, the default, or 2.0.
	Version string
	// Transactional writes every state, with who, when and why, instead of a snapshot.
	Transactional bool
	// Created is the time of creation, which must be after every state; AsOf is the moment that the
	// data represent.
	Created, AsOf                                          time.Time
	FileOID, Originator, SourceSystem, SourceSystemVersion string
	// EscapeControls writes characters that XML cannot hold as text such as \u0001, and counts
	// them.
	EscapeControls bool
	// TempDir is the directory in which rows are sorted, in files accessible only to their owner.
	TempDir string
}

// ODMReport holds the counts of an ODM file.
type ODMReport struct {
	Subjects  int64  `json:"subjects"`
	Records   int64  `json:"records"`   // of subjects; in a transactional file, states of records
	Reference int64  `json:"reference"` // rows without a subject
	Deleted   int64  `json:"deleted"`   // left out of a snapshot
	Items     int64  `json:"items"`
	Unknown   int64  `json:"unknownUser"` // states whose user is unknown
	Losses    []Loss `json:"losses"`
}

// String returns one line of counts.
func (r *ODMReport) String() string {
	return fmt.Sprintf("%d subjects, %d records, %d rows of reference data, %d items; %d deleted records left out, %d states by an unknown user", r.Subjects, r.Records, r.Reference, r.Items, r.Deleted, r.Unknown)
}

// WriteODM writes the records of a study as ODM. It reads each form twice and holds the records of
// one subject in memory. Data that ODM cannot hold are an *[UnfitError] before the first byte is
// written.
func WriteODM(ctx context.Context, w io.Writer, forms []ODMForm, study ODMStudy, o ODMOptions) (*ODMReport, error) {
	if err := errors.Join(argument.Required("cdisc.WriteODM", "w", w), o.check(forms, study)); err != nil {
		return nil, err
	}
	work, err := os.MkdirTemp(o.TempDir, temporaryPrefix)
	if err != nil {
		return nil, fail("write ODM", "", err)
	}
	d := &odmWriter{ctx: ctx, o: o, study: study, two: o.Version == "2.0", work: work, report: &ODMReport{Losses: []Loss{}}}
	err = d.run(w, forms)
	for _, rows := range d.sorted {
		err = errors.Join(err, rows.Close())
	}
	if err := errors.Join(err, os.RemoveAll(work)); err != nil {
		return nil, fail("write ODM", "", err)
	}
	return d.report, nil
}

func (o *ODMOptions) check(forms []ODMForm, study ODMStudy) error {
	const function = "cdisc.WriteODM"
	o.Version = orElse(o.Version, "1.3.2")
	switch {
	case o.Version != "1.3.2" && o.Version != "2.0":
		return argument.Invalid(function, "Version", "must be 1.3.2 or 2.0")
	case len(forms) == 0:
		return argument.Invalid(function, "forms", "is empty")
	case study.OID == "" || study.MetaDataVersionOID == "" || study.Effective == "":
		return argument.Invalid(function, "study", "needs OID, MetaDataVersionOID and Effective")
	case o.Created.IsZero():
		return argument.Invalid(function, "Created", "is not set")
	case o.TempDir == "":
		return argument.Invalid(function, "TempDir", "is not set")
	}
	return nil
}

// odmWriter is one run of WriteODM.
type odmWriter struct {
	*xmlWriter
	ctx    context.Context
	o      ODMOptions
	study  ODMStudy
	two    bool // version 2.0
	work   string
	report *ODMReport
	forms  []*odmForm
	sorted []*sorted
	events []ODMEvent
	sites  []ODMSite
	users  []string
	item   []byte
}

func (d *odmWriter) run(w io.Writer, forms []ODMForm) error {
	var problems []Problem
	found := odmFound{events: map[string]bool{}, sites: map[string]bool{}, users: map[string]bool{}}
	for _, form := range forms {
		f, err := d.prepare(form, &found)
		if err != nil {
			return err
		}
		d.forms = append(d.forms, f)
		problems = append(problems, d.problems(f)...)
	}
	d.describe(found)
	problems = append(problems, d.problemsOfAll()...)
	if problems = append(problems, d.problemsOfOIDs()...); len(problems) > 0 {
		return &UnfitError{problems}
	}
	d.xmlWriter = newXMLWriter(w)
	d.head()
	if err := d.data(); err != nil {
		return err
	}
	d.end()
	return d.finish()
}

// odmForm is a form that is ready to be written.
type odmForm struct {
	rows    *sorted
	survey  *Survey
	key     string
	index   placeIndex
	record  []int // variables about the record
	answers []int
	// subjects and references say whether there are rows with a subject and without.
	subjects, references bool
	beyond               int64 // rows with a time after that of creation, or without one
	noRecord             int64
}

// placeIndex is the place of a form by index; -1 for what it does not have.
type placeIndex struct {
	subject, site, event, repeat, record, deleted, transaction, time, user, reason, sourceID int
}

func (f *odmForm) indexes(p ODMPlace, record []string) {
	variables := f.survey.dataset.Variables
	find := func(name string) int {
		return slices.IndexFunc(variables, func(v Variable) bool { return name != "" && v.source() == name })
	}
	f.index = placeIndex{find(p.Subject), find(p.Site), find(p.Event), find(p.EventRepeat), find(p.Record), find(p.Deleted), find(p.Transaction), find(p.Time), find(p.User), find(p.Reason), find(p.SourceID)}
	i := f.index
	places := []int{i.subject, i.site, i.event, i.record, i.transaction, i.time, i.user, i.reason, i.sourceID}
	for at, v := range variables {
		switch {
		case slices.Contains(record, v.source()):
			f.record = append(f.record, at)
		case !slices.Contains(places, at) && at != i.repeat && at != i.deleted:
			f.answers = append(f.answers, at)
		}
	}
}

// odmFound is which events, sites and users the rows name.
type odmFound struct{ events, sites, users map[string]bool }

// prepare sorts the rows of a form by subject and record, and reads them once.
func (d *odmWriter) prepare(form ODMForm, found *odmFound) (*odmForm, error) {
	dataset := form.Dataset()
	f := &odmForm{key: dataset.Name, survey: &Survey{dataset: dataset}}
	f.indexes(form.Place, form.Record)
	if f.index.record < 0 {
		return nil, argument.Invalid("cdisc.WriteODM", "Place", "of form "+dataset.Name+" names no record")
	}
	keys := []int{f.index.record}
	if f.index.subject >= 0 {
		keys = []int{f.index.subject, f.index.record}
	}
	for i := range dataset.Variables {
		dataset.Variables[i].Key = 0 // states of one record have its key
	}
	rows, err := newSorted(d.ctx, renamed{form.Source, dataset}, d.work, keys, nil, sortBytes)
	if err != nil {
		return nil, fail("read", dataset.Name, err)
	}
	f.rows, d.sorted = rows, append(d.sorted, rows)
	if f.survey, err = NewSurvey(d.ctx, watched{rows, func(row Row) { d.look(f, row, found) }}); err != nil {
		return nil, err
	}
	f.subjects = f.subjects || f.survey.rows == 0 // so that it is described
	return f, nil
}

// look takes from a row what the head of the file needs.
func (d *odmWriter) look(f *odmForm, row Row, found *odmFound) {
	note := func(set map[string]bool, at int) {
		if at >= 0 && !row[at].IsMissing() {
			set[idText(row[at])] = true
		}
	}
	note(found.events, f.index.event)
	note(found.sites, f.index.site)
	note(found.users, f.index.user)
	subject := f.subject(row)
	f.subjects, f.references = f.subjects || subject != "", f.references || subject == ""
	if _, ok := row[f.index.record].Integer(); !ok {
		f.noRecord++
	}
	if d.o.Transactional {
		at, ok := f.time(row)
		count(&f.beyond, !ok || at.After(d.o.Created))
	}
}

func (f *odmForm) subject(row Row) string {
	if f.index.subject < 0 || row[f.index.subject].IsMissing() {
		return ""
	}
	return idText(row[f.index.subject])
}

func (f *odmForm) time(row Row) (time.Time, bool) {
	if f.index.time < 0 {
		return time.Time{}, false
	}
	micros, ok := row[f.index.time].Integer()
	return time.UnixMicro(micros).UTC(), ok
}

// idText is an identifier as text.
func idText(v Value) string {
	if v.kind == textValue {
		return v.text
	}
	return valueText(v)
}
