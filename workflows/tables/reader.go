package tables

import (
	"iter"
	"sync/atomic"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
)

// streamReader is a stream of batches as an array.RecordReader. The stream runs in a goroutine of
// its own and not in an iter.Pull, because engines call readers from threads of their own, which a
// coroutine does not survive. The goroutine starts with the first Next and works only during a
// Next, so nothing is shared while the caller does something else.
type streamReader struct {
	refs    atomic.Int64
	schema  *arrow.Schema
	batches iter.Seq2[arrow.Record, error]
	want    chan bool     // true for the next batch, closed to stop
	got     chan nextItem // closed at the end of the stream
	current arrow.Record
	err     error
	ended   bool
}

// nextItem is a batch, an error, or a panic of the stream.
type nextItem struct {
	batch arrow.Record
	err   error
	panic any
}

func newStreamReader(schema *arrow.Schema, batches iter.Seq2[arrow.Record, error]) array.RecordReader {
	r := &streamReader{schema: schema, batches: batches}
	r.refs.Store(1)
	return r
}

func (r *streamReader) Retain() { r.refs.Add(1) }

func (r *streamReader) Release() {
	if r.refs.Add(-1) == 0 {
		r.stop()
	}
}

// stop ends the stream and waits until it has given back what it holds.
func (r *streamReader) stop() {
	r.current = nil
	if r.want != nil && !r.ended {
		close(r.want)
		for range r.got {
		}
	}
	r.ended = true
}

func (r *streamReader) Schema() *arrow.Schema { return r.schema }
func (r *streamReader) Record() arrow.Record  { return r.current }
func (r *streamReader) Err() error            { return r.err }

// Next moves to the next batch, which is valid until the call after.
func (r *streamReader) Next() bool {
	r.current = nil
	if r.ended {
		return false
	}
	if r.want == nil {
		r.want, r.got = make(chan bool), make(chan nextItem)
		go r.run()
	}
	r.want <- true
	item, more := <-r.got
	if item.panic != nil {
		r.ended = true
		panic(item.panic)
	}
	r.current, r.err = item.batch, item.err
	if !more {
		r.ended = true
		return false
	}
	if item.err != nil {
		r.stop()
		return false
	}
	return true
}

// run hands over one item for each that is wanted.
func (r *streamReader) run() {
	defer close(r.got)
	if !<-r.want {
		return
	}
	defer func() {
		if p := recover(); p != nil {
			r.got <- nextItem{panic: p}
		}
	}()
	for batch, err := range r.batches {
		r.got <- nextItem{batch: batch, err: err}
		if !<-r.want {
			return
		}
	}
}
