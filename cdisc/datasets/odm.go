package datasets

import (
	"fmt"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/imednetgo/imednet/cdisc"
)

// recordItems are the columns about a record that stand in the group of its own.
var recordItems = []string{"visitId", "formId", "recordStatus", "dateCreated", "subjectId", "subjectOid", "recordOid", "recordType", "parentRecordId", "deleted", "dateModified"}

// ODM returns the tables of forms as forms of an ODM file, with every answer under its variable's
// name in the EDC system and dates as entered.
func (s *Set) ODM() ([]cdisc.ODMForm, error) {
	if s.Manifest.Layout != "forms" {
		return nil, fail("describe", "", fmt.Errorf("the data set has no tables of forms"))
	}
	var forms []cdisc.ODMForm
	for _, t := range s.tables {
		out := &source{table: t, dataset: cdisc.Dataset{Name: t.name, Source: t.name, Label: s.formName(t), Records: t.rows}}
		form := cdisc.ODMForm{Source: out, Place: cdisc.ODMPlace{Subject: "subjectKey", Site: "siteId", Event: "intervalId", EventRepeat: "visitId", Record: "recordId", Deleted: "deleted"}}
		known := map[string]bool{}
		for _, c := range recordColumns {
			known[c.source] = true
			if at := t.index(c.source); at >= 0 {
				out.addODM(cdisc.Variable{Name: c.source, Label: c.label, Source: c.source}, at, t.schema.Field(at))
			}
		}
		form.Record = recordItems
		names := map[string]int{}
		for at, field := range t.schema.Fields() {
			meta := metadataOf(field)
			if known[field.Name] || meta["part"] == "day" || meta["part"] == "precision" {
				continue // the text of a date says its day and its precision
			}
			name := orElse(meta["name"], field.Name)
			v := cdisc.Variable{Name: name, Label: orElse(meta["label"], name), Source: field.Name, OID: "IT." + t.name + "." + name, Alias: meta["variableId"], Codelist: s.codelist(t.name, name, meta["codelist"])}
			if names[strings.ToUpper(name)]++; names[strings.ToUpper(name)] > 1 {
				v.OID += "#" + meta["variableId"]
			}
			out.addODM(v, at, field)
			if meta["part"] == "entered" {
				out.dataset.Variables[len(out.dataset.Variables)-1].Type = cdisc.ISODate
			}
		}
		forms = append(forms, form)
	}
	return forms, nil
}

// addODM adds a column as it is: ODM has truth values and zones.
func (s *source) addODM(v cdisc.Variable, at int, field arrow.Field) {
	label := v.Label
	s.addColumn(v, at, field)
	added := &s.dataset.Variables[len(s.dataset.Variables)-1]
	added.Label, added.Format = label, ""
	switch t := field.Type.(type) {
	case *arrow.BooleanType:
		added.Type = cdisc.Boolean
		s.columns[len(s.columns)-1].read = func(a arrow.Array, i int) cdisc.Value { return cdisc.Bool(a.(*array.Boolean).Value(i)) }
	case *arrow.Int64Type:
		if v.Source == "intervalId" {
			s.columns[len(s.columns)-1].read = intervalOf
		}
	case *arrow.TimestampType:
		added.UTC = t.TimeZone != ""
	}
}

// intervalOf is the visit that a record belongs to; 0 is how a server may write that there is none.
func intervalOf(a arrow.Array, i int) cdisc.Value {
	if id := a.(*array.Int64).Value(i); id != 0 {
		return cdisc.Integer(id)
	}
	return cdisc.Value{}
}
