package cdisc

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"strings"

	"github.com/imednetgo/imednet/internal/argument"
)

// File is an XPORT or Dataset-JSON file that can be read more than once.
type File struct {
	path    string
	dataset Dataset
	format  Format
	options []ReadOption
}

// reader is what reads one file once.
type reader interface {
	Dataset() Dataset
	Rows(ctx context.Context) iter.Seq2[Row, error]
}

// OpenFile determines the format of a file from its first bytes and reads its metadata. It closes
// the file again; [File.Rows] opens it each time.
func OpenFile(path string, opts ...ReadOption) (*File, error) {
	if _, err := applyRead(opts); err != nil {
		return nil, err
	}
	if err := argument.Named("cdisc.OpenFile", "path", path); err != nil {
		return nil, err
	}
	f := &File{path: path, options: opts}
	file, r, err := f.open()
	if err != nil {
		return nil, err
	}
	defer file.Close()
	f.dataset = r.Dataset()
	return f, nil
}

// Path returns the path with which the file was opened.
func (f *File) Path() string { return f.path }

// Format returns the format of the file. The three forms of Dataset-JSON are distinguished only by
// the file name.
func (f *File) Format() Format { return f.format }

// Dataset describes the table.
func (f *File) Dataset() Dataset { return f.dataset }

func (f *File) open() (*os.File, reader, error) {
	file, err := os.Open(f.path)
	if err != nil {
		return nil, nil, fail("open", "", err)
	}
	in := bufio.NewReaderSize(file, 1<<16)
	r, err := f.read(in)
	if err != nil {
		return nil, nil, errors.Join(f.named(err), file.Close())
	}
	return file, r, nil
}

// named says which file an error is about: a comparison reads two.
func (f *File) named(err error) error {
	if errors.As(err, new(*fs.PathError)) {
		return err // which names it
	}
	return fmt.Errorf("%s: %w", f.path, err)
}

func (f *File) read(in *bufio.Reader) (reader, error) {
	mark, err := in.Peek(len(headerMark))
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, fail("open", "", err)
	}
	if string(mark) == headerMark {
		x, err := NewXPTReader(in, f.options...)
		if err != nil {
			return nil, err
		}
		f.format = x.Format()
		return x, nil
	}
	x, err := NewJSONReader(in)
	if err != nil {
		return nil, err
	}
	f.format = JSON
	for _, format := range []Format{NDJSON, DSJC} {
		if strings.HasSuffix(strings.ToLower(f.path), format.Extension()) {
			f.format = format
		}
	}
	return x, nil
}

// Rows yields the rows of the file. An error is yielded once, as the last element.
func (f *File) Rows(ctx context.Context) iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		file, r, err := f.open()
		if err != nil {
			yield(nil, err)
			return
		}
		defer file.Close()
		for row, err := range r.Rows(ctx) {
			if err != nil {
				yield(nil, f.named(err))
				return
			}
			if !yield(row, nil) {
				return
			}
		}
	}
}
