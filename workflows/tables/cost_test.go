package tables_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/workflows/tables"
)

// TestARecordAllocatesNothing of its own: what a table costs is the memory of its columns.
func TestARecordAllocatesNothing(t *testing.T) {
	allocations := func(records int) float64 {
		src := &tableSource{
			forms: []imednet.Form{formOf(1, "F")},
			variables: []imednet.Variable{
				question(1, "F", "T", "TEXT", "a text"), question(2, "F", "N", "FLOAT", "a number"), question(3, "F", "D", "DATE", "a date"), question(4, "F", "E", "TEXT", "an empty one"),
			},
		}
		for i := range records {
			src.records = append(src.records, answer(t, int64(i+1), "F", `{"T":"text","N":"1.5","D":"2024-03-05","E":""}`))
		}
		m, err := tables.NewRecordMapper(src, tables.WithBatchRows(4096))
		require.NoError(t, err)
		return testing.AllocsPerRun(3, func() {
			for _, err := range m.MapForms(context.Background(), "S", tables.MapOptions{}).Batches() {
				require.NoError(t, err)
			}
		})
	}
	require.Less(t, (allocations(4000)-allocations(2000))/2000, 0.1, "a record")
}

// TestSelectMayKeepRecords: the record that it sees stays as it is.
func TestSelectMayKeepRecords(t *testing.T) {
	src := &tableSource{forms: []imednet.Form{formOf(1, "F")}, variables: []imednet.Variable{question(1, "F", "T", "TEXT", "a text")}}
	for id := range int64(5) {
		src.records = append(src.records, answer(t, id+1, "F", `{"T":"text"}`))
	}
	m, err := tables.NewRecordMapper(src)
	require.NoError(t, err)
	var kept []*imednet.Record
	for _, err := range m.MapForms(t.Context(), "S", tables.MapOptions{Select: func(r *imednet.Record) bool {
		kept = append(kept, r)
		return true
	}}).Batches() {
		require.NoError(t, err)
	}
	require.Len(t, kept, 5)
	for i, r := range kept {
		require.Equal(t, src.records[i], *r)
	}
}
