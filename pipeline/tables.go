package pipeline

import (
	"context"
	"encoding/json"
	"strconv"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/argument"
)

// Defaults of [DataSetOptions] and [TableOptions].
const (
	DefaultPrefix   = "records"
	DefaultFileRows = 1_000_000
)

// Table is a table of [ChunkedRecordPipeline.WriteTables]: its name, which must be unique even if
// case is ignored, and the schema of all its batches.
type Table struct {
	Name   string
	Schema *arrow.Schema
}

// TableOptions configures [ChunkedRecordPipeline.WriteTables].
type TableOptions struct {
	// Prefix is the beginning of file names; the default is [DefaultPrefix].
	Prefix string
	// FileRows is the number of rows at which a file ends; the default is [DefaultFileRows].
	FileRows int
	// NoFormulaGuard disables the guard against spreadsheet formulas in CSV (see [CSV]).
	NoFormulaGuard bool
	// Origin identifies the state of the study that is written, for the manifest; [imednet.OriginOf]
	// asks the source.
	Origin imednet.Origin
	// Recipe is stored in the manifest.
	Recipe Recipe
	// Dictionary is the hash of the study's dictionary by which answers are shown, for the manifest.
	Dictionary string
}

// WriteTables writes tables that do not come from a RecordMapper, such as canonical data, as one
// data set with a directory per table. fill writes the rows. If it returns nil, the data set is
// moved into place with the guarantees of [ChunkedRecordPipeline.WriteParquet]; if it returns an
// error or the context has ended, the directory is unchanged. Every table has a file, even one
// without rows.
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
	if err := argument.Required("pipeline.WriteTables", "fill", fill); err != nil {
		return nil, w.fail(err, "")
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

// TableWriter receives the rows of a data set that is being written. It stages the files of tables
// and lists, which are moved into place together, followed by the manifest. It is not safe for
// concurrent use and is valid until the function that received it returns.
type TableWriter struct {
	pipeline *ChunkedRecordPipeline
	opts     TableOptions
	stage    *stage
	manifest *Manifest
	earlier  *Manifest // what stands in the directory; nil for nothing
	tables   []*chunkSeries
	byName   map[string]*chunkSeries
	dirs     map[string]bool // of the tables, in lower case
	shapes   shapes
	rejects  *lineFile
	findings *lineFile
	rows     int64
}

// Write adds rows to a table. Tables can be written in any order. The caller must release rows.
func (w *TableWriter) Write(table string, rows arrow.Record) error {
	s := w.byName[table]
	if s == nil {
		return invalid("table", "there is no table "+strconv.Quote(table))
	}
	if !rows.Schema().Equal(s.schema) {
		return invalid("rows", "the rows do not have the schema of table "+strconv.Quote(table))
	}
	return w.write(s, rows)
}

func (w *TableWriter) write(s *chunkSeries, rows arrow.Record) error {
	if err := s.write(rows); err != nil {
		return err
	}
	if err := w.boundMemory(); err != nil {
		return err
	}
	w.wrote(rows.NumRows())
	return nil
}

// wrote reports progress.
func (w *TableWriter) wrote(rows int64) {
	w.rows += rows
	w.pipeline.tell(w.op(), w.manifest.StudyKey, w.rows)
}

// AddReject adds v, which gave no row, such as a rejected record, to the list of rejects as one
// line of JSON.
func (w *TableWriter) AddReject(v any) error { return w.rejects.add(v) }

// AddFinding adds v, which a person should review, to the list of findings as one line of JSON.
func (w *TableWriter) AddFinding(v any) error { return w.findings.add(v) }

// Describe stores v as JSON in [Manifest.About]. Use it for the origin of the tables and counts
// that reconcile; it must hold no subject data. A later value replaces an earlier one.
func (w *TableWriter) Describe(v any) error {
	document, err := json.Marshal(v)
	if err != nil {
		return err
	}
	w.manifest.About = document
	return nil
}
