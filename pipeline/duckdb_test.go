//go:build cgo

package pipeline_test

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	_ "github.com/duckdb/duckdb-go/v2"
	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/pipeline"
	"github.com/imednetgo/imednet/workflows/tables"
)

// database is a DuckDB in memory.
func database(t *testing.T) *sql.DB {
	t.Helper()
	db, err := sql.Open("duckdb", "")
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	return db
}

// query returns the only row of a query, its columns joined by blanks.
func query(t *testing.T, db *sql.DB, text string) string {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), text)
	require.NoError(t, err, text)
	defer rows.Close()
	columns, err := rows.Columns()
	require.NoError(t, err)
	require.True(t, rows.Next(), text)
	cells := make([]any, len(columns))
	for i := range cells {
		cells[i] = new(any)
	}
	require.NoError(t, rows.Scan(cells...))
	var parts []string
	for _, c := range cells {
		parts = append(parts, fmt.Sprint(*c.(*any)))
	}
	return strings.Join(parts, " ")
}

// adverseEventFacts and pressureFacts are the parts of the pilot's ground truth that the tables
// must give, for all records and for active ones.
type adverseEventFacts struct {
	Rows, Serious, SubjectsWithAny, SubjectsWithSerious map[string]int
}

type pressureFacts map[string]struct {
	N        int
	Mean     float64
	Min, Max int
}

func pilotFacts(t *testing.T, folder string) (events adverseEventFacts, pressure pressureFacts) {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(folder, "facts.json"))
	require.NoError(t, err)
	var facts map[string]json.RawMessage
	require.NoError(t, json.Unmarshal(raw, &facts))
	require.NoError(t, json.Unmarshal(facts["adverseEvents"], &events))
	require.NoError(t, json.Unmarshal(facts["sysbpBaselineVisitSupine (variable SYSBP_SUP5, interval BASELINE)"], &pressure))
	return events, pressure
}

func TestDuckDBReadsThePilotBack(t *testing.T) {
	folder := os.Getenv("IMEDNET_PILOT")
	if folder == "" {
		t.Skip("IMEDNET_PILOT names no folder with the pilot study")
	}
	events, pressure := pilotFacts(t, folder)
	m := mapperOver(t, pilot(t))
	db := database(t)
	for _, tc := range []struct {
		name           string
		includeDeleted bool
		layout         pipeline.Layout
		rows           int
	}{
		{"all", true, pipeline.PerForm, 28_800}, {"active", false, pipeline.PerForm, 28_800 - 282},
		{"active", false, pipeline.Hive, 28_800 - 282},
	} {
		dir := t.TempDir()
		_, err := newPipeline(t).WriteParquet(t.Context(), m, "CDISCPILOT01", dir, pipeline.DataSetOptions{
			Layout: tc.layout, Map: tables.MapOptions{IncludeDeleted: tc.includeDeleted},
		})
		require.NoError(t, err)
		ae, vs := fmt.Sprintf("read_parquet('%s/AE/*.parquet')", dir), fmt.Sprintf("read_parquet('%s/VS/*.parquet')", dir)
		if tc.layout == pipeline.Hive {
			all := fmt.Sprintf("read_parquet('%s/**/*.parquet', hive_partitioning = true)", dir)
			ae, vs = "(SELECT * FROM "+all+" WHERE formKey = 'AE')", "(SELECT * FROM "+all+" WHERE formKey = 'VS')"
			require.Equal(t, fmt.Sprint(tc.rows, " CDISCPILOT01"), query(t, db, "SELECT count(*), any_value(studyKey) FROM "+all), "one table")
		}
		require.Equal(t, fmt.Sprint(events.Rows[tc.name], events.SubjectsWithAny[tc.name]),
			query(t, db, "SELECT count(*), count(DISTINCT subjectKey) FROM "+ae))
		require.Equal(t, fmt.Sprint(events.Serious[tc.name], events.SubjectsWithSerious[tc.name]),
			query(t, db, "SELECT count(*), count(DISTINCT subjectKey) FROM "+ae+" WHERE AESER = 'Y'"))
		want := pressure[tc.name]
		require.Equal(t, fmt.Sprintf("%d %.6f %d %d", want.N, want.Mean, want.Min, want.Max),
			query(t, db, fmt.Sprintf(`SELECT count(SYSBP_SUP5), printf('%%.6f', avg(SYSBP_SUP5)), min(SYSBP_SUP5)::INT, max(SYSBP_SUP5)::INT FROM %s WHERE intervalId = %d`, vs, baselineInterval)))
	}
}

// baselineInterval is the intervalId of BASELINE in intervals.ndjson.
const baselineInterval = 406

func TestDuckDBReadsEveryFormat(t *testing.T) {
	m := mapperOver(t, demo(t))
	p := newPipeline(t)
	db := database(t)
	dir := t.TempDir()
	manifest, err := p.WriteParquet(t.Context(), m, "DEMO", dir, pipeline.DataSetOptions{})
	require.NoError(t, err)
	csv, ndjson := t.TempDir(), t.TempDir()
	_, err = p.WriteCSV(t.Context(), m, "DEMO", csv, pipeline.DataSetOptions{})
	require.NoError(t, err)
	_, err = p.WriteNDJSON(t.Context(), m, "DEMO", ndjson, pipeline.DataSetOptions{})
	require.NoError(t, err)
	sum := "SELECT count(*), sum(SYSBP), count(DISTINCT subjectKey) FROM "
	want := query(t, db, sum+fmt.Sprintf("'%s/VS/*.parquet'", dir))
	require.NotEqual(t, "0", strings.Fields(want)[0])
	require.Equal(t, want, query(t, db, sum+fmt.Sprintf("read_csv('%s/VS/*.csv', types = {'SYSBP': 'DOUBLE'})", csv)))
	require.Equal(t, want, query(t, db, sum+fmt.Sprintf("read_json('%s/VS/*.ndjson', columns = {SYSBP: 'DOUBLE', subjectKey: 'VARCHAR'})", ndjson)))
	wide := t.TempDir()
	_, err = p.WriteParquet(t.Context(), m, "DEMO", wide, pipeline.DataSetOptions{Layout: pipeline.Wide})
	require.NoError(t, err)
	require.Equal(t, want, query(t, db, sum+fmt.Sprintf("'%s/*.parquet' WHERE SYSBP IS NOT NULL OR formId IN (SELECT formId FROM '%s/VS/*.parquet')", wide, dir)))
	for _, table := range manifest.Tables {
		require.Equal(t, fmt.Sprint(table.Rows), query(t, db, fmt.Sprintf("SELECT count(*) FROM '%s/%s/*.parquet'", dir, table.Name)))
	}
}

// TestKeysThatLookLikeNumbers: in a hive layout they are text for a reader that is told so, and the
// manifest says which columns to tell of.
func TestKeysThatLookLikeNumbers(t *testing.T) {
	dir := t.TempDir()
	study := imednettest.Generate(imednettest.GenerateOptions{StudyKey: "0042", Records: 60, Seed: 7})
	manifest, err := newPipeline(t).WriteParquet(t.Context(), mapperOver(t, study), "0042", dir, pipeline.DataSetOptions{Layout: pipeline.Hive})
	require.NoError(t, err)
	require.Equal(t, []string{"studyKey", "formKey"}, manifest.Partitions)
	files := fmt.Sprintf("read_parquet('%s/*/*/*.parquet', hive_partitioning = true, hive_types_autocast = false)", dir)
	require.Equal(t, "0042 VARCHAR", query(t, database(t), "SELECT DISTINCT studyKey, typeof(studyKey) FROM "+files))
}
