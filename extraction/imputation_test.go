package extraction_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet/extraction"
)

// TestImputation: a partial date is filled in only as the configuration says, with what was filled in and
// the date as it was collected beside it.
func TestImputation(t *testing.T) {
	for _, c := range []struct{ how, collected, want, flag string }{
		{`"day":"first"`, "2024-03", "2024-03-01", "D"}, {`"day":"mid"`, "2024-03", "2024-03-15", "D"}, {`"day":"last"`, "2024-02", "2024-02-29", "D"},
		{`"day":"first"`, "2024", "2024", ""}, {`"day":"last","month":"last"`, "2023", "2023-12-31", "M"}, {`"day":"mid","month":"mid"`, "2023", "2023-06-15", "M"},
		{`"day":"first"`, "2024-03-05T10", "2024-03-05T10", ""}, {`"day":"first"`, "", "", ""}, {`"day":"first"`, "--03", "--03", ""},
		{`"day":"first","notBeforeTreatment":true`, "2024-01", "2024-01-10", "D"}, {`"day":"first","notBeforeTreatment":true`, "2023-12", "2023-12-01", "D"},
		{`"day":"last","notAfterCut":true`, "2024-05", "2024-05-20", "D"}, {`"day":"last","notAfterCut":true`, "2024-06", "2024-06-30", "D"},
	} {
		settings := `{"dataCut":"2024-05-20","analysis":{"imputation":[{"domain":"ADAE","field":"ASTDT",` + c.how + `}]}}`
		cfg := rules(t, settings, "ADSL.TRTSDT EX D", "ADAE.ASTDT AE D")
		result := extract(t, cfg, rec(t, 1, "EX", `{"D":"2024-01-10"}`), rec(t, 2, "AE", fmt.Sprintf(`{"D":%q}`, c.collected)))
		e := result.ADAERecords[0]
		require.Equal(t, []string{c.want, c.flag, c.collected}, []string{e.Start.String(), e.Text("ASTDTF"), e.Text("ASTDTC")}, "%+v", c)
		if c.flag != "" {
			require.NotEmpty(t, e.StartDay, "derived from the imputed date")
			l, _ := e.Lineage("ASTDT")
			require.Contains(t, l.Derived, "imputed")
			require.Equal(t, c.collected, l.From[0].Value.String())
		}
	}
	engine, err := extraction.NewEngine(rules(t, `{"analysis":{"imputation":[{"domain":"ADAE","field":"ASTDT","day":"first"}]}}`, "ADSL.TRTSDT EX D", "ADAE.ASTDT AE D"))
	require.NoError(t, err)
	require.Subset(t, engine.Fields(extraction.ADAE), []string{"ASTDT", "ASTDTF", "ASTDTC"})
	_, err = extraction.NewEngine(rules(t, `{"analysis":{"imputation":[{"domain":"AE","field":"X","day":"some","month":"y"}]}}`, "ADSL.TRTSDT EX D"))
	require.ErrorContains(t, err, "/imputation/0/domain")
	require.ErrorContains(t, err, "/imputation/0/field")
	require.ErrorContains(t, err, "/imputation/0/day")
	require.ErrorContains(t, err, "/imputation/0/month")
}

// TestABoundThatIsNotKnownBoundsNothing: a date that the start of treatment could move stays as it was
// collected, and that is a finding, where the start is missing or too partial.
func TestABoundThatIsNotKnownBoundsNothing(t *testing.T) {
	settings := `{"analysis":{"imputation":[{"domain":"ADAE","field":"ASTDT","day":"first","month":"first","notBeforeTreatment":true}]}}`
	for _, c := range []struct {
		start, collected, want, flag string
		found                        bool
	}{
		{`{}`, "2024-03", "2024-03", "", true}, {`{"D":""}`, "2024-03", "2024-03", "", true}, {`{"D":"unreadable"}`, "2024", "2024", "", true},
		{`{"D":"2024-03"}`, "2024-03", "2024-03", "", true}, {`{"D":"2024"}`, "2024-03", "2024-03", "", true}, {`{"D":"2024-03"}`, "2024", "2024", "", true},
		{`{"D":"2024-03"}`, "2024-04", "2024-04-01", "D", false}, {`{"D":"2024-03"}`, "2024-02", "2024-02-01", "D", false}, {`{"D":"2024"}`, "2023", "2023-01-01", "M", false},
		{`{"D":"2024-03-10"}`, "2024-03", "2024-03-10", "D", false},
		{`{}`, "2024-03-05", "2024-03-05", "", false}, {`{}`, "--03", "--03", "", false}, {`{}`, "", "", "", false},
	} {
		cfg := rules(t, settings, "ADSL.TRTSDT EX D", "ADAE.ASTDT AE D")
		result := extract(t, cfg, rec(t, 1, "EX", c.start), rec(t, 2, "AE", fmt.Sprintf(`{"D":%q}`, c.collected)))
		e := result.ADAERecords[0]
		require.Equal(t, []string{c.want, c.flag, c.collected}, []string{e.Start.String(), e.Text("ASTDTF"), e.Text("ASTDTC")}, "%+v", c)
		if c.found {
			require.Contains(t, codes(result), "not-derived ASTDTF", "%+v", c)
		} else {
			require.NotContains(t, codes(result), "not-derived ASTDTF", "%+v", c)
		}
	}
	result := extract(t, rules(t, settings, "ADSL.TRTSDT EX D", "ADAE.ASTDT AE D"), rec(t, 2, "AE", `{"D":"2024-03"}`))
	require.Contains(t, codes(result), "not-derived ASTDTF", "without an ADSL row at all")
}

// TestAPartialStartBoundsNoLaterDay: a partial start of treatment leaves nothing open about a day that no
// start which the collected date can mean is after; a data cut counts as it moves the day.
func TestAPartialStartBoundsNoLaterDay(t *testing.T) {
	for _, c := range []struct{ start, collected, how, want string }{
		{"2024-02", "2024-02", `"day":"last"`, "2024-02-29"}, {"2024", "2024-02", `"day":"last"`, "2024-02-29"},
		{"2024-02", "2024-02", `"day":"mid"`, "2024-02"}, {"2024-02", "2024-02", `"day":"first"`, "2024-02"},
		{"2024-02", "2024", `"day":"last","month":"last"`, "2024-12-31"}, {"2024-02", "2024", `"day":"mid","month":"mid"`, "2024-06-15"},
		{"2024-06", "2024", `"day":"mid","month":"mid"`, "2024"}, {"", "2024-02", `"day":"last"`, "2024-02"},
		{"2024-04", "2024-04", `"day":"last","notAfterCut":true`, "2024-04"}, {"2024-03", "2024-03", `"day":"last","notAfterCut":true`, "2024-03-31"},
		{"2024-02", "2024", `"day":"last","month":"last","notAfterCut":true`, "2024-04-20"},
	} {
		settings := `{"dataCut":"2024-04-20","analysis":{"imputation":[{"domain":"ADAE","field":"ASTDT","notBeforeTreatment":true,` + c.how + `}]}}`
		cfg := rules(t, settings, "ADSL.TRTSDT EX D", "ADAE.ASTDT AE D")
		result := extract(t, cfg, rec(t, 1, "EX", fmt.Sprintf(`{"D":%q}`, c.start)), rec(t, 2, "AE", fmt.Sprintf(`{"D":%q}`, c.collected)))
		require.Equal(t, c.want, result.ADAERecords[0].Start.String(), "%+v", c)
		require.Equal(t, c.want == c.collected, slices.Contains(codes(result), "not-derived ASTDTF"), "%+v", c)
	}
}

// TestLineageOfABoundedDate names the start of treatment wherever it was asked, and only of what it decides: the
// date as it was collected comes from its own answer alone.
func TestLineageOfABoundedDate(t *testing.T) {
	for collected, want := range map[string][]int64{"2024-01": {1, 2}, "2024-02": {1, 2}, "2024-02-03": {2}} {
		settings := `{"analysis":{"imputation":[{"domain":"ADAE","field":"ASTDT","day":"first","notBeforeTreatment":true}]}}`
		result := extract(t, rules(t, settings, "ADSL.TRTSDT EX D", "ADAE.ASTDT AE D"), rec(t, 1, "EX", `{"D":"2024-01-10"}`), rec(t, 2, "AE", fmt.Sprintf(`{"D":%q}`, collected)))
		for field, want := range map[string][]int64{"ASTDT": want, "ASTDTF": want, "ASTDTC": {2}} {
			l, ok := result.ADAERecords[0].Lineage(field)
			require.True(t, ok)
			var ids []int64
			for _, origin := range l.Origins() {
				ids = append(ids, origin.RecordID)
			}
			require.Equal(t, want, ids, "%s of %s", field, collected)
		}
	}
}

// TestNoDayIsImputedOutsideItsBounds: where treatment starts after the data cut and a date can mean the days of
// both, it stays as it was collected, and that is a finding.
func TestNoDayIsImputedOutsideItsBounds(t *testing.T) {
	for _, day := range []string{"first", "mid", "last"} {
		settings := `{"dataCut":"2024-03-10","analysis":{"imputation":[{"domain":"ADAE","field":"ASTDT","day":"` + day + `","month":"` + day + `","notBeforeTreatment":true,"notAfterCut":true}]}}`
		cfg := rules(t, settings, "ADSL.TRTSDT EX D", "ADAE.ASTDT AE D")
		for collected, open := range map[string]bool{"2024": true, "2024-03": false, "2023": false} {
			result := extract(t, cfg, rec(t, 1, "EX", `{"D":"2024-06-30"}`), rec(t, 2, "AE", fmt.Sprintf(`{"D":%q}`, collected)))
			require.Equal(t, open, result.ADAERecords[0].Start.String() == collected, "%s %s", day, collected)
			require.Equal(t, open, slices.Contains(codes(result), "not-derived ASTDTF"), "%s %s", day, collected)
		}
	}
}

// TestACutThatIsNotGivenIsRefused as a bound of imputed dates.
func TestACutThatIsNotGivenIsRefused(t *testing.T) {
	_, err := extraction.NewEngine(rules(t, `{"analysis":{"imputation":[{"domain":"ADAE","field":"ASTDT","day":"last","notAfterCut":true}]}}`, "ADSL.TRTSDT EX D", "ADAE.ASTDT AE D"))
	require.ErrorContains(t, err, "/imputation/0/notAfterCut")
}
