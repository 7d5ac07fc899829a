package tables_test

import (
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/workflows/tables"
)

// TestWordsOfTheRecordItself: a status that the study has invented may be anything.
func TestWordsOfTheRecordItself(t *testing.T) {
	src := smallStudy()
	for i, words := range [][2]string{{"Record Complete", "SUBJECT"}, {"Waiting for Mrs Miller", "PATIENT 7"}, {"Record Complete ", "subject"}} {
		r := answer(t, int64(i+1), "AE", `{}`)
		r.RecordStatus, r.RecordType = imednet.Some(words[0]), imednet.Some(words[1])
		src.records = append(src.records, r)
	}
	for _, c := range []struct {
		free, phi       []string
		statuses, types []string
		masked          int64
	}{
		{nil, nil, []string{"Record Complete", tables.Mask, tables.Mask}, []string{"SUBJECT", tables.Mask, tables.Mask}, 4},
		{[]string{"record_status"}, nil, []string{"Record Complete", "Waiting for Mrs Miller", "Record Complete "}, []string{"SUBJECT", tables.Mask, tables.Mask}, 2},
		{nil, []string{"recordStatus", "recordType"}, []string{tables.Mask, tables.Mask, tables.Mask}, []string{tables.Mask, tables.Mask, tables.Mask}, 6},
	} {
		m := checked(t, src, tables.WithDeidentification(tables.Deidentification{Key: secret, FreeText: c.free, PHIFields: c.phi}))
		run := m.Map(t.Context(), "DEMO", tables.MapOptions{AllMetadata: true})
		table, err := run.Table()
		require.NoError(t, err)
		require.Equal(t, c.statuses, texts(table, "recordStatus"))
		require.Equal(t, c.types, texts(table, "recordType"))
		require.Equal(t, c.masked, run.Report().FieldsMasked)
		table.Release()
	}
}

func texts(table arrow.Table, name string) (cells []string) {
	for i := range int(table.NumCols()) {
		if table.Column(i).Name() != name {
			continue
		}
		for _, chunk := range table.Column(i).Data().Chunks() {
			for row := range chunk.Len() {
				cells = append(cells, chunk.ValueStr(row))
			}
		}
	}
	return cells
}
