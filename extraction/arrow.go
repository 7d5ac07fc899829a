package extraction

import (
	"cmp"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/argument"
)

// Batch is a batch of rows of one domain.
type Batch struct {
	Domain Domain
	Record arrow.Record
}

// BatchOptions configures [Run.Batches].
type BatchOptions struct {
	// Rows is the maximum number of rows per batch; 0 means 10,000.
	Rows int
	// Allocator is the allocator of batches; nil means Go's heap.
	Allocator memory.Allocator
	// Rejected, if set, receives the rejected rows and findings of each subject; the Rows of its
	// argument are nil. An error from it ends the run.
	Rejected func(SubjectRows) error
}

const defaultBatchRows = 10_000

// Batches yields Arrow batches of all domains as they fill up. A batch is valid until the next
// iteration; call Retain to keep it. An error is yielded once, as the last element.
//
// Columns are studyKey, subjectKey, subjectId, recordId, formKey, deleted, then the domain's fields
// (see Fields): text as utf8, flags as boolean, whole numbers as int64, numbers as float64 with the
// exact digits in <name>_text, dates as utf8 in ISO 8601 beside <name>_date, a date32 that is null
// unless the day is known. A value that the field's kind cannot hold is null there, and its text is
// in <name>_text. A list or an object is the text of its JSON. Settings.USUBJID adds USUBJID as the
// first field, and Settings.YesNoColumns adds <name>_yn, with Y, N or null, beside each flag. The
// metadata of a field's first column hold its "kind" and, if there is one, its "label": that of
// Settings.Labels, or else of the standard, or else of the source variable.
func (r *Run) Batches(opts BatchOptions) iter.Seq2[Batch, error] {
	return func(yield func(Batch, error) bool) {
		if opts.Rows < 0 {
			yield(Batch{}, argument.Invalid("extraction.Run.Batches", "Rows", "must not be negative"))
			return
		}
		w := newBatchWriter(r.engine.plan, opts)
		defer w.release()
		for subject, err := range r.Subjects() {
			if err != nil {
				yield(Batch{}, err)
				return
			}
			for _, row := range subject.Rows {
				if full := w.append(row); full && !w.flush(row.Domain, yield) {
					return
				}
			}
			if opts.Rejected != nil {
				subject.Rows = nil
				if err := opts.Rejected(subject); err != nil {
					yield(Batch{}, err)
					return
				}
			}
		}
		for _, domain := range Domains() {
			if !w.flush(domain, yield) {
				return
			}
		}
	}
}

// ArrowSchema returns the schema of a domain's batches. It depends only on the configuration.
func (e *Engine) ArrowSchema(domain Domain) *arrow.Schema { return e.plan.schema(domain) }

// columns are the fields of a domain that rows can have: the typed ones that are mapped or
// derived, then the other mapped ones.
func (p *plan) columns(domain Domain) []fieldSpec {
	var list []fieldSpec
	add := func(spec fieldSpec) {
		if spec.name != subjectKeyField && !slices.ContainsFunc(list, func(f fieldSpec) bool { return f.name == spec.name }) {
			list = append(list, spec)
		}
	}
	transposed := slices.ContainsFunc(p.rules, func(r *rule) bool { return r.domain == domain && r.param != "" })
	if p.usubjid != nil && slices.Contains(p.domains, domain) {
		add(domain.spec(usubjidField))
	}
	for _, spec := range fieldSpecs[domain] {
		implied := domain == ADLB && (spec.name == "PARAMCD" && transposed || spec.name == "AVALC" && p.hasField(ADLB, "AVAL"))
		if p.hasField(domain, spec.name) || p.derives(domain, spec.name) || implied {
			add(spec)
		}
	}
	for _, r := range p.rules {
		if r.domain == domain {
			add(r.spec)
		}
	}
	if p.settings.Analysis != nil {
		for _, i := range p.settings.Analysis.Imputation {
			if Domain(strings.ToUpper(i.Domain)) == domain && p.hasField(domain, i.Field) {
				add(domain.spec(i.Field + "F"))
				add(domain.spec(i.Field + "C"))
			}
		}
	}
	return list
}

// derives reports whether the analysis sets a field of the domain.
func (p *plan) derives(domain Domain, field string) bool {
	if p.settings.Analysis == nil || !slices.Contains(p.domains, domain) {
		return false
	}
	switch string(domain) + "." + field {
	case "ADAE.ASTDY", "ADAE.TRTEMFL":
		return p.hasField(ADAE, "ASTDT")
	case "ADAE.AENDY":
		return p.hasField(ADAE, "AENDT")
	case "ADLB.ADY":
		return p.hasField(ADLB, "ADT")
	case "ADAE.ASEQ", "ADLB.ASEQ":
		return true
	case "ADLB.BASE", "ADLB.CHG", "ADLB.PCHG", "ADLB.ABLFL":
		return p.settings.Analysis.Baseline != ""
	}
	return false
}

func (p *plan) schema(domain Domain) *arrow.Schema {
	text := arrow.BinaryTypes.String
	fields := []arrow.Field{
		{Name: "studyKey", Type: text}, {Name: subjectKeyField, Type: text},
		{Name: "subjectId", Type: arrow.PrimitiveTypes.Int64, Nullable: true},
		{Name: "recordId", Type: arrow.PrimitiveTypes.Int64, Nullable: true}, {Name: "formKey", Type: text, Nullable: true},
		{Name: "deleted", Type: arrow.FixedWidthTypes.Boolean},
	}
	for _, spec := range p.columns(domain) {
		fields = append(fields, p.arrowFields(domain, spec)...)
	}
	return arrow.NewSchema(fields, nil)
}

// kindNames are the metadata "kind" of a field's first column.
var kindNames = map[fieldKind]string{
	anyKind: "any", textKind: "text", numberKind: "number", integerKind: "integer", flagKind: "flag", dateKind: "date",
}

// arrowFields are the columns of one field.
func (p *plan) arrowFields(domain Domain, spec fieldSpec) []arrow.Field {
	field := arrow.Field{Name: spec.name, Type: arrow.BinaryTypes.String, Nullable: true, Metadata: p.metadata(domain, spec)}
	text := arrow.Field{Name: spec.name + "_text", Type: arrow.BinaryTypes.String, Nullable: true}
	switch spec.kind {
	case flagKind:
		field.Type = arrow.FixedWidthTypes.Boolean
		if p.settings.YesNoColumns {
			return []arrow.Field{field, {Name: spec.name + "_yn", Type: arrow.BinaryTypes.String, Nullable: true}, text}
		}
		return []arrow.Field{field, text}
	case numberKind:
		field.Type = arrow.PrimitiveTypes.Float64
		return []arrow.Field{field, text}
	case integerKind:
		field.Type = arrow.PrimitiveTypes.Int64
		return []arrow.Field{field, text}
	case dateKind:
		return []arrow.Field{field, {Name: spec.name + "_date", Type: arrow.FixedWidthTypes.Date32, Nullable: true}, text}
	}
	return []arrow.Field{field}
}

// metadata is what the first column of a field says of it.
func (p *plan) metadata(domain Domain, spec fieldSpec) arrow.Metadata {
	keys, values := []string{"kind"}, []string{kindNames[spec.kind]}
	if label := p.label(domain, spec.name); label != "" {
		keys, values = append(keys, "label"), append(values, label)
	}
	return arrow.NewMetadata(keys, values)
}

// batchWriter holds one builder for each domain.
type batchWriter struct {
	plan     *plan
	rows     int
	alloc    memory.Allocator
	builders map[Domain]*domainBuilder
}

type domainBuilder struct {
	columns []fieldSpec
	yesNo   bool // flags have a column of Y and N beside them
	builder *array.RecordBuilder
	rows    int
}

func newBatchWriter(p *plan, opts BatchOptions) *batchWriter {
	w := &batchWriter{plan: p, rows: opts.Rows, alloc: opts.Allocator, builders: map[Domain]*domainBuilder{}}
	if w.rows <= 0 {
		w.rows = defaultBatchRows
	}
	if w.alloc == nil {
		w.alloc = memory.NewGoAllocator()
	}
	return w
}

func (w *batchWriter) release() {
	for _, b := range w.builders {
		b.builder.Release()
	}
}

// append adds a row and reports whether its batch is full.
func (w *batchWriter) append(row CanonicalRow) bool {
	b := w.builders[row.Domain]
	if b == nil {
		b = &domainBuilder{columns: w.plan.columns(row.Domain), yesNo: w.plan.settings.YesNoColumns, builder: array.NewRecordBuilder(w.alloc, w.plan.schema(row.Domain))}
		w.builders[row.Domain] = b
	}
	b.append(row)
	b.rows++
	return b.rows >= w.rows
}

func (w *batchWriter) flush(domain Domain, yield func(Batch, error) bool) bool {
	b := w.builders[domain]
	if b == nil || b.rows == 0 {
		return true
	}
	b.rows = 0
	record := b.builder.NewRecord()
	defer record.Release()
	return yield(Batch{Domain: domain, Record: record}, nil)
}

func (b *domainBuilder) append(row CanonicalRow) {
	appendText(b.builder.Field(0), row.StudyKey, true)
	appendText(b.builder.Field(1), row.SubjectKey, true)
	appendInt(b.builder.Field(2), row.SubjectID, row.SubjectID != 0)
	appendInt(b.builder.Field(3), row.RecordID(), row.RecordID() != 0)
	appendText(b.builder.Field(4), row.FormKey(), row.FormKey() != "")
	b.builder.Field(5).(*array.BooleanBuilder).Append(row.Deleted)
	at := 6
	for _, spec := range b.columns {
		at += b.appendField(at, spec, row)
	}
}

// appendField fills the columns of a field from a place on, and returns how many they are.
func (b *domainBuilder) appendField(at int, spec fieldSpec, row CanonicalRow) int {
	v, _ := row.Get(spec.name)
	collected, _ := row.AsCollected(spec.name)
	column := b.builder.Field
	switch spec.kind {
	case flagKind:
		appendFlag(column(at), v)
		if b.yesNo {
			appendYesNo(column(at+1), v)
			appendText(column(at+2), collected, collected != "")
			return 3
		}
	case numberKind:
		n, ok := v.Number()
		appendNumber(column(at), n, ok)
		if ok {
			collected = n.String()
		}
	case integerKind:
		n, _ := v.Number()
		i, accuracy := n.Int64()
		appendInt(column(at), i, !n.IsZero() && accuracy == imednet.Exact)
		if !n.IsZero() {
			collected = n.String()
		}
	case dateKind:
		d, ok := v.Date()
		appendText(column(at), d.String(), ok)
		appendDay(column(at+1), d)
		appendText(column(at+2), collected, collected != "")
		return 3
	default:
		appendText(column(at), cmp.Or(v.String(), collected), !v.IsNull() || collected != "")
		return 1
	}
	appendText(column(at+1), collected, collected != "")
	return 2
}

func appendText(b array.Builder, s string, ok bool) {
	if !ok {
		b.AppendNull()
		return
	}
	b.(*array.StringBuilder).Append(s)
}

func appendInt(b array.Builder, i int64, ok bool) {
	if !ok {
		b.AppendNull()
		return
	}
	b.(*array.Int64Builder).Append(i)
}

// appendNumber appends the nearest float64, and null where none is near: infinities are no values.
func appendNumber(b array.Builder, n imednet.Number, ok bool) {
	f, accuracy := n.Float64()
	if !ok || accuracy == imednet.Overflow || accuracy == imednet.Underflow {
		b.AppendNull()
		return
	}
	b.(*array.Float64Builder).Append(f)
}

func appendFlag(b array.Builder, v CanonicalValue) {
	flag, _ := v.Flag()
	value, answered := flag.Bool()
	if !answered {
		b.AppendNull()
		return
	}
	b.(*array.BooleanBuilder).Append(value)
}

// appendYesNo appends a flag as SDTM and ADaM write it.
func appendYesNo(b array.Builder, v CanonicalValue) {
	flag, _ := v.Flag()
	appendText(b, flag.String(), flag != imednet.Unknown)
}

func appendDay(b array.Builder, d imednet.PartialDate) {
	day, ok := d.Date()
	if !ok {
		b.AppendNull()
		return
	}
	b.(*array.Date32Builder).Append(arrow.Date32(day.Time().Unix() / int64(24*time.Hour/time.Second)))
}
