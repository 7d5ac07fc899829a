package tables_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/workflows/tables"
)

// TestANumberThatNamesTheSubjectIsMasked writes what a subject is known by in every way that a
// numeric column holds, in records that know the subject by its key, by an older key and by its id alone.
func TestANumberThatNamesTheSubjectIsMasked(t *testing.T) {
	keys := map[string]imednet.Opt[string]{
		"key": imednet.Some("70771"), "padded key": imednet.Some(" 70771 "), "older key": imednet.Some("OLD9"), "no key": {},
	}
	for name, key := range keys {
		for _, text := range []string{`"70771"`, `70771`, `"070771"`, `"+70771"`, `70771.0`, `"7.0771e4"`, `24001`, `" 24001 "`} {
			require.Equal(t, "null", ownNumber(t, key, text), "%s, %s", name, text)
		}
		require.JSONEq(t, `70772`, ownNumber(t, key, `70772`), name)
	}
}

// ownNumber returns what becomes of an answer in a numeric column of subject 24001.
func ownNumber(t *testing.T, key imednet.Opt[string], text string) string {
	t.Helper()
	record := answer(t, 1, "DM", `{"AGE":`+text+`}`)
	record.SubjectKey, record.SubjectID = key, imednet.Some(int64(24001))
	src := &tableSource{
		forms:     []imednet.Form{formOf(1, "DM")},
		variables: []imednet.Variable{question(1, "DM", "AGE", "NUMBER", "Age")},
		records:   []imednet.Record{record},
		subjects:  []imednet.Subject{{SubjectID: 24001, SubjectKey: imednet.Some("70771")}},
	}
	table, err := checked(t, src, tables.WithDeidentification(tables.Deidentification{Key: secret})).Map(t.Context(), "DEMO", tables.MapOptions{}).Table()
	require.NoError(t, err)
	defer table.Release()
	for i, f := range table.Schema().Fields() {
		if f.Name == "AGE" {
			cell, err := json.Marshal(table.Column(i).Data().Chunk(0).GetOneForMarshal(0))
			require.NoError(t, err)
			return string(cell)
		}
	}
	require.Fail(t, "no column of ages")
	return ""
}
