package warehouse_test

import (
	"context"
	"iter"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/warehouse"
	"github.com/imednetgo/imednet/workflows/tables"
)

// design is a study's records with its forms and variables.
type design struct {
	listing
	variables []imednet.Variable
	formKey   string
	more      []imednet.Form
}

func (s *design) Forms(context.Context, string, imednet.ListOptions) iter.Seq2[imednet.Form, error] {
	return func(yield func(imednet.Form, error) bool) {
		if !yield(imednet.Form{FormID: 3, FormKey: imednet.Some(s.formKey)}, nil) {
			return
		}
		for _, f := range s.more {
			if !yield(f, nil) {
				return
			}
		}
	}
}

func (s *design) Variables(context.Context, string, imednet.ListOptions) iter.Seq2[imednet.Variable, error] {
	return func(yield func(imednet.Variable, error) bool) {
		for _, v := range s.variables {
			if !yield(v, nil) {
				return
			}
		}
	}
}

func variable(id int64, formKey, name, typ string) imednet.Variable {
	return imednet.Variable{VariableID: id, FormID: imednet.Some(int64(3)), FormKey: imednet.Some(formKey), VariableName: imednet.Some(name), VariableType: imednet.Some(typ), Sequence: imednet.Some(id)}
}

func mapper(t testing.TB, src tables.Source) *tables.RecordMapper {
	m, err := tables.NewRecordMapper(src)
	require.NoError(t, err)
	return m
}

func smallDesign(t testing.TB) *design {
	return &design{
		formKey: "AE",
		listing: listing{record(t, 1, 1, `{"TERM":"Headache","GRADE":"2","START":"2024-01-02"}`), record(t, 2, 1, `{"TERM":"Nausea","GRADE":"two","START":"2024-01"}`)},
		variables: []imednet.Variable{
			variable(1, "AE", "TERM", "TEXT"), variable(2, "AE", "GRADE", "NUMBER"), variable(3, "AE", "START", "DATE"),
		},
	}
}

func TestSilverTablesAreTyped(t *testing.T) {
	d := open(t)
	run, err := d.BuildSilverTables(t.Context(), mapper(t, smallDesign(t)), "S1", warehouse.SilverOptions{})
	require.NoError(t, err)
	reconciles(t, run.Run)
	require.Equal(t, []warehouse.SilverTable{{FormKey: "AE", Schema: "silver_S1", Name: "AE"}}, run.Tables)
	require.Equal(t, []string{"1|Headache|2|2024-01-02", "2|Nausea|∅|2024-01"}, table(t, d, `SELECT "recordId", "TERM", "GRADE", "START" FROM "silver_S1"."AE" ORDER BY 1`))
	require.Equal(t, []string{"DOUBLE"}, table(t, d, `SELECT data_type FROM duckdb_columns() WHERE table_name = 'AE' AND column_name = 'GRADE'`))
	require.Equal(t, []string{"2|AE|GRADE|not a decimal number|two"}, table(t, d, `SELECT record_id, form_key, variable_name, reason, value FROM silver_rejects`))

	again, err := d.BuildSilverTables(t.Context(), mapper(t, smallDesign(t)), "S1", warehouse.SilverOptions{Evolution: warehouse.Freeze})
	require.NoError(t, err)
	require.Empty(t, again.Changes)
	require.Equal(t, []string{"1"}, table(t, d, `SELECT count(*) FROM silver_rejects`))
}

func TestAChangedFormIsNotedOrRefused(t *testing.T) {
	d := open(t)
	_, err := d.BuildSilverTables(t.Context(), mapper(t, smallDesign(t)), "S1", warehouse.SilverOptions{})
	require.NoError(t, err)
	changed := smallDesign(t)
	changed.variables[1] = variable(2, "AE", "GRADE", "TEXT")
	changed.variables = append(changed.variables, variable(4, "AE", "NEW", "TEXT"))

	_, err = d.BuildSilverTables(t.Context(), mapper(t, changed), "S1", warehouse.SilverOptions{Evolution: warehouse.Freeze})
	require.ErrorIs(t, err, warehouse.ErrSchemaChanged)
	require.Contains(t, err.Error(), `AE.GRADE: DOUBLE → VARCHAR; AE.NEW: new, VARCHAR`)
	require.Equal(t, []string{"2"}, table(t, d, `SELECT count(*) FROM "silver_S1"."AE"`), "nothing was changed")

	run, err := d.BuildSilverTables(t.Context(), mapper(t, changed), "S1", warehouse.SilverOptions{Evolution: warehouse.Evolve})
	require.NoError(t, err)
	require.Len(t, run.Changes, 2)
	require.Equal(t, []string{"2", "two"}, table(t, d, `SELECT "GRADE" FROM "silver_S1"."AE" ORDER BY 1`))
	require.Equal(t, []string{"AE|GRADE|DOUBLE|VARCHAR", "AE|NEW||VARCHAR"}, table(t, d, `SELECT form_key, column_name, old_type, new_type FROM imednet_schema_changes ORDER BY ALL`))

	_, err = d.BuildSilverTables(t.Context(), mapper(t, changed), "S1", warehouse.SilverOptions{Evolution: "guess"})
	require.ErrorContains(t, err, "must be one of")
}

func TestParquetReadsAsOnePartitionedTable(t *testing.T) {
	d := open(t)
	hostile := smallDesign(t)
	hostile.formKey = `A/E "x"; %s`
	for i := range hostile.variables {
		hostile.variables[i].FormKey = imednet.Some(hostile.formKey)
	}
	for i := range hostile.listing {
		hostile.listing[i].FormKey = imednet.Some(hostile.formKey)
		hostile.listing[i].Raw = nil
	}
	dir := filepath.Join(t.TempDir(), "it's")
	const study = `Étude 1/2`
	_, err := d.ExportParquet(t.Context(), dir, study)
	require.ErrorContains(t, err, "no silver tables")
	_, err = d.BuildSilverTables(t.Context(), mapper(t, hostile), study, warehouse.SilverOptions{})
	require.NoError(t, err)
	for range 2 {
		files, err := d.ExportParquet(t.Context(), dir, study)
		require.NoError(t, err)
		require.Len(t, files, 1)
		info, err := os.Stat(files[0])
		require.NoError(t, err)
		require.EqualValues(t, 0o600, info.Mode().Perm())
	}
	require.Equal(t, []string{`Étude 1/2|A/E "x"; %s|2`},
		table(t, d, `SELECT "studyKey", "formKey", count(*) FROM read_parquet(?, hive_partitioning = true) GROUP BY ALL`, dir+"/*/*/*.parquet"))
	left, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Len(t, left, 1, "nothing half-written stays")
}

func TestMetadataFollowsTheStudy(t *testing.T) {
	d := open(t)
	study := imednettest.Generate(imednettest.GenerateOptions{Records: 300})
	client := imednettest.NewServer(study).Client()
	for round := range 2 {
		runs, err := d.IngestMetadata(t.Context(), client, study.Key(), warehouse.MetadataOptions{})
		require.NoError(t, err)
		require.Len(t, runs, 6)
		for _, run := range runs {
			reconciles(t, run)
			require.Positive(t, run.Read, run.Stream)
			if round > 0 {
				require.Zero(t, run.Inserted, run.Stream)
			}
		}
	}
	comments := 0
	for q, err := range client.Queries(t.Context(), study.Key(), imednet.ListOptions{}) {
		require.NoError(t, err)
		comments += len(q.QueryComments)
	}
	var got int
	require.NoError(t, d.DB().QueryRow(`SELECT count(*) FROM bronze_query_comments`).Scan(&got))
	require.Equal(t, comments, got)
}

func TestPilotSilverTables(t *testing.T) {
	_, study := pilot(t)
	d := open(t)
	run, err := d.BuildSilverTables(t.Context(), mapper(t, imednettest.NewServer(study).Client()), pilotKey, warehouse.SilverOptions{})
	require.NoError(t, err)
	reconciles(t, run.Run)
	require.EqualValues(t, 28_518, run.Read)
	require.Equal(t, []string{"1179"}, table(t, d, `SELECT count(*) FROM "silver_CDISCPILOT01"."AE"`))
	require.Equal(t, []string{"248|139.22|90|188"}, table(t, d, `SELECT count(v."SYSBP_SUP5"), round(avg(v."SYSBP_SUP5"), 2), min(v."SYSBP_SUP5"), max(v."SYSBP_SUP5")
		FROM "silver_CDISCPILOT01"."VS" v WHERE v."intervalId" = 406`))
}
