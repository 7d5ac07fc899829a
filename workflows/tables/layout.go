package tables

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/answers"
)

// metadataField is a field of the record itself that has a column.
type metadataField struct {
	name string
	typ  arrow.DataType
	// put appends the field, and returns its JSON when it is not of the documented type.
	put func(b array.Builder, r *imednet.Record, cover *subjectCover) []byte
}

var instantType = &arrow.TimestampType{Unit: arrow.Microsecond, TimeZone: "UTC"}

// metadataFields lists the metadata columns: the reference's six in its order, then the others.
var metadataFields = []metadataField{
	{"recordId", arrow.PrimitiveTypes.Int64, func(b array.Builder, r *imednet.Record, _ *subjectCover) []byte {
		b.(*array.Int64Builder).Append(r.RecordID)
		return nil
	}},
	{"subjectKey", arrow.BinaryTypes.String, putCovered(func(r *imednet.Record) imednet.Opt[string] { return r.SubjectKey })},
	{"visitId", arrow.PrimitiveTypes.Int64, putID(func(r *imednet.Record) imednet.Opt[int64] { return r.VisitID })},
	{"formId", arrow.PrimitiveTypes.Int64, putID(func(r *imednet.Record) imednet.Opt[int64] { return r.FormID })},
	{"recordStatus", arrow.BinaryTypes.String, putText(func(r *imednet.Record) imednet.Opt[string] { return r.RecordStatus })},
	{"dateCreated", instantType, putInstant(func(r *imednet.Record) imednet.Opt[imednet.Time] { return r.DateCreated })},

	{"siteId", arrow.PrimitiveTypes.Int64, putID(func(r *imednet.Record) imednet.Opt[int64] { return r.SiteID })},
	{"intervalId", arrow.PrimitiveTypes.Int64, putID(func(r *imednet.Record) imednet.Opt[int64] { return r.IntervalID })},
	{"subjectId", arrow.PrimitiveTypes.Int64, putSubjectID},
	{"subjectOid", arrow.BinaryTypes.String, putCovered(func(r *imednet.Record) imednet.Opt[string] { return r.SubjectOID })},
	{"recordOid", arrow.BinaryTypes.String, putCovered(func(r *imednet.Record) imednet.Opt[string] { return r.RecordOID })},
	{"recordType", arrow.BinaryTypes.String, putText(func(r *imednet.Record) imednet.Opt[string] { return r.RecordType })},
	{"parentRecordId", arrow.PrimitiveTypes.Int64, putID(func(r *imednet.Record) imednet.Opt[int64] { return r.ParentRecordID })},
	{"deleted", arrow.FixedWidthTypes.Boolean, putDeleted},
	{"dateModified", instantType, putInstant(func(r *imednet.Record) imednet.Opt[imednet.Time] { return r.DateModified })},
}

// referenceMetadata is the number of metadata columns that the reference has.
const referenceMetadata = 6

// reservedTitles are the titles that no variable gets: the metadata columns, whether or not a
// table has them, and the keys of a partitioned directory.
var reservedTitles = append([]string{"studyKey", "formKey"}, metadataNames()...)

func metadataNames() []string {
	names := make([]string, len(metadataFields))
	for i, f := range metadataFields {
		names[i] = f.name
	}
	return names
}

func putID(get func(*imednet.Record) imednet.Opt[int64]) func(array.Builder, *imednet.Record, *subjectCover) []byte {
	return func(b array.Builder, r *imednet.Record, _ *subjectCover) []byte {
		o := get(r)
		if v, ok := o.Get(); ok {
			b.(*array.Int64Builder).Append(v)
			return nil
		}
		b.AppendNull()
		return o.Raw()
	}
}

func putSubjectID(b array.Builder, r *imednet.Record, cover *subjectCover) []byte {
	if cover != nil {
		b.AppendNull()
		return nil
	}
	return putID(func(r *imednet.Record) imednet.Opt[int64] { return r.SubjectID })(b, r, nil)
}

func putText(get func(*imednet.Record) imednet.Opt[string]) func(array.Builder, *imednet.Record, *subjectCover) []byte {
	return func(b array.Builder, r *imednet.Record, _ *subjectCover) []byte {
		return appendText(b, get(r), nil)
	}
}

func putCovered(get func(*imednet.Record) imednet.Opt[string]) func(array.Builder, *imednet.Record, *subjectCover) []byte {
	return func(b array.Builder, r *imednet.Record, cover *subjectCover) []byte {
		return appendText(b, get(r), cover)
	}
}

func appendText(b array.Builder, o imednet.Opt[string], cover *subjectCover) []byte {
	v, ok := o.Get()
	if !ok {
		b.AppendNull()
		return o.Raw()
	}
	if cover != nil {
		v = cover.pseudonym(v)
	}
	b.(*array.StringBuilder).Append(validText(v))
	return nil
}

func putDeleted(b array.Builder, r *imednet.Record, _ *subjectCover) []byte {
	if v, ok := r.Deleted.Get(); ok {
		b.(*array.BooleanBuilder).Append(v)
		return nil
	}
	b.AppendNull()
	return r.Deleted.Raw()
}

// putInstant appends microseconds. An instant that is finer than that, which the API never
// documented, is refused rather than cut.
func putInstant(get func(*imednet.Record) imednet.Opt[imednet.Time]) func(array.Builder, *imednet.Record, *subjectCover) []byte {
	return func(b array.Builder, r *imednet.Record, cover *subjectCover) []byte {
		o := get(r)
		t, ok := o.Get()
		if !ok {
			b.AppendNull()
			return o.Raw()
		}
		if t.Nanosecond()%1000 != 0 {
			b.AppendNull()
			return []byte(strconv.Quote(t.String()))
		}
		at := t.Time
		if cover != nil {
			at = at.AddDate(0, 0, cover.shiftDays)
		}
		b.(*array.TimestampBuilder).Append(arrow.Timestamp(at.UnixMicro()))
		return nil
	}
}

// tableLayout is the schema of one table and where its parts come from.
type tableLayout struct {
	schema   *arrow.Schema
	metadata []metadataField
	columns  []Column // with the types that the table has
	rowWidth int64
}

// Places of a form's columns that no table column holds.
const (
	placeNotRequested = -1
	placeWithheld     = -2
)

// layoutOf lays out a table over the columns of some forms, and tells for each form where in the
// table its columns are. Titles are given before anything is left out, so that they do not depend
// on what a caller asks for.
func (run *mapRun) layoutOf(forms []*formRun, allMetadata bool) (*tableLayout, [][]int) {
	var columns []*Column
	for _, f := range forms {
		for i := range f.plan.Columns {
			columns = append(columns, &f.plan.Columns[i])
		}
	}
	titles := assignTitles(columns, run.opts.Titles)
	layout := &tableLayout{metadata: metadataFields}
	if !allMetadata {
		layout.metadata = metadataFields[:referenceMetadata]
	}
	var fields []arrow.Field
	for _, meta := range layout.metadata {
		fields = append(fields, arrow.Field{Name: meta.name, Type: meta.typ, Nullable: meta.name != "recordId"})
		layout.rowWidth += 8
	}
	places := make([][]int, len(forms))
	for i, f := range forms {
		places[i] = make([]int, len(f.plan.Columns))
		for j, h := range f.hide {
			c := f.plan.Columns[j]
			_, c.Type = run.m.deid.hidingOf(&c)
			places[i][j] = run.placeOf(f, &c, h, len(layout.columns))
			if places[i][j] >= 0 {
				layout.columns = append(layout.columns, c)
				layout.rowWidth += c.Type.rowWidth()
				fields = append(fields, columnFields(&c, titles[j], run.opts.Titles, h)...)
			}
		}
		titles = titles[len(f.hide):]
	}
	layout.schema = arrow.NewSchema(fields, schemaMetadata(run.studyKey, forms))
	return layout, places
}

// placeOf returns next, or why the column has no place in the table.
func (run *mapRun) placeOf(f *formRun, c *Column, h hiding, next int) int {
	switch {
	case h == hideDrop:
		return placeWithheld
	case !f.wanted, !requested(c, run.opts.Variables):
		return placeNotRequested
	}
	return next
}

func requested(c *Column, names []string) bool {
	return len(names) == 0 || slices.ContainsFunc(names, func(name string) bool {
		return answers.Fold(name) == answers.Fold(c.Name) || answers.Fold(name) == answers.Fold(c.Form+"."+c.Name)
	})
}

func schemaMetadata(studyKey string, forms []*formRun) *arrow.Metadata {
	keys, values := []string{"studyKey"}, []string{validText(studyKey)}
	if len(forms) == 1 {
		keys = append(keys, "form", "formName")
		values = append(values, validText(forms[0].plan.FormKey), validText(forms[0].plan.FormName))
	}
	meta := arrow.NewMetadata(keys, values)
	return &meta
}

// columnFields returns the Arrow fields of a column. Their metadata say where it comes from.
func columnFields(c *Column, title string, by Titles, h hiding) []arrow.Field {
	names, types := fieldNames(validText(title), c.Type, by), c.Type.dataTypes()
	parts := []string{"entered", "day", "precision"}
	fields := make([]arrow.Field, len(types))
	for i := range types {
		keys, values := columnMetadata(c)
		if len(types) > 1 {
			keys, values = append(keys, "part"), append(values, parts[i])
		}
		if h != hideNothing {
			keys, values = append(keys, "deidentified"), append(values, h.String())
		}
		fields[i] = arrow.Field{Name: names[i], Type: types[i], Nullable: true, Metadata: arrow.NewMetadata(keys, values)}
	}
	return fields
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
	if len(c.Codelist) > 0 {
		codes, _ := json.Marshal(c.Codelist)
		add("codelist", string(codes))
	}
	return keys, values
}
