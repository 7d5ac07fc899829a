package structure

import (
	"errors"
	"io"
	"slices"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/argument"
	"github.com/imednetgo/imednet/internal/listing"
)

// structureJSON is the written form: forms once with their variables, intervals with the keys of
// their forms as the API names them, all rows with every member that the API sent.
type structureJSON struct {
	StudyKey       string                  `json:"studyKey"`
	Intervals      []jsontext.Value        `json:"intervals"`
	Forms          []formJSON              `json:"forms"`
	Unscheduled    unscheduledJSON         `json:"unscheduled"`
	Contradictions []imednet.Contradiction `json:"contradictions"`
}

type formJSON struct {
	Form      jsontext.Value   `json:"form"`
	Variables []jsontext.Value `json:"variables"`
}

type unscheduledJSON struct {
	FormKeys  []string         `json:"formKeys"`
	Variables []jsontext.Value `json:"variables"`
}

// MarshalJSON returns the design as one object: studyKey, intervals (rows of the API), forms (each
// {form, variables}), unscheduled {formKeys, variables} and contradictions. [Read] reads it back.
func (d *Design) MarshalJSON() ([]byte, error) {
	doc := structureJSON{StudyKey: d.StudyKey, Intervals: []jsontext.Value{}, Forms: []formJSON{},
		Unscheduled: unscheduledJSON{FormKeys: []string{}}, Contradictions: append([]imednet.Contradiction{}, d.Contradictions...)}
	var err error
	intervals := make([]imednet.Interval, len(d.Intervals))
	for i := range d.Intervals {
		intervals[i] = d.Intervals[i].Interval
	}
	if doc.Intervals, err = listing.EncodeRows(intervals, imednet.Encode[imednet.Interval]); err != nil {
		return nil, err
	}
	for _, f := range d.Forms {
		form, err := imednet.Encode(f.Form)
		if err != nil {
			return nil, err
		}
		variables, err := listing.EncodeRows(f.Variables, imednet.Encode[imednet.Variable])
		if err != nil {
			return nil, err
		}
		doc.Forms = append(doc.Forms, formJSON{form, variables})
	}
	for _, f := range d.Unscheduled.Forms {
		doc.Unscheduled.FormKeys = append(doc.Unscheduled.FormKeys, f.Form.FormKey.Or(""))
	}
	doc.Unscheduled.Variables, err = listing.EncodeRows(d.Unscheduled.Variables, imednet.Encode[imednet.Variable])
	if err != nil {
		return nil, err
	}
	return json.Marshal(doc, jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
}

// Read reads a design that [Design.MarshalJSON] wrote, so that it can be compared with a later one.
// It joins the rows again. From the contradictions in the file it keeps only those of rows that
// were listed twice, because the file contains each row once.
func Read(r io.Reader) (*Design, error) {
	if err := argument.Required("structure.Read", "r", r); err != nil {
		return nil, err
	}
	d, err := read(r)
	if err != nil {
		return nil, &imednet.Error{Package: "structure", Op: "read a design", Err: err}
	}
	return d, nil
}

// errNoDesign is said of JSON that is something else. Taken for a design, it would be an empty one, from
// which all that is there was removed.
var errNoDesign = errors.New("the document is no design: studyKey, intervals and forms are its members")

func read(r io.Reader) (*Design, error) {
	var doc structureJSON
	if err := json.UnmarshalRead(r, &doc, jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true)); err != nil {
		return nil, err
	}
	if doc.StudyKey == "" || doc.Intervals == nil || doc.Forms == nil {
		return nil, errNoDesign
	}
	intervals, err := decodeRows(doc.Intervals, imednet.Decode[imednet.Interval])
	if err != nil {
		return nil, err
	}
	var forms []imednet.Form
	variables, err := decodeRows(doc.Unscheduled.Variables, imednet.Decode[imednet.Variable])
	if err != nil {
		return nil, err
	}
	for _, f := range doc.Forms {
		form, err := imednet.Decode[imednet.Form](f.Form)
		if err != nil {
			return nil, err
		}
		own, err := decodeRows(f.Variables, imednet.Decode[imednet.Variable])
		if err != nil {
			return nil, err
		}
		forms, variables = append(forms, form), append(variables, own...)
	}
	d := join(doc.StudyKey, intervals, forms, variables)
	for _, c := range doc.Contradictions {
		if c.Kind == imednet.ListedTwice && !slices.Contains(d.Contradictions, c) {
			d.Contradictions = append(d.Contradictions, c)
		}
	}
	return d, nil
}

func decodeRows[T any](raws []jsontext.Value, decode func([]byte) (T, error)) ([]T, error) {
	var rows []T
	for _, raw := range raws {
		row, err := decode(raw)
		if err != nil {
			return nil, err
		}
		rows = append(rows, row)
	}
	return rows, nil
}
