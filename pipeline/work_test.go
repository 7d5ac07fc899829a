package pipeline_test

import (
	"context"
	"fmt"
	"iter"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/pipeline"
	"github.com/imednetgo/imednet/workflows/tables"
)

// manyColumns is a study of forms that take turns, each with so many variables, all of them answered.
type manyColumns struct{ forms, variables, records int }

func (s manyColumns) name(form, variable int) string { return fmt.Sprintf("F%dV%d", form, variable) }

func (s manyColumns) Records(context.Context, string, imednet.ListOptions) iter.Seq2[imednet.Record, error] {
	data := make([]imednet.RecordData, s.forms)
	for form := range data {
		var b strings.Builder
		for v := range s.variables {
			fmt.Fprintf(&b, `,"%s":"%d"`, s.name(form, v), v*7)
		}
		data[form], _ = imednet.NewRecordData([]byte("{" + b.String()[1:] + "}"))
	}
	return func(yield func(imednet.Record, error) bool) {
		for i := range s.records {
			if !yield(imednet.Record{RecordID: int64(i + 1), FormID: imednet.Some(int64(i%s.forms + 1)), RecordData: data[i%s.forms]}, nil) {
				return
			}
		}
	}
}

func (s manyColumns) Forms(context.Context, string, imednet.ListOptions) iter.Seq2[imednet.Form, error] {
	return func(yield func(imednet.Form, error) bool) {
		for i := range s.forms {
			if !yield(imednet.Form{FormID: int64(i + 1), FormKey: imednet.Some(fmt.Sprint("F", i))}, nil) {
				return
			}
		}
	}
}

func (s manyColumns) Variables(context.Context, string, imednet.ListOptions) iter.Seq2[imednet.Variable, error] {
	return func(yield func(imednet.Variable, error) bool) {
		for i := range s.forms * s.variables {
			form, v := i/s.variables, i%s.variables
			row := imednet.Variable{VariableID: int64(i + 1), FormID: imednet.Some(int64(form + 1)), VariableName: imednet.Some(s.name(form, v)), VariableType: imednet.Some([]string{"TEXT", "FLOAT"}[v%2])}
			if !yield(row, nil) {
				return
			}
		}
	}
}

// work counts the allocations of an export: the steps that cost time, counted the same on every machine.
func (s manyColumns) work(t *testing.T, format pipeline.Format, layout pipeline.Layout) float64 {
	t.Helper()
	m, err := tables.NewRecordMapper(s)
	require.NoError(t, err)
	p, dir := newPipeline(t), t.TempDir()
	write := map[pipeline.Format]func(context.Context, *tables.RecordMapper, string, string, pipeline.DataSetOptions) (*pipeline.Manifest, error){
		pipeline.Parquet: p.WriteParquet, pipeline.CSV: p.WriteCSV, pipeline.NDJSON: p.WriteNDJSON,
	}[format]
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	manifest, err := write(t.Context(), m, "S", dir, pipeline.DataSetOptions{Layout: layout})
	runtime.ReadMemStats(&after)
	require.NoError(t, err)
	require.EqualValues(t, s.records, manifest.Report.Rows)
	return float64(after.Mallocs - before.Mallocs)
}

// TestParquetOfManyColumnsWorksAsCSVDoes exports a form of 3,000 columns: a further record costs no more steps than it does
// as CSV, and a column costs once what four columns of CSV do.
func TestParquetOfManyColumnsWorksAsCSVDoes(t *testing.T) {
	const columns = 3000
	record := map[pipeline.Format]float64{}
	once := map[pipeline.Format]float64{}
	for _, format := range []pipeline.Format{pipeline.CSV, pipeline.Parquet} {
		few := manyColumns{1, columns, 50}.work(t, format, pipeline.PerForm)
		many := manyColumns{1, columns, 150}.work(t, format, pipeline.PerForm)
		record[format] = (many - few) / 100
		once[format] = (few - 50*record[format]) / columns
	}
	t.Logf("a record: %.0f as CSV, %.0f as Parquet; a column: %.0f as CSV, %.0f as Parquet", record[pipeline.CSV], record[pipeline.Parquet], once[pipeline.CSV], once[pipeline.Parquet])
	require.Less(t, record[pipeline.Parquet], record[pipeline.CSV])
	require.Less(t, once[pipeline.Parquet], 4*once[pipeline.CSV])
}

// TestColumnsOfOtherFormsCostNothing: in a table with the columns of all forms, a column that a form does not have is
// neither encoded anew for each form nor built in each batch.
func TestColumnsOfOtherFormsCostNothing(t *testing.T) {
	const variables, records = 100, 40
	for _, format := range []pipeline.Format{pipeline.Parquet, pipeline.CSV, pipeline.NDJSON} {
		for _, layout := range []pipeline.Layout{pipeline.Hive, pipeline.Wide} {
			few := manyColumns{10, variables, records}.work(t, format, layout)
			many := manyColumns{20, variables, 2 * records}.work(t, format, layout)
			other := (many - 2*few) / (20*20*variables - 2*10*10*variables) // twice the forms have four times the columns
			t.Logf("%s, %s: a column of another form: %.2f", format, layout, other)
			require.Less(t, other, map[pipeline.Format]float64{pipeline.Parquet: 10, pipeline.CSV: 0.5, pipeline.NDJSON: 0.5}[format])
		}
	}
}
