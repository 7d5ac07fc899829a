package warehouse_test

import (
	"context"
	"iter"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/warehouse"
	"github.com/imednetgo/imednet/workflows/tables"
)

// namesakes is a study whose forms AE and ae, and whose variables TERM and term of AE, differ in
// case only.
func namesakes(t testing.TB) *design {
	other := func(id int64, data string) imednet.Record {
		r := record(t, id, 1, data)
		r.FormID, r.FormKey, r.Raw = imednet.Some(int64(4)), imednet.Some("ae"), nil
		return r
	}
	lower := variable(5, "ae", "TERM", "NUMBER")
	lower.FormID = imednet.Some(int64(4))
	return &design{
		formKey:   "AE",
		more:      []imednet.Form{{FormID: 4, FormKey: imednet.Some("ae")}},
		listing:   listing{record(t, 1, 1, `{"TERM":"upper","term":"lower"}`), record(t, 2, 1, `{"term":"only lower"}`), other(3, `{"TERM":"7"}`)},
		variables: []imednet.Variable{variable(1, "AE", "TERM", "TEXT"), variable(2, "AE", "term", "TEXT"), lower},
	}
}

func silver(t testing.TB, d *warehouse.DuckDBIngestion, src tables.Source, study string, opts warehouse.SilverOptions) warehouse.SilverRun {
	t.Helper()
	run, err := d.BuildSilverTables(t.Context(), mapper(t, src), study, opts)
	require.NoError(t, err)
	reconciles(t, run.Run)
	return run
}

func TestNamesThatDifferInCaseKeepTablesOfTheirOwn(t *testing.T) {
	d := open(t)
	run := silver(t, d, namesakes(t), "S1", warehouse.SilverOptions{})
	require.Equal(t, []warehouse.SilverTable{{FormKey: "AE", Schema: "silver_S1", Name: "AE"}, {FormKey: "ae", Schema: "silver_S1", Name: "ae_f9a00f43"}}, run.Tables)
	require.Equal(t, []string{"1|upper|lower", "2|∅|only lower"}, table(t, d, `SELECT "recordId", "AE.TERM#1", "AE.term#2" FROM "silver_S1"."AE" ORDER BY 1`))
	require.Equal(t, []string{"3|7"}, table(t, d, `SELECT "recordId", "TERM" FROM `+run.Tables[1].Identifier()))

	small := silver(t, d, smallDesign(t), "s1", warehouse.SilverOptions{})
	require.NotEqual(t, "silver_s1", small.Tables[0].Schema)
	require.Equal(t, []string{"2"}, table(t, d, `SELECT count(*) FROM `+small.Tables[0].Identifier()))
	require.Equal(t, []string{"2"}, table(t, d, `SELECT count(*) FROM "silver_S1"."AE"`), "the other study's table stands")
	require.Equal(t, []string{"AE|S1", "AE|s1", "ae|S1"}, table(t, d, `SELECT form_key, study_key FROM imednet_tables ORDER BY ALL`))

	again := silver(t, d, namesakes(t), "S1", warehouse.SilverOptions{Evolution: warehouse.Freeze})
	require.Equal(t, run.Tables, again.Tables, "names are the same in every build")
	files, err := d.ExportParquet(t.Context(), t.TempDir(), "S1")
	require.NoError(t, err)
	require.Len(t, files, 2)
	require.Equal(t, []string{"3"}, table(t, d, `SELECT "recordId" FROM read_parquet(?)`, files[1]))
}

func TestAFormThatIsGoneTakesItsTable(t *testing.T) {
	d := open(t)
	silver(t, d, namesakes(t), "S1", warehouse.SilverOptions{})
	for name, change := range map[string]func(*design){
		"gone":    func(s *design) { s.more, s.variables = nil, s.variables[:2] },
		"new":     func(s *design) { s.more = append(s.more, imednet.Form{FormID: 9, FormKey: imednet.Some("VS")}) },
		"renamed": func(s *design) { s.more[0].FormKey, s.variables[2].FormKey = imednet.Some("CM"), imednet.Some("CM") },
	} {
		changed := namesakes(t)
		change(changed)
		_, err := d.BuildSilverTables(t.Context(), mapper(t, changed), "S1", warehouse.SilverOptions{Evolution: warehouse.Freeze})
		require.ErrorIs(t, err, warehouse.ErrSchemaChanged, name)
		require.Equal(t, []string{"AE", "ae"}, table(t, d, `SELECT form_key FROM imednet_tables ORDER BY ALL`), name)
		require.Equal(t, []string{"0|1"}, table(t, d, `SELECT (SELECT count(*) FROM imednet_schema_changes), count(*) FROM imednet_runs`), name)
	}
	changed := namesakes(t)
	changed.more[0].FormKey, changed.variables[2].FormKey = imednet.Some("CM"), imednet.Some("CM")
	changed.listing[2].FormKey = imednet.Some("CM")
	run := silver(t, d, changed, "S1", warehouse.SilverOptions{})
	require.Equal(t, []string{"CM: new table", "ae: table is gone"}, []string{run.Changes[0].String(), run.Changes[1].String()})
	require.Equal(t, []string{"AE", "CM"}, table(t, d, `SELECT table_name FROM duckdb_tables() WHERE schema_name = 'silver_S1' ORDER BY ALL`), "no table of the old name is left")
	require.Equal(t, []string{"CM|||table", "ae||table|"}, table(t, d, `SELECT form_key, column_name, old_type, new_type FROM imednet_schema_changes ORDER BY ALL`))
	require.Equal(t, []string{"3|7"}, table(t, d, `SELECT "recordId", "TERM" FROM "silver_S1"."CM"`))
}

// barren is a study without forms.
type barren struct{ *design }

func (barren) Forms(context.Context, string, imednet.ListOptions) iter.Seq2[imednet.Form, error] {
	return func(func(imednet.Form, error) bool) {}
}

func TestFormsThatReturnAreNoFirstBuild(t *testing.T) {
	d := open(t)
	empty := barren{&design{}}
	frozen := warehouse.SilverOptions{Evolution: warehouse.Freeze}
	require.Empty(t, silver(t, d, namesakes(t), "S1", frozen).Changes, "a first build changes nothing")
	_, err := d.BuildSilverTables(t.Context(), mapper(t, empty), "S1", frozen)
	require.ErrorContains(t, err, "AE: table is gone; ae: table is gone")
	gone := silver(t, d, empty, "S1", warehouse.SilverOptions{AllowMassDeletion: true})
	require.Len(t, gone.Changes, 2)
	require.Empty(t, table(t, d, `SELECT form_key FROM imednet_tables`))

	require.Empty(t, silver(t, d, empty, "S1", frozen).Changes)
	_, err = d.BuildSilverTables(t.Context(), mapper(t, namesakes(t)), "S1", frozen)
	require.ErrorContains(t, err, "AE: new table; ae: new table")
	require.Empty(t, silver(t, d, smallDesign(t), "S2", frozen).Changes, "another study's first build")
	require.Len(t, silver(t, d, namesakes(t), "S1", warehouse.SilverOptions{}).Changes, 2)
	require.Equal(t, []string{"AE||table|", "AE|||table", "ae||table|", "ae|||table"},
		table(t, d, `SELECT form_key, column_name, old_type, new_type FROM imednet_schema_changes ORDER BY form_key, old_type DESC`))
}

func TestSomeFormsAreBuiltAndTheOthersStay(t *testing.T) {
	d := open(t)
	odd := namesakes(t)
	odd.listing[2].RecordData = record(t, 3, 1, `{"TERM":"seven"}`).RecordData
	silver(t, d, odd, "S1", warehouse.SilverOptions{})
	require.Equal(t, []string{"ae"}, table(t, d, `SELECT form_key FROM silver_rejects`))
	run := silver(t, d, namesakes(t), "S1", warehouse.SilverOptions{Evolution: warehouse.Freeze, Map: tables.MapOptions{Forms: []string{"AE"}}})
	require.Len(t, run.Tables, 1)
	require.Empty(t, run.Changes)
	require.Equal(t, []string{"2"}, table(t, d, `SELECT count(*) FROM imednet_tables`))
	require.Equal(t, []string{"ae"}, table(t, d, `SELECT form_key FROM silver_rejects`), "rejects of other forms stay")
	run = silver(t, d, namesakes(t), "S1", warehouse.SilverOptions{Map: tables.MapOptions{Forms: []string{"ae"}}})
	require.Len(t, run.Tables, 1)
	require.Empty(t, table(t, d, `SELECT form_key FROM silver_rejects`))
}

// A warehouse of the first schema has tables and no list of them.
func TestTablesOfTheFirstSchemaAreListed(t *testing.T) {
	d := open(t)
	silver(t, d, smallDesign(t), "S1", warehouse.SilverOptions{})
	for _, statement := range []string{`DELETE FROM imednet_schema`, `INSERT INTO imednet_schema VALUES (1)`, `DROP TABLE imednet_tables`} {
		_, err := d.DB().ExecContext(t.Context(), statement)
		require.NoError(t, err)
	}
	again, err := warehouse.NewDuckDBIngestionDB(t.Context(), d.DB())
	require.NoError(t, err)
	require.Equal(t, []string{"S1|AE|silver_S1|AE"}, table(t, again, `SELECT study_key, form_key, schema_name, table_name FROM imednet_tables`))
	require.Equal(t, []string{"3"}, table(t, again, `SELECT max(version) FROM imednet_schema`))
	run := silver(t, again, smallDesign(t), "S1", warehouse.SilverOptions{Evolution: warehouse.Freeze})
	require.Empty(t, run.Changes)
}

// DuckDB has no names with NUL: they stand there as JSON spells them.
func TestNamesWithNUL(t *testing.T) {
	d := open(t)
	src := &design{
		formKey:   "A\x00E",
		listing:   listing{record(t, 1, 1, `{"T\u0000":"with","\\u0000":"spelled"}`)},
		variables: []imednet.Variable{variable(1, "A\x00E", "T\x00", "TEXT"), variable(2, "A\x00E", `\u0000`, "TEXT")},
	}
	for range 2 {
		run := silver(t, d, src, "S\x001", warehouse.SilverOptions{})
		require.Equal(t, []warehouse.SilverTable{{FormKey: "A\x00E", Schema: `silver_S\u00001`, Name: `A\u0000E`}}, run.Tables)
		require.Empty(t, run.Changes)
		require.Equal(t, []string{"with|spelled"}, table(t, d, `SELECT "T\u0000", "\u0000" FROM `+run.Tables[0].Identifier()))
	}
}

// What DuckDB does not say about a row tells nothing of it, but which kind of error it is.
func TestErrorsSayTheirKind(t *testing.T) {
	d := open(t)
	src := &design{formKey: "AE", listing: listing{record(t, 1, 1, `{"T":"with"}`)}, variables: []imednet.Variable{variable(1, "AE", "T", "TEXT")}}
	_, err := d.DB().ExecContext(t.Context(), `CREATE SCHEMA "silver_S1"; CREATE VIEW "silver_S1"."AE" AS SELECT 1`)
	require.NoError(t, err)
	_, err = d.BuildSilverTables(t.Context(), mapper(t, src), "S1", warehouse.SilverOptions{})
	require.ErrorContains(t, err, "Catalog Error: ")
}

// A name with NUL is spelled as in JSON, and so may another one be written: each keeps a column.
func TestASpelledNameIsNoOthers(t *testing.T) {
	d := open(t)
	design := &design{
		formKey: "AE", listing: listing{record(t, 1, 1, `{"N\u0000L":"nul","N\\u0000L":"spelled"}`)},
		variables: []imednet.Variable{variable(1, "AE", "N\x00L", "TEXT"), variable(2, "AE", `N\u0000L`, "TEXT")},
	}
	silver(t, d, design, "S1", warehouse.SilverOptions{})
	require.Equal(t, []string{"nul|spelled"}, table(t, d, `SELECT COLUMNS('^N.u0000L') FROM silver_S1.AE`))
	silver(t, d, design, "S1", warehouse.SilverOptions{Evolution: warehouse.Freeze})
}
