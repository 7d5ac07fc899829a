package extraction

import (
	"iter"
	"slices"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"
)

// Batch is a batch of rows of one domain.
type Batch struct {
	Domain Domain
	Record arrow.Record
}

// BatchOptions are the settings of [Run.Batches].
type BatchOptions struct {
	// Rows is the greatest number of rows of a batch; 0 is 10,000.
	Rows int
	// Allocator is Go's when nil.
	Allocator memory.Allocator
	// Rejected, when set, receives the rejected rows and findings of each subject; its Rows are nil. An
	// error from it ends the run.
	Rejected func(SubjectRows) error
}

const defaultBatchRows = 10_000

// Batches yields Arrow batches of all domains as they fill up. A batch is
// valid until the next one is asked for; Retain it to keep it.
//
// Columns are studyKey, subjectKey, recordId, formKey, then the domain's fields (see Fields): text
// as utf8, flags as boolean, numbers as float64 beside <name>_text with the exact digits, dates as
// utf8 in ISO 8601 beside <name>_date, a date32 that is null unless the day is known. Nothing is
// imputed. The metadata key "kind" of a field names which it is.
func (r *Run) Batches(opts BatchOptions) iter.Seq2[Batch, error] {
	return func(yield func(Batch, error) bool) {
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

// ArrowSchema returns the schema of a domain's batches. It depends on the configuration alone.
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
		{Name: "recordId", Type: arrow.PrimitiveTypes.Int64, Nullable: true}, {Name: "formKey", Type: text, Nullable: true},
	}
	for _, spec := range p.columns(domain) {
		kind := [...]string{"any", "text", "number", "flag", "date"}[spec.kind]
		field := arrow.Field{Name: spec.name, Type: text, Nullable: true, Metadata: arrow.NewMetadata([]string{"kind"}, []string{kind})}
		switch spec.kind {
		case flagKind:
			field.Type = arrow.FixedWidthTypes.Boolean
			fields = append(fields, field)
		case numberKind:
			field.Type = arrow.PrimitiveTypes.Float64
			fields = append(fields, field, arrow.Field{Name: spec.name + "_text", Type: text, Nullable: true})
		case dateKind:
			fields = append(fields, field, arrow.Field{Name: spec.name + "_date", Type: arrow.FixedWidthTypes.Date32, Nullable: true})
		default:
			fields = append(fields, field)
		}
	}
	return arrow.NewSchema(fields, nil)
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
		b = &domainBuilder{columns: w.plan.columns(row.Domain), builder: array.NewRecordBuilder(w.alloc, w.plan.schema(row.Domain))}
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
	if id := row.RecordID(); id != 0 {
		b.builder.Field(2).(*array.Int64Builder).Append(id)
	} else {
		b.builder.Field(2).AppendNull()
	}
	appendText(b.builder.Field(3), row.FormKey(), row.FormKey() != "")
	at := 4
	for _, spec := range b.columns {
		v, _ := row.Get(spec.name)
		switch spec.kind {
		case flagKind:
			appendFlag(b.builder.Field(at), v)
		case numberKind:
			n, ok := v.Number()
			appendNumber(b.builder.Field(at), n, ok)
			at++
			appendText(b.builder.Field(at), n.String(), ok)
		case dateKind:
			d, ok := v.Date()
			appendText(b.builder.Field(at), d.String(), ok)
			at++
			appendDay(b.builder.Field(at), d)
		default:
			appendText(b.builder.Field(at), v.String(), !v.IsNull())
		}
		at++
	}
}

func appendText(b array.Builder, s string, ok bool) {
	if !ok {
		b.AppendNull()
		return
	}
	b.(*array.StringBuilder).Append(s)
}

func appendNumber(b array.Builder, n Number, ok bool) {
	if !ok {
		b.AppendNull()
		return
	}
	b.(*array.Float64Builder).Append(n.Float64())
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

func appendDay(b array.Builder, d PartialDate) {
	day, ok := d.Day()
	if !ok {
		b.AppendNull()
		return
	}
	b.(*array.Date32Builder).Append(arrow.Date32(day.Time().Unix() / int64(24*time.Hour/time.Second)))
}
