package pipeline

import (
	"errors"
	"os"
	"path"
	"path/filepath"
	"regexp"

	"github.com/apache/arrow/go/v17/arrow"
)

// chunkSeries writes the rows of one table to a row of files. Text is written as it comes; Parquet is
// gathered into row groups.
type chunkSeries struct {
	stage      *stage
	name       string
	dir        string // slash-separated, relative to the stage's root
	prefix     string
	schema     *arrow.Schema
	fields     []int // of the batches of write; nil if they have the schema
	generation int
	fileRows   int64
	settings   writerSettings
	files      []File
	rows       int64
	group      rowGroup // of Parquet
	shapes     *shapes

	file    *stagedWriter
	text    textWriter
	parquet *parquetWriter
	held    int64 // rows in the open file
}

// write adds a batch, cut where a file is full.
func (s *chunkSeries) write(batch arrow.Record) error {
	for from := int64(0); from < batch.NumRows(); {
		to := min(batch.NumRows(), from+s.fileRows-s.held-s.group.rows)
		part := batch.NewSlice(from, to)
		err := s.put(part)
		part.Release()
		if err != nil {
			return err
		}
		from = to
	}
	return nil
}

// put adds a batch for which the file has room.
func (s *chunkSeries) put(batch arrow.Record) error {
	s.rows += batch.NumRows()
	if s.settings.format == Parquet {
		s.group.add(batch, s.fields)
		if s.group.full() || s.held+s.group.rows >= s.fileRows {
			return s.endGroup()
		}
		return nil
	}
	columns := cellColumns(batch, s.fields)
	for row := range int(batch.NumRows()) {
		if err := s.writeLine(columns, row); err != nil {
			return err
		}
	}
	return nil
}

// writeLine writes a row of a batch as text.
func (s *chunkSeries) writeLine(columns []cellColumn, row int) error {
	if err := s.begin(nil); err != nil {
		return err
	}
	if err := s.text.write(columns, row); err != nil {
		return err
	}
	s.held++
	return s.endIfFull()
}

// endGroup writes what was gathered as a row group, or as several where a file is full.
func (s *chunkSeries) endGroup() error {
	if s.group.rows == 0 {
		return nil
	}
	parts, err := s.group.read()
	if err != nil {
		return err
	}
	defer releaseParts(parts)
	rows := int(s.group.rows)
	if err := s.writeRows(newAssembly(parts, rows), rows); err != nil {
		return err
	}
	return s.group.clear()
}

// writeRows writes rows as one row group, or as several where a file is full.
func (s *chunkSeries) writeRows(source rowSource, rows int) error {
	for from := 0; from < rows; {
		if err := s.begin(source); err != nil {
			return err
		}
		to := min(rows, from+int(s.fileRows-s.held))
		if err := s.parquet.writeGroup(source, from, to); err != nil {
			return err
		}
		s.held += int64(to - from)
		from = to
		if err := s.endIfFull(); err != nil {
			return err
		}
	}
	return nil
}

// begin opens the next file unless one is open. rows are the first of a Parquet file, if there are any.
func (s *chunkSeries) begin(rows rowSource) (err error) {
	if s.file != nil {
		return nil
	}
	name := path.Join(s.dir, chunkName(s.prefix, len(s.files)+1, s.generation, s.settings.format.extension()))
	if s.file, err = s.stage.create(name); err != nil {
		return err
	}
	s.held = 0
	s.files = append(s.files, File{Path: name})
	if s.settings.format == Parquet {
		shape, err := s.shapes.parquet(s.schema)
		if err != nil {
			return err
		}
		s.parquet, err = newParquetWriter(shape, rows, s.file)
		return err
	}
	s.text, err = s.openText()
	return err
}

func (s *chunkSeries) openText() (textWriter, error) {
	if s.settings.format == CSV {
		return newCSVWriter(s.schema, s.file, s.settings.formulaGuard)
	}
	return newNDJSONWriter(s.shapes.json(s.schema), s.file), nil
}

func (s *chunkSeries) endIfFull() error {
	if s.held < s.fileRows && (s.parquet == nil || !s.parquet.full()) {
		return nil
	}
	return s.end()
}

// end completes the open file.
func (s *chunkSeries) end() error {
	if s.file == nil {
		return nil
	}
	err := errors.Join(s.closeWriter(), s.file.Close())
	f := &s.files[len(s.files)-1]
	f.Rows, f.Bytes, f.SHA256 = s.held, s.file.size, s.file.digest()
	s.file, s.held = nil, 0
	return err
}

func (s *chunkSeries) closeWriter() (err error) {
	if s.parquet != nil {
		err = s.parquet.close()
	}
	if s.text != nil {
		err = s.text.close()
	}
	s.parquet, s.text = nil, nil
	return err
}

// finish completes the series.
func (s *chunkSeries) finish() error {
	return errors.Join(s.endGroup(), s.end(), s.group.close())
}

// abandon closes what is open after a failure.
func (s *chunkSeries) abandon() {
	_ = s.group.close()
	_ = s.closeWriter()
	if s.file != nil {
		_ = s.file.file.Close()
	}
	s.file = nil
}

// removeStale removes the chunks in a directory that are named like this series' and are not
// among the files just written.
func removeStale(root, dir, prefix string, written []File) error {
	keep := map[string]bool{}
	for _, f := range written {
		keep[path.Base(f.Path)] = true
	}
	return removeMatching(filepath.Join(root, filepath.FromSlash(dir)), chunkPattern(prefix), keep)
}

func removeMatching(dir string, pattern *regexp.Regexp, keep map[string]bool) error {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, e := range entries {
		if !e.Type().IsRegular() || !pattern.MatchString(e.Name()) || keep[e.Name()] {
			continue
		}
		if err := os.Remove(filepath.Join(dir, e.Name())); err != nil {
			return err
		}
	}
	return nil
}
