package arrowbridge

import (
	"sync/atomic"

	arrow18 "github.com/apache/arrow-go/v18/arrow"
	array18 "github.com/apache/arrow-go/v18/arrow/array"
	arrow17 "github.com/apache/arrow/go/v17/arrow"
	array17 "github.com/apache/arrow/go/v17/arrow/array"
)

// reader18 converts batch by batch. A batch is valid until the next call of Next.
type reader18 struct {
	refs    atomic.Int64
	reader  array17.RecordReader
	schema  *arrow18.Schema
	current arrow18.RecordBatch
}

func (r *reader18) Retain() { r.refs.Add(1) }

func (r *reader18) Release() {
	if r.refs.Add(-1) == 0 {
		r.drop()
		r.reader.Release()
	}
}

func (r *reader18) drop() {
	if r.current != nil {
		r.current.Release()
		r.current = nil
	}
}

func (r *reader18) Next() bool {
	r.drop()
	if !r.reader.Next() {
		return false
	}
	r.current = recordOf(r.reader.Record(), r.schema)
	return true
}

func (r *reader18) Schema() *arrow18.Schema          { return r.schema }
func (r *reader18) RecordBatch() arrow18.RecordBatch { return r.current }
func (r *reader18) Record() arrow18.RecordBatch      { return r.current }

func (r *reader18) Err() error { return r.reader.Err() }

// reader17 is reader18 the other way round.
type reader17 struct {
	refs    atomic.Int64
	reader  array18.RecordReader
	schema  *arrow17.Schema
	current arrow17.Record
}

func (r *reader17) Retain() { r.refs.Add(1) }

func (r *reader17) Release() {
	if r.refs.Add(-1) == 0 {
		r.drop()
		r.reader.Release()
	}
}

func (r *reader17) drop() {
	if r.current != nil {
		r.current.Release()
		r.current = nil
	}
}

func (r *reader17) Next() bool {
	r.drop()
	if !r.reader.Next() {
		return false
	}
	r.current = recordFrom(r.reader.RecordBatch(), r.schema)
	return true
}

func (r *reader17) Schema() *arrow17.Schema { return r.schema }
func (r *reader17) Record() arrow17.Record  { return r.current }

func (r *reader17) Err() error { return r.reader.Err() }
