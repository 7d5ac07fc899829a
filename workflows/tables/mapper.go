package tables

import (
	"context"

	"github.com/apache/arrow/go/v17/arrow/memory"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/argument"
)

// Defaults of a [RecordMapper].
const (
	DefaultBatchRows  = 5000
	DefaultBatchBytes = 32 << 20
)

// Source is what a [RecordMapper] reads from. A Client implements it, and so does the mirror once
// it holds the study's structure.
type Source interface {
	imednet.RecordSource
	imednet.FormReader
	imednet.VariableReader
}

const maxBatchBytes = 256 << 20

// RecordMapper maps records to Arrow tables. It holds no state between calls and is safe for
// concurrent use if its source is.
type RecordMapper struct {
	src        Source
	mem        memory.Allocator
	batchRows  int
	batchBytes int64
	progress   func(imednet.Progress)
	deid       *deidentifier
}

// Option configures [NewRecordMapper].
type Option func(*RecordMapper) error

// WithBatchRows sets the number of rows at which a batch ends; the default is [DefaultBatchRows].
func WithBatchRows(n int) Option {
	return func(m *RecordMapper) error {
		if n <= 0 {
			return argument.Invalid("tables.WithBatchRows", "n", "must be greater than zero")
		}
		m.batchRows = n
		return nil
	}
}

// WithBatchBytes sets the size in bytes at which a batch ends; the default is [DefaultBatchBytes].
// A batch may exceed it by one row. All unfinished batches of a run together stay below four times
// this size, and the memory that they have ready for further rows below about as much again. More than
// 256 MiB count as 256 MiB, since the texts of an Arrow column have 2 GiB at most.
func WithBatchBytes(n int64) Option {
	return func(m *RecordMapper) error {
		if n <= 0 {
			return argument.Invalid("tables.WithBatchBytes", "n", "must be greater than zero")
		}
		m.batchBytes = min(n, maxBatchBytes)
		return nil
	}
}

// WithAllocator sets the allocator of batches; the default is Go's heap.
func WithAllocator(mem memory.Allocator) Option {
	return func(m *RecordMapper) error {
		m.mem = mem
		return argument.Required("tables.WithAllocator", "mem", mem)
	}
}

// WithProgress sets a function to which every run reports how many records it has read.
func WithProgress(report func(imednet.Progress)) Option {
	return func(m *RecordMapper) error {
		m.progress = report
		return argument.Required("tables.WithProgress", "report", report)
	}
}

// Origin identifies the state of a study that the mapper reads, if its source can (see
// [imednet.OriginOf]).
func (m *RecordMapper) Origin(ctx context.Context, studyKey string) (imednet.Origin, error) {
	if err := argument.Named("tables.RecordMapper.Origin", "studyKey", studyKey); err != nil {
		return imednet.Origin{}, err
	}
	return imednet.OriginOf(ctx, m.src, studyKey)
}

// NewRecordMapper returns a mapper of the records of a source. The error is an
// *[imednet.ValidationError].
func NewRecordMapper(src Source, opts ...Option) (*RecordMapper, error) {
	if err := argument.Required("tables.NewRecordMapper", "src", src); err != nil {
		return nil, err
	}
	m := &RecordMapper{src: src, mem: memory.DefaultAllocator, batchRows: DefaultBatchRows, batchBytes: DefaultBatchBytes}
	if err := argument.Options("tables.NewRecordMapper", m, opts); err != nil {
		return nil, err
	}
	return m, nil
}
