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
