package extraction_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet/extraction"
)

func TestReportsInOneLine(t *testing.T) {
	score := 87.5
	require.Equal(t, "profile core: 87.5 %, 7 of 8 fields; 1 findings, 2 unmapped terms", extraction.StandardsReadinessReport{
		Profile: "core", Score: &score, Validated: 7, Expected: 8, Findings: make([]extraction.ProfileFinding, 1), Warnings: make([]extraction.TermFinding, 2)}.String())
	require.Equal(t, "profile core: nothing is expected; 0 findings, 0 unmapped terms", extraction.StandardsReadinessReport{Profile: "core"}.String())
	require.Equal(t, "5 findings by 2 of 3 rules", extraction.ConformanceReport{
		Summary: []extraction.FindingSummary{{Count: 2}, {Count: 3}}, Rules: make([]extraction.RuleResult, 3)}.String())
}

// TestTheLineOfARunNamesWhatWasLeftOut: records that nobody asked to leave out, and rows that a condition did.
func TestTheLineOfARunNamesWhatWasLeftOut(t *testing.T) {
	cfg := rules(t, `{"conditions":[{"domain":"ADAE","sourceFormKey":"AE","expression":"record.record_data.get('T') == 'x'"}]}`, "ADAE.AETERM AE T", "ADSL.AGE AE A")
	result := extract(t, cfg, rec(t, 1, "AE", `{"T":"x","A":1}`), rec(t, 2, "AE", `{"T":"y","A":1}`), rec(t, 3, "AE", `{"T":"z","A":1}`),
		rec(t, 4, "AE", `{"T":"x"}`, `"siteId":1`), rec(t, 5, "ZZ", `{}`), rec(t, 6, "AE", `{}`, `"subjectId":1,"subjectKey":"101","deleted":true`))
	require.Equal(t, "1 subjects; 6 records, 3 of them read by rules, 1 deleted (0 with their subject), 1 no subject; 2 rows, 0 rejected, 2 left out by conditions; 0 findings, 0 of them errors", result.Report.String())
}
