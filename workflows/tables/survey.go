package tables

import (
	"strings"
	"time"

	"github.com/imednetgo/imednet"
)

// survey looks at the answers of a form and keeps none but, for a while, the different texts of
// a column.
type survey struct {
	columns []columnSurvey
}

type columnSurvey struct {
	typ      ColumnType
	fitting  int64 // values of the column's own type
	broad    bool  // some value needs the broad type
	words    bool  // some value is neither true nor false
	notInt   int64 // numbers that an int64 cannot hold
	notFloat int64 // and those that a float64 cannot
	layout   string
	texts    map[string]struct{}
}

func newSurvey(f *FormPlan) *survey {
	s := &survey{columns: make([]columnSurvey, len(f.Columns))}
	for i, c := range f.Columns {
		s.columns[i] = columnSurvey{typ: c.Type, texts: map[string]struct{}{}}
	}
	return s
}

func (s *survey) putMetadata(*imednet.Record, *cover, func(string, []byte)) {}

func (s *survey) endRow(int) int64 { return 0 }

func (s *survey) write(column int, c cell) Reason {
	col := &s.columns[column]
	switch col.typ {
	case TypeFloat64:
		if n, ok := numberOf(c); ok {
			col.fitting++
			col.noteNumber(n)
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

func (col *columnSurvey) noteNumber(n imednet.Number) {
	if _, accuracy := n.Int64(); accuracy != imednet.Exact {
		col.notInt++
	}
	if _, accuracy := n.Float64(); accuracy != imednet.Exact {
		col.notFloat++
	}
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
		case col.typ == TypeFloat64 && !col.broad && col.notInt <= col.notFloat:
			c.Type = TypeInt64
		case col.typ == TypeDate && c.takesPartialDates(): // a later answer may be partial
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
