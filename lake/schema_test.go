package lake_test

import (
	"slices"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/apache/iceberg-go"
	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/lake"
	"github.com/imednetgo/imednet/workflows/tables"
)

// plan is the study's plan, for a test to change as a new version of the study's design would.
func (w *world) plan() *tables.Plan {
	w.t.Helper()
	mapper, err := tables.NewRecordMapper(w.mirror.Client())
	require.NoError(w.t, err)
	plan, err := mapper.Plan(w.t.Context(), w.study.Key(), tables.PlanOptions{})
	require.NoError(w.t, err)
	return plan
}

func (w *world) syncPlan(plan *tables.Plan, replace bool) error {
	_, err := w.lake.Sync(w.t.Context(), w.study.Key(), lake.SyncOptions{Plan: plan, ReplaceColumns: replace})
	return err
}

func (w *world) fields(name string) map[string]iceberg.NestedField {
	w.t.Helper()
	tbl, err := w.lake.Table(w.t.Context(), w.study.Key(), name)
	require.NoError(w.t, err)
	fields := map[string]iceberg.NestedField{}
	for _, f := range tbl.Schema().Fields() {
		fields[f.Name] = f
	}
	return fields
}

// TestColumnsFollowThePlan adds, drops, renames and exchanges columns: a column keeps its field id by
// what it is, whatever its name and place, every row is as a fresh mapping has it, and the earlier
// moment is as it was.
func TestColumnsFollowThePlan(t *testing.T) {
	w := newWorld(t, 300)
	plan := w.plan()
	vs, ok := plan.Form("VS")
	require.True(t, ok)
	require.Greater(t, len(vs.Columns), 3)
	all := slices.Clone(vs.Columns)
	vs.Columns = all[1:] // the first question is not asked yet
	require.NoError(t, w.syncPlan(plan, false))
	w.requireEqual(plan)
	before := w.fields("VS")
	_, err := w.lake.Tag(t.Context(), w.study.Key(), "before", 0)
	require.NoError(t, err)
	tagged := w.tagRows("before")

	vs.Columns = slices.Clone(all)
	slices.Reverse(vs.Columns)
	require.NoError(t, w.syncPlan(plan, false))
	w.requireEqual(plan)
	after := w.fields("VS")
	for name, f := range before {
		require.Equal(t, f.ID, after[name].ID, name)
	}
	require.Greater(t, len(after), len(before))
	require.Equal(t, tagged, w.tagRows("before"))

	a, b := &vs.Columns[0], &vs.Columns[1]
	first, second := a.Name, b.Name
	a.Name, b.Name = b.Name, a.Name // two questions exchange their names
	vs.Columns[2].Name += "_NEW"
	renamed := vs.Columns[2].Name
	if a.Type == tables.TypeText && b.Type == tables.TypeText {
		require.NoError(t, w.syncPlan(plan, false))
		w.requireEqual(plan)
		now := w.fields("VS")
		require.Equal(t, after[first].ID, now[second].ID)
		require.Equal(t, after[second].ID, now[first].ID)
		require.Contains(t, now, renamed)
	} else {
		t.Logf("columns %s and %s are %s and %s", first, second, a.Type, b.Type)
		require.NoError(t, w.syncPlan(plan, false))
		w.requireEqual(plan)
	}

	vs.Columns = vs.Columns[1:]
	require.NoError(t, w.syncPlan(plan, false))
	w.requireEqual(plan)
	require.Equal(t, tagged, w.tagRows("before"))
}

func (w *world) tagRows(tag string) map[string][]string {
	w.t.Helper()
	list, err := w.lake.Open(w.t.Context(), w.study.Key(), tag)
	require.NoError(w.t, err)
	return w.rowsByTable(list)
}

// TestAnImpossibleColumnIsRefused: a number that becomes text has no way in Iceberg; it is named, and no
// table is touched, not even those that could be. If asked to, the column is replaced.
func TestAnImpossibleColumnIsRefused(t *testing.T) {
	w := newWorld(t, 200)
	plan := w.plan()
	require.NoError(t, w.syncPlan(plan, false))
	form, column := numberColumn(t, plan)
	old := w.fields(form)[column.Name]
	column.Type = tables.TypeText
	before := w.metadata()
	w.meddle(10)
	w.pull()
	err := w.syncPlan(plan, false)
	var refused *lake.SchemaError
	require.ErrorAs(t, err, &refused)
	require.Equal(t, lake.SchemaError{Table: form, Column: column.Name, From: "double", To: "string"}, *refused)
	require.ErrorContains(t, err, column.Name)
	require.Equal(t, before, w.metadata())

	require.NoError(t, w.syncPlan(plan, true))
	w.requireEqual(plan)
	now := w.fields(form)[column.Name]
	require.Equal(t, "string", now.Type.String())
	require.NotEqual(t, old.ID, now.ID)
}

func numberColumn(t *testing.T, plan *tables.Plan) (form string, column *tables.Column) {
	for i := range plan.Forms {
		for j := range plan.Forms[i].Columns {
			if c := &plan.Forms[i].Columns[j]; c.Type == tables.TypeFloat64 {
				return plan.Forms[i].FormKey, c
			}
		}
	}
	t.Fatal("the study has no number")
	return "", nil
}

// TestAColumnWidens: whole numbers of 32 bits become ones of 64 with the same field id, and rows of
// WriteTable stand in the moment of their version.
func TestAColumnWidens(t *testing.T) {
	w := newWorld(t, 100)
	version := w.sync().Version
	write := func(typ arrow.DataType, version imednet.MirrorVersion, value int) error {
		schema := arrow.NewSchema([]arrow.Field{{Name: "USUBJID", Type: arrow.BinaryTypes.String}, {Name: "AGE", Type: typ, Nullable: true}}, nil)
		b := array.NewRecordBuilder(memory.DefaultAllocator, schema)
		defer b.Release()
		b.Field(0).(*array.StringBuilder).Append("S-1")
		if typ == arrow.PrimitiveTypes.Int32 {
			b.Field(1).(*array.Int32Builder).Append(int32(value))
		} else {
			b.Field(1).(*array.Int64Builder).Append(int64(value))
		}
		batch := b.NewRecord()
		defer batch.Release()
		reader, err := array.NewRecordReader(schema, []arrow.Record{batch})
		require.NoError(t, err)
		defer reader.Release()
		_, err = w.lake.WriteTable(t.Context(), w.study.Key(), "ADSL", reader, imednet.Origin{Version: version}, false)
		return err
	}
	require.NoError(t, write(arrow.PrimitiveTypes.Int32, version, 41))
	list, err := w.lake.Current(t.Context(), w.study.Key())
	require.NoError(t, err)
	require.Equal(t, "ADSL", list.Tables[len(list.Tables)-1].Table)
	require.False(t, w.sync().Changed, "a sync of the same version keeps the table in the moment")
	list, err = w.lake.Current(t.Context(), w.study.Key())
	require.NoError(t, err)
	require.Equal(t, []string{"AGE=41|USUBJID=S-1"}, w.held(w.lake, list.Tables[len(list.Tables)-1]))
	id := w.fields("ADSL")["AGE"].ID

	w.meddle(5)
	w.pull()
	version = w.sync().Version
	require.NoError(t, write(arrow.PrimitiveTypes.Int64, version, 1<<40))
	list, err = w.lake.Current(t.Context(), w.study.Key())
	require.NoError(t, err)
	require.Equal(t, []string{"AGE=1099511627776|USUBJID=S-1"}, w.held(w.lake, list.Tables[len(list.Tables)-1]))
	require.Equal(t, id, w.fields("ADSL")["AGE"].ID)
	require.ErrorAs(t, write(arrow.PrimitiveTypes.Int32, version+1, 1), new(*lake.SchemaError))
	_, err = w.lake.WriteTable(t.Context(), w.study.Key(), "VS", emptyReader(t), imednet.Origin{Version: version}, false)
	require.ErrorContains(t, err, "synced", "a form's table is no one else's")
}

func emptyReader(t *testing.T) array.RecordReader {
	schema := arrow.NewSchema([]arrow.Field{{Name: "X", Type: arrow.BinaryTypes.String}}, nil)
	reader, err := array.NewRecordReader(schema, nil)
	require.NoError(t, err)
	t.Cleanup(reader.Release)
	return reader
}
