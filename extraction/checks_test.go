package extraction_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet/extraction"
)

// TestChecks holds each rule against a row that breaks it and one that does not.
func TestChecks(t *testing.T) {
	number := func(s string) any { return number(s) }
	for _, c := range []struct {
		rule    string
		domain  extraction.Domain
		bad, ok []any
		adsl    []any
	}{
		{"ADAE-020", extraction.ADAE, []any{"AEOUT", "Fatal", "AESER", "N"}, []any{"AEOUT", "FATAL", "AESER", "Y"}, nil},
		{"ADAE-021", extraction.ADAE, []any{"AEOUT", "FATAL", "AESDTH", "N"}, []any{"AEOUT", "FATAL", "AESDTH", "Y"}, nil},
		{"ADAE-022", extraction.ADAE, []any{"AEOUT", "UNKNOWN", "AESDTH", "Y"}, []any{"AEOUT", "FATAL", "AESDTH", "Y"}, nil},
		{"ADAE-023", extraction.ADAE, []any{"AEOUT", "UNKNOWN", "AETOXGR", "5"}, []any{"AEOUT", "UNKNOWN", "AETOXGR", "4"}, nil},
		{"ADAE-024", extraction.ADAE, []any{"AEOUT", "FATAL"}, []any{"AEOUT", "UNKNOWN"}, []any{"DTHFL", ""}},
		{"ADAE-025", extraction.ADAE, []any{"ASTDT", "2024-02"}, []any{"ASTDT", "2024-01"}, []any{"DTHDT", "2024-01-15"}},
		{"ADLB-025", extraction.ADLB, []any{"ADT", "2024-01-16"}, []any{"ADT", "2024-01-15T23:00"}, []any{"DTHDT", "2024-01-15"}},
		{"ADAE-023", extraction.ADAE, []any{"AEOUT", "UNKNOWN", "AETOXGR", " grade 5"}, []any{"AEOUT", "FATAL", "AETOXGR", "5.0"}, nil},
		{"AE-020", extraction.AE, []any{"aeOutcome", "fatal ", "aeSerious", "N"}, []any{"aeOutcome", "FATAL", "aeSerious", ""}, nil},
		{"AE-023", extraction.AE, []any{"aeOutcome", "", "aeSeverity", "CTCAE Grade 5"}, []any{"aeOutcome", "", "aeSeverity", "15"}, nil},
		{"ADAE-020", extraction.ADAE, []any{"AEOUT", "5 - Fatal", "AESER", "N"}, []any{"AEOUT", "Non-fatal", "AESER", "N"}, nil},
		{"AE-020", extraction.AE, []any{"aeOutcome", "Death", "aeSerious", "No"}, []any{"aeOutcome", "not fatal", "aeSerious", "No"}, nil},
		{"ADAE-023", extraction.ADAE, []any{"AEOUT", "UNKNOWN", "AETOXGR", "5 - Death"}, []any{"AEOUT", "UNKNOWN", "AETOXGR", "5/10"}, nil},
		{"AE-023", extraction.AE, []any{"aeOutcome", "", "aeSeverity", "G5"}, []any{"aeOutcome", "Patient died", "aeSeverity", "G5"}, nil},
		{"AE-024", extraction.AE, []any{"aeOutcome", "FATAL"}, []any{"aeOutcome", "UNKNOWN"}, []any{"DTHFL", "N"}},
		{"AE-025", extraction.AE, []any{"aeStartDate", "2024-02"}, []any{"aeStartDate", "2024-01"}, []any{"DTHDT", "2024-01-15"}},
		{"ADSL-020", extraction.ADSL, []any{"DTHFL", "Y", "DTHDT", ""}, []any{"DTHFL", "Y", "DTHDT", "2024"}, nil},
		{"ADSL-021", extraction.ADSL, []any{"DTHFL", "", "DTHDT", "2024"}, []any{"DTHFL", "Y", "DTHDT", "2024"}, nil},
		{"AE-030", extraction.AE, []any{"aeStartDate", ""}, []any{"aeStartDate", "2024"}, nil},
		{"AE-031", extraction.AE, []any{"aeSerious", " "}, []any{"aeSerious", "N"}, nil},
		{"ADSL-032", extraction.ADSL, []any{"SEX", "W"}, []any{"SEX", "F"}, nil},
		{"ADSL-033", extraction.ADSL, []any{"AGE", "-1"}, []any{"AGE", "120"}, nil},
		{"ADSL-034", extraction.ADSL, []any{"SAFFL", "N", "TRTSDT", "2024"}, []any{"SAFFL", "N", "TRTSDT", ""}, nil},
		{"ADSL-036", extraction.ADSL, []any{"TRTEDT", "2024-02", "DCTDT", "2024-01-31"}, []any{"TRTEDT", "2024-01", "DCTDT", "2024-01-15"}, nil},
		{"ADLB-032", extraction.ADLB, []any{"ANRLO", number("2"), "ANRHI", number("1.9")}, []any{"ANRLO", number("2"), "ANRHI", number("2.0")}, nil},
		{"ADLB-033", extraction.ADLB, []any{"AVAL", number("1"), "ANRLO", number("2"), "ANRHI", number("3"), "ANRIND", "NORMAL"},
			[]any{"AVAL", number("3.0"), "ANRLO", number("2"), "ANRHI", number("3"), "ANRIND", "NORMAL"}, nil},
		{"ADLB-033", extraction.ADLB, []any{"AVAL", number("2"), "ANRLO", number("2"), "ANRHI", "", "ANRIND", "LOW"}, []any{"AVAL", number("1.9"), "ANRLO", number("2"), "ANRIND", "LOW LOW"}, nil},
		{"ADLB-033", extraction.ADLB, []any{"AVAL", number("2"), "ANRLO", number("2"), "ANRHI", number("3"), "ANRIND", "ABNORMAL"}, []any{"AVAL", number("1"), "ANRLO", number("2"), "ANRIND", "abnormal"}, nil},
		{"ADLB-033", extraction.ADLB, []any{"AVAL", number("1"), "ANRLO", number("2"), "ANRIND", "NORMAL"}, []any{"AVAL", number("4"), "ANRHI", number("3"), "ANRIND", "H"}, nil},
		{"ADLB-033", extraction.ADLB, []any{"AVAL", number("3"), "ANRLO", "", "ANRHI", number("3"), "ANRIND", "HIGH"}, []any{"AVAL", number("3.1"), "ANRLO", "", "ANRHI", number("3"), "ANRIND", "high"}, nil},
		{"ADLB-033", extraction.ADLB, []any{"AVAL", number("1.9"), "ANRLO", number("2"), "ANRHI", "", "ANRIND", "HIGH"}, []any{"AVAL", number("1.9"), "ANRLO", number("2"), "ANRHI", "", "ANRIND", "L"}, nil},
		{"ADLB-034", extraction.ADLB, []any{"AVAL", number("1"), "AVALC", "1.1"}, []any{"AVAL", number("1"), "AVALC", "1.0"}, nil},
		{"ADLB-035", extraction.ADLB, []any{"PARAMCD", "POTASSIUM"}, []any{"PARAMCD", "K"}, nil},
		{"ADAE-040", extraction.ADAE, []any{"ASTDT", "2024-06-01"}, []any{"ASTDT", "2024-05"}, nil},
	} {
		for state, pairs := range map[extraction.RuleState][]any{extraction.RuleFindings: c.bad, extraction.RulePass: c.ok} {
			rules := append(extraction.ConformanceRules(), extraction.CutRules(date(t, "2024-05-31"))...)
			run, err := extraction.NewConformance(rules)
			require.NoError(t, err)
			rows := []extraction.CanonicalRow{row(c.domain, "1", 7, pairs...)}
			if c.adsl != nil {
				rows = append(rows, row(extraction.ADSL, "1", 0, c.adsl...))
			}
			run.All(slices.Values(rows))
			i := slices.IndexFunc(run.Results(), func(r extraction.RuleResult) bool { return r.ID == c.rule })
			result := run.Results()[i]
			require.Equal(t, state, result.State, fmt.Sprint(c.rule, pairs, result.Reason))
			if state == extraction.RuleFindings {
				require.EqualValues(t, 7, result.Findings[0].RecordID)
				require.NotEmpty(t, result.Findings[0].Fields)
			}
		}
	}
}

// TestChecksThatCannotBeMadeSayWhy: no rule passes because there was nothing to look at.
func TestChecksThatCannotBeMadeSayWhy(t *testing.T) {
	engine, _ := exampleStudy()
	run, err := extraction.NewConformance(engine.ConformanceRules())
	require.NoError(t, err)
	run.All(slices.Values([]extraction.CanonicalRow{row(extraction.ADAE, "1", 1, "AEOUT", "FATAL", "ASTDT", "2024")}))
	reasons := map[string]string{}
	for _, r := range run.Results() {
		reasons[r.ID] = string(r.State) + ": " + r.Reason
	}
	require.Equal(t, "skipped: no row of ADSL has DTHFL", reasons["ADAE-024"])
	require.Equal(t, "skipped: the configuration names no dataCut", reasons["ADAE-040"])
	require.Equal(t, "skipped: there are no rows of ADSL", reasons["ADSL-020"])
}

// TestAFatalEventOfASubjectWithoutARowIsFound: that nobody says the subject is dead includes that there is no
// row of it, be it rejected or never entered.
func TestAFatalEventOfASubjectWithoutARowIsFound(t *testing.T) {
	run, err := extraction.NewConformance(extraction.ConformanceRules())
	require.NoError(t, err)
	run.All(slices.Values([]extraction.CanonicalRow{
		row(extraction.ADSL, "1", 0, "DTHFL", "Y", "DTHDT", "2024-01-05"),
		row(extraction.AE, "1", 1, "aeOutcome", "FATAL", "aeStartDate", "2024-01-01"),
		row(extraction.AE, "2", 2, "aeOutcome", "FATAL", "aeStartDate", "2024-01-09"),
	}))
	found := map[string][]extraction.RuleFinding{}
	for _, r := range run.Results() {
		found[r.ID] = r.Findings
	}
	require.Len(t, found["AE-024"], 1)
	require.EqualValues(t, 2, found["AE-024"][0].RecordID)
	require.Empty(t, found["AE-025"])
}

// TestAnIndicatorIsCheckedByTheLimitThatItNeeds: LOW by ANRLO, HIGH by ANRHI, NORMAL by both.
func TestAnIndicatorIsCheckedByTheLimitThatItNeeds(t *testing.T) {
	indicated := func(pairs ...any) extraction.CanonicalRow { return row(extraction.ADLB, "1", 1, pairs...) }
	unchecked := []extraction.CanonicalRow{
		indicated("AVAL", number("2"), "ANRIND", "NORMAL", "ANRLO", number("2")), indicated("AVAL", number("2"), "ANRIND", "NORMAL", "ANRHI", number("2")),
		indicated("AVAL", number("2"), "ANRIND", "HIGH", "ANRLO", number("2")), indicated("AVAL", number("2"), "ANRIND", "LOW", "ANRHI", number("2")),
		indicated("AVAL", number("2"), "ANRIND", "ABNORMAL", "ANRHI", number("2")), indicated("AVAL", number("2"), "ANRIND", "", "ANRLO", number("1"), "ANRHI", number("3")),
		indicated("AVAL", "", "ANRIND", "LOW", "ANRLO", number("2")), indicated("AVAL", number("9"), "ANRIND", "POSITIVE", "ANRLO", number("1"), "ANRHI", number("3")),
	}
	result := func(rows ...extraction.CanonicalRow) extraction.RuleResult {
		run, err := extraction.NewConformance(extraction.ConformanceRules())
		require.NoError(t, err)
		run.All(slices.Values(rows))
		return run.Results()[slices.IndexFunc(run.Results(), func(r extraction.RuleResult) bool { return r.ID == "ADLB-033" })]
	}
	for _, r := range unchecked {
		skipped := result(r)
		require.Equal(t, extraction.RuleSkipped, skipped.State)
		require.Contains(t, skipped.Reason, "LOW needs ANRLO, HIGH needs ANRHI, the others both")
	}
	checked := indicated("AVAL", number("2"), "ANRIND", "NORMAL", "ANRLO", number("1"), "ANRHI", number("3"))
	some := result(append(unchecked, checked)...)
	require.Equal(t, extraction.RulePass, some.State)
	require.EqualValues(t, len(unchecked), some.Unchecked)
}

// TestARowWhoseKindCannotHoldWhatWasCollectedBreaksTheRuleOfKinds, although the field is empty; a result such as
// "<0.2" does not.
func TestARowWhoseKindCannotHoldWhatWasCollectedBreaksTheRuleOfKinds(t *testing.T) {
	cfg := rules(t, "", "ADAE.ASTDT AE D", "ADAE.AESER AE S", "ADLB.PARAMCD LB P", "ADLB.AVAL LB V", "ADLB.ADT LB D")
	result := extract(t, cfg, rec(t, 1, "AE", `{"D":"2024-02-30","S":"maybe"}`), rec(t, 2, "AE", `{"D":"2024-02","S":"N"}`),
		rec(t, 3, "LB", `{"P":"ALT","V":"<0.2","D":"2024-01-10T25:00"}`), rec(t, 4, "LB", `{"P":"ALT","V":"<0.2","D":"2024-01-10"}`))
	run, err := extraction.NewConformance(extraction.ConformanceRules())
	require.NoError(t, err)
	var rows []extraction.CanonicalRow
	for _, e := range result.ADAERecords {
		rows = append(rows, e.CanonicalRow)
	}
	for _, r := range result.ADLBRecords {
		rows = append(rows, r.CanonicalRow)
	}
	run.All(slices.Values(rows))
	var found []string
	for _, f := range run.Report(extraction.Configuration{}).Findings {
		if strings.HasSuffix(f.Rule, "-001") {
			found = append(found, fmt.Sprintf("%s %d %s", f.Rule, f.RecordID, strings.Join(f.Fields, " ")))
		}
	}
	require.ElementsMatch(t, []string{"ADAE-001 1 ASTDT", "ADAE-001 1 AESER", "ADLB-001 3 ADT"}, found)
}

// TestAnOutcomeIsReadAlikeByEveryRule: white space and case do not matter, and what says fatal says that the event ended.
func TestAnOutcomeIsReadAlikeByEveryRule(t *testing.T) {
	found := findingsOf(t, nil,
		row(extraction.AE, "1", 1, "aeOutcome", " Recovered/resolved ", "aeEndDate", ""), row(extraction.AE, "1", 2, "aeOutcome", "5 - Fatal", "aeEndDate", ""),
		row(extraction.AE, "1", 3, "aeOutcome", "Recovering/Resolving ", "aeEndDate", "2024"), row(extraction.AE, "1", 4, "aeOutcome", "non-fatal", "aeEndDate", ""),
		row(extraction.ADAE, "1", 5, "AEOUT", "Patient died", "AENDT", ""), row(extraction.ADAE, "1", 6, "AEOUT", "not recovered/not resolved\t", "AENDT", "2024"))
	require.Subset(t, found, []string{"AE-004 1 aeOutcome aeEndDate", "AE-004 2 aeOutcome aeEndDate", "AE-005 3 aeOutcome aeEndDate", "ADAE-004 5 AEOUT AENDT", "ADAE-005 6 AEOUT AENDT"})
	require.NotContains(t, found, "AE-004 4 aeOutcome aeEndDate")
}

// TestADeathInDoubtIsNoDeathInTheChecks, nor is one that is denied; one in other words is.
func TestADeathInDoubtIsNoDeathInTheChecks(t *testing.T) {
	found := func(outcome string) []string {
		return slices.DeleteFunc(findingsOf(t, nil, row(extraction.ADSL, "1", 0, "DTHFL", ""),
			row(extraction.AE, "1", 1, "aeOutcome", outcome, "aeSerious", "N", "aeSeverity", "4"), row(extraction.ADAE, "1", 2, "AEOUT", outcome, "AESER", "N", "AESDTH", "N", "AETOXGR", "4")),
			func(f string) bool { return !strings.HasPrefix(f, "ADAE-02") && !strings.HasPrefix(f, "AE-02") })
	}
	for _, outcome := range []string{"Fatal: 0", "Fatal: no", "Fatal: unknown", "Possibly fatal", "Not fatal", "Fatal?", "Alive/dead", "Unknown"} {
		require.Empty(t, found(outcome), outcome)
	}
	for _, outcome := range []string{"Did not survive", "Not alive", "Fatal: 1", "Death, cause unknown"} {
		require.Equal(t, []string{"ADAE-020 2 AEOUT AESER", "ADAE-021 2 AEOUT AESDTH", "ADAE-024 2 AEOUT", "AE-020 1 aeOutcome aeSerious", "AE-024 1 aeOutcome"}, found(outcome), outcome)
	}
}

// TestEveryDateIsHeldAgainstTheCut, not only those of the standard's first fields; a date as collected is not found
// beside its own.
func TestEveryDateIsHeldAgainstTheCut(t *testing.T) {
	rules := extraction.CutRules(date(t, "2024-05-31"))
	require.Equal(t, []string{"ADSL-040 0 EOSDT", "ADAE-040 1 ASTDT", "ADAE-040 2 AEHOSDTC"}, findingsOf(t, rules,
		row(extraction.ADSL, "1", 0, "TRTSDT", "2024-05-31", "EOSDT", "2024-06-01", "RFICDT", "2024-05", "ARM", "2024-07-01"),
		row(extraction.ADAE, "1", 1, "ASTDT", "2024-06-01", "ASTDTC", "2024-06"), row(extraction.ADAE, "1", 2, "ASTDT", "2024-05-01", "AEHOSDTC", "2024-06-02")))
	run, err := extraction.NewConformance(rules)
	require.NoError(t, err)
	run.All(slices.Values([]extraction.CanonicalRow{row(extraction.ADSL, "1", 0, "AGE", "50", "TRTSDT", "")}))
	for _, r := range run.Results() {
		if r.ID == "ADSL-040" {
			require.Equal(t, extraction.RuleSkipped, r.State)
			require.Equal(t, "no row of ADSL has a date", r.Reason)
		}
	}
}

// TestOneResultInAnotherUnitIsOneFinding, and results of which nothing says what they are do not contradict each other.
func TestOneResultInAnotherUnitIsOneFinding(t *testing.T) {
	result := func(id int64, code, param, unit string) extraction.CanonicalRow {
		return row(extraction.ADLB, "1", id, "PARAMCD", code, "PARAM", param, "AVALU", unit)
	}
	const broken = " PARAMCD PARAM AVALU"
	unitsOf := func(rows ...extraction.CanonicalRow) []string {
		return slices.DeleteFunc(findingsOf(t, nil, rows...), func(f string) bool { return !strings.HasPrefix(f, "ADLB-036") })
	}
	require.Equal(t, []string{"ADLB-036 2" + broken}, unitsOf(result(1, "ALT", "Alanine", "U/L"), result(2, "ALT", "Alanine", "mg"), result(3, "ALT", "Alanine", "U/L")))
	require.Equal(t, []string{"ADLB-036 2" + broken}, unitsOf(result(1, "ALT", "Alanine", "U/L"), result(2, "ALX", "Alanine", "U/L"), result(3, "ALT", "Alanine", "U/L")))
	require.Empty(t, unitsOf(result(1, "", "Alanine", "U/L"), result(2, " ", "", "mg"), result(3, "", "Glucose", "")))
}

// findingsOf are the findings of rules, or of the built-in ones, as "rule record fields".
func findingsOf(tb testing.TB, rules []extraction.ConformanceRule, rows ...extraction.CanonicalRow) []string {
	tb.Helper()
	if rules == nil {
		rules = extraction.ConformanceRules()
	}
	run, err := extraction.NewConformance(rules)
	require.NoError(tb, err)
	run.All(slices.Values(rows))
	var list []string
	for _, f := range run.Report(extraction.Configuration{}).Findings {
		list = append(list, fmt.Sprintf("%s %d %s", f.Rule, f.RecordID, strings.Join(f.Fields, " ")))
	}
	return list
}
