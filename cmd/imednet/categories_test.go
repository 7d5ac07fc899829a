package main

import (
	"database/sql"
	"encoding/json"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet/dictionary"
	"github.com/imednetgo/imednet/pipeline"
	"github.com/imednetgo/imednet/workflows/tables"
)

// The manifest has the whole list of a column, as does every file, and categories change no answer.
func TestExportWithCategories(t *testing.T) {
	d := newShell(t)
	writeExport(d, "export", "DEMO")
	// The positions go against the order of the rows, and one choice that is answered is not there.
	d.write("export/"+dictionary.ChoicesFile, "Form,Variable Type,Variable Name,Choice Text,Choice Value,Position\n"+
		"AE,RADIO,AESEV,Severe,3,30\nAE,RADIO,AESEV,Never,,20\nAE,RADIO,AESEV,Mild,1,10\n")
	db, err := sql.Open("duckdb", "")
	require.NoError(t, err)
	defer db.Close()
	answers := func(dir string) (all string) {
		t.Helper()
		err := db.QueryRowContext(t.Context(), "SELECT CAST(list({r: recordId, s: AESEV} ORDER BY recordId) AS VARCHAR) FROM '"+filepath.Join(d.dir, dir, "AE", "*.parquet")+"'").Scan(&all)
		require.NoError(t, err)
		return all
	}
	column := func(text string) tables.Column {
		t.Helper()
		var m pipeline.Manifest
		require.NoError(t, json.Unmarshal([]byte(text), &m))
		form, ok := m.Plan.Form("AE")
		require.True(t, ok)
		for _, c := range form.Columns {
			if c.Name == "AESEV" {
				return c
			}
		}
		require.Fail(t, "no AESEV")
		return tables.Column{}
	}
	listed := []tables.Choice{{Value: "Mild", Text: "Mild", Code: "1"}, {Value: "Never", Text: "Never"}, {Value: "Severe", Text: "Severe", Code: "3"}}
	plain := column(d.ok("export", "DEMO", "--dir", "plain", "--dictionary", "export", "--json"))
	require.Equal(t, tables.TypeText, plain.Type)
	require.Equal(t, listed, plain.Choices)
	out, warned := d.run(exitOK, "export", "DEMO", "--dir", "categories", "--dictionary", "export", "--categories", "--json")
	require.Contains(t, warned, "AE.AESEV: ")
	categories := column(out)
	require.Equal(t, tables.TypeDictionary, categories.Type)
	require.Equal(t, listed, categories.Choices)
	require.Equal(t, answers("plain"), answers("categories"))
	require.Contains(t, answers("plain"), "Moderate")
	coded := column(d.ok("export", "DEMO", "--dir", "codes", "--dictionary", "export", "--categories", "--choices", "code", "--json"))
	require.Equal(t, []tables.Choice{{Value: "1", Text: "Mild", Code: "1"}, {Value: "Never", Text: "Never"}, {Value: "3", Text: "Severe", Code: "3"}}, coded.Choices)
	both := d.ok("export", "DEMO", "--dir", "both", "--dictionary", "export", "--categories", "--choices", "both", "--infer-types", "--json")
	require.Equal(t, categories, column(both))
	require.Contains(t, both, `"AESEV_CODE"`)
	require.Empty(t, column(d.ok("export", "DEMO", "--dir", "none", "--json")).Choices)
	for _, args := range [][]string{{"--categories"}, {"--dictionary", "export", "--categories", "--format", "csv"}, {"--dictionary", "export", "--categories", "--plan", "x"}} {
		d.run(exitUsage, append([]string{"export", "DEMO", "--dir", "no"}, args...)...)
	}
}
