package tables

import (
	"encoding/json"
	"fmt"

	"github.com/apache/arrow/go/v17/arrow"
)

// tableLayout is the schema of one table and where its parts come from.
type tableLayout struct {
	schema   *arrow.Schema
	metadata []metadataField
	columns  []*Column // with the types that the table has
}

// starts are the places of the columns' first fields in the schema.
func (l *tableLayout) starts() []int {
	starts, next := make([]int, len(l.columns)), len(l.metadata)
	for i := range l.columns {
		starts[i] = next
		next += len(l.columns[i].Type.dataTypes())
	}
	return starts
}

// Places of a form's columns that no table column holds.
const (
	placeNotRequested = -1
	placeWithheld     = -2
)

// layoutOf lays out a table over the columns of some forms, and says for each form where in the
// table its columns are. Titles are given before anything is left out, so that they do not depend
// on what a caller asks for.
func (p *pass) layoutOf(forms []*formPass, allMetadata bool) (*tableLayout, [][]int) {
	var columns []*Column
	for _, f := range forms {
		for i := range f.plan.Columns {
			columns = append(columns, &f.plan.Columns[i])
		}
	}
	titles := assignTitles(columns, p.opts.Titles)
	layout := &tableLayout{metadata: metadataFields}
	if !allMetadata {
		layout.metadata = metadataFields[:fewMetadata]
	}
	var fields []arrow.Field
	for _, meta := range layout.metadata {
		fields = append(fields, arrow.Field{Name: meta.name, Type: meta.typ, Nullable: meta.name != "recordId"})
	}
	places := make([][]int, len(forms))
	for i, f := range forms {
		places[i] = make([]int, len(f.plan.Columns))
		for j, h := range f.treatments {
			c := h.column(&f.plan.Columns[j])
			places[i][j] = p.placeOf(f, c, h, len(layout.columns))
			if places[i][j] >= 0 {
				layout.columns = append(layout.columns, c)
				fields = append(fields, f.columnFields(j, c, titles[j], p.opts.Titles)...)
			}
		}
		titles = titles[len(f.treatments):]
	}
	layout.schema = arrow.NewSchema(fields, schemaMetadata(p.studyKey, forms))
	return layout, places
}

// placeOf returns next, or why the column has no place in the table.
func (p *pass) placeOf(f *formPass, c *Column, h treatment, next int) int {
	switch {
	case h == treatDrop:
		return placeWithheld
	case !f.wanted, !p.requested(c):
		return placeNotRequested
	}
	return next
}

// requested reports whether MapOptions.Variables has a column, or is empty.
func (p *pass) requested(c *Column) bool {
	return len(p.variables) == 0 || p.variables[[2]string{c.Form, c.Name}]
}

func schemaMetadata(studyKey string, forms []*formPass) *arrow.Metadata {
	keys, values := []string{"studyKey"}, []string{validText(studyKey)}
	if len(forms) == 1 {
		keys = append(keys, "form", "formName")
		values = append(values, validText(forms[0].plan.FormKey), validText(forms[0].plan.FormName))
	}
	meta := arrow.NewMetadata(keys, values)
	return &meta
}

// columnFields returns the Arrow fields of a column of the form, which has the type of the table. All
// tables with the column share the metadata, which say where it comes from.
func (f *formPass) columnFields(column int, c *Column, title string, by Titles) []arrow.Field {
	names, types := fieldNames(validText(title), c.Type, by), c.Type.dataTypes()
	if f.described[column] == nil {
		f.described[column] = describe(c, len(types), f.treatments[column])
	}
	fields := make([]arrow.Field, len(types))
	for i := range types {
		fields[i] = arrow.Field{Name: names[i], Type: types[i], Nullable: true, Metadata: f.described[column][i]}
	}
	return fields
}

// describe returns the metadata of the fields of a column.
func describe(c *Column, fields int, h treatment) []arrow.Metadata {
	parts := []string{"entered", "day", "precision"}
	described := make([]arrow.Metadata, fields)
	for i := range described {
		keys, values := columnMetadata(c)
		if fields > 1 {
			keys, values = append(keys, "part"), append(values, parts[i])
		}
		if h.String() != "" {
			keys, values = append(keys, "deidentified"), append(values, h.String())
		}
		described[i] = arrow.NewMetadata(keys, values)
	}
	return described
}

func columnMetadata(c *Column) (keys, values []string) {
	add := func(key, value string) {
		if value != "" {
			keys, values = append(keys, key), append(values, validText(value))
		}
	}
	add("name", c.Name)
	add("form", c.Form)
	add("label", c.Label)
	add("variableOid", c.VariableOID)
	add("declaredType", c.DeclaredType)
	add("dictionaryType", c.DictionaryType)
	add("layout", c.Layout)
	if c.VariableID != 0 {
		add("variableId", fmt.Sprint(c.VariableID))
		add("revision", fmt.Sprint(c.Revision))
	}
	if c.Retired {
		add("retired", "true")
	}
	if c.Extra {
		add("extra", "true")
	}
	if len(c.Choices) > 0 {
		add("choices", choiceMetadata(c.Choices))
	}
	if len(c.Codelist) > 0 {
		codes, _ := json.Marshal(c.Codelist)
		add("codelist", string(codes))
	}
	return keys, values
}
