package pipeline

import (
	"context"
	"encoding/json"
	"strconv"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/imednetgo/imednet"
)

// Defaults of DataSetOptions and TableOptions.
const (
	DefaultPrefix   = "records"
	DefaultFileRows = 1_000_000
)

// Table is a table of WriteTables: its name, which is unique in any case of letters, and the
// schema that all of its batches have.
type Table struct {
	Name   string
	Schema *arrow.Schema
}

// TableOptions are the settings of WriteTables.
type TableOptions struct {
	// Prefix begins the names of the files; default DefaultPrefix.
	Prefix string
	// FileRows ends a file; default DefaultFileRows.
	FileRows int
	// NoFormulaGuard leaves text in CSV as it is.
	NoFormulaGuard bool
	// Version and Mark say which state of the mirror is written; they go to the manifest.
	Version imednet.MirrorVersion
	Mark    imednet.Watermark
}

// WriteTables writes tables that do not come from a RecordMapper, such as canonical data, as one
// data set with a directory per table. fill writes the rows; when it returns nil the data set takes
// its place under the promises of WriteParquet, when it returns an error or the context has ended
// the directory stays as it was. Every table gets a file, also one without rows.
//
//	manifest, err := p.WriteTables(ctx, "DEMO", dir, pipeline.Parquet, tables, pipeline.TableOptions{}, func(w *pipeline.TableWriter) error {
//		for batch, err := range engine.Run(ctx, source, extraction.Options{}).Batches(extraction.BatchOptions{}) {
//			if err != nil {
//				return err
//			}
//			if err := w.Write(string(batch.Domain), batch.Record); err != nil {
//				return err
//			}
//		}
//		return nil
//	})
func (p *ChunkedRecordPipeline) WriteTables(ctx context.Context, studyKey, dir string, format Format, tables []Table, opts TableOptions, fill func(*TableWriter) error) (*Manifest, error) {
	w, err := p.begin(studyKey, dir, format, opts)
	if err != nil {
		return nil, err
	}
	w.manifest.Layout = givenTables
	declare := func() error {
		for _, t := range tables {
			if t.Name == "" || t.Schema == nil {
				return invalid("tables", "a table has no name or no schema")
			}
			if err := w.declare(w.distinctDir(plainDir, t.Name), t); err != nil {
				return err
			}
		}
		return nil
	}
	return w.run(ctx, declare, func() error { return fill(w) })
}

// TableWriter takes the rows of a data set that is being written: tables and lists in staged files
// that take their places together, and the manifest that is written last. It serves one goroutine,
// until the function that it was given to returns.
type TableWriter struct {
	pipeline *ChunkedRecordPipeline
	opts     TableOptions
	stage    *stage
	manifest *Manifest
	earlier  *Manifest // what stands in the directory; nil for nothing
	tables   []*chunkSeries
	byName   map[string]*chunkSeries
	dirs     map[string]bool // of the tables, in lower case
	rejects  *lineFile
	findings *lineFile
	rows     int64
}

// Write adds rows to a table, which need not come in any order of tables. The caller releases them.
func (w *TableWriter) Write(table string, rows arrow.Record) error {
	s := w.byName[table]
	if s == nil {
		return invalid("table", "there is no table "+strconv.Quote(table))
	}
	if !rows.Schema().Equal(s.schema) {
		return invalid("rows", "the rows do not have the schema of table "+strconv.Quote(table))
	}
	if err := s.write(rows); err != nil {
		return err
	}
	if err := w.boundMemory(); err != nil {
		return err
	}
	w.rows += rows.NumRows()
	w.pipeline.tell(w.op(), w.manifest.StudyKey, w.rows)
	return nil
}

// AddReject adds something that gave no row, such as a rejected record, to the list of rejects, as
// one line of JSON.
func (w *TableWriter) AddReject(v any) error { return w.rejects.add(v) }

// AddFinding adds something that a person should look at to the list of findings, as one line of
// JSON.
func (w *TableWriter) AddFinding(v any) error { return w.findings.add(v) }

// Describe puts a value, as JSON, into Manifest.About: how the tables came about, and counts that
// reconcile. It must hold no subject data. A later value takes the place of an earlier one.
func (w *TableWriter) Describe(v any) error {
	document, err := json.Marshal(v)
	if err != nil {
		return err
	}
	w.manifest.About = document
	return nil
}
