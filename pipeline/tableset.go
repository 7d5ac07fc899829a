package pipeline

import (
	"cmp"
	"context"
	"errors"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/imednetgo/imednet/internal/pathname"
	"github.com/imednetgo/imednet/internal/program"
)

// begin checks the settings. Nothing is written before run.
func (p *ChunkedRecordPipeline) begin(studyKey, dir string, format Format, opts TableOptions) (*TableWriter, error) {
	opts.Prefix, opts.FileRows = cmp.Or(opts.Prefix, DefaultPrefix), cmp.Or(opts.FileRows, DefaultFileRows)
	stage := &stage{root: dir}
	w := &TableWriter{
		pipeline: p, opts: opts, stage: stage, byName: map[string]*chunkSeries{}, dirs: map[string]bool{},
		manifest: &Manifest{FormatVersion: manifestVersion, StudyKey: studyKey, Format: format, Prefix: opts.Prefix, Origin: opts.Origin, Recipe: opts.Recipe, Dictionary: opts.Dictionary, Tables: []ManifestTable{}},
		rejects:  &lineFile{stage: stage},
		findings: &lineFile{stage: stage},
	}
	w.manifest.Program, w.manifest.FormulaGuard = program.Info().String(), format == CSV && !opts.NoFormulaGuard
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
	return failure(w.op(), w.manifest.StudyKey, w.stage.root, err, hint)
}

// run declares the tables, fills them and puts everything in its place.
func (w *TableWriter) run(ctx context.Context, declare, fill func() error) (m *Manifest, err error) {
	if err := declare(); err != nil {
		return nil, w.fail(err, "")
	}
	release, err := claim(w.stage.root, w.opts.Prefix)
	if err != nil {
		return nil, w.fail(err, "")
	}
	defer func() { err = errors.Join(err, release()) }()
	defer w.abandon()
	if err := w.readEarlier(); err != nil {
		return nil, w.fail(err, "")
	}
	err = fill()
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
		return nil, w.fail(err, w.endCommit())
	}
	return w.manifest, nil
}

// distinctDir makes the name of a directory for a key that no other table has, also where upper and
// lower case are the same: on macOS and Windows.
func (w *TableWriter) distinctDir(name func(string) string, key string) string {
	for encoded := 0; ; encoded++ {
		dir := name(pathname.Encoded(key, encoded))
		if encoded > len(key) || !w.dirs[strings.ToLower(dir)] {
			w.dirs[strings.ToLower(dir)] = true
			return dir
		}
	}
}

// declare prepares the files of a table, in a directory below the root or, "", in the root.
func (w *TableWriter) declare(dir string, table Table) error {
	if err := w.manifest.Format.checkSchema(table.Schema); err != nil {
		return err
	}
	if w.byName[table.Name] != nil {
		return invalid("tables", "the name "+strconv.Quote(table.Name)+" is there twice")
	}
	s := &chunkSeries{
		stage: w.stage, shapes: &w.shapes, name: table.Name, dir: dir, prefix: w.opts.Prefix, schema: table.Schema, fileRows: int64(w.opts.FileRows),
		settings: writerSettings{format: w.manifest.Format, formulaGuard: !w.opts.NoFormulaGuard},
	}
	w.tables = append(w.tables, s)
	w.byName[table.Name] = s
	return nil
}

// readEarlier ends what a killed run left, reads what stands in the directory, and names the
// files of this run so that both can lie side by side.
func (w *TableWriter) readEarlier() error {
	if _, err := recoverCommit(w.stage.root, w.opts.Prefix); err != nil {
		return err
	}
	earlier, err := ReadManifest(w.stage.root, w.opts.Prefix)
	switch {
	case errors.Is(err, os.ErrNotExist):
	case err != nil:
		return err
	case earlier.StudyKey != w.manifest.StudyKey:
		return invalid("dir", "a data set of another study, "+strconv.Quote(earlier.StudyKey)+", stands in the directory with this prefix; choose another directory or prefix")
	default:
		w.earlier = earlier
		w.manifest.Generation = earlier.Generation
	}
	w.manifest.Generation++
	for _, s := range w.tables {
		s.generation = w.manifest.Generation
	}
	sweep(w.stage.root, w.opts.Prefix)
	w.rejects.name = listName(w.opts.Prefix, "rejects", w.manifest.Generation)
	w.findings.name = listName(w.opts.Prefix, "findings", w.manifest.Generation)
	return nil
}

// boundMemory spills what row groups hold, the largest first, when all of them together hold too much.
func (w *TableWriter) boundMemory() error {
	total := int64(0)
	for _, s := range w.tables {
		total += s.group.bytes
	}
	if total <= w.pipeline.heldBytes {
		return nil
	}
	order := slices.Clone(w.tables)
	slices.SortStableFunc(order, func(a, b *chunkSeries) int { return cmp.Compare(b.group.bytes, a.group.bytes) })
	for _, s := range order {
		if total <= w.pipeline.heldBytes/2 {
			return nil
		}
		total -= s.group.bytes
		if err := s.group.spill(w.stage.root, w.opts.Prefix); err != nil {
			return err
		}
	}
	return nil
}

// finish completes the staged files; a table without rows gets one without rows, which has the
// table's columns all the same.
func (w *TableWriter) finish() error {
	var hashed *arrow.Schema // which many tables may share
	var hash string
	for _, s := range w.tables {
		if s.rows == 0 {
			if err := s.begin(nil); err != nil {
				return err
			}
		}
		if err := s.finish(); err != nil {
			return err
		}
		if s.schema != hashed {
			hashed, hash = s.schema, SchemaHash(s.schema)
		}
		w.manifest.Tables = append(w.manifest.Tables, ManifestTable{Name: s.name, Rows: s.rows, SchemaHash: hash, Files: s.files})
	}
	err := errors.Join(w.rejects.close(), w.findings.close())
	w.manifest.Rejects, w.manifest.Findings = w.rejects.file, w.findings.file
	return err
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
