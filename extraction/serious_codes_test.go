package extraction_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/extraction"
)

// TestNumberCodesSayNoWhereTheConfigurationSaysSo, and nowhere else, whichever way a rule reads them.
func TestNumberCodesSayNoWhereTheConfigurationSaysSo(t *testing.T) {
	codesOfNo := map[string]map[string]string{"AESER": {"1": "Y", "2": "N"}, "FIRST": {"1": "Y", "2": "N"}}
	for _, mapping := range []string{
		`ADAE.AESER AE S "N" if value != "Y" else "Y"`,
		`ADAE.AESER AE S False if value != "Y" else True`,
		`ADAE.AESER AE - "Y" if str(record.record_data.get("S")) == "1" else "N"`,
		`ADAE.AESER AE - 0 if payload["FIRST"] != "Y" else 1`,
	} {
		for answer, want := range map[string]imednet.YesNo{`"1"`: imednet.Yes, `1`: imednet.Yes, `"2"`: imednet.No, `2`: imednet.No, `"9"`: imednet.Unknown, `9`: imednet.Unknown} {
			record := rec(t, 1, "AE", `{"S":`+answer+`,"GRADE":2}`)
			cfg := rules(t, "", `ADAE.FIRST AE S value`, mapping)
			cfg.TerminologyLookups = codesOfNo
			require.Equal(t, want, extract(t, cfg, record).ADAERecords[0].Serious, "%s of %s", mapping, answer)

			cfg.TerminologyLookups = nil
			result := extract(t, cfg, record)
			require.NotEqual(t, imednet.No, result.ADAERecords[0].Serious, "%s of %s", mapping, answer)
			if want != imednet.Yes {
				require.Contains(t, codes(result), "serious-unknown AESER", "%s of %s", mapping, answer)
				require.False(t, result.Report.Sound())
			}
		}
	}
}

// TestACodeOfAnotherAnswerSaysNothingOfSeriousness: the terms of the flag are not those of a grade.
func TestACodeOfAnotherAnswerSaysNothingOfSeriousness(t *testing.T) {
	for _, mapping := range []string{
		`ADAE.AESER AE S "Y" if value == "Y" or record.record_data.get("GRADE") > 3 else "N"`,
		`ADAE.AESER AE - "Y" if record.record_data.get("S") == 1 or record.record_data.get("GRADE") > 3 else "N"`,
	} {
		cfg := rules(t, "", mapping)
		cfg.TerminologyLookups = map[string]map[string]string{"AESER": {"1": "Y", "2": "N"}}
		result := extract(t, cfg, rec(t, 1, "AE", `{"S":"","GRADE":2}`))
		require.Equal(t, imednet.Unknown, result.ADAERecords[0].Serious, mapping)
		require.Equal(t, []string{"serious-unknown AESER"}, codes(result))
	}
}

// TestTheCodeStaysBesideTheEmptyFlag, and the finding says where codes are stated.
func TestTheCodeStaysBesideTheEmptyFlag(t *testing.T) {
	result := extract(t, rules(t, "", `ADAE.AESER AE S "Y" if value == "1" else "N"`), rec(t, 1, "AE", `{"S":9}`))
	text, ok := result.ADAERecords[0].AsCollected("AESER")
	require.True(t, ok)
	require.Equal(t, "9", text)
	require.Len(t, result.Findings, 1)
	require.Equal(t, extraction.SeverityError, result.Findings[0].Severity)
	require.Contains(t, result.Findings[0].Message, "terminologyLookups")
}
