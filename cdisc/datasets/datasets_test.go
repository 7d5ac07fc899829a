package datasets_test

import (
	"bufio"
	"context"
	"encoding/json"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/cdisc"
	"github.com/imednetgo/imednet/cdisc/datasets"
	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/pipeline"
	"github.com/imednetgo/imednet/workflows/tables"
)

// studies are the generated study and, where it is at hand, the pilot.
func studies(t *testing.T) map[string]*imednettest.Study {
	list := map[string]*imednettest.Study{"DEMO": imednettest.Generate(imednettest.GenerateOptions{Records: 1500})}
	if dir := os.Getenv("IMEDNET_PILOT"); dir != "" && !testing.Short() {
		study, err := imednettest.LoadDir(dir)
		require.NoError(t, err)
		list[study.Key()] = study
	}
	return list
}

// write writes the study as Parquet and as NDJSON.
func write(t *testing.T, study *imednettest.Study) (parquet, ndjson string, m *pipeline.Manifest) {
	mapper, err := tables.NewRecordMapper(imednettest.NewServer(study).Client())
	require.NoError(t, err)
	p, err := pipeline.New()
	require.NoError(t, err)
	parquet, ndjson = t.TempDir(), t.TempDir()
	_, err = p.WriteParquet(context.Background(), mapper, study.Key(), parquet, pipeline.DataSetOptions{FileRows: 700})
	require.NoError(t, err)
	m, err = p.WriteNDJSON(context.Background(), mapper, study.Key(), ndjson, pipeline.DataSetOptions{})
	require.NoError(t, err)
	return parquet, ndjson, m
}

// jsonRows reads the rows of a table from NDJSON by record.
func jsonRows(t *testing.T, dir string, table pipeline.ManifestTable) map[int64]map[string]any {
	rows := map[int64]map[string]any{}
	for _, f := range table.Files {
		file, err := os.Open(filepath.Join(dir, f.Path))
		require.NoError(t, err)
		lines := bufio.NewScanner(file)
		lines.Buffer(nil, 1<<24)
		for lines.Scan() {
			var row map[string]any
			d := json.NewDecoder(strings.NewReader(lines.Text()))
			d.UseNumber()
			require.NoError(t, d.Decode(&row))
			id, err := row["recordId"].(json.Number).Int64()
			require.NoError(t, err)
			rows[id] = row
		}
		require.NoError(t, lines.Err())
		require.NoError(t, file.Close())
	}
	return rows
}

// TestEveryCellIsThatOfTheTable compares what a source yields with the same table in NDJSON.
func TestEveryCellIsThatOfTheTable(t *testing.T) {
	for key, study := range studies(t) {
		parquet, ndjson, manifest := write(t, study)
		set, err := datasets.Open(parquet, "")
		require.NoError(t, err)
		set.NumericDates = true
		cells := 0
		for i, src := range set.Sources() {
			want := jsonRows(t, ndjson, manifest.Tables[i])
			d := src.Dataset()
			n := 0
			for row, err := range src.Rows(context.Background()) {
				require.NoError(t, err)
				n++
				cells += compareRow(t, key, d, row, want)
			}
			require.Len(t, want, n, d.Name)
		}
		require.Greater(t, cells, 10000)
	}
}

func compareRow(t *testing.T, study string, d cdisc.Dataset, row cdisc.Row, want map[int64]map[string]any) int {
	var id int64
	for i, v := range d.Variables {
		if v.Source == "recordId" {
			id, _ = row[i].Integer()
		}
	}
	source := want[id]
	require.NotNil(t, source, "%s record %d", d.Name, id)
	for i, v := range d.Variables {
		place := d.Name + "." + v.Name + " of record " + strconv.FormatInt(id, 10)
		switch v.Source {
		case "@STUDYID":
			require.Equal(t, cdisc.Text(study), row[i], place)
			continue
		case "@USUBJID":
			if source["subjectKey"] == nil {
				require.True(t, row[i].IsMissing(), place)
			} else {
				require.Equal(t, cdisc.Text(study+"-"+source["subjectKey"].(string)), row[i], place)
			}
			continue
		}
		cell, exists := source[v.Source]
		require.True(t, exists, place)
		require.Equal(t, expected(t, v.Type, cell), row[i], place)
	}
	return len(d.Variables)
}

// expected is the value for a cell of NDJSON.
func expected(t *testing.T, typ cdisc.Type, cell any) cdisc.Value {
	switch cell := cell.(type) {
	case nil:
		return cdisc.Value{}
	case bool:
		if cell {
			return cdisc.Text("Y")
		}
		return cdisc.Text("N")
	case json.Number:
		if typ == cdisc.WholeNumber {
			n, err := cell.Int64()
			require.NoError(t, err)
			return cdisc.Integer(n)
		}
		x, err := cell.Float64()
		require.NoError(t, err)
		return cdisc.Float(x)
	}
	text := cell.(string)
	switch typ {
	case cdisc.Date:
		at, err := time.Parse(time.DateOnly, text)
		require.NoError(t, err)
		return cdisc.Integer(at.Unix() / 86400)
	case cdisc.Datetime:
		at, err := time.Parse(time.RFC3339Nano, text)
		require.NoError(t, err)
		return cdisc.Integer(at.UnixMicro())
	}
	return cdisc.Text(text)
}

func TestDataSetsThatChangedAreRefused(t *testing.T) {
	parquet, ndjson, manifest := write(t, imednettest.Generate(imednettest.GenerateOptions{Records: 200}))
	_, err := datasets.Open(ndjson, "")
	require.ErrorContains(t, err, "write it as Parquet")
	_, err = datasets.Open(t.TempDir(), "")
	require.ErrorIs(t, err, os.ErrNotExist)
	_, err = datasets.Open(parquet, "other")
	require.ErrorIs(t, err, os.ErrNotExist)

	path := filepath.Join(parquet, strings.TrimSuffix(manifest.Tables[0].Files[0].Path, ".ndjson")+".parquet")
	data, err := os.ReadFile(path)
	require.NoError(t, err)
	data[len(data)/2] ^= 1
	require.NoError(t, os.WriteFile(path, data, 0o600))
	_, err = datasets.Open(parquet, "")
	require.ErrorContains(t, err, "differs from what its manifest says")
}

func TestWhatTheDataSetRejectedIsAProblem(t *testing.T) {
	parquet, _, manifest := write(t, imednettest.Generate(imednettest.GenerateOptions{Records: 1500}))
	set, err := datasets.Open(parquet, "records")
	require.NoError(t, err)
	var n int64
	for _, p := range set.Problems() {
		require.Equal(t, cdisc.RuleRejected, p.Rule)
		n += p.Count
	}
	require.Positive(t, n)
	require.Equal(t, manifest.Rejects.Rows, n)
}

// renaming is a client that gives some records another subject key.
type renaming struct {
	imednet.Client
	rename func(*imednet.Record)
}

func (r renaming) Records(ctx context.Context, studyKey string, opts imednet.ListOptions) iter.Seq2[imednet.Record, error] {
	return func(yield func(imednet.Record, error) bool) {
		for record, err := range r.Client.Records(ctx, studyKey, opts) {
			r.rename(&record)
			if !yield(record, err) {
				return
			}
		}
	}
}

func TestAnInterruptedExportLeavesNothing(t *testing.T) {
	parquet, _, _ := write(t, imednettest.Generate(imednettest.GenerateOptions{Records: 300}))
	set, err := datasets.Open(parquet, "")
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	dir := t.TempDir()
	_, err = cdisc.Export(ctx, dir, set.Sources(), cdisc.ExportOptions{JSON: cdisc.JSONOptions{Created: time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)}})
	require.ErrorIs(t, err, context.Canceled)
	left, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Empty(t, left)
}

func TestSubjectsMustBeCertain(t *testing.T) {
	client := imednettest.NewServer(imednettest.Generate(imednettest.GenerateOptions{Records: 300})).Client()
	seen := 0
	var audit func() []cdisc.Problem
	open := func(rename func(*imednet.Record)) []cdisc.Problem {
		seen = 0
		mapper, err := tables.NewRecordMapper(renaming{client, rename})
		require.NoError(t, err)
		p, err := pipeline.New()
		require.NoError(t, err)
		dir := t.TempDir()
		_, err = p.WriteParquet(t.Context(), mapper, "DEMO", dir, pipeline.DataSetOptions{})
		require.NoError(t, err)
		set, err := datasets.Open(dir, "")
		require.NoError(t, err)
		problems, err := set.SubjectProblems(t.Context())
		require.NoError(t, err)
		audit = func() []cdisc.Problem {
			problems, err := set.AuditProblems(t.Context())
			require.NoError(t, err)
			return problems
		}
		return problems
	}
	require.Empty(t, open(func(*imednet.Record) {}))
	problems := open(func(r *imednet.Record) {
		if r.FormKey.Or("") == "AE" && r.SubjectKey.IsSet() {
			if seen++; seen == 1 {
				r.SubjectKey = imednet.Some("99-999")
			}
		}
	})
	require.Equal(t, []cdisc.Problem{{Dataset: "AE", Rule: cdisc.RuleSubject, Count: 1, Message: "records of a subject that has another key elsewhere"}}, problems)

	require.Empty(t, audit())
	for name, key := range map[string]imednet.Opt[string]{"null": {}, "empty": imednet.Some(""), "blank": imednet.Some("  ")} {
		problems = open(func(r *imednet.Record) {
			if r.FormKey.Or("") == "AE" && r.SubjectKey.IsSet() {
				if seen++; seen <= 2 {
					r.SubjectKey = key
				}
			}
		})
		none := []cdisc.Problem{{Dataset: "AE", Rule: cdisc.RuleSubject, Count: 2, Message: "records of a subject without a subject key"}}
		require.Equal(t, none, problems, name)
		require.Equal(t, none, audit(), name)
	}

	// All records of one subject under another one's key and a blank: XPORT would make one subject of them.
	first, second := "", ""
	problems = open(func(r *imednet.Record) {
		key := r.SubjectKey.Or("")
		switch {
		case first == "":
			first = key
		case second == "" && key != first:
			second = key
		}
		if key != "" && key == second {
			r.SubjectKey = imednet.Some(first + " ")
		}
	})
	require.NotEmpty(t, problems)
	require.Equal(t, problems, audit())
	for _, p := range problems {
		require.Equal(t, cdisc.RuleSubject, p.Rule)
		require.Equal(t, "records whose subject key is another subject's", p.Message)
	}
}

// TestNoVisitIsMadeOfTheNumberZero has a server that writes 0 for the interval of a record without one.
func TestNoVisitIsMadeOfTheNumberZero(t *testing.T) {
	client := imednettest.NewServer(imednettest.Generate(imednettest.GenerateOptions{Records: 100})).Client()
	zeros := 0
	mapper, err := tables.NewRecordMapper(renaming{client, func(r *imednet.Record) {
		if r.RecordID%2 == 0 {
			r.IntervalID = imednet.Some[int64](0)
		}
		if r.IntervalID.Or(0) == 0 {
			zeros++
		}
	}})
	require.NoError(t, err)
	p, err := pipeline.New()
	require.NoError(t, err)
	dir := t.TempDir()
	_, err = p.WriteParquet(t.Context(), mapper, "DEMO", dir, pipeline.DataSetOptions{Map: tables.MapOptions{IncludeDeleted: true}})
	require.NoError(t, err)
	set, err := datasets.Open(dir, "")
	require.NoError(t, err)
	forms, err := set.ODM()
	require.NoError(t, err)
	without, rows := 0, 0
	for _, form := range forms {
		at := slices.IndexFunc(form.Dataset().Variables, func(v cdisc.Variable) bool { return v.Source == "intervalId" })
		for row, err := range form.Rows(t.Context()) {
			require.NoError(t, err)
			rows++
			if row[at].IsMissing() {
				without++
				continue
			}
			id, ok := row[at].Integer()
			require.True(t, ok)
			require.NotZero(t, id)
		}
	}
	require.Equal(t, zeros, without)
	require.Greater(t, rows, without)
}

func TestCodelistsComeFromTheCallerFirst(t *testing.T) {
	parquet, _, _ := write(t, imednettest.Generate(imednettest.GenerateOptions{Records: 200}))
	set, err := datasets.Open(parquet, "")
	require.NoError(t, err)
	sex := &cdisc.Codelist{Name: "SEX", Items: []cdisc.CodelistItem{{Code: "F"}, {Code: "M"}}}
	set.Codelists = map[string]*cdisc.Codelist{"DM.SEX": sex}
	for _, src := range set.Sources() {
		for _, v := range src.Dataset().Variables {
			require.Equal(t, src.Dataset().Name == "DM" && v.Name == "SEX", v.Codelist != nil, v.Name)
		}
	}
}

// TestExplainingTakesCanonicalDataOfTheConfiguration refuses what would describe other data.
func TestExplainingTakesCanonicalDataOfTheConfiguration(t *testing.T) {
	parquet, _, _ := write(t, imednettest.Generate(imednettest.GenerateOptions{Records: 200}))
	set, err := datasets.Open(parquet, "")
	require.NoError(t, err)
	require.ErrorContains(t, set.Explain(imednet.StudyConfiguration{StudyKey: "DEMO"}), "is not canonical data")
	set.Manifest.Layout, set.Manifest.About = "tables", json.RawMessage(`{"configuration": {"studyKey": "DEMO", "version": "1.0.0"}}`)
	require.NoError(t, set.Explain(imednet.StudyConfiguration{StudyKey: "DEMO"}), "no version is the first")
	require.ErrorContains(t, set.Explain(imednet.StudyConfiguration{StudyKey: "DEMO", Version: "1.0.1"}), "another study or version")
	require.ErrorContains(t, set.Explain(imednet.StudyConfiguration{StudyKey: "OTHER"}), "another study or version")
}
