package cdisc

import (
	"bufio"
	"bytes"
	"container/heap"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"slices"
)

// sortBytes is how much of a table a sort holds in memory, and mergeBytes how much of it a merge may:
// the largest row of every run.
const (
	sortBytes  = 8 << 20
	mergeBytes = 256 << 20
)

// sorted is a source in the order of its key: it keeps the rows in temporary files, each sorted, and
// merges them. Rows with equal keys keep their order. The files lose their names as soon as they are
// made, where the system allows it, so that a killed run leaves no data behind; Close removes them.
type sorted struct {
	dataset Dataset
	dir     string
	keys    []int
	types   []Type
	key     sortKey
	runs    []sortedRun
	arena   []byte
	entries []sortEntry
	merged  int // bytes that a merge holds
}

// sortedRun is a temporary file that is open.
type sortedRun struct {
	file  *os.File
	size  int64
	named bool
}

// sortEntry is where the key and the row of a row stand in the arena.
type sortEntry struct{ key, row, end int }

// newSorted reads the source once. The files lie in dir, which must be as private as the data. With
// types, keys that XPORT does not tell apart are neighbours; without, the order is that of the bytes.
func newSorted(ctx context.Context, src Source, dir string, keys []int, types []Type, budget int) (*sorted, error) {
	s := &sorted{dataset: src.Dataset(), dir: dir, keys: keys, types: types}
	var n uint64
	for row, err := range src.Rows(ctx) {
		if err == nil && len(row) != len(s.dataset.Variables) {
			err = errWidth
		}
		if err == nil {
			s.add(row, n)
			n++
			if len(s.arena) >= budget {
				err = s.flush()
			}
		}
		if err != nil {
			return nil, errors.Join(err, s.Close())
		}
	}
	if err := s.flush(); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	s.arena, s.entries = nil, nil
	return s, nil
}

func (s *sorted) add(row Row, number uint64) {
	e := sortEntry{key: len(s.arena)}
	s.key.set(row, s.keys, s.types)
	s.arena = append(s.arena, s.key.bytes...)
	s.arena = binary.BigEndian.AppendUint64(s.arena, number)
	e.row = len(s.arena)
	s.arena = appendRow(s.arena, row)
	e.end = len(s.arena)
	s.entries = append(s.entries, e)
}

// flush writes what is in memory as a sorted run.
func (s *sorted) flush() error {
	if len(s.entries) == 0 {
		return nil
	}
	slices.SortFunc(s.entries, func(a, b sortEntry) int {
		return bytes.Compare(s.arena[a.key:a.row], s.arena[b.key:b.row])
	})
	file, err := os.CreateTemp(s.dir, "rows-*.tmp") // 0600
	if err != nil {
		return err
	}
	s.runs = append(s.runs, sortedRun{file: file, named: os.Remove(file.Name()) != nil})
	size, largest := &s.runs[len(s.runs)-1].size, 0
	out := bufio.NewWriterSize(file, 1<<16)
	var sizes []byte
	for _, e := range s.entries {
		sizes = binary.AppendUvarint(binary.AppendUvarint(sizes[:0], uint64(e.row-e.key)), uint64(e.end-e.row))
		_, err1 := out.Write(sizes)
		_, err2 := out.Write(s.arena[e.key:e.end])
		if err := errors.Join(err1, err2); err != nil {
			return err
		}
		*size += int64(len(sizes) + e.end - e.key)
		largest = max(largest, e.end-e.key)
	}
	if s.merged += largest; s.merged > mergeBytes {
		return fmt.Errorf("%w: sorting its rows needs more than %d bytes of memory", ErrTooLarge, mergeBytes)
	}
	s.arena, s.entries = s.arena[:0], s.entries[:0]
	return out.Flush()
}

// Close removes the temporary files.
func (s *sorted) Close() error {
	var errs []error
	for _, r := range s.runs {
		errs = append(errs, r.file.Close())
		if r.named {
			errs = append(errs, os.Remove(r.file.Name()))
		}
	}
	s.runs = nil
	return errors.Join(errs...)
}

// Dataset describes the table.
func (s *sorted) Dataset() Dataset { return s.dataset }

// Rows yields the rows in order, as often as it is asked to.
func (s *sorted) Rows(ctx context.Context) iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		var m merge
		for _, r := range s.runs {
			if err := m.open(r); err != nil {
				yield(nil, err)
				return
			}
		}
		heap.Init(&m)
		row := make(Row, len(s.dataset.Variables))
		for n := 0; len(m) > 0; n++ {
			if n%4096 == 0 && ctx.Err() != nil {
				yield(nil, ctx.Err())
				return
			}
			data := m[0].entry[m[0].keySize:]
			takeRow(row, data, string(data))
			if !yield(row, nil) {
				return
			}
			if err := m.advance(); err != nil {
				yield(nil, err)
				return
			}
		}
	}
}

// merge is a heap of runs by their next row.
type merge []*run

type run struct {
	in      *bufio.Reader
	entry   []byte // key and row
	keySize int
}

func (m *merge) open(from sortedRun) error {
	r := &run{in: bufio.NewReaderSize(io.NewSectionReader(from.file, 0, from.size), 1<<15)}
	*m = append(*m, r)
	return r.next()
}

// advance takes the next row of the run whose row was served.
func (m *merge) advance() error {
	err := (*m)[0].next()
	if errors.Is(err, io.EOF) {
		heap.Pop(m)
		return nil
	}
	if err == nil {
		heap.Fix(m, 0)
	}
	return err
}

func (r *run) next() error {
	keySize, err := binary.ReadUvarint(r.in)
	if err != nil {
		return err
	}
	rowSize, err := binary.ReadUvarint(r.in)
	if err != nil {
		return err
	}
	size := int(keySize + rowSize)
	r.entry, r.keySize = slices.Grow(r.entry[:0], size)[:size], int(keySize)
	_, err = io.ReadFull(r.in, r.entry)
	return err
}

func (m merge) Len() int { return len(m) }
func (m merge) Less(i, j int) bool {
	return bytes.Compare(m[i].entry[:m[i].keySize], m[j].entry[:m[j].keySize]) < 0
}
func (m merge) Swap(i, j int) { m[i], m[j] = m[j], m[i] }
func (m *merge) Push(x any)   { *m = append(*m, x.(*run)) }
func (m *merge) Pop() any {
	last := (*m)[len(*m)-1]
	*m = (*m)[:len(*m)-1]
	return last
}
