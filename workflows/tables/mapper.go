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
			return argument.Invalid("tables.WithBatchRows", "n", "must be greater than zero")
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
			return argument.Invalid("tables.WithBatchBytes", "n", "must be greater than zero")
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
		return argument.Required("tables.WithProgress", "report", report)
	}
}

// NewRecordMapper returns a mapper over a source of records. The error is an
// *imednet.ValidationError.
func NewRecordMapper(src Source, opts ...Option) (*RecordMapper, error) {
	if err := argument.Required("tables.NewRecordMapper", "src", src); err != nil {
		return nil, err
	}
	m := &RecordMapper{src: src, mem: memory.DefaultAllocator, batchRows: DefaultBatchRows, batchBytes: DefaultBatchBytes}
	for _, opt := range opts {
		if err := opt(m); err != nil {
			return nil, err
		}
	}
	return m, nil
}
