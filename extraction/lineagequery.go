package extraction

import (
	"context"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"

	"github.com/imednetgo/imednet"
)

// LineageQuery selects values of canonical data. A zero field selects all.
type LineageQuery struct {
	Domain Domain
	// RecordID selects the rows that derive from a record, and for ADSL the values that do.
	RecordID int64
	// SubjectKey selects the rows of a subject by its key as the EDC system shows it.
	SubjectKey string
	// Field is the name of a canonical field, such as aeTerm.
	Field string
}

// RowLineage is a row with the lineage of its values.
type RowLineage struct {
	Row    CanonicalRow // for a rejected row, the values that the rules produced, with those of PHI variables masked
	Values []Lineage    // the requested values
	// Rejected lists the reasons why the row is in no data set; nil if it is in one.
	Rejected []RowFinding
}

// Lineage applies the rules and yields the rows selected by a query, including rejected rows, with
// the lineage of their values. For a record or a subject it reads all records of the subjects
// involved, because the results of the rules can depend on earlier records of other forms, and no
// others.
//
// An unknown domain, field, record or subject, or a record that gives no row, is an
// *[imednet.Error] that matches [imednet.ErrNotFound] and whose hint gives details. opts are those
// of [Engine.Run].
func (e *Engine) Lineage(ctx context.Context, src imednet.RecordSource, q LineageQuery, opts Options) iter.Seq2[RowLineage, error] {
	return func(yield func(RowLineage, error) bool) {
		if err := e.checkQuery(q); err != nil {
			yield(RowLineage{}, err)
			return
		}
		if q.RecordID == 0 && q.SubjectKey == "" {
			eachLineage(e.Run(ctx, src, opts), q, yield)
			return
		}
		whose, err := e.findSubjects(ctx, src, q, opts)
		if err != nil {
			yield(RowLineage{}, err)
			return
		}
		found := false
		for _, filters := range whose.filters(opts.Filter) {
			run := e.Run(ctx, src, opts)
			run.opts.Filter, run.keyed, run.opts.InMemory = filters.records, filters.keyed, true // one subject, in one listing
			more := eachLineage(run, q, func(r RowLineage, err error) bool {
				found = true
				return yield(r, err)
			})
			if !more {
				return
			}
		}
		if !found {
			yield(RowLineage{}, e.notFound(q, "no value of canonical data", whose.hint))
		}
	}
}

func (e *Engine) notFound(q LineageQuery, what, hint string) error {
	return &imednet.Error{Package: "extraction", Op: "lineage", StudyKey: e.plan.configuration.StudyKey, RecordID: q.RecordID, Hint: hint, Err: fmt.Errorf("%s: %w", what, imednet.ErrNotFound)}
}

func (e *Engine) checkQuery(q LineageQuery) error {
	domains := e.Domains()
	if q.Domain != "" {
		if !slices.Contains(domains, q.Domain) {
			return e.notFound(q, "domain", fmt.Sprintf("the configuration gives %s", joined(domains)))
		}
		domains = []Domain{q.Domain}
	}
	if q.Field == "" || q.Field == subjectKeyField {
		return nil
	}
	var fields []string
	for _, domain := range domains {
		fields = append(fields, e.Fields(domain)...)
	}
	if !slices.Contains(fields, q.Field) {
		return e.notFound(q, "field", fmt.Sprintf("%s has %s", joined(domains), strings.Join(fields, ", ")))
	}
	return nil
}

func joined(domains []Domain) string {
	names := make([]string, len(domains))
	for i, d := range domains {
		names[i] = string(d)
	}
	return strings.Join(names, ", ")
}

// concerned are the subjects that a query is about.
type concerned struct {
	ids      map[int64]bool
	keys     map[string]bool       // of records that carry a key and no id, where no listed subject has the key
	subjects *imednet.SubjectIndex // nil where the source lists none
	hint     string                // why a record gives nothing
}

// add notes whose a record is.
func (c concerned) add(record *imednet.Record) {
	p := pass{subjects: c.subjects}
	if id := p.subjectOf(record); id != 0 {
		c.ids[id] = true
	} else if key, ok := record.SubjectKey.Get(); ok {
		c.keys[key] = true
	}
}

// findSubjects looks up whose records the query is about.
func (e *Engine) findSubjects(ctx context.Context, src imednet.RecordSource, q LineageQuery, opts Options) (concerned, error) {
	c := concerned{ids: map[int64]bool{}, keys: map[string]bool{}}
	var filter imednet.Filter
	if q.RecordID != 0 {
		filter = filter.And("recordId", imednet.Equal, q.RecordID)
	}
	if q.SubjectKey != "" {
		filter = filter.And("subjectKey", imednet.Equal, q.SubjectKey)
	}
	study, found := e.plan.configuration.StudyKey, false
	var err error
	if c.subjects, err = listSubjects(ctx, src, study); err != nil {
		return c, &imednet.Error{Package: "extraction", Op: "lineage", StudyKey: study, RecordID: q.RecordID, Err: err}
	}
	for record, err := range src.Records(ctx, study, imednet.ListOptions{Filter: filter}) {
		if err != nil {
			return c, &imednet.Error{Package: "extraction", Op: "lineage", StudyKey: study, RecordID: q.RecordID, Err: err}
		}
		found = true
		c.add(&record)
		if q.RecordID != 0 {
			c.hint = e.whyNothing(&record, c.subjects, opts)
		}
	}
	switch {
	case !found && q.RecordID != 0:
		return c, e.notFound(q, "record", "")
	case !found:
		return c, e.notFound(q, "records of the subject", "")
	case len(c.ids)+len(c.keys) == 0:
		return c, e.notFound(q, "subject of the record", "records of sites give no rows")
	}
	return c, nil
}

// whyNothing says what keeps a record from giving values. Of subjects that are not listed, nil, it is not known
// whether they are deleted.
func (e *Engine) whyNothing(record *imednet.Record, subjects *imednet.SubjectIndex, opts Options) string {
	p := pass{subjectRun: subjectRun{plan: e.plan}, opts: opts}
	var subject *imednet.Subject
	if subjects != nil {
		subject, _ = subjects.OfRecord(record)
	}
	switch p.excluded(record, e.plan.formOf(record), subject) {
	case ExcludedDeleted:
		return "the record is soft-deleted"
	case ExcludedDeletedSubject:
		return "the record's subject is soft-deleted"
	case ExcludedStatus:
		return "records of its status are left out"
	case ExcludedNoForm:
		return "the record is of no form that the study has"
	case ExcludedNoRule:
		return fmt.Sprintf("no rule reads form %s", record.FormKey.Or(""))
	}
	return "rules read it, and none of the values that were asked for come from it"
}

// subjectFilters select the records of one subject: those with its id, and those that may be its by key.
type subjectFilters struct{ records, keyed imednet.Filter }

// filters selects the records of one subject after the other.
func (c concerned) filters(given imednet.Filter) []subjectFilters {
	var list []subjectFilters
	for _, id := range slices.Sorted(maps.Keys(c.ids)) {
		f := subjectFilters{records: given.And("subjectId", imednet.Equal, id)}
		if key := c.keyOf(id); key != "" {
			f.keyed = given.And("subjectKey", imednet.Equal, key)
		}
		list = append(list, f)
	}
	for _, key := range slices.Sorted(maps.Keys(c.keys)) {
		list = append(list, subjectFilters{records: given.And("subjectKey", imednet.Equal, key)})
	}
	return list
}

// keyOf is the key of a listed subject.
func (c concerned) keyOf(id int64) string {
	if c.subjects == nil {
		return ""
	}
	if subject, _ := c.subjects.Of(id, ""); subject != nil {
		return subject.SubjectKey.Or("")
	}
	return ""
}

// eachLineage yields the chosen rows of a run; false means that the caller has had enough, or an
// error.
func eachLineage(run *Run, q LineageQuery, yield func(RowLineage, error) bool) bool {
	for subject, err := range run.Subjects() {
		if err != nil {
			yield(RowLineage{}, err)
			return false
		}
		for _, row := range subject.Rows {
			if r, ok := q.choose(row, nil); ok && !yield(r, nil) {
				return false
			}
		}
		for _, rejected := range subject.Rejected {
			if r, ok := q.choose(rejected.Payload, rejected.Findings); ok && !yield(r, nil) {
				return false
			}
		}
	}
	return true
}

// choose picks the values of a row that the query is about, and reports whether there are any. A
// rejected row of the record counts even when its rules never ran.
func (q LineageQuery) choose(row CanonicalRow, rejected []RowFinding) (RowLineage, bool) {
	if q.Domain != "" && row.Domain != q.Domain {
		return RowLineage{}, false
	}
	r := RowLineage{Row: row, Rejected: rejected}
	ofRecord := q.RecordID == 0 || row.RecordID() == q.RecordID
	for _, field := range q.fieldsOf(row) {
		l, ok := row.Lineage(field)
		if ok && (ofRecord || l.comesFrom(q.RecordID)) {
			r.Values = append(r.Values, l)
		}
	}
	return r, len(r.Values) > 0 || len(row.cells) == 0 && ofRecord && rejected != nil
}

// comesFrom reports whether a record is the origin of a value, or of anything that it was made of.
func (l Lineage) comesFrom(recordID int64) bool {
	return l.Origin.RecordID == recordID || slices.ContainsFunc(l.From, func(from Lineage) bool { return from.comesFrom(recordID) })
}

func (q LineageQuery) fieldsOf(row CanonicalRow) []string {
	if q.Field != "" {
		return []string{q.Field}
	}
	fields := make([]string, len(row.cells))
	for i, c := range row.cells {
		fields[i] = c.field
	}
	return fields
}

// MarshalJSON returns an object that identifies the row and lists the requested values as
// [Lineage.MarshalJSON] does, without the other values of the row.
func (r RowLineage) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Domain     Domain       `json:"domain"`
		StudyKey   string       `json:"studyKey"`
		SubjectKey string       `json:"subjectKey"`
		RecordID   int64        `json:"recordId,omitzero"` // absent for ADSL
		FormKey    string       `json:"formKey,omitzero"`
		Rejected   []RowFinding `json:"rejected,omitzero"`
		Values     []Lineage    `json:"values"`
	}{r.Row.Domain, r.Row.StudyKey, r.Row.SubjectKey, r.Row.RecordID(), r.Row.FormKey(), r.Rejected, r.Values})
}

// MarshalJSON returns the lineage, including the sentence of [Lineage.String]. Values of PHI
// variables are masked.
func (l Lineage) MarshalJSON() ([]byte, error) {
	value, source, choice, modified := l.Value, l.Source, l.Choice, ""
	collected := l.AsCollected
	if l.Masked {
		value, source, choice = hidden(value), hidden(source), hidden(choice)
		if collected != "" {
			collected = masked
		}
	}
	if !l.Origin.DateModified.IsZero() {
		modified = l.Origin.DateModified.String()
	}
	return json.Marshal(struct {
		Domain        Domain         `json:"domain,omitzero"` // of a value in from
		Field         string         `json:"field"`
		Value         CanonicalValue `json:"value"`
		Origin        Origin         `json:"origin,omitzero"`
		DateModified  string         `json:"dateModified,omitzero"` // of the record, UTC
		Variable      string         `json:"variable,omitzero"`
		Source        CanonicalValue `json:"source"`
		Choice        CanonicalValue `json:"choice,omitzero"`
		Coding        *CodingOrigin  `json:"coding,omitzero"`
		Rule          int            `json:"rule"`
		Fallback      bool           `json:"fallback,omitzero"`
		Lookup        bool           `json:"lookup,omitzero"`
		Logic         string         `json:"logic,omitzero"`
		LogicKept     string         `json:"logicKept,omitzero"`
		Derived       string         `json:"derived,omitzero"`
		AsCollected   string         `json:"asCollected,omitzero"`
		Refused       string         `json:"refused,omitzero"`
		Masked        bool           `json:"masked,omitzero"`
		Configuration Configuration  `json:"configuration"`
		Sentence      string         `json:"sentence"`
		From          []Lineage      `json:"from,omitzero"`
	}{
		l.Domain, l.Field, value, l.Origin, modified, l.Variable, source, choice, l.Coding, l.Rule, l.Fallback, l.Lookup, l.Logic, l.LogicKept, l.Derived, collected, l.Refused, l.Masked,
		l.Configuration, l.String(), l.From,
	})
}

func hidden(v CanonicalValue) CanonicalValue {
	if v.IsNull() {
		return v
	}
	return TextValue(masked)
}
