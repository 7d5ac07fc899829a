package tables

import (
	"unicode/utf8"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"github.com/imednetgo/imednet"
)

// metadataField is a field of the record itself that has a column.
type metadataField struct {
	name string
	typ  arrow.DataType
	put  putField
}

// putField appends a field, and returns its JSON when it is not of the documented type.
type putField func(b fieldBuilder, r *imednet.Record, c *cover) []byte

// fieldBuilder builds the column of a field.
type fieldBuilder interface {
	reserve(r room) // before the first row
	skip(n int)     // appends n nulls
	textBytes() int
	newArray() arrow.Array // leaves no rows
	release()
}

func newFieldBuilder(mem memory.Allocator, typ arrow.DataType) fieldBuilder {
	switch typ {
	case textType:
		return &textBuilder{mem: mem}
	case instantType:
		return &fixedBuilder[arrow.Timestamp]{mem: mem, typ: typ}
	case arrow.PrimitiveTypes.Int64:
		return &fixedBuilder[int64]{mem: mem, typ: typ}
	}
	return arrowBuilder{array.NewBuilder(mem, typ)}
}

// metadataFields lists the metadata columns: the Python package's six in its order, then the others.
var metadataFields = []metadataField{
	{"recordId", arrow.PrimitiveTypes.Int64, func(b fieldBuilder, r *imednet.Record, _ *cover) []byte {
		b.(*fixedBuilder[int64]).append(r.RecordID)
		return nil
	}},
	{"subjectKey", textType, putSubjectKey},
	{"visitId", arrow.PrimitiveTypes.Int64, putID(func(r *imednet.Record) imednet.Opt[int64] { return r.VisitID })},
	{"formId", arrow.PrimitiveTypes.Int64, putID(func(r *imednet.Record) imednet.Opt[int64] { return r.FormID })},
	{"recordStatus", textType, putWord("recordStatus", func(r *imednet.Record) imednet.Opt[string] { return r.RecordStatus })},
	{"dateCreated", instantType, putInstant(func(r *imednet.Record) imednet.Opt[imednet.Time] { return r.DateCreated })},

	{"siteId", arrow.PrimitiveTypes.Int64, putID(func(r *imednet.Record) imednet.Opt[int64] { return r.SiteID })},
	{"intervalId", arrow.PrimitiveTypes.Int64, putID(func(r *imednet.Record) imednet.Opt[int64] { return r.IntervalID })},
	{"subjectId", arrow.PrimitiveTypes.Int64, putSubjectID},
	{"subjectOid", textType, putCovered(func(r *imednet.Record) imednet.Opt[string] { return r.SubjectOID })},
	{"recordOid", textType, putCovered(func(r *imednet.Record) imednet.Opt[string] { return r.RecordOID })},
	{"recordType", textType, putWord("recordType", func(r *imednet.Record) imednet.Opt[string] { return r.RecordType })},
	{"parentRecordId", arrow.PrimitiveTypes.Int64, putID(func(r *imednet.Record) imednet.Opt[int64] { return r.ParentRecordID })},
	{"deleted", arrow.FixedWidthTypes.Boolean, putDeleted},
	{"dateModified", instantType, putInstant(func(r *imednet.Record) imednet.Opt[imednet.Time] { return r.DateModified })},
}

// fewMetadata is the number of metadata columns that the Python package has.
const fewMetadata = 6

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

func putID(get func(*imednet.Record) imednet.Opt[int64]) putField {
	return func(b fieldBuilder, r *imednet.Record, _ *cover) []byte {
		o := get(r)
		if v, ok := o.Get(); ok {
			b.(*fixedBuilder[int64]).append(v)
			return nil
		}
		b.skip(1)
		return o.Raw()
	}
}

// putSubjectID leaves the id out of a de-identified run: the pseudonym stands for the subject.
func putSubjectID(b fieldBuilder, r *imednet.Record, c *cover) []byte {
	if c != nil {
		b.skip(1)
		return r.SubjectID.Raw()
	}
	return putID(func(r *imednet.Record) imednet.Opt[int64] { return r.SubjectID })(b, r, nil)
}

// putSubjectKey appends the record's own key or, in a de-identified run, the subject's pseudonym,
// also for a record that names its subject by id alone.
func putSubjectKey(b fieldBuilder, r *imednet.Record, c *cover) []byte {
	if c == nil {
		return appendText(b, r.SubjectKey)
	}
	if name, ok := c.subject(); ok {
		b.(*textBuilder).appendString(name)
	} else {
		b.skip(1)
	}
	return r.SubjectKey.Raw()
}

func putWord(field string, get func(*imednet.Record) imednet.Opt[string]) putField {
	return func(b fieldBuilder, r *imednet.Record, c *cover) []byte { return appendText(b, c.word(field, get(r))) }
}

func putCovered(get func(*imednet.Record) imednet.Opt[string]) putField {
	return func(b fieldBuilder, r *imednet.Record, c *cover) []byte {
		o := get(r)
		if v, ok := o.Get(); ok && c != nil {
			o = imednet.Some(c.textPseudonym(v))
		}
		return appendText(b, o)
	}
}

// appendText appends a text of Unicode. An Opt holds no other that it read itself.
func appendText(b fieldBuilder, o imednet.Opt[string]) []byte {
	v, ok := o.Get()
	if !ok {
		b.skip(1)
		return o.Raw()
	}
	if !utf8.ValidString(v) {
		b.skip(1)
		return quoted(v)
	}
	b.(*textBuilder).appendString(v)
	return nil
}

// quoted is a text between quotes with its bytes as they are.
func quoted(v string) []byte { return []byte(`"` + v + `"`) }

func putDeleted(b fieldBuilder, r *imednet.Record, _ *cover) []byte {
	if v, ok := r.Deleted.Get(); ok {
		b.(arrowBuilder).Builder.(*array.BooleanBuilder).Append(v)
		return nil
	}
	b.skip(1)
	return r.Deleted.Raw()
}

// putInstant appends microseconds. An instant that is finer than that, which the API never
// documented, is refused rather than cut.
func putInstant(get func(*imednet.Record) imednet.Opt[imednet.Time]) putField {
	return func(b fieldBuilder, r *imednet.Record, c *cover) []byte {
		o := get(r)
		t, ok := o.Get()
		if !ok {
			b.skip(1)
			return o.Raw()
		}
		if t.Nanosecond()%1000 != 0 {
			b.skip(1)
			return quoted(t.String())
		}
		b.(*fixedBuilder[arrow.Timestamp]).append(arrow.Timestamp(c.instant(t).UnixMicro()))
		return nil
	}
}
