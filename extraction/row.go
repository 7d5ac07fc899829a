package extraction

import (
	"iter"
	"strconv"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/imednetgo/imednet"
)

// CanonicalRow is one row of a canonical data set: its fields in the order of the rules, each with
// its lineage.
type CanonicalRow struct {
	Domain     Domain
	StudyKey   string
	SubjectKey string
	SubjectID  int64   // 0 if the records carry none
	Deleted    bool    // whether the record or its subject is soft-deleted
	Origin     *Origin // record from which the row derives; nil for ADSL, whose fields derive from several

	configuration *Configuration // that made the row; nil for NewCanonicalRow
	param         string         // PARAMCD of a row of a wide laboratory form
	cells         []cell
}

// cell is one field of a row.
type cell struct {
	field string
	value CanonicalValue
	text  string // as it was collected, where the field's kind cannot hold it; value is then null
	trace *trace // never nil
}

// NewCanonicalRow returns a row of values that do not come from an extraction, for use with the
// standards checks. Fields are in the order of names; a name without a value is null.
func NewCanonicalRow(domain Domain, subjectKey string, recordID int64, names []string, values map[string]CanonicalValue) CanonicalRow {
	row := CanonicalRow{Domain: domain, SubjectKey: subjectKey, Origin: &Origin{RecordID: recordID}}
	for _, name := range names {
		row.cells = append(row.cells, cell{field: name, value: values[name], trace: untraced})
	}
	return row
}

// RecordID returns the id of the record from which the row derives, or 0 for ADSL.
func (r CanonicalRow) RecordID() int64 {
	if r.Origin == nil {
		return 0
	}
	return r.Origin.RecordID
}

// FormKey returns the key of the form from which the row derives, or "" for ADSL.
func (r CanonicalRow) FormKey() string {
	if r.Origin == nil {
		return ""
	}
	return r.Origin.FormKey
}

// Get returns the value of a field, and whether the row has the field. Every row has subjectKey.
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

// Text returns a field's text, or "" if it is missing.
func (r CanonicalRow) Text(field string) string {
	v, _ := r.Get(field)
	return v.String()
}

// AsCollected returns the text that a field's kind cannot hold, such as "<0.2" for a number, or the answer to
// seriousness of which a rule made a No that is refused, and whether there is one. The field's value is then null,
// and a finding gives the reason.
func (r CanonicalRow) AsCollected(field string) (text string, ok bool) {
	c := r.cell(field)
	if c == nil || c.text == "" {
		return "", false
	}
	return c.text, true
}

// cell finds a field; nil when the row has none of the name.
func (r CanonicalRow) cell(field string) *cell {
	for i := range r.cells {
		if r.cells[i].field == field {
			return &r.cells[i]
		}
	}
	return nil
}

// shown is a field's value as findings show it: masked where it identifies a person.
func (r CanonicalRow) shown(field string) CanonicalValue {
	v, _ := r.Get(field)
	if c := r.cell(field); c != nil {
		if v.IsNull() && c.text != "" {
			v = TextValue(c.text)
		}
		if c.trace.masked() {
			return hidden(v)
		}
	}
	return v
}

// Date returns a field's date, or the zero PartialDate if there is none.
func (r CanonicalRow) Date(field string) imednet.PartialDate {
	v, _ := r.Get(field)
	d, _ := v.Date()
	return d
}

// Number returns a field's exact number, or the zero Number if there is none.
func (r CanonicalRow) Number(field string) imednet.Number {
	v, _ := r.Get(field)
	n, _ := v.Number()
	return n
}

// Flag returns a field's flag, or [imednet.Unknown] if there is none.
func (r CanonicalRow) Flag(field string) imednet.YesNo {
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
func (r *CanonicalRow) set(field string, v CanonicalValue, t *trace) {
	for i := range r.cells {
		if r.cells[i].field == field {
			r.cells[i].value, r.cells[i].text, r.cells[i].trace = v, "", t
			return
		}
	}
	r.cells = append(r.cells, cell{field: field, value: v, trace: t})
}

// setText replaces a field, or adds it, with a text that its kind cannot hold.
func (r *CanonicalRow) setText(field, text string, t *trace) {
	r.set(field, CanonicalValue{}, t)
	r.cell(field).text = text
}

// MarshalJSON returns an object with subjectKey and subjectId, the fields in order, deleted if the
// row is deleted, asCollected with the texts that their fields cannot hold, and lineage with
// recordId and formKey.
func (r CanonicalRow) MarshalJSON() ([]byte, error) {
	out := []byte(`{"subjectKey":`)
	out, err := jsontext.AppendQuote(out, r.SubjectKey)
	if r.SubjectID != 0 {
		out = strconv.AppendInt(append(out, `,"subjectId":`...), r.SubjectID, 10)
	}
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
	if r.Deleted {
		out = append(out, `,"deleted":true`...)
	}
	if out, err = r.appendCollected(out); err != nil {
		return nil, err
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

// appendCollected adds the texts that no field can hold.
func (r CanonicalRow) appendCollected(out []byte) ([]byte, error) {
	open := `,"asCollected":{`
	for i := range r.cells {
		if r.cells[i].text == "" {
			continue
		}
		name, errName := jsontext.AppendQuote(nil, r.cells[i].field)
		text, errText := jsontext.AppendQuote(nil, r.cells[i].text)
		if err := firstError(errName, errText); err != nil {
			return nil, err
		}
		out = append(append(append(append(out, open...), name...), ':'), text...)
		open = ","
	}
	if open == "," {
		out = append(out, '}')
	}
	return out, nil
}

func firstError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
