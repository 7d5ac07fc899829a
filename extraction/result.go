package extraction

import (
	"errors"
	"fmt"
	"maps"

	"github.com/imednetgo/imednet"
)

// Sentinels that a caller can test for with errors.Is.
var (
	// ErrUnbalanced means that the counts of a run do not reconcile, which is a bug in this
	// library. The rows of the run must not be used.
	ErrUnbalanced = errors.New("the counts of the run do not reconcile")
	// ErrUngrouped means that a source did not list the records of a subject contiguously.
	ErrUngrouped = errors.New("records are not grouped by subject")
	// ErrRepeated means that a source listed a record of a subject more than once, so that its events would
	// be doubled.
	ErrRepeated = errors.New("the source lists a record more than once")
	// ErrNoSubjects means that a source can neither list records by subject nor list subjects.
	ErrNoSubjects = errors.New("the source cannot list records by subject")
)

// Reasons why records and candidate rows are excluded intentionally.
const (
	ExcludedDeleted = "deleted" // soft-deleted
	// ExcludedDeletedSubject is a record that is not deleted itself, but its subject is (see
	// [imednet.Record.IsDeletedWith]).
	ExcludedDeletedSubject = "deleted subject"
	ExcludedStatus         = "status"     // status is in ExcludeStatuses
	ExcludedNoSubject      = "no subject" // record without a subject's id and key, or one that [Run.Subjects] could not ask for
	ExcludedNoForm         = "no form"    // record of no form, or of none that the study has
	ExcludedNoRule         = "no rule"    // no rule reads its form
	ExcludedCondition      = "condition"  // the domain's condition is not true for the record
	ExcludedNoResult       = "no result"  // a transposed laboratory parameter without a result
)

// Counts holds counts that reconcile: In = Out + Rejected + the sum of Excluded.
type Counts struct {
	In       int64            `json:"in"`
	Out      int64            `json:"out"`
	Rejected int64            `json:"rejected"`
	Excluded map[string]int64 `json:"excluded,omitempty"` // by reason
}

// Balanced reports whether the counts reconcile.
func (c Counts) Balanced() bool {
	sum := c.Out + c.Rejected
	for _, n := range c.Excluded {
		sum += n
	}
	return c.In == sum
}

func (c *Counts) exclude(reason string, n int64) {
	if c.Excluded == nil {
		c.Excluded = map[string]int64{}
	}
	c.Excluded[reason] += n
}

// RuleCount holds the counts of one mapping rule.
type RuleCount struct {
	Rule      int    `json:"rule"`      // index in the configuration's mappings
	Target    string `json:"target"`    // DOMAIN.field
	Evaluated int64  `json:"evaluated"` // records
	Missing   int64  `json:"missing"`   // no value after all steps
	Fallback  int64  `json:"fallback"`  // the fallback value was used
	Looked    int64  `json:"lookedUp"`  // a terminology lookup changed the text
	Unmapped  int64  `json:"unmapped"`  // the text is not in the terminology
	Logic     int64  `json:"logic"`     // the expression produced the value
	Kept      int64  `json:"kept"`      // the expression evaluated to None and the previous value was kept
	Cleared   int64  `json:"cleared"`   // the expression evaluated to None and the previous value was cleared
	Untyped   int64  `json:"untyped"`   // the field's kind cannot hold the value
	Failed    int64  `json:"failed"`    // the expression failed
}

// Report holds the counts of a run. Records counts records; its Out counts those that at least one
// rule read. Domains counts candidate rows: one per record and domain with rules for its form, one
// per parameter of a transposed laboratory form, and for ADSL one per subject.
type Report struct {
	Subjects       int64             `json:"subjects"`
	Records        Counts            `json:"records"`
	Domains        map[Domain]Counts `json:"domains"`
	Rules          []RuleCount       `json:"rules"`
	UnmatchedForms []string          `json:"unmatchedForms,omitempty"` // forms that rules read but that have no records
	Findings       map[string]int64  `json:"findings,omitempty"`       // by code
	Errors         int64             `json:"errors"`                   // findings of severity ERROR
	Dictionaries   map[string]int64  `json:"dictionaries,omitempty"`   // terms taken from codings, by dictionary and version
}

// Rejected returns the number of rejected rows in all domains.
func (r Report) Rejected() int64 {
	var n int64
	for _, c := range r.Domains {
		n += c.Rejected
	}
	return n
}

// Sound reports whether no row was rejected and no finding is an error.
func (r Report) Sound() bool { return r.Errors == 0 && r.Rejected() == 0 }

// String returns one line, such as "3 subjects; 12 records, 9 of them read by rules, 2 deleted (1 with
// their subject), 1 no subject; 14 rows, 1 rejected, 3 left out by conditions; 2 findings, 1 of them errors".
func (r Report) String() string {
	var rows, unmet, findings, kept, cleared int64
	for _, c := range r.Domains {
		rows, unmet = rows+c.Out, unmet+c.Excluded[ExcludedCondition]
	}
	for _, n := range r.Findings {
		findings += n
	}
	for _, c := range r.Rules {
		kept, cleared = kept+c.Kept, cleared+c.Cleared
	}
	withSubject := r.Records.Excluded[ExcludedDeletedSubject]
	text := fmt.Sprintf("%d subjects; %d records, %d of them read by rules, %d deleted (%d with their subject)",
		r.Subjects, r.Records.In, r.Records.Out, r.Records.Excluded[ExcludedDeleted]+withSubject, withSubject)
	for _, reason := range []string{ExcludedStatus, ExcludedNoSubject, ExcludedNoForm} {
		if n := r.Records.Excluded[reason]; n > 0 {
			text += fmt.Sprintf(", %d %s", n, reason)
		}
	}
	text += fmt.Sprintf("; %d rows, %d rejected", rows, r.Rejected())
	if unmet > 0 {
		text += fmt.Sprintf(", %d left out by conditions", unmet)
	}
	text += fmt.Sprintf("; %d findings, %d of them errors", findings, r.Errors)
	if kept+cleared > 0 {
		text += fmt.Sprintf("; expressions without a value: %d kept the value before, %d cleared it", kept, cleared)
	}
	return text
}

// Balanced reports whether all counts of the run reconcile.
func (r Report) Balanced() bool {
	for _, c := range r.Domains {
		if !c.Balanced() {
			return false
		}
	}
	return r.Records.Balanced()
}

func (r Report) clone() Report {
	r.Domains, r.Findings, r.Dictionaries = maps.Clone(r.Domains), maps.Clone(r.Findings), maps.Clone(r.Dictionaries)
	return r
}

// RowFinding is one reason why a row was rejected. Its message contains no value.
type RowFinding struct {
	Type    string `json:"type"` // missing, type, source or expression
	Field   string `json:"field"`
	Rule    int    `json:"rule"` // index in the configuration's mappings; -1 if no rule is involved
	Line    int    `json:"line,omitzero"`
	Column  int    `json:"column,omitzero"` // in the expression, from 1
	Message string `json:"message"`
}

// The types of a RowFinding.
const (
	RejectedMissing    = "missing"    // a required value is null or blank
	RejectedType       = "type"       // the value has the wrong kind; the payload keeps its text
	RejectedSource     = "source"     // the source cannot be read with certainty
	RejectedExpression = "expression" // the rule's expression failed; its field has no value
)

// RejectedRow is a rejected row: the values that the rules produced, and the reasons why it is in
// no data set.
type RejectedRow struct {
	RecordID   int64        `json:"recordId,omitzero"` // 0 for ADSL
	FormKey    string       `json:"formKey,omitzero"`  // "" for ADSL
	Domain     Domain       `json:"domain"`
	SubjectKey string       `json:"subjectKey"`
	Parameter  string       `json:"parameter,omitzero"` // PARAMCD of a transposed laboratory result
	Payload    CanonicalRow `json:"payload"`            // values of PHI variables are masked
	Findings   []RowFinding `json:"errors"`
}

// Finding is an observation on a row that a person should review. The row is kept unchanged.
type Finding struct {
	Code       string           `json:"code"`
	Severity   Severity         `json:"severity"`
	Domain     Domain           `json:"domain"`
	RecordID   int64            `json:"recordId,omitzero"`
	FormKey    string           `json:"formKey,omitzero"`
	SubjectKey string           `json:"subjectKey"`
	Field      string           `json:"field"`
	Message    string           `json:"message"` // contains no value
	Values     []CanonicalValue `json:"values,omitzero"`
}

// The codes of a Finding.
const (
	FindingSeriousUnknown = "serious-unknown"  // seriousness of the event is unanswered, or not in words that say Yes or No
	FindingDeathUnknown   = "death-unknown"    // a rule made No of a flag of death without an answer that says so, or nothing beside the No of another record; the No is not used
	FindingNotTyped       = "not-typed"        // the field's kind cannot hold the value; its text is kept
	FindingConflict       = "conflict"         // records give an ADSL field different values, and none is chosen; or an expression read one that did not stand
	FindingEndBeforeStart = "end-before-start" // certain at the precision of both dates
	FindingUnmappedTerm   = "unmapped-term"    // a text is not in its terminology
	FindingNotNumeric     = "not-numeric"      // a laboratory result is not a number; its text is kept and AVAL is empty
	FindingSubjectKey     = "subject-key"      // records of one subject carry different subject keys, or a record's id and key are those of no listed subject
	FindingNotDerived     = "not-derived"      // a variable is empty because a value it is derived from is missing or partial, or was when it was read
	FindingBaselineTie    = "baseline-tie"     // several results qualify as baseline, or may, and none is certainly the last
	FindingUnits          = "units"            // results of one parameter are in different units, or in an unknown unit
	FindingCoding         = "coding"           // the coding of an answer is outdated, or several differ
	FindingUSUBJID        = "usubjid"          // two subjects have the same USUBJID
	FindingForm           = "form"             // the record's form id and key contradict the study
	FindingRepeated       = "repeated"         // a record gives an answer more than once, and differently, also in spellings that differ in case
)

// severityOf is the severity of a code, unless the finding has its own.
func severityOf(code string, own Severity) Severity {
	switch {
	case own != "":
		return own
	case code == FindingSeriousUnknown || code == FindingNotTyped || code == FindingConflict || code == FindingUnits || code == FindingForm || code == FindingUSUBJID || code == FindingRepeated:
		return SeverityError
	}
	return SeverityWarning
}

// SubjectRows is the complete result for one subject.
type SubjectRows struct {
	SubjectID  int64 // 0 if the records carry none
	SubjectKey string
	Rows       []CanonicalRow // ADSL first, then in order of record time and domain
	Rejected   []RejectedRow
	Findings   []Finding
	Visits     []imednet.Visit // without soft-deleted ones; nil if Options.Visits is not set
}

// Of returns the rows of one domain, in order.
func (s SubjectRows) Of(domain Domain) []CanonicalRow {
	var rows []CanonicalRow
	for _, row := range s.Rows {
		if row.Domain == domain {
			rows = append(rows, row)
		}
	}
	return rows
}
