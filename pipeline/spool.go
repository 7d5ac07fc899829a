package pipeline

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/ipc"
)

// spool keeps batches of the same column types in a temporary file, as Arrow IPC streams one after
// another. The file is for its owner alone, since it holds subject data. It is not compressed: columns
// of a few rows would take longer and become no smaller.
type spool struct {
	file    *os.File
	batches []int // of every stream
}

// spoolName is the pattern of a spool's name: hidden, and swept by the next run if a killed one left it.
func spoolName(prefix string) string { return "." + prefix + "_spool.*.tmp" }

func newSpool(dir, prefix string) (*spool, error) {
	file, err := os.CreateTemp(dir, spoolName(prefix))
	if err != nil {
		return nil, err
	}
	return &spool{file: file}, nil
}

// typesOf returns a schema without names and metadata, which every stream would repeat.
func typesOf(schema *arrow.Schema) *arrow.Schema {
	fields := make([]arrow.Field, schema.NumFields())
	for i := range fields {
		f := schema.Field(i)
		fields[i] = arrow.Field{Type: f.Type, Nullable: f.Nullable}
	}
	return arrow.NewSchema(fields, nil)
}

// write adds a stream of batches.
func (s *spool) write(parts []part) error {
	buffer := bufio.NewWriterSize(s.file, 1<<16)
	types := typesOf(parts[0].batch.Schema())
	out := ipc.NewWriter(buffer, ipc.WithSchema(types))
	for _, p := range parts {
		batch := array.NewRecord(types, p.batch.Columns(), p.batch.NumRows())
		err := out.Write(batch)
		batch.Release()
		if err != nil {
			return errors.Join(err, out.Close())
		}
	}
	s.batches = append(s.batches, len(parts))
	return errors.Join(out.Close(), buffer.Flush())
}

// read returns all batches, which the caller releases.
func (s *spool) read() (batches []arrow.Record, err error) {
	if _, err := s.file.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	buffer := bufio.NewReaderSize(s.file, 1<<16)
	for _, n := range s.batches {
		stream, err := s.readStream(buffer, n)
		batches = append(batches, stream...)
		if err != nil {
			for _, b := range batches {
				b.Release()
			}
			return nil, err
		}
	}
	return batches, nil
}

// readStream returns the n batches of the next stream.
func (s *spool) readStream(from io.Reader, n int) (batches []arrow.Record, err error) {
	in, err := ipc.NewReader(from)
	if err != nil {
		return nil, err
	}
	defer in.Release()
	for in.Next() {
		batch := in.Record()
		batch.Retain()
		batches = append(batches, batch)
	}
	if err := in.Err(); err != nil {
		return batches, err
	}
	if len(batches) != n {
		return batches, fmt.Errorf("%w: %s", errSpool, s.file.Name())
	}
	return batches, nil
}

// clear empties the spool.
func (s *spool) clear() error {
	s.batches = s.batches[:0]
	_, err := s.file.Seek(0, io.SeekStart)
	return errors.Join(err, s.file.Truncate(0))
}

// close removes the file. One that stays is swept by the next run.
func (s *spool) close() error {
	err := s.file.Close()
	_ = os.Remove(s.file.Name())
	return err
}

// errSpool is a spool that does not give back what was written to it.
var errSpool = errors.New("a temporary file has changed while it was used")
