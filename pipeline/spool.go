package pipeline

import (
	"errors"
	"fmt"
	"io"
	"os"

	arrow18 "github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/ipc"
)

// spool keeps batches of one schema in a temporary file, as an Arrow IPC stream. The file is for its
// owner alone, since it holds subject data.
type spool struct {
	file    *os.File
	schema  *arrow18.Schema
	out     *ipc.Writer // nil while the spool is empty
	batches int
}

// spoolName is the pattern of a spool's name: hidden, and swept by the next run if a killed one left it.
func spoolName(prefix string) string { return "." + prefix + "_spool.*.tmp" }

func newSpool(dir, prefix string, schema *arrow18.Schema) (*spool, error) {
	file, err := os.CreateTemp(dir, spoolName(prefix))
	if err != nil {
		return nil, err
	}
	return &spool{file: file, schema: schema}, nil
}

func (s *spool) empty() bool { return s.batches == 0 }

func (s *spool) write(batch arrow18.RecordBatch) error {
	if s.out == nil {
		s.out = ipc.NewWriter(s.file, ipc.WithSchema(s.schema), ipc.WithLZ4())
	}
	s.batches++
	return s.out.Write(batch)
}

// take returns the batches, which the caller releases, and empties the spool.
func (s *spool) take() (batches []arrow18.RecordBatch, err error) {
	defer func() {
		if err != nil {
			for _, b := range batches {
				b.Release()
			}
			batches = nil
		}
	}()
	err = s.out.Close()
	if _, seek := s.file.Seek(0, io.SeekStart); err != nil || seek != nil {
		return nil, errors.Join(err, seek)
	}
	in, err := ipc.NewReader(s.file, ipc.WithSchema(s.schema))
	if err != nil {
		return nil, err
	}
	defer in.Release()
	for in.Next() {
		batch := in.RecordBatch()
		batch.Retain()
		batches = append(batches, batch)
	}
	if err := in.Err(); err != nil {
		return batches, err
	}
	if len(batches) != s.batches {
		return batches, fmt.Errorf("%w: %s", errSpool, s.file.Name())
	}
	s.out, s.batches = nil, 0
	_, seek := s.file.Seek(0, io.SeekStart)
	return batches, errors.Join(seek, s.file.Truncate(0))
}

// close removes the file. One that stays is swept by the next run.
func (s *spool) close() error {
	err := s.file.Close()
	_ = os.Remove(s.file.Name())
	return err
}

// errSpool is a spool that does not give back what was written to it.
var errSpool = errors.New("a temporary file has changed while it was used")
