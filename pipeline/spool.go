package pipeline

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/ipc"
)

// spool keeps batches of one schema in a temporary file, as Arrow IPC streams one after another: a
// stream that stayed open would hold its compressor. The file is for its owner alone, since it holds
// subject data.
type spool struct {
	file    *os.File
	schema  *arrow.Schema
	batches []int // of every stream
}

// spoolName is the pattern of a spool's name: hidden, and swept by the next run if a killed one left it.
func spoolName(prefix string) string { return "." + prefix + "_spool.*.tmp" }

func newSpool(dir, prefix string, schema *arrow.Schema) (*spool, error) {
	file, err := os.CreateTemp(dir, spoolName(prefix))
	if err != nil {
		return nil, err
	}
	return &spool{file: file, schema: schema}, nil
}

func (s *spool) empty() bool { return len(s.batches) == 0 }

// write adds a stream of batches.
func (s *spool) write(parts []part) error {
	out := ipc.NewWriter(s.file, ipc.WithSchema(s.schema), ipc.WithLZ4())
	for _, p := range parts {
		if err := out.Write(p.batch); err != nil {
			return errors.Join(err, out.Close())
		}
	}
	s.batches = append(s.batches, len(parts))
	return out.Close()
}

// take returns the batches, which the caller releases, and empties the spool.
func (s *spool) take() (batches []arrow.Record, err error) {
	if _, err := s.file.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	for _, n := range s.batches {
		stream, err := s.read(n)
		batches = append(batches, stream...)
		if err != nil {
			for _, b := range batches {
				b.Release()
			}
			return nil, err
		}
	}
	s.batches = s.batches[:0]
	_, err = s.file.Seek(0, io.SeekStart)
	return batches, errors.Join(err, s.file.Truncate(0))
}

// read returns the n batches of the next stream.
func (s *spool) read(n int) (batches []arrow.Record, err error) {
	in, err := ipc.NewReader(s.file, ipc.WithSchema(s.schema))
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

// close removes the file. One that stays is swept by the next run.
func (s *spool) close() error {
	err := s.file.Close()
	_ = os.Remove(s.file.Name())
	return err
}

// errSpool is a spool that does not give back what was written to it.
var errSpool = errors.New("a temporary file has changed while it was used")
