package scenarios

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/internal/qualification"
	"github.com/imednetgo/imednet/pipeline"
	"github.com/imednetgo/imednet/workflows/tables"
)

var noValueIsLost = qualification.Scenario{
	ID: "OQ-TAB-1", Title: "Every answer of the source is in a cell or in the list of rejects",
	Requirements: []string{"TAB-01", "TAB-02", "TAB-03", "TAB-05", "TAB-13", "RST-19"},
	Run: func(ctx context.Context, t *qualification.Trial) error {
		s, err := generated(ctx, t, 1000)
		if err != nil {
			return err
		}
		defer s.close()
		if _, err := exportAndCount(ctx, t, s, s.client, pipeline.NDJSON); err != nil {
			return err
		}
		manifest, err := exportAndCount(ctx, t, s, s.client, pipeline.Parquet)
		if err != nil {
			return err
		}
		return t.EvidenceJSON("manifest.json", manifest)
	},
}

// exportAndCount writes a study as a data set, reads it back with other programs' code, and looks for every
// answer that the server has.
func exportAndCount(ctx context.Context, t *qualification.Trial, s *site, source tables.Source, format pipeline.Format) (*pipeline.Manifest, error) {
	dir := t.Path("tables-" + string(format))
	manifest, err := write(ctx, t, source, s.study.Key(), dir, format)
	if err != nil {
		return nil, err
	}
	t.Holds(string(format)+": the manifest agrees with its files", manifest.Verify(dir) == nil)
	c := newCensus()
	if err := readBack(ctx, c, dir, manifest); err != nil {
		return nil, err
	}
	messages, err := s.rows(ctx, "records", "recordId")
	if err != nil {
		return nil, err
	}
	active, deleted := 0, 0
	for _, message := range messages {
		record, answers, err := answersOf(message)
		if err != nil {
			return nil, err
		}
		if record.Deleted {
			deleted++
			continue
		}
		active++
		c.count(record.FormKey, record.RecordID, answers)
	}
	report := manifest.Report
	t.Equal(string(format)+": records, deleted", list(int64(len(messages)), int64(deleted)), list(report.Records, report.Deleted))
	t.Equal(string(format)+": rows and rejected records", active, report.Rows+report.RecordsRejected)
	t.Equal(string(format)+": answers that are neither in a cell nor in a reject", 0, c.Lost)
	t.Note(string(format)+": answers, in cells, in rejects, blank", list(int64(c.Answers), int64(c.Cells), int64(c.Rejects), int64(c.Blank)))
	if c.Lost > 0 {
		t.Note(string(format)+": lost in", strings.Join(slices.Sorted(maps.Keys(c.LostIn)), ", "))
	}
	return manifest, nil
}

func write(ctx context.Context, t *qualification.Trial, source tables.Source, study, dir string, format pipeline.Format, opts ...tables.Option) (*pipeline.Manifest, error) {
	mapper, err := tables.NewRecordMapper(source, opts...)
	if err != nil {
		return nil, err
	}
	writer, err := pipeline.New(pipeline.WithClock(t.Clock))
	if err != nil {
		return nil, err
	}
	switch format {
	case pipeline.Parquet:
		return writer.WriteParquet(ctx, mapper, study, dir, pipeline.DataSetOptions{})
	case pipeline.CSV:
		return writer.WriteCSV(ctx, mapper, study, dir, pipeline.DataSetOptions{})
	}
	return writer.WriteNDJSON(ctx, mapper, study, dir, pipeline.DataSetOptions{})
}

// readBack reads the rows of a data set: NDJSON line by line, Parquet by DuckDB.
func readBack(ctx context.Context, c *census, dir string, m *pipeline.Manifest) error {
	for _, table := range m.Tables {
		for _, file := range table.Files {
			path := filepath.Join(dir, filepath.FromSlash(file.Path))
			add := func(text []byte) error { return c.addRow(table.Name, text) }
			read := eachLine
			if m.Format == pipeline.Parquet {
				read = eachRow(ctx)
			}
			if err := read(path, add); err != nil {
				return err
			}
		}
	}
	if m.Rejects.Path == "" {
		return nil
	}
	return eachLine(filepath.Join(dir, filepath.FromSlash(m.Rejects.Path)), c.addReject)
}

func eachLine(path string, do func(text []byte) error) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	for line := range bytes.Lines(text) {
		if err := do(line); err != nil {
			return err
		}
	}
	return nil
}

// eachRow reads a Parquet file by DuckDB.
func eachRow(ctx context.Context) func(path string, do func(text []byte) error) error {
	return func(path string, do func(text []byte) error) (err error) {
		db, err := sql.Open("duckdb", "")
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, db.Close()) }()
		rows, err := db.QueryContext(ctx, "SELECT to_json(t)::VARCHAR FROM read_parquet(?) t", path)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var text string
			if err := rows.Scan(&text); err != nil {
				return err
			}
			if err := do([]byte(text)); err != nil {
				return err
			}
		}
		return rows.Err()
	}
}

var dataSetsAreReplacedWhole = qualification.Scenario{
	ID: "OQ-TAB-2", Title: "A failed export leaves the earlier data set whole",
	Requirements: []string{"TAB-03", "TAB-04", "TAB-16", "RPT-04"},
	Run: func(ctx context.Context, t *qualification.Trial) error {
		s, err := generated(ctx, t, 600)
		if err != nil {
			return err
		}
		defer s.close()
		dir := t.Path("tables")
		if _, err := write(ctx, t, s.client, s.study.Key(), dir, pipeline.CSV); err != nil {
			return err
		}
		before, err := contents(dir)
		if err != nil {
			return err
		}
		s.server.Inject(imednettest.Fault{Path: "records", Skip: 1, Times: -1, Status: 403})
		_, err = write(ctx, t, s.client, s.study.Key(), dir, pipeline.CSV)
		t.Refused("an export whose second page the server refuses", imednet.ErrForbidden, err)
		s.server.ClearFaults()
		after, err := contents(dir)
		if err != nil {
			return err
		}
		t.Equal("files after the failed export", before, after)
		other, err := serve(ctx, t, imednettest.Generate(imednettest.GenerateOptions{StudyKey: "OTHER", Records: 100}))
		if err != nil {
			return err
		}
		defer other.close()
		_, err = write(ctx, t, other.client, "OTHER", dir, pipeline.CSV)
		t.Holds("an export of another study into the directory is refused", err != nil)
		after, err = contents(dir)
		if err != nil {
			return err
		}
		t.Equal("files after the refused export", before, after)
		return strictRun(ctx, t, s)
	},
}

// strictRun exports with every value that does not fit as an error.
func strictRun(ctx context.Context, t *qualification.Trial, s *site) error {
	mapper, err := tables.NewRecordMapper(s.client)
	if err != nil {
		return err
	}
	writer, err := pipeline.New(pipeline.WithClock(t.Clock))
	if err != nil {
		return err
	}
	dir := t.Path("strict")
	_, err = writer.WriteCSV(ctx, mapper, s.study.Key(), dir, pipeline.DataSetOptions{Map: tables.MapOptions{Strict: true}})
	t.RefusedAs("a strict export of a study with values that do not fit", new(*tables.RejectError), err)
	left, err := filepath.Glob(filepath.Join(dir, "*"))
	t.Equal("files after it", 0, len(left))
	return err
}

// contents is the digest of all files below a directory, but for locks.
func contents(dir string) (string, error) {
	files, n := map[int64]string{}, int64(0)
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasSuffix(path, ".lock") {
			return err
		}
		text, err := os.ReadFile(path)
		files[n] = path + "\n" + string(text)
		n++
		return err
	})
	return digest(files), err
}
