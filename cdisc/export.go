package cdisc

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/argument"
	"github.com/imednetgo/imednet/internal/pathname"
)

// ExportOptions configures [Export].
type ExportOptions struct {
	// Formats are the formats in which every dataset is written; the default is [XPT5]. XPT5 and
	// XPT8 use the same file names and cannot be combined.
	Formats []Format
	// Names gives new names and labels.
	Names Names
	Remedies
	// Encoding is the encoding of texts in XPORT; the default is UTF-8.
	Encoding Encoding
	// JSON holds the metadata of Dataset-JSON and the times. JSON.Created is required and is the
	// time of creation in all files. FileOID and Format are set for each file.
	JSON JSONOptions
	// Define, if set, adds a define.xml that describes all datasets.
	Define *DefineOptions
	// Source describes the origin of the data in the manifest. It is written as JSON and must hold
	// no subject data.
	Source any
	// Problems are additional problems found by the caller. If there are any, nothing is written,
	// and the error includes them.
	Problems []Problem
	// Losses are additional losses known to the caller, which the manifest includes.
	Losses []Loss
	// Progress receives how far the export has come, in rows read and rows written, if the sources
	// know their number of rows; it is never called from two goroutines at once.
	Progress func(imednet.Progress)
}

func (o *ExportOptions) check() error {
	if len(o.Formats) == 0 {
		o.Formats = []Format{XPT5}
	}
	for i, f := range o.Formats {
		if !f.isXPT() && !f.isJSON() {
			return argument.Invalid("cdisc.Export", "Formats", "has a format that does not exist")
		}
		if slices.Contains(o.Formats[:i], f) {
			return argument.Invalid("cdisc.Export", "Formats", "has a format twice")
		}
	}
	if !o.Encoding.known() {
		return argument.Invalid("cdisc.Export", "Encoding", "is not an encoding that this package knows")
	}
	if slices.Contains(o.Formats, XPT5) && slices.Contains(o.Formats, XPT8) {
		return argument.Invalid("cdisc.Export", "Formats", "has both versions of XPORT, whose files have the same names")
	}
	probe := o.JSON
	probe.Format = JSON
	if err := probe.check(); err != nil || o.Define == nil {
		return err
	}
	define := *o.Define
	define.Created, define.StudyOID, define.MetaDataVersionOID = o.JSON.Created, orElse(define.StudyOID, o.JSON.StudyOID), orElse(define.MetaDataVersionOID, o.JSON.MetaDataVersionOID)
	define.Extension = o.Formats[0].Extension()
	o.Define = &define
	return define.check()
}

// Export writes datasets to a directory, one file per dataset and format, followed by a manifest.
// Rows are in the order of the key. Either everything is written or the directory is unchanged:
// data that the formats cannot hold are one *[UnfitError] for all datasets, before the first file
// is written. Files are accessible only to their owner. Equal sources and options give equal bytes.
//
// Only one export at a time can write to a directory; another one is [ErrBusy]. Files of the same
// names that no export wrote are not touched and are an error. If a run is killed before it moves
// its files into place, the directory is unchanged; if it is killed while it moves them, the
// directory has no manifest, and the next export first completes the move.
//
// Each source is read once; its rows are kept in temporary files in the directory, which are
// removed at the end. Memory does not grow with the number of rows.
func Export(ctx context.Context, dir string, sources []Source, o ExportOptions) (*Manifest, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	if len(sources) == 0 {
		return nil, argument.Invalid("cdisc.Export", "sources", "is empty")
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fail("export", "", err)
	}
	work, claim, err := claimWork(dir)
	if err != nil {
		return nil, fail("export", "", err)
	}
	e := &exporter{ctx: ctx, dir: dir, work: work, o: o, progress: newExportProgress(sources, o)}
	if err = errors.Join(recoverWork(dir, work), e.claim()); err == nil {
		err = e.run(sources)
	}
	for _, t := range e.sorted {
		err = errors.Join(err, t.Close())
	}
	if err := errors.Join(err, leaveWork(work, claim)); err != nil {
		return nil, fail("export", "", err)
	}
	return &e.manifest, nil
}

const temporaryPrefix = ".cdisc-"

// exporter is one run of Export.
type exporter struct {
	ctx       context.Context
	dir, work string
	o         ExportOptions
	manifest  Manifest
	tables    []exportTable
	sorted    []*sorted
	problems  []Problem
	earlier   map[string]bool // the files of the export that stands in the directory
	progress  exportProgress
}

// exportTable is a dataset that is ready to be written.
type exportTable struct {
	src    Source
	survey *Survey
}

func (e *exporter) run(sources []Source) error {
	e.problems = slices.Clone(e.o.Problems)
	e.manifest.Losses = append([]Loss{}, e.o.Losses...)
	var datasets []Dataset
	for _, src := range sources {
		datasets = append(datasets, src.Dataset())
	}
	e.problems = append(e.problems, e.o.Names.unknown(datasets)...)
	for _, src := range sources {
		if err := e.prepare(src); err != nil {
			return err
		}
	}
	e.sameLengths()
	e.checkTogether()
	if len(e.problems) > 0 {
		return &UnfitError{e.problems}
	}
	for _, t := range e.tables {
		for _, f := range e.o.Formats {
			if err := e.write(t, f); err != nil {
				return err
			}
		}
	}
	if err := e.writeDefine(); err != nil {
		return err
	}
	return e.commit()
}

// prepare sorts a source, surveys it and applies the remedies.
func (e *exporter) prepare(src Source) error {
	dataset := e.o.Names.apply(src.Dataset())
	dataset.Encoding = e.o.Encoding
	rows, err := newSorted(e.ctx, e.progress.watch(renamed{src, dataset}), e.work, dataset.sortKeys(), dataset.types(), sortBytes)
	if err != nil {
		return fail("read", dataset.Name, err)
	}
	e.sorted = append(e.sorted, rows)
	t := exportTable{src: newSequenced(rows)}
	if t.survey, err = NewSurvey(e.ctx, t.src); err != nil {
		return err
	}
	for range 2 {
		better, losses := t.survey.remedies(t.src, e.o.Remedies, e.o.Formats)
		if better == nil {
			break
		}
		e.manifest.Losses = append(e.manifest.Losses, losses...)
		t.src = better
		if t.survey, err = NewSurvey(e.ctx, t.src); err != nil {
			return err
		}
	}
	e.tables = append(e.tables, t)
	return nil
}

// sameLengths gives texts of the same name the same length in all datasets, as agencies ask.
func (e *exporter) sameLengths() {
	longest := map[string]int{}
	for _, t := range e.tables {
		for i, v := range t.survey.dataset.Variables {
			if !v.Type.isNumeric() {
				longest[v.Name] = max(longest[v.Name], t.survey.bytesOf(i))
			}
		}
	}
	for _, t := range e.tables {
		for i := range t.survey.dataset.Variables {
			v := &t.survey.dataset.Variables[i]
			if !v.Type.isNumeric() {
				v.Length = longest[v.Name]
			}
		}
	}
}

// checkTogether gathers the problems of all datasets in all formats, each once.
func (e *exporter) checkTogether() {
	seen := map[Problem]bool{}
	add := func(problems []Problem) {
		for _, p := range problems {
			if !seen[p] {
				seen[p] = true
				e.problems = append(e.problems, p)
			}
		}
	}
	files := map[string]string{}
	for _, t := range e.tables {
		d := t.survey.dataset
		if other, taken := files[fileName(d.Name)]; taken {
			add([]Problem{{d.Name, "", RuleSameName, 2, "the datasets from " + other + " and " + d.source() + " have the same name"}})
		}
		files[fileName(d.Name)] = d.source()
		if fileName(d.Name) == "" {
			add([]Problem{{d.Name, "", RuleDatasetName, 1, notAFile}})
		}
		for _, f := range e.o.Formats {
			add(t.survey.Problems(f))
			e.manifest.Losses = append(e.manifest.Losses, t.survey.Losses(f)...)
			if e.o.JSON.BlankText && f.isJSON() {
				e.manifest.Losses = append(e.manifest.Losses, t.survey.blankTexts(f)...)
			}
		}
	}
	if e.o.Define != nil {
		add(defineProblems(e.surveys(), *e.o.Define))
	}
}

const notAFile = "makes no name of a file: letters, digits, underscores and hyphens do"

func (e *exporter) surveys() (list []*Survey) {
	for _, t := range e.tables {
		list = append(list, t.survey)
	}
	return list
}

// blankTexts counts the missing texts that are written as empty ones.
func (s *Survey) blankTexts(f Format) (losses []Loss) {
	for i, v := range s.dataset.Variables {
		if v.Type.isText() && s.stats[i].Missing > 0 {
			losses = append(losses, Loss{s.dataset.Name, v.Name, LossBlankForMissing, f, s.stats[i].Missing})
		}
	}
	return losses
}

// fileName is the name of a dataset's files without extension, "" when none can be made that every
// system takes.
func fileName(dataset string) string {
	name := strings.ToLower(dataset)
	ok := name != "" && len(name) <= 64 && strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789_-") == "" && name[0] != '_' && name[0] != '-'
	if !ok || pathname.IsDevice(name) {
		return ""
	}
	return name
}

func (e *exporter) write(t exportTable, f Format) error {
	d := &t.survey.dataset
	out, err := e.create(fileName(d.Name) + f.Extension())
	if err != nil {
		return err
	}
	src := e.progress.watch(t.src)
	if f.isXPT() {
		err = WriteXPT(e.ctx, out, src, t.survey, XPTOptions{Format: f, Created: e.o.JSON.Created})
	} else {
		o := e.o.JSON
		o.Format = f
		o.FileOID = orElse(o.FileOID, o.StudyOID) + "." + d.Name + "." + o.Created.UTC().Format(time.RFC3339)
		err = WriteDatasetJSON(e.ctx, out, src, t.survey, o)
	}
	if err := errors.Join(err, out.Close()); err != nil {
		return err
	}
	e.manifest.Files = append(e.manifest.Files, out.entry(d.Name, f, t.survey.rows))
	return nil
}

func (e *exporter) writeDefine() error {
	if e.o.Define == nil {
		return nil
	}
	out, err := e.create("define.xml")
	if err != nil {
		return err
	}
	err = WriteDefine(out, e.surveys(), *e.o.Define)
	if err := errors.Join(err, out.Close()); err != nil {
		return err
	}
	e.manifest.Files = append(e.manifest.Files, out.entry("", "define", 0))
	return nil
}

func (e *exporter) path(name string) string { return filepath.Join(e.dir, name) }
