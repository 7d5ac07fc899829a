//go:build cgo

package pipeline_test

import (
	"database/sql"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/answers/examples"
	"github.com/imednetgo/imednet/internal/studytest"
	"github.com/imednetgo/imednet/pipeline"
	"github.com/imednetgo/imednet/workflows/tables"
)

// censusTypes are all types of columns. Form F0 has variable V0 with the first of them, and so on.
var censusTypes = []tables.ColumnType{
	tables.TypeText, tables.TypeFloat64, tables.TypeInt64, tables.TypeDate, tables.TypeDate32, tables.TypeTimestamp, tables.TypeBool, tables.TypeDictionary,
}

// censusStudy has every shared answer under every type, the forms taking turns.
func censusStudy(t *testing.T) exampleStudy {
	t.Helper()
	var study exampleStudy
	for i := range censusTypes {
		form := fmt.Sprint("F", i)
		study.Design.Forms = append(study.Design.Forms, studytest.Form(int64(i+1), form))
		study.Design.Variables = append(study.Design.Variables, studytest.Variable(int64(i+1), fmt.Sprint("V", i), "TEXT", form, imednet.Some(int64(i+1))))
	}
	for n, e := range examples.Answers() {
		for i := range censusTypes {
			data := `{}`
			if e.JSON != "" {
				data = fmt.Sprintf(`{"V%d":%s}`, i, e.JSON)
			}
			study.records = append(study.records, exampleRecord(t, n*len(censusTypes)+i+1, fmt.Sprint("F", i), data))
		}
	}
	return study
}

// TestCensusOfAnswers writes every answer under every type in each layout and format, and has DuckDB read
// them: all files say the same, and every answer is in a cell or among the rejects.
func TestCensusOfAnswers(t *testing.T) {
	study := censusStudy(t)
	mapper, err := tables.NewRecordMapper(study)
	require.NoError(t, err)
	plan, err := mapper.Plan(t.Context(), "S", tables.PlanOptions{})
	require.NoError(t, err)
	for i := range plan.Forms {
		column := &plan.Forms[i].Columns[0]
		if column.Type = censusTypes[i]; column.Type == tables.TypeTimestamp {
			column.Layout = "2006-01-02T15:04:05"
		}
	}
	p, db := newPipeline(t), database(t)
	first := map[string]string{}
	for _, layout := range []pipeline.Layout{pipeline.PerForm, pipeline.Hive, pipeline.HivePerForm, pipeline.Wide} {
		for format, write := range map[pipeline.Format]writeFunc{pipeline.Parquet: p.WriteParquet, pipeline.CSV: p.WriteCSV, pipeline.NDJSON: p.WriteNDJSON} {
			dir := t.TempDir()
			manifest, err := write(t.Context(), mapper, "S", dir, pipeline.DataSetOptions{Map: tables.MapOptions{Plan: plan}, Layout: layout, FileRows: 97})
			require.NoError(t, err)
			cells := censusCells(t, db, pipeline.DataSetDir(dir, layout, "S"), manifest)
			reasons := readReasons(t, pipeline.DataSetDir(dir, layout, "S"), manifest.Rejects.Path)
			requireCounted(t, study, cells, reasons)
			if len(first) == 0 {
				first = cells
			}
			require.Equal(t, first, cells, "%s as %s", layout, format)
		}
	}
	require.Greater(t, len(first), len(examples.Answers()), "more than the texts are in cells")
}

// requireCounted holds every answer that says something against its cell and its reject.
func requireCounted(t *testing.T, study exampleStudy, cells map[string]string, reasons map[int][]tables.Reason) {
	t.Helper()
	for n, e := range examples.Answers() {
		for i, typ := range censusTypes {
			id := n*len(censusTypes) + i + 1
			_, held := cells[fmt.Sprintf("%d V%d", id, i)]
			rejected := len(reasons[id]) == 1
			if e.Missing || e.Text == "" && !e.NotUnicode {
				require.False(t, rejected, "%q as %s", e.JSON, typ)
				continue
			}
			require.NotEqual(t, held, rejected, "%q as %s: %v", e.JSON, typ, reasons[id])
		}
	}
	require.Len(t, study.records, len(examples.Answers())*len(censusTypes))
}

// censusCells are all cells of answers that DuckDB reads, by record id and column.
func censusCells(t *testing.T, db *sql.DB, dir string, manifest *pipeline.Manifest) map[string]string {
	t.Helper()
	cells := map[string]string{}
	rows := 0
	for _, table := range manifest.Tables {
		for _, f := range table.Files {
			rows += readCensusFile(t, db, filepath.Join(dir, f.Path), manifest, cells)
		}
	}
	require.Equal(t, len(examples.Answers())*len(censusTypes), rows)
	return cells
}

func readCensusFile(t *testing.T, db *sql.DB, path string, manifest *pipeline.Manifest, cells map[string]string) (n int) {
	t.Helper()
	from := map[pipeline.Format]string{
		pipeline.Parquet: "read_parquet('%s', hive_partitioning = false)", pipeline.CSV: "read_csv('%s', all_varchar = true, hive_partitioning = false)",
		pipeline.NDJSON: "read_json('%s', format = 'newline_delimited', hive_partitioning = false, auto_detect = true, maximum_depth = 1)",
	}[manifest.Format]
	rows, err := db.QueryContext(t.Context(), fmt.Sprintf("SELECT CAST(COLUMNS(*) AS VARCHAR) FROM "+from, path))
	require.NoError(t, err)
	defer rows.Close()
	columns, err := rows.Columns()
	require.NoError(t, err)
	values, into := make([]sql.NullString, len(columns)), make([]any, len(columns))
	for i := range values {
		into[i] = &values[i]
	}
	for ; rows.Next(); n++ {
		require.NoError(t, rows.Scan(into...))
		id := ""
		for i, name := range columns {
			if name == "recordId" {
				id = values[i].String
			}
		}
		for i, name := range columns {
			if strings.HasPrefix(name, "V") && values[i].Valid {
				cells[id+" "+name] = censusText(name, values[i].String, manifest)
			}
		}
	}
	require.NoError(t, rows.Err())
	return n
}

// censusText is a cell without what formats write differently.
func censusText(column, text string, manifest *pipeline.Manifest) string {
	if manifest.Format == pipeline.NDJSON && strings.HasPrefix(text, `"`) {
		text = imednet.NewValue([]byte(text)).Text()
	}
	if manifest.FormulaGuard {
		text = strings.TrimPrefix(text, "'")
	}
	switch column {
	case "V1", "V2":
		if number, ok := imednet.ParseNumber(text); ok {
			return number.Canonical()
		}
	case "V5":
		return strings.TrimSuffix(strings.Replace(text, "T", " ", 1), ".000000")
	}
	return text
}
