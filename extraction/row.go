package extraction

import (
	"iter"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// CanonicalRow is one row of a canonical data set: its fields in the order of the rules, each with its
// lineage.
type CanonicalRow struct {
	Domain     Domain
	StudyKey   string
	SubjectKey string
	SubjectID  int64   // 0 when the records carry none
	Origin     *Origin // the record it comes from; nil for ADSL, whose fields come from several

	configuration *Configuration // that made the row; nil for NewCanonicalRow
	cells         []cell
}

// cell is one field of a row.
type cell struct {
	field string
	value CanonicalValue
	trace trace
}

// NewCanonicalRow makes a row of values that do not come from an extraction, for the standards checks.
// Fields keep the order of names; a name without a value is null.
func NewCanonicalRow(domain Domain, subjectKey string, recordID int64, names []string, values map[string]CanonicalValue) CanonicalRow {
	row := CanonicalRow{Domain: domain, SubjectKey: subjectKey, Origin: &Origin{RecordID: recordID}}
	for _, name := range names {
		row.cells = append(row.cells, cell{field: name, value: values[name]})
	}
	return row
}

// RecordID returns the record that the row comes from; 0 for ADSL.
func (r CanonicalRow) RecordID() int64 {
	if r.Origin == nil {
		return 0
	}
	return r.Origin.RecordID
}

// FormKey returns the form that the row comes from; "" for ADSL.
func (r CanonicalRow) FormKey() string {
	if r.Origin == nil {
		return ""
	}
	return r.Origin.FormKey
}

// Get returns the value of a field and whether the row has the field. subjectKey is always there.
func (r CanonicalRow) Get(field string) (CanonicalValue, bool) {
	for i := range r.cells {
		if r.cells[i].field == field {
			return r.cells[i].value, true
		}
	}
	if field == subjectKeyField {
		return TextValue(r.SubjectKey), true
	}
	return CanonicalValue{}, false
}

// Text returns a field's text, "" when it is missing.
func (r CanonicalRow) Text(field string) string {
	v, _ := r.Get(field)
	return v.String()
}

// Date returns a field's date; the zero date when there is none.
func (r CanonicalRow) Date(field string) PartialDate {
	v, _ := r.Get(field)
	d, _ := v.Date()
	return d
}

// Number returns a field's exact number; the zero Number when there is none.
func (r CanonicalRow) Number(field string) Number {
	v, _ := r.Get(field)
	n, _ := v.Number()
	return n
}

// Flag returns a field's flag; Unanswered when there is none.
func (r CanonicalRow) Flag(field string) Tri {
	v, _ := r.Get(field)
	flag, _ := v.Flag()
	return flag
}

// Fields yields the fields in order.
func (r CanonicalRow) Fields() iter.Seq2[string, CanonicalValue] {
	return func(yield func(string, CanonicalValue) bool) {
		for i := range r.cells {
			if !yield(r.cells[i].field, r.cells[i].value) {
				return
			}
		}
	}
}

// set replaces a field or adds it.
func (r *CanonicalRow) set(field string, v CanonicalValue, t trace) {
	for i := range r.cells {
		if r.cells[i].field == field {
			r.cells[i].value, r.cells[i].trace = v, t
			return
		}
	}
	r.cells = append(r.cells, cell{field, v, t})
}

// MarshalJSON writes subjectKey, then the fields in order, then recordId and formKey as lineage.
func (r CanonicalRow) MarshalJSON() ([]byte, error) {
	out := []byte(`{"subjectKey":`)
	out, err := jsontext.AppendQuote(out, r.SubjectKey)
	for i := range r.cells {
		if r.cells[i].field == subjectKeyField {
			continue
		}
		name, errName := jsontext.AppendQuote(nil, r.cells[i].field)
		value, errValue := r.cells[i].value.MarshalJSON()
		if err = firstError(err, errName, errValue); err != nil {
			return nil, err
		}
		out = append(append(append(append(out, ','), name...), ':'), value...)
	}
	if r.Origin == nil {
		return append(out, '}'), err
	}
	origin, errOrigin := json.Marshal(r.Origin)
	if err = firstError(err, errOrigin); err != nil {
		return nil, err
	}
	return append(append(append(out, `,"lineage":`...), origin...), '}'), nil
}

func firstError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
