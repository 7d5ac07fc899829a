package lake

import (
	"context"
	"errors"
	"iter"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/iceberg-go"
	"github.com/apache/iceberg-go/table"
)

var errAbandoned = errors.New("the run ended before the table was complete")

// writeFiles writes batches of a table's schema to files that no snapshot names yet. On an error the
// files that are complete are returned too.
func (l *Lake) writeFiles(ctx context.Context, tbl *table.Table, schema *arrow.Schema, batches iter.Seq2[arrow.RecordBatch, error]) (files []iceberg.DataFile, err error) {
	written := table.WriteRecords(ctx, tbl, schema, batches,
		table.WithTargetFileSize(l.fileBytes), table.WithRecordBatchBufferSize(1), table.WithMaxWriteWorkers(1))
	for f, err := range written {
		if err != nil {
			return files, err
		}
		files = append(files, f)
	}
	return files, nil
}

// partRows is the number of rows after which a file may end.
const partRows = 8192

// parts yields a batch in parts, which the consumer releases.
func parts(batch arrow.RecordBatch) iter.Seq2[arrow.RecordBatch, error] {
	return func(yield func(arrow.RecordBatch, error) bool) {
		for from := int64(0); from < batch.NumRows(); from += partRows {
			if !yield(batch.NewSlice(from, min(from+partRows, batch.NumRows())), nil) {
				return
			}
		}
	}
}

// stream writes the batches of one table as they come, while those of other tables come between them.
type stream struct {
	schema  *arrow.Schema
	batches chan arrow.RecordBatch
	done    chan struct{}
	cancel  context.CancelFunc
	files   []iceberg.DataFile
	err     error
}

func (l *Lake) newStream(ctx context.Context, tbl *table.Table, schema *arrow.Schema) *stream {
	ctx, cancel := context.WithCancel(ctx)
	s := &stream{schema: schema, batches: make(chan arrow.RecordBatch), done: make(chan struct{}), cancel: cancel}
	go func() {
		defer close(s.done)
		s.files, s.err = l.writeFiles(ctx, tbl, schema, s.received(ctx))
	}()
	return s
}

func (s *stream) received(ctx context.Context) iter.Seq2[arrow.RecordBatch, error] {
	return func(yield func(arrow.RecordBatch, error) bool) {
		for {
			select {
			case batch, ok := <-s.batches:
				if !ok {
					return
				}
				if !yield(batch, nil) {
					return
				}
			case <-ctx.Done():
				yield(nil, errAbandoned)
				return
			}
		}
	}
}

// write adds a batch, whatever the order of its columns.
func (s *stream) write(ctx context.Context, batch arrow.RecordBatch) error {
	whole, err := conform(ctx, batch, s.schema)
	if err != nil {
		return err
	}
	select {
	case s.batches <- whole:
		return nil
	case <-s.done:
		whole.Release()
		return errors.Join(s.err, errAbandoned)
	}
}

// finish completes the last file.
func (s *stream) finish() ([]iceberg.DataFile, error) {
	close(s.batches)
	<-s.done
	s.cancel()
	return s.files, s.err
}

// abandon ends the writing and returns the files that were complete.
func (s *stream) abandon() []iceberg.DataFile {
	s.cancel()
	<-s.done
	return s.files
}
