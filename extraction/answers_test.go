package extraction_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet/extraction"
	"github.com/imednetgo/imednet/internal/answers/examples"
)

// TestCanonicalDataMeansWhatTheTableSays runs the shared table of answers through a number, a flag and a
// date field.
func TestCanonicalDataMeansWhatTheTableSays(t *testing.T) {
	cfg := rules(t, "", "ADSL.AGE DM X", "ADSL.SAFFL DM X", "ADSL.RFDTC DM X", "ADSL.SEX DM X", "ADSL.ANY DM X")
	for _, e := range examples.Answers() {
		answers := `{}`
		if e.JSON != "" {
			answers = `{"X":` + e.JSON + `}`
		}
		result := extract(t, cfg, rec(t, 1, "DM", answers))
		if e.NotUnicode {
			require.Len(t, result.ValidationErrors, 1, e.JSON)
			continue
		}
		require.Len(t, result.ADSLRecords, 1, e.JSON)
		checkAnswer(t, e, result.ADSLRecords[0].CanonicalRow)
	}
}

func checkAnswer(t *testing.T, e examples.Answer, row extraction.CanonicalRow) {
	t.Helper()
	want := e.Number
	if e.Float64 == "overflow" || e.Float64 == "underflow" {
		want = ""
	}
	require.Equal(t, want, row.Number("AGE").Canonical(), e.JSON)
	require.Equal(t, e.Flag, row.Flag("SAFFL").String(), e.JSON)
	date := e.Date
	if e.JSON != "" && e.JSON[0] != '"' {
		date = "" // a JSON number is no date unless dateFormats says so
	}
	require.Equal(t, date, row.Date("RFDTC").String(), e.JSON)
	for field, held := range map[string]bool{"AGE": want != "", "SAFFL": e.Flag != "", "RFDTC": date != ""} {
		text, beside := row.AsCollected(field)
		require.Equal(t, !e.Missing && !held, beside, "%s %s", field, e.JSON)
		if beside {
			require.Equal(t, e.Text, text)
		}
	}
}

// TestKeysOfCanonicalDataMeanWhatTheTableSays: an ambiguous name rejects the row, whatever reads it.
func TestKeysOfCanonicalDataMeanWhatTheTableSays(t *testing.T) {
	for _, source := range []string{"ADSL.A DM AETERM", `ADSL.A DM - record.record_data.get("AETERM")`} {
		for _, e := range examples.Keys() {
			result := extract(t, rules(t, "", source), rec(t, 1, "DM", e.Object))
			require.Equal(t, e.Spellings > 1, len(result.ValidationErrors) == 1, e.Object)
			if e.Spellings > 1 {
				continue
			}
			v, _ := result.ADSLRecords[0].Get("A")
			raw, err := v.MarshalJSON()
			require.NoError(t, err)
			want := e.Raw
			if want == "" {
				want = "null"
			}
			require.JSONEq(t, want, string(raw), e.Object)
		}
	}
}
