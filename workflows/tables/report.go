package tables

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"unicode/utf8"

	"github.com/imednetgo/imednet"
)

// MapReport counts what a run read and what happened to it. Records reconcile:
//
//	Records = Rows + RecordsRejected + Deleted + OtherForms + OtherVisits + NotSelected
//
// and so do the populated answers (neither null nor empty text) of the records that became rows:
//
//	Values = Cells + Extra + Missing + Rejected + Withheld + NotRequested
//
// A run that ended early has counted what it read.
type MapReport struct {
	Records         int64 `json:"records"`
	Rows            int64 `json:"rows"`
	RecordsRejected int64 `json:"recordsRejected"`
	Deleted         int64 `json:"deleted"` // soft-deleted records left out
	// Doubtful is the part of Deleted whose flag cannot be read (see [imednet.Record.DoubtfulDeletion]).
	Doubtful    int64 `json:"doubtful,omitzero"`
	OtherForms  int64 `json:"otherForms"`  // left out by MapOptions.Forms
	OtherVisits int64 `json:"otherVisits"` // left out by MapOptions.VisitKey
	NotSelected int64 `json:"notSelected"` // left out by MapOptions.Answers and Select
	// Unclear is the part of NotSelected that MapOptions.Answers leaves out only because an answer is
	// ambiguous (see [imednet.Filter.UnclearAnswers]).
	Unclear int64 `json:"unclear,omitempty"`

	Values       int64 `json:"values"`
	Cells        int64 `json:"cells"`        // in a declared column
	Extra        int64 `json:"extra"`        // in an extra column
	Rejected     int64 `json:"rejected"`     // passed to MapOptions.OnReject
	Withheld     int64 `json:"withheld"`     // dropped by de-identification
	NotRequested int64 `json:"notRequested"` // left out by MapOptions.Variables
	// Missing counts the answers of white space only in columns that hold no text, such as numbers.
	// They are null there.
	Missing int64 `json:"missing,omitempty"`

	// FieldsRejected counts rejected fields of the record itself, such as a visitId that is not a
	// number. They are not answers and not part of Values.
	FieldsRejected int64 `json:"fieldsRejected"`
	// FieldsMasked counts the fields of the record itself that de-identification replaced by [Mask].
	FieldsMasked int64 `json:"fieldsMasked,omitempty"`

	// Forms holds the counts of each form in the order of the plan.
	Forms []FormReport `json:"forms"`
	// Contradictions counts, by kind, the records whose form was not found or was found despite a
	// contradiction, including records that were left out.
	Contradictions map[imednet.ContradictionKind]int64 `json:"contradictions,omitempty"`
}

// String returns the line that the export command prints.
func (r MapReport) String() string {
	text := fmt.Sprintf("%d records = %d rows + %d rejected + %d deleted + %d not selected; %d answers = %d cells + %d in extra columns + %d rejected + %d withheld + %d not asked for",
		r.Records, r.Rows, r.RecordsRejected, r.Deleted, r.OtherForms+r.OtherVisits+r.NotSelected, r.Values, r.Cells, r.Extra, r.Rejected, r.Withheld, r.NotRequested)
	if r.Missing > 0 {
		text += fmt.Sprintf(" + %d missing", r.Missing)
	}
	if r.FieldsRejected > 0 {
		text += fmt.Sprintf("; %d fields of records were not of their type", r.FieldsRejected)
	}
	return text
}

// clone returns a copy that a run does not count on.
func (r *MapReport) clone() MapReport {
	c := *r
	c.Contradictions = maps.Clone(r.Contradictions)
	c.Forms = slices.Clone(r.Forms)
	for i := range c.Forms {
		c.Forms[i].Reasons = maps.Clone(c.Forms[i].Reasons)
		c.Forms[i].Undeclared = maps.Clone(c.Forms[i].Undeclared)
	}
	return c
}

// FormReport counts what happened to the records of one form.
type FormReport struct {
	FormKey      string `json:"formKey"`
	Rows         int64  `json:"rows"`
	Values       int64  `json:"values"`
	Cells        int64  `json:"cells"`
	Extra        int64  `json:"extra"`
	Rejected     int64  `json:"rejected"`
	Withheld     int64  `json:"withheld"`
	NotRequested int64  `json:"notRequested"`
	Missing      int64  `json:"missing,omitempty"` // as in [MapReport]
	// Reasons counts the rejects by reason, including those of record fields and of whole records.
	Reasons map[Reason]int64 `json:"reasons,omitempty"`
	// Undeclared counts, by key, the answers under keys that no variable declares, whether in extra
	// columns or rejected. Keys beyond the first 1,000 are counted together under "…".
	Undeclared map[string]int64 `json:"undeclared,omitempty"`
	// Masked counts the answers that de-identification replaced by [Mask]. They are also counted in
	// Cells, Extra or Rejected.
	Masked int64 `json:"masked,omitempty"`
	// Padded counts the numbers that were surrounded by white space. They are also counted in
	// Cells.
	Padded int64 `json:"padded,omitempty"`
}

const (
	reportedKeys  = 1000
	otherKeysName = "…"
)

func (f *FormReport) undeclared(key []byte) {
	if !utf8.Valid(key) {
		key = strconv.AppendQuoteToASCII(nil, string(key))
	}
	if f.Undeclared == nil {
		f.Undeclared = map[string]int64{}
	}
	n, known := f.Undeclared[string(key)]
	if !known && len(f.Undeclared) >= reportedKeys {
		f.Undeclared[otherKeysName]++
		return
	}
	f.Undeclared[string(key)] = n + 1
}

func (f *FormReport) reason(r Reason) {
	if f.Reasons == nil {
		f.Reasons = map[Reason]int64{}
	}
	f.Reasons[r]++
}

// sum enters the totals of all forms.
func (r *MapReport) sum() {
	r.Rows, r.Values, r.Cells, r.Extra, r.Rejected, r.Withheld, r.NotRequested, r.Missing = 0, 0, 0, 0, 0, 0, 0, 0
	for _, f := range r.Forms {
		r.Rows += f.Rows
		r.Values += f.Values
		r.Cells += f.Cells
		r.Extra += f.Extra
		r.Rejected += f.Rejected
		r.Withheld += f.Withheld
		r.NotRequested += f.NotRequested
		r.Missing += f.Missing
	}
}

// Form returns the counts of one form, and whether the report has it.
func (r *MapReport) Form(formKey string) (*FormReport, bool) {
	for i := range r.Forms {
		if f := &r.Forms[i]; f.FormKey == formKey {
			return f, true
		}
	}
	return nil, false
}

// mapProgress hands the number of records read to a func(imednet.Progress).
type mapProgress struct {
	op, studyKey string
	report       func(imednet.Progress)
}

const progressEvery = 1000

func (p mapProgress) tell(done int64, final bool) {
	if p.report != nil && (final || done%progressEvery == 0) {
		p.report(imednet.Progress{Op: p.op, StudyKey: p.studyKey, Done: done})
	}
}
