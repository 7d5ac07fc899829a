package dictionary

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/imednetgo/imednet/internal/answers"
)

// Dictionary is a study's design as described by its export. Cells are kept as written; duplicates
// are kept and reported, never merged.
type Dictionary struct {
	StudyKey string     `json:"studyKey,omitempty"` // as given by the caller; an export does not name its study
	Files    []FileInfo `json:"files"`
	Forms    []*Form    `json:"forms"` // in the order of the file
	// Rules are the edit checks, including those of forms, in the order of the file.
	Rules    []*Rule   `json:"rules"`
	Findings []Finding `json:"findings"`

	tables   map[string]*Table
	notRead  []string         // files of the export without which it was made
	document *ToolkitDocument // from which it was made, instead of tables
}

// Form is one form of the design.
type Form struct {
	Key         string      `json:"key"`
	ID          string      `json:"id,omitempty"` // text, like all ids in an export
	Name        string      `json:"name,omitempty"`
	Type        string      `json:"type,omitempty"` // Patient, Site, …; the vocabulary is open
	Title       string      `json:"title,omitempty"`
	Description string      `json:"description,omitempty"`
	Listed      bool        `json:"listed"` // whether FORMS.csv lists the form; false for a form that only questions name
	Questions   []*Question `json:"questions"`
	Options     []Option    `json:"options,omitempty"` // other non-blank columns
	Row         int         `json:"row,omitempty"`
}

// Question is one question of a form.
type Question struct {
	Form     string    `json:"form"`
	Name     string    `json:"name"`
	Type     string    `json:"type,omitempty"` // Radio, Number, Date/Time Precision, …; the vocabulary is open
	Label    string    `json:"label,omitempty"`
	Sequence string    `json:"sequence,omitempty"`
	Required Required  `json:"required,omitempty"`
	Choices  []*Choice `json:"choices,omitempty"`
	Options  []Option  `json:"options,omitempty"`
	Row      int       `json:"row,omitempty"`
}

// Choice is one choice of a Radio or Dropdown question.
type Choice struct {
	Text     string `json:"text"`
	Code     string `json:"code,omitempty"` // blank for more than half of the choices in a real export
	Position string `json:"position,omitempty"`
	// Options are the other columns that are not blank, and the Variable Type where it is not the question's.
	Options []Option `json:"options,omitempty"`
	Row     int      `json:"row,omitempty"`
}

// Rule is one edit check or other piece of business logic.
type Rule struct {
	ID       string   `json:"id,omitempty"`
	Type     string   `json:"type,omitempty"` // Form, Workflow, Query, …; the vocabulary is open
	Name     string   `json:"name,omitempty"`
	Status   string   `json:"status,omitempty"` // only rules with Active run
	Form     string   `json:"form,omitempty"`   // key of the form; blank except for Form rules
	Sequence string   `json:"sequence,omitempty"`
	XML      string   `json:"xml,omitempty"` // the logic, byte for byte
	Logic    *Element `json:"-"`             // the logic as a tree; nil if there is none or it cannot be read
	Options  []Option `json:"options,omitempty"`
	Row      int      `json:"row,omitempty"`

	lost bool // the document that it comes from may have left out its logic
}

// hasLogic reports whether the rule has logic, readable or not, or may have had.
func (r *Rule) hasLogic() bool { return r.Logic != nil || r.lost || strings.TrimSpace(r.XML) != "" }

// Option is a cell that no field of this package holds, with the header of its column; beyond the header row that is
// "column N", counted from 1.
type Option struct {
	Header string `json:"header"`
	Text   string `json:"text"`
}

// Required states whether a question must be answered. The vocabulary is open.
type Required string

// The words of a real export, and one that only the form designer offers.
const (
	Optional  Required = "Optional"
	Soft      Required = "Soft"       // a blank is reported to the person entering data
	AutoQuery Required = "Auto Query" // a blank is reported and opens a query
	Hard      Required = "Hard"       // a blank is rejected
	Confirm   Required = "Confirm"    // never observed; treated as Soft
)

// Queried reports whether a blank is at least reported, and whether the word is known.
func (r Required) Queried() (queried, known bool) {
	switch r.fold() {
	case "soft", "autoquery", "hard", "confirm":
		return true, true
	case "optional", "":
		return false, true
	}
	return false, false
}

// IsHard reports whether a blank is rejected.
func (r Required) IsHard() bool { return r.fold() == "hard" }

func (r Required) fold() string { return foldHeader(string(r)) }

// Form returns the form with exactly this key, and whether there is one. If the key is duplicated
// it returns the last form, as the Python toolkit does.
func (d *Dictionary) Form(key string) (*Form, bool) {
	for _, f := range slices.Backward(d.Forms) {
		if f.Key == key {
			return f, true
		}
	}
	return nil, false
}

// Question returns the form's question with exactly this name, and whether there is one. If the
// name is duplicated it returns the last question.
func (f *Form) Question(name string) (*Question, bool) {
	for _, q := range slices.Backward(f.Questions) {
		if q.Name == name {
			return q, true
		}
	}
	return nil, false
}

// distinct are the questions without those that come again: their last row describes them.
func (f *Form) distinct() []*Question {
	return lastOfEach(f.Questions, func(q *Question) string { return q.Name })
}

// Known reports whether a file of the export was read, so that its contents are known even if they
// are empty.
func (d *Dictionary) Known(file string) bool { return d.tables[file] != nil }

// Table returns the table of a file of the export, or nil if the file was not read.
func (d *Dictionary) Table(file string) *Table { return d.tables[file] }

// Option returns the cell of another column by its header, in any spelling; "" if it is blank or
// absent.
func (q *Question) Option(header string) string { return option(q.Options, header) }

// Option returns the cell of another column by its header, in any spelling; "" if it is blank or
// absent.
func (c *Choice) Option(header string) string { return option(c.Options, header) }

// Option returns the cell of another column by its header, in any spelling; "" if it is blank or
// absent.
func (f *Form) Option(header string) string { return option(f.Options, header) }

// Option returns the cell of another column by its header, in any spelling; "" if it is blank or
// absent.
func (r *Rule) Option(header string) string { return option(r.Options, header) }

func option(options []Option, header string) string {
	for _, o := range options {
		if answers.SameLetters(o.Header, header) {
			return o.Text
		}
	}
	return ""
}

// Active reports whether the rule runs.
func (r *Rule) Active() bool { return strings.EqualFold(strings.TrimSpace(r.Status), "active") }

// Generated reports whether the form designer generated the rule from the columns of a question,
// and from which question.
func (r *Rule) Generated() (question string, ok bool) {
	for _, prefix := range []string{"Generated by Form Designer, req on field: ", "Generated by Form Designer, future_date on field: "} {
		if name, found := strings.CutPrefix(strings.TrimSpace(r.Name), prefix); found {
			return name, true
		}
	}
	return "", false
}

// InvalidError reports an export with findings of severity [Error]. The dictionary returned with it
// holds everything that could be read.
type InvalidError struct{ Findings []Finding }

// Error lists the first findings, at most twenty.
func (e *InvalidError) Error() string {
	lines := make([]string, 0, 20)
	for _, f := range e.Findings[:min(len(e.Findings), 20)] {
		lines = append(lines, f.String())
	}
	if more := len(e.Findings) - len(lines); more > 0 {
		lines = append(lines, fmt.Sprintf("and %d more", more))
	}
	return "dictionary: " + cmp.Or(strings.Join(lines, "; "), "the export is not valid")
}

func (d *Dictionary) invalid() error {
	var bad []Finding
	for _, f := range d.Findings {
		if f.Severity == Error {
			bad = append(bad, f)
		}
	}
	if len(bad) == 0 {
		return nil
	}
	return &InvalidError{bad}
}

// Strict returns an error if the export has errors or warnings. Unknown columns are only notes, so
// that a real export passes.
func (d *Dictionary) Strict() error {
	var bad []Finding
	for _, f := range d.Findings {
		if f.Severity != Note {
			bad = append(bad, f)
		}
	}
	if len(bad) == 0 {
		return nil
	}
	return &InvalidError{bad}
}

// String returns one line, such as "21 forms, 616 questions, 441 choices, 499 rules, 3 findings".
func (d *Dictionary) String() string {
	questions, choices := 0, 0
	for _, f := range d.Forms {
		questions += len(f.Questions)
		for _, q := range f.Questions {
			choices += len(q.Choices)
		}
	}
	return fmt.Sprintf("%d forms, %d questions, %d choices, %d rules, %d findings", len(d.Forms), questions, choices, len(d.Rules), len(d.Findings))
}
