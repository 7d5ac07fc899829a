package extraction_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/extraction"
)

// conflicts are the findings of that code, as DOMAIN.field and values.
func conflicts(result *extraction.ExtractionResult) map[string]extraction.Finding {
	found := map[string]extraction.Finding{}
	for _, f := range result.Findings {
		if f.Code == extraction.FindingConflict {
			found[string(f.Domain)+"."+f.Field] = f
		}
	}
	return found
}

// TestAValueOfTheSubjectThatDidNotStand: an expression reads what the records before it gave. Where the
// subject's row holds another value in the end, what was computed is an error that names both.
func TestAValueOfTheSubjectThatDidNotStand(t *testing.T) {
	lines := []string{"ADSL.TRTSDT EX D", "ADAE.ASTDT AE D", `ADAE.XDY AE D study_day(value, state["ADSL.TRTSDT"])`, `ADAE.YDY AE - payload["XDY"]`}
	records := []imednet.Record{rec(t, 1, "EX", `{"D":"2024-02-10"}`), rec(t, 2, "AE", `{"D":"2024-02-12"}`), rec(t, 3, "EX", `{"D":"2024-02-05"}`)}
	for how, stands := range map[string]string{"earliest": "2024-02-05", "last": "2024-02-05", "first": "", "latest": "", "": "null"} {
		cfg := rules(t, `{"analysis":{}}`, lines...)
		cfg.Mappings[0].Choose = how
		found := conflicts(extract(t, cfg, records...))
		for _, field := range []string{"ADAE.XDY", "ADAE.YDY"} {
			f, ok := found[field]
			require.Equal(t, stands != "", ok, "%s %q", field, how)
			if !ok {
				continue
			}
			require.EqualValues(t, 2, f.RecordID)
			require.Equal(t, extraction.SeverityError, f.Severity)
			require.Contains(t, f.Message, "ADSL.TRTSDT")
			require.Equal(t, "2024-02-10", f.Values[0].String())
			require.Equal(t, strings.TrimPrefix(stands, "null"), f.Values[1].String())
		}
		cfg.PHIFields = []string{"D"}
		for _, f := range conflicts(extract(t, cfg, records...)) {
			for _, v := range f.Values {
				require.Equal(t, "[masked]", v.String())
			}
		}
	}
	same := extract(t, rules(t, `{"analysis":{}}`, lines...), records[0], records[1], rec(t, 3, "EX", `{"D":"2024-02-10"}`))
	require.Empty(t, conflicts(same), "what later records repeat stands")
}

// TestDatesThatChooseCannotOrder: the finding says why none is taken, and does not ask for what the mapping has.
func TestDatesThatChooseCannotOrder(t *testing.T) {
	for how, says := range map[string]string{"": "does not say which counts", "earliest": "none is certainly the earliest", "latest": "none is certainly the latest"} {
		for _, other := range []string{"2024-01-05T08", "2024-01", "unreadable"} {
			cfg := rules(t, "", "ADSL.TRTSDT EX D")
			cfg.Mappings[0].Choose = how
			result := extract(t, cfg, rec(t, 1, "EX", `{"D":"2024-01-05"}`), rec(t, 2, "EX", `{"D":"`+other+`"}`))
			require.Contains(t, conflicts(result)["ADSL.TRTSDT"].Message, says, other)
		}
	}
}

// TestTimesOfOneDayAreOrdered where both hours are known.
func TestTimesOfOneDayAreOrdered(t *testing.T) {
	for how, want := range map[string]string{"earliest": "2024-01-05T08:00", "latest": "2024-01-05T09:30"} {
		cfg := rules(t, "", "ADSL.TRTSDT EX D")
		cfg.Mappings[0].Choose = how
		result := extract(t, cfg, rec(t, 1, "EX", `{"D":"2024-01-05T08:30"}`), rec(t, 2, "EX", `{"D":"2024-01-05T09:30"}`), rec(t, 3, "EX", `{"D":"2024-01-05T08:00"}`))
		require.Empty(t, codes(result), how)
		require.Equal(t, want, result.ADSLRecords[0].Text("TRTSDT"), how)
	}
}

// TestStateSettlesAsTheRowDoes: what is one value in the subject's row is one to expressions, however it is spelt.
func TestStateSettlesAsTheRowDoes(t *testing.T) {
	lines := []string{"ADSL.AGE DM A", "ADSL.TRTSDT DM D", "ADAE.ASTDT AE D", `ADAE.OLD AE - float(state["ADSL.AGE"]) + 1`, `ADAE.SEEN AE - state["ADSL.TRTSDT"]`}
	for _, c := range []struct{ choose, first, second, old, seen string }{
		{"", `{"A":"50","D":"2024-02-10"}`, `{"A":50.0,"D":"2024-02-10 "}`, "51.0", "2024-02-10 "},
		{"", `{"A":"50","D":"10-FEB-2024"}`, `{"A":"50.00","D":"2024-02-10"}`, "51.0", "2024-02-10"},
		{"earliest", `{"D":"10-FEB-2024"}`, `{"A":"50","D":"11-FEB-2024"}`, "51.0", "10-FEB-2024"},
		{"latest", `{"D":"10-FEB-2024"}`, `{"A":"50","D":"11-FEB-2024"}`, "51.0", "11-FEB-2024"},
	} {
		cfg := rules(t, `{"dateFormats":["DD-MMM-YYYY"]}`, lines...)
		cfg.Mappings[1].Choose = c.choose
		result := extract(t, cfg, rec(t, 1, "DM", c.first), rec(t, 2, "DM", c.second), rec(t, 3, "AE", `{"D":"2024-02-12"}`))
		require.Empty(t, result.Findings, "%+v", c)
		row := result.ADAERecords[0]
		old, _ := row.Get("OLD")
		require.Equal(t, []string{c.old, c.seen}, []string{old.String(), row.Text("SEEN")}, "%+v", c)
	}
}

// TestAStudyDayOfADateThatCannotBeRead is a finding of the day too.
func TestAStudyDayOfADateThatCannotBeRead(t *testing.T) {
	cfg := rules(t, `{"analysis":{}}`, "ADSL.TRTSDT EX D", "ADAE.ASTDT AE D", "ADAE.AENDT AE E", "ADLB.PARAMCD LB P", "ADLB.AVAL LB V", "ADLB.ADT LB D")
	result := extract(t, cfg, rec(t, 1, "EX", `{"D":"2024-02-10"}`), rec(t, 2, "AE", `{"D":"2024-02-30","E":"soon"}`), labRecord(t, 3, "2024-13", "1"))
	require.Subset(t, codes(result), []string{"not-derived ASTDY", "not-derived AENDY", "not-derived ADY", "not-derived TRTEMFL"})
	blank := extract(t, cfg, rec(t, 1, "EX", `{"D":"2024-02-10"}`), rec(t, 2, "AE", `{"D":"2024-02-12","E":""}`))
	require.NotContains(t, codes(blank), "not-derived AENDY", "an end that was not collected")
}

// TestAConditionOnAValueThatDidNotStand, and one on a value that no record had given yet.
func TestAConditionOnAValueThatDidNotStand(t *testing.T) {
	settings := `{"conditions":[{"domain":"ADAE","sourceFormKey":"AE","expression":"state.get(\"ADSL.SEX\") == \"F\""}]}`
	cfg := rules(t, settings, "ADSL.SEX DM S", "ADAE.AETERM AE T", `ADAE.FEM AE - "Y" if state.get("ADSL.SEX") == "F" else "N"`)
	late := extract(t, cfg, rec(t, 1, "AE", `{"T":"a"}`), rec(t, 2, "DM", `{"S":"F"}`))
	require.Empty(t, late.ADAERecords)
	f, ok := conflicts(late)["ADAE."]
	require.True(t, ok)
	require.EqualValues(t, 1, f.RecordID)
	require.Contains(t, f.Message, "condition")

	late = extract(t, rules(t, "", "ADSL.SEX DM S", `ADAE.FEM AE - "Y" if state.get("ADSL.SEX") == "F" else "N"`), rec(t, 1, "AE", `{"T":"a"}`), rec(t, 2, "DM", `{"S":"F"}`))
	require.Equal(t, "N", late.ADAERecords[0].Text("FEM"), "the value stays")
	require.Contains(t, conflicts(late), "ADAE.FEM")
	open := extract(t, rules(t, "", "ADSL.SEX DM S", `ADAE.FEM AE - None if state.get("ADSL.SEX") is None else "Y"`), rec(t, 1, "AE", `{"T":"a"}`), rec(t, 2, "DM", `{"S":"F"}`))
	require.Empty(t, conflicts(open), "an empty value is not wrong")
	require.Equal(t, []string{"not-derived FEM"}, codes(open))
	inTime := extract(t, cfg, rec(t, 1, "DM", `{"S":"F"}`), rec(t, 2, "AE", `{"T":"a"}`), rec(t, 3, "DM", `{"S":""}`))
	require.Len(t, inTime.ADAERecords, 1)
	require.Empty(t, conflicts(inTime))
}

// TestACountOfRecordsIsNoConflict: what a field of the subject was before a record changed it is not what it is, and
// nothing is wrong; an event that read it in between is told.
func TestACountOfRecordsIsNoConflict(t *testing.T) {
	cfg := rules(t, "", `ADSL.DOSES EX - (state.get("ADSL.DOSES") or 0) + 1`, `ADSL.LEFT EX - 10 - state["ADSL.DOSES"]`, `ADAE.SOFAR AE - state["ADSL.DOSES"]`, `ADAE.LEFT AE - state["ADSL.LEFT"]`)
	cfg.Mappings[0].Choose, cfg.Mappings[1].Choose = imednet.ChooseLast, imednet.ChooseLast
	result := extract(t, cfg, rec(t, 1, "EX", `{}`), rec(t, 2, "EX", `{}`), rec(t, 3, "EX", `{}`), rec(t, 4, "AE", `{}`))
	require.Equal(t, []string{"3", "7"}, []string{result.ADSLRecords[0].Text("DOSES"), result.ADSLRecords[0].Text("LEFT")})
	require.Equal(t, []string{"3", "7"}, []string{result.ADAERecords[0].Text("SOFAR"), result.ADAERecords[0].Text("LEFT")})
	require.Empty(t, result.Findings)

	result = extract(t, cfg, rec(t, 1, "EX", `{}`), rec(t, 2, "AE", `{}`), rec(t, 3, "EX", `{}`))
	require.Equal(t, []string{"1", "9"}, []string{result.ADAERecords[0].Text("SOFAR"), result.ADAERecords[0].Text("LEFT")})
	require.ElementsMatch(t, []string{"conflict SOFAR", "conflict LEFT", "conflict LEFT"}, codes(result), "of its own value, and of what that was made of")
}
