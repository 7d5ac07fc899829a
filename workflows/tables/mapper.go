package tables

import (
	"github.com/apache/arrow/go/v17/arrow/memory"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/argument"
)

// Defaults of a RecordMapper.
const (
	DefaultBatchRows  = 5000
	DefaultBatchBytes = 32 << 20
)

// Source is what a RecordMapper reads from. A Client is one, and so is the mirror
// once it holds the study's structure.
type Source interface {
	imednet.RecordSource
	imednet.FormReader
	imednet.VariableReader
}

// RecordMapper turns records into Arrow tables. It holds no state between calls and may be used
// by several goroutines, if its source may.
type RecordMapper struct {
	src        Source
	mem        memory.Allocator
	batchRows  int
	batchBytes int64
	progress   func(imednet.Progress)
	deid       *deidentifier
}

// Option is a setting of NewRecordMapper.
type Option func(*RecordMapper) error

// WithBatchRows sets the number of rows that ends a batch; default DefaultBatchRows.
func WithBatchRows(n int) Option {
	return func(m *RecordMapper) error {
		if n <= 0 {
			return invalidMapper("WithBatchRows", "the number of rows must be greater than zero")
		}
		m.batchRows = n
		return nil
	}
}

// WithBatchBytes sets the number of bytes that ends a batch, default DefaultBatchBytes. A batch
// may exceed it by one row. All unfinished batches of a run together stay below four times this
// size.
func WithBatchBytes(n int64) Option {
	return func(m *RecordMapper) error {
		if n <= 0 {
			return invalidMapper("WithBatchBytes", "the number of bytes must be greater than zero")
		}
		m.batchBytes = n
		return nil
	}
}

// WithAllocator sets the memory that batches live in; default is Go's heap.
func WithAllocator(mem memory.Allocator) Option {
	return func(m *RecordMapper) error {
		m.mem = mem
		return argument.Required("tables.WithAllocator", "mem", mem)
	}
}

// WithProgress has every run report how many records it has read.
func WithProgress(report func(imednet.Progress)) Option {
	return func(m *RecordMapper) error {
		m.progress = report
		return nil
	}
}

// NewRecordMapper returns a mapper over a source of records. The error is an
// *imednet.ValidationError.
func NewRecordMapper(src Source, opts ...Option) (*RecordMapper, error) {
	if src == nil {
		return nil, invalidMapper("src", "the source is nil")
	}
	m := &RecordMapper{src: src, mem: memory.DefaultAllocator, batchRows: DefaultBatchRows, batchBytes: DefaultBatchBytes}
	for _, opt := range opts {
		if err := opt(m); err != nil {
			return nil, err
		}
	}
	return m, nil
}

func invalidMapper(path, message string) error {
	return &imednet.ValidationError{What: "record mapper", Problems: []imednet.Problem{{Path: path, Message: message}}}
}

// MapOptions are the settings of one run. The zero value maps every active record of the study,
// under a plan made from its variables, with variable names as titles.
type MapOptions struct {
	// Plan fixes the schema; nil has one made from the study's variables.
	Plan *Plan
	// VisitKey keeps the records of one visit (its visitId). Text that is no whole number is an
	// error.
	VisitKey string
	// Forms keeps the records of these forms, by form key; empty keeps all. A key that the plan
	// does not know is an error.
	Forms []string
	// Variables keeps these columns, by variable name or "FORM.VARIABLE" in any case; empty
	// keeps all. It never leaves out rows. A name that the plan does not know is an error.
	Variables []string
	// Filter has the source select records, beside VisitKey and Forms.
	Filter imednet.Filter
	// IncludeDeleted maps soft-deleted records too; otherwise they are left out and counted.
	IncludeDeleted bool
	// Titles chooses variable names (default) or labels as column titles.
	Titles Titles
	// AllMetadata has Batches, Table and Reader emit every metadata column, as the tables of a
	// form do, and not only the reference's six.
	AllMetadata bool
	// OneSchema has FormBatches and FormTables give every form the schema of the wide frame
	// with all metadata columns, so that the tables of all forms can be read as one.
	OneSchema bool
	// Strict makes the first reject an error, a *RejectError inside an *imednet.Error.
	Strict bool
	// OnReject receives every value that does not fit, in order of record; an error from it ends
	// the run. nil only counts them.
	OnReject func(Reject) error
	// Report, if not nil, is filled in while the run goes on, and is complete when it has ended.
	Report *MapReport
}
