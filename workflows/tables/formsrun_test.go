package tables_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/workflows/tables"
)

// TestFormBatchesMakeTheWideTable puts the batches of all forms back in order, column by column, and
// compares every cell with the wide table.
func TestFormBatchesMakeTheWideTable(t *testing.T) {
	study := imednettest.Generate(imednettest.GenerateOptions{Records: 900, Seed: 3})
	for _, all := range []bool{false, true} {
		m, err := tables.NewRecordMapper(imednettest.NewServer(study).Client(), tables.WithBatchBytes(20_000))
		require.NoError(t, err)
		opts := tables.MapOptions{AllMetadata: all, InOrder: true, IncludeDeleted: true}
		whole := m.Map(t.Context(), "DEMO", tables.MapOptions{AllMetadata: all, IncludeDeleted: true})
		want, err := whole.Schema()
		require.NoError(t, err)
		run := m.MapForms(t.Context(), "DEMO", opts)
		table, err := run.Wide()
		require.NoError(t, err)
		wide := table.Schema
		require.True(t, want.Equal(wide))
		schemas, err := run.Schemas()
		require.NoError(t, err)
		at := map[string][]int{}
		for _, s := range schemas {
			at[s.FormKey] = table.Places[s.FormKey]
			require.Len(t, at[s.FormKey], s.Schema.NumFields())
			for i, place := range at[s.FormKey] {
				if place >= 0 {
					require.Equal(t, s.Schema.Field(i).Type, wide.Field(place).Type, s.Schema.Field(i).Name)
				}
			}
		}

		cells := map[string]string{} // by row and column
		position, round, highest := int64(0), 0, int64(-1)
		for batch, err := range run.Batches() {
			require.NoError(t, err)
			if batch.Round != round {
				round, position = batch.Round, highest
			}
			for row, at64 := range batch.Positions {
				require.Greater(t, at64, position, "rows of a round stand behind those of the round before")
				highest = max(highest, at64)
				for i, place := range at[batch.FormKey] {
					if place >= 0 && batch.Record.Column(i).IsValid(row) {
						cells[fmt.Sprint(at64, " ", place)] = batch.Record.Column(i).ValueStr(row)
					}
				}
			}
		}
		require.Greater(t, round, 3)

		rows := int64(0)
		for batch, err := range whole.Batches() {
			require.NoError(t, err)
			for i := range int(batch.NumRows()) {
				for place := range int(batch.NumCols()) {
					cell := fmt.Sprint(rows+int64(i), " ", place)
					value, filled := cells[cell]
					require.Equal(t, batch.Column(place).IsValid(i), filled, cell)
					if filled {
						require.Equal(t, batch.Column(place).ValueStr(i), value, cell)
						delete(cells, cell)
					}
				}
			}
			rows += batch.NumRows()
		}
		require.Empty(t, cells)
		require.Equal(t, highest+1, rows)
	}
}
