package tables

import (
	"context"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/imednetgo/imednet"
)

// InferOptions are the settings of InferPlan.
type InferOptions struct {
	// Plan is what to start from; nil is a plan made from the study's variables.
	Plan *Plan
	// ExtraColumns adds a text column for every key that holds an answer and that no variable
	// declares, up to 1,000 a form.
	ExtraColumns bool
	// KeepTypes leaves the types as the variables declare them.
	KeepTypes bool
}

// dictionaryLimit is the number of different texts up to which a column becomes a dictionary, if
// every text stands there twice on average.
const dictionaryLimit = 1000

// InferPlan reads all records of the study once, deleted ones included, and returns a plan that
// fits them more closely: numbers that are all written as integers become int64, dates that are
// all complete date32, date-times that all have one form timestamps, texts that are all true or
// false booleans, and texts that repeat dictionaries. The plan says no more about the data than
// this, and the undeclared keys. Keep it and give it to later runs: a later value that does not
// fit is a reject, so the schema never moves.
func (m *RecordMapper) InferPlan(ctx context.Context, studyKey string, opts InferOptions) (*Plan, error) {
	extra := map[string]map[string]bool{}
	plain := *m
	plain.deid = nil // the survey keeps no value
	run, err := plain.begin(ctx, "infer", studyKey, MapOptions{
		Plan: opts.Plan, IncludeDeleted: true,
		OnReject: func(r Reject) error {
			noteExtra(extra, r)
			return nil
		},
	})
	if err != nil {
		return nil, err
	}
	surveys := make([]*survey, len(run.forms))
	for i, f := range run.forms {
		surveys[i] = newSurvey(f.plan)
		f.sink = surveys[i]
		for j := range f.plan.Columns {
			f.places = append(f.places, j)
		}
	}
	if err := run.each(ctx, func(string, arrow.Record) bool { return true }); err != nil {
		return nil, err
	}
	plan := run.plan.clone()
	plan.Inferred = true
	for i := range plan.Forms {
		f := &plan.Forms[i]
		if !opts.KeepTypes {
			surveys[i].narrow(f.Columns)
		}
		if opts.ExtraColumns {
			f.addExtra(extra[f.FormKey])
		}
	}
	return plan, nil
}

func noteExtra(extra map[string]map[string]bool, r Reject) {
	if r.Reason != ReasonUndeclared && r.Reason != ReasonAmbiguous || !utf8.ValidString(r.Variable) {
		return
	}
	keys := extra[r.FormKey]
	if keys == nil {
		keys = map[string]bool{}
		extra[r.FormKey] = keys
	}
	if len(keys) < reportedKeys {
		keys[r.Variable] = true
	}
}

// addExtra appends columns for undeclared keys in the order of their names.
func (f *FormPlan) addExtra(keys map[string]bool) {
	var names []string
	for key := range keys {
		names = append(names, key)
	}
	slices.Sort(names)
	for _, name := range names {
		f.Columns = append(f.Columns, Column{Name: name, Type: TypeText, Form: f.FormKey, Extra: true})
	}
}

// survey looks at the answers of a form and keeps none but, for a while, the different texts of
// a column.
type survey struct {
	columns []columnSurvey
}

type columnSurvey struct {
	typ     ColumnType
	fitting int64 // values of the column's own type
	broad   bool  // some value needs the broad type
	words   bool  // some value is neither true nor false
	layout  string
	texts   map[string]struct{}
}

func newSurvey(f *FormPlan) *survey {
	s := &survey{columns: make([]columnSurvey, len(f.Columns))}
	for i, c := range f.Columns {
		s.columns[i] = columnSurvey{typ: c.Type, texts: map[string]struct{}{}}
	}
	return s
}

func (s *survey) putMetadata(*imednet.Record, *subjectCover, func(string, []byte)) {}

func (s *survey) endRow(int) {}

func (s *survey) write(column int, c cell) Reason {
	col := &s.columns[column]
	switch col.typ {
	case TypeFloat64:
		if _, ok := numberOf(c); ok {
			col.fitting++
			col.broad = col.broad || strings.ContainsAny(string(c.text), ".eE")
		}
	case TypeDate:
		col.fitting++
		layout := layoutOfDate(c.text)
		col.broad = col.broad || layout == "" || col.layout != "" && layout != col.layout
		col.layout = layout
	case TypeText:
		col.fitting++
		col.noteText(c)
	}
	return ""
}

func (col *columnSurvey) noteText(c cell) {
	text := string(c.text)
	col.words = col.words || text != "true" && text != "false"
	if col.broad {
		return
	}
	col.texts[text] = struct{}{}
	if len(col.texts) > dictionaryLimit {
		col.broad, col.texts = true, nil
	}
}

// narrow enters what the survey found into the columns that it surveyed.
func (s *survey) narrow(columns []Column) {
	for i := range s.columns {
		col, c := &s.columns[i], &columns[i]
		if col.fitting == 0 || c.Extra {
			continue
		}
		switch {
		case col.typ == TypeFloat64 && !col.broad:
			c.Type = TypeInt64
		case col.typ == TypeDate && !col.broad && col.layout == time.DateOnly:
			c.Type = TypeDate32
		case col.typ == TypeDate && !col.broad:
			c.Type, c.Layout = TypeTimestamp, col.layout
		case col.typ == TypeText && !col.words:
			c.Type = TypeBool
		case col.typ == TypeText && !col.broad && col.fitting >= 2*int64(len(col.texts)):
			c.Type = TypeDictionary
		}
	}
}

// layoutOfDate returns the form in which a complete date or date-time is written, as package time
// has it, or "" for anything that a date32 or timestamp would not give back as it was.
func layoutOfDate(text []byte) string {
	d, err := imednet.ParsePartialDate(text)
	if _, zoned := d.Offset(); err != nil || zoned {
		return ""
	}
	layout := time.DateOnly
	switch d.Precision() {
	case imednet.PrecisionDay:
	case imednet.PrecisionMinute, imednet.PrecisionSecond:
		if len(text) <= len(layout) {
			return ""
		}
		clock := map[imednet.DatePrecision]string{imednet.PrecisionMinute: "15:04", imednet.PrecisionSecond: time.TimeOnly}
		layout += string(text[len(layout)]) + clock[d.Precision()]
	default:
		return ""
	}
	if t, err := time.Parse(layout, string(text)); err != nil || t.Format(layout) != string(text) {
		return ""
	}
	return layout
}
