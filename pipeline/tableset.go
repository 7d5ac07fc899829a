package pipeline

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"
)

// heldBytes bounds what the open row groups of all tables hold together.
const heldBytes = 48 << 20

// begin checks the settings. Nothing is written before run.
func (p *ChunkedRecordPipeline) begin(studyKey, dir string, format Format, opts TableOptions) (*TableWriter, error) {
	opts.Prefix, opts.FileRows = cmp.Or(opts.Prefix, DefaultPrefix), cmp.Or(opts.FileRows, DefaultFileRows)
	stage := &stage{root: dir}
	w := &TableWriter{
		pipeline: p, opts: opts, stage: stage, byName: map[string]*chunkSeries{},
		manifest: &Manifest{FormatVersion: manifestVersion, StudyKey: studyKey, Format: format, Prefix: opts.Prefix, Version: opts.Version, Tables: []ManifestTable{}},
		rejects:  &lineFile{stage: stage, name: rejectsName(opts.Prefix)},
		findings: &lineFile{stage: stage, name: findingsName(opts.Prefix)},
	}
	if !opts.Mark.Time.IsZero() {
		w.manifest.Mark = &opts.Mark
	}
	problems := []error{format.check(), checkPrefix(opts.Prefix)}
	if opts.FileRows < 0 {
		problems = append(problems, invalid("FileRows", "the number of rows must be greater than zero"))
	}
	if err := errors.Join(problems...); err != nil {
		return nil, w.fail(err, "")
	}
	return w, nil
}

func (w *TableWriter) op() string { return "write " + string(w.manifest.Format) }

func (w *TableWriter) fail(err error, hint string) error {
	return &Error{Op: w.op(), StudyKey: w.manifest.StudyKey, Path: w.stage.root, Err: err, Hint: hint}
}

// run declares the tables, fills them and puts everything in its place.
func (w *TableWriter) run(ctx context.Context, declare, fill func() error) (*Manifest, error) {
	defer w.abandon()
	if err := errors.Join(declare(), w.readEarlier()); err != nil {
		return nil, w.fail(err, "")
	}
	if err := os.MkdirAll(w.stage.root, 0o700); err != nil {
		return nil, w.fail(err, "")
	}
	err := fill()
	if err == nil {
		err = w.finish()
	}
	if err == nil && ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	if err != nil {
		return nil, w.fail(err, "the directory is as it was before")
	}
	if err := w.complete(); err != nil {
		return nil, w.fail(err, "write again: an earlier data set may be half replaced")
	}
	return w.manifest, nil
}

// declare prepares the files of a table, in a directory below the root or, "", in the root.
func (w *TableWriter) declare(dir string, table Table) error {
	if err := w.manifest.Format.checkSchema(table.Schema); err != nil {
		return err
	}
	for _, other := range w.tables {
		if strings.EqualFold(other.dir, dir) {
			return invalid("tables", "the names "+strconv.Quote(other.name)+" and "+strconv.Quote(table.Name)+" differ only in case, if at all, and so would their directories; write them to two places")
		}
	}
	s := &chunkSeries{
		stage: w.stage, name: table.Name, dir: dir, prefix: w.opts.Prefix, schema: table.Schema, fileRows: int64(w.opts.FileRows),
		settings: writerSettings{format: w.manifest.Format, formulaGuard: !w.opts.NoFormulaGuard},
	}
	w.tables = append(w.tables, s)
	w.byName[table.Name] = s
	return nil
}

func (w *TableWriter) readEarlier() error {
	earlier, err := ReadManifest(w.stage.root, w.opts.Prefix)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	w.earlier = earlier
	return err
}

// boundMemory ends the largest open row group when all of them together hold too much.
func (w *TableWriter) boundMemory() error {
	total, largest := int64(0), (*chunkSeries)(nil)
	for _, s := range w.tables {
		if s.open == nil {
			continue
		}
		total += s.open.pending()
		if largest == nil || s.open.pending() > largest.open.pending() {
			largest = s
		}
	}
	if total > heldBytes {
		return largest.open.endGroup()
	}
	return nil
}

// finish completes the staged files; a table without rows gets one without rows, which has the
// table's columns all the same.
func (w *TableWriter) finish() error {
	for _, s := range w.tables {
		if s.rows == 0 {
			if err := s.begin(); err != nil {
				return err
			}
		}
		if err := s.finish(); err != nil {
			return err
		}
		w.manifest.Tables = append(w.manifest.Tables, ManifestTable{
			Name: s.name, Rows: s.rows, SchemaHash: SchemaHash(s.schema), Files: s.files,
		})
	}
	err := errors.Join(w.rejects.close(), w.findings.close())
	w.manifest.Rejects, w.manifest.Findings = w.rejects.file, w.findings.file
	return err
}

// complete moves the files to their places, removes what an earlier run left, and writes the
// manifest.
func (w *TableWriter) complete() error {
	w.manifest.Created = w.pipeline.clock.Now().UTC()
	if err := w.stage.commit(); err != nil {
		return err
	}
	if err := w.removeEarlier(); err != nil {
		return err
	}
	document, err := json.MarshalIndent(w.manifest, "", "  ")
	if err != nil {
		return err
	}
	if err := w.stage.writeWhole(manifestName(w.opts.Prefix), append(document, '\n')); err != nil {
		return err
	}
	return w.stage.commit()
}

// removeEarlier removes the files of the data set that stood here before, as its manifest lists
// them, stale chunks in the directories just written, and what a killed run left.
func (w *TableWriter) removeEarlier() error {
	written := map[string]bool{}
	for _, s := range w.tables {
		for _, f := range s.files {
			written[f.Path] = true
		}
		if err := removeStale(w.stage.root, s.dir, s.prefix, s.files); err != nil {
			return err
		}
	}
	for _, list := range []*lineFile{w.rejects, w.findings} {
		if list.file.Path == "" {
			if err := removeIfThere(filepath.Join(w.stage.root, list.name)); err != nil {
				return err
			}
		}
	}
	w.stage.sweep(temporaryPattern(w.opts.Prefix))
	if w.earlier == nil {
		return nil
	}
	pattern := chunkPattern(w.opts.Prefix)
	for _, table := range w.earlier.Tables {
		for _, f := range table.Files {
			local := filepath.FromSlash(f.Path)
			if written[f.Path] || !filepath.IsLocal(local) || !pattern.MatchString(path.Base(f.Path)) {
				continue
			}
			if err := removeIfThere(filepath.Join(w.stage.root, local)); err != nil {
				return err
			}
			w.stage.removeEmpty(filepath.Dir(local))
		}
	}
	return nil
}

func removeIfThere(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}

// abandon drops what has not taken its place.
func (w *TableWriter) abandon() {
	for _, s := range w.tables {
		s.abandon()
	}
	w.rejects.abandon()
	w.findings.abandon()
	w.stage.abandon()
}
