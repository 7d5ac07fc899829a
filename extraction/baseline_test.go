package extraction_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/extraction"
)

// labOutcome is ADLB as "BASE CHG ABLFL" of each row in order of record, and the codes of findings of ABLFL.
func labOutcome(result *extraction.ExtractionResult) (rows, found []string) {
	for _, r := range result.ADLBRecords {
		rows = append(rows, fmt.Sprintf("%s %s %s", r.Baseline, r.Change, r.IsBaseline))
	}
	for _, f := range result.Findings {
		if f.Field == "ABLFL" {
			found = append(found, f.Code)
		}
	}
	slices.Sort(found)
	return rows, slices.Compact(found)
}

// TestABaselineThatCannotBeKnown: a result that may be the last before treatment leaves open which one is the
// baseline, and, with another value, also what BASE is.
func TestABaselineThatCannotBeKnown(t *testing.T) {
	const first, last = `{"analysis":{"baseline":"lastOnOrBeforeTreatment","baselineTie":"first"}}`, `{"analysis":{"baseline":"lastOnOrBeforeTreatment","baselineTie":"last"}}`
	tie, open := []string{"baseline-tie"}, []string{"baseline-tie", "not-derived"}
	for name, c := range map[string]struct {
		settings string
		results  [][2]string
		rows     []string
		found    []string
	}{
		"without a date":                   {baselineSettings, [][2]string{{"2024-01-08", "1"}, {"", "2"}}, []string{"  ", "  ", "  "}, open},
		"date unreadable":                  {baselineSettings, [][2]string{{"2024-01-08", "1"}, {"2024-13", "2"}}, []string{"  ", "  ", "  "}, open},
		"without a date, by rule":          {last, [][2]string{{"2024-01-08", "1"}, {"", "2"}}, []string{"  ", "  ", "  "}, open},
		"without a date, the same":         {baselineSettings, [][2]string{{"2024-01-08", "1"}, {"", "1.0"}}, []string{"1  ", "1  ", "1 8 "}, open},
		"without a date, no number":        {baselineSettings, [][2]string{{"2024-01-08", "1"}, {"", "<2"}}, []string{"1  Y", "1  ", "1 8 "}, nil},
		"only without a date":              {baselineSettings, [][2]string{{"", "1"}, {"", "2"}}, []string{"  ", "  ", "  "}, open},
		"equal minutes":                    {baselineSettings, [][2]string{{"2024-01-08T08:30", "1"}, {"2024-01-08T08:30", "2"}}, []string{"  ", "  ", "  "}, tie},
		"equal minutes, the same":          {baselineSettings, [][2]string{{"2024-01-08T08:30", "1"}, {"2024-01-08T08:30", "1"}}, []string{"1  ", "1  ", "1 8 "}, tie},
		"equal minutes, first":             {first, [][2]string{{"2024-01-08T08:30", "1"}, {"2024-01-08T08:30", "2"}}, []string{"1  Y", "1  ", "1 8 "}, nil},
		"equal minutes, last":              {last, [][2]string{{"2024-01-08T08:30", "1"}, {"2024-01-08T08:30", "2"}}, []string{"2  ", "2  Y", "2 7 "}, nil},
		"equal days":                       {baselineSettings, [][2]string{{"2024-01-08", "1"}, {"2024-01-08", "2"}}, []string{"  ", "  ", "  "}, tie},
		"equal days, the same":             {baselineSettings, [][2]string{{"2024-01-08", "1"}, {"2024-01-08", "1"}}, []string{"1  ", "1  ", "1 8 "}, tie},
		"equal days, first":                {first, [][2]string{{"2024-01-08", "1"}, {"2024-01-08", "2"}}, []string{"1  Y", "1  ", "1 8 "}, nil},
		"equal seconds":                    {baselineSettings, [][2]string{{"2024-01-08T08:30:00", "1"}, {"2024-01-08T08:30:00", "2"}}, []string{"  ", "  ", "  "}, tie},
		"a day and a time of it":           {last, [][2]string{{"2024-01-08", "1"}, {"2024-01-08T08:30", "2"}}, []string{"  ", "  ", "  "}, tie},
		"an equal but earlier pair":        {baselineSettings, [][2]string{{"2024-01-07", "1"}, {"2024-01-07", "2"}, {"2024-01-08", "3"}}, []string{"3  ", "3  ", "3  Y", "3 6 "}, nil},
		"three, last":                      {last, [][2]string{{"2024-01-08", "1"}, {"2024-01-07", "5"}, {"2024-01-08", "2"}, {"2024-01-08", "3"}}, []string{"3  ", "3  ", "3  ", "3  Y", "3 6 "}, nil},
		"partial, perhaps later, the same": {baselineSettings, [][2]string{{"2024-01-08", "1"}, {"2024-01", "1"}}, []string{"1  ", "1  ", "1 8 "}, open},
	} {
		records := []imednet.Record{rec(t, 1, "EX", `{"D":"2024-01-10"}`)}
		for i, r := range append(c.results, [2]string{"2024-02-01", "9"}) {
			records = append(records, labRecord(t, int64(i+2), r[0], r[1]))
		}
		rows, found := labOutcome(extract(t, labRules(t, c.settings), records...))
		require.Equal(t, c.rows, rows, name)
		require.Equal(t, c.found, found, name)
	}
}

// TestTheLineageOfABaselineAmongSeveral names each record that may be it.
func TestTheLineageOfABaselineAmongSeveral(t *testing.T) {
	result := extract(t, labRules(t, baselineSettings), rec(t, 1, "EX", `{"D":"2024-01-10"}`), labRecord(t, 2, "2024-01-08", "1"), labRecord(t, 3, "2024-01-08", "1"), labRecord(t, 4, "2024-02-01", "9"))
	l, ok := result.ADLBRecords[2].Lineage("BASE")
	require.True(t, ok)
	var ids []int64
	for _, o := range l.Origins() {
		ids = append(ids, o.RecordID)
	}
	require.Equal(t, []int64{1, 2, 3}, ids)
}

// TestARejectedResultMayBeTheBaseline, and so may one of which it is not known what it measures.
func TestARejectedResultMayBeTheBaseline(t *testing.T) {
	treatment, early, late := rec(t, 1, "EX", `{"D":"2024-01-10"}`), labRecord(t, 2, "2024-01-05", "1"), labRecord(t, 4, "2024-02-01", "9")
	for name, c := range map[string]struct {
		answers string
		known   bool
	}{
		"rejected, later":              {`{"D":"2024-01-08","P":"ALT","V":"x"}`, false},
		"rejected, earlier":            {`{"D":"2024-01-02","P":"ALT","V":"x"}`, true},
		"rejected, after treatment":    {`{"D":"2024-01-12","P":"ALT","V":"x"}`, true},
		"rejected, another parameter":  {`{"D":"2024-01-08","P":"AST","V":"x"}`, true},
		"rejected, unknown parameter":  {`{"D":"2024-01-08","P":"","V":"x"}`, false},
		"unknown parameter":            {`{"D":"2024-01-08","P":"","V":"2"}`, false},
		"unknown parameter, earlier":   {`{"D":"2024-01-02","P":"","V":"2"}`, true},
		"unknown parameter, tied":      {`{"D":"2024-01-05","P":"","V":"2"}`, false},
		"rejected, tied":               {`{"D":"2024-01-05","P":"ALT","V":"x"}`, false},
		"unknown parameter, no result": {`{"D":"2024-01-08","P":"","V":""}`, true},
	} {
		cfg := rules(t, `{"analysis":{"baseline":"lastOnOrBeforeTreatment","baselineTie":"last"}}`, "ADSL.TRTSDT EX D", "ADLB.ADT LB D", "ADLB.PARAMCD LB P", "ADLB.AVAL LB V float(value) if value else None")
		result := extract(t, cfg, treatment, early, rec(t, 3, "LB", c.answers), late)
		row := result.ADLBRecords[len(result.ADLBRecords)-1]
		require.EqualValues(t, 4, row.RecordID())
		want := ""
		if c.known {
			want = "1.0"
		}
		require.Equal(t, want, row.Baseline.String(), name)
		require.Equal(t, c.known, result.ADLBRecords[0].IsBaseline == imednet.Yes, name)
		require.Equal(t, !c.known, slices.Contains(codes(result), "baseline-tie ABLFL"), name)
	}
}

// TestTheLineageOfABaselineAtVisits names the visit that made it one, and no treatment.
func TestTheLineageOfABaselineAtVisits(t *testing.T) {
	cfg := rules(t, `{"analysis":{"baseline":"visits","baselineVisits":["DAY 1"]}}`, "ADSL.TRTSDT EX D", "ADLB.ADT LB D", "ADLB.PARAMCD LB P", "ADLB.AVAL LB V", "ADLB.AVISIT LB A")
	result := extract(t, cfg, rec(t, 1, "EX", `{"D":"2024-01-10"}`), rec(t, 2, "LB", `{"D":"2024-01-11","P":"ALT","V":"4","A":"DAY 1"}`), rec(t, 3, "LB", `{"D":"2024-02-01","P":"ALT","V":"9","A":"DAY 22"}`))
	l, ok := result.ADLBRecords[1].Lineage("BASE")
	require.True(t, ok)
	var from []string
	for _, of := range l.From {
		from = append(from, fmt.Sprintf("%d %s %s", of.Origin.RecordID, of.Field, of.Source))
	}
	require.Equal(t, []string{"2 AVAL 4", "2 ADT 2024-01-11", "2 AVISIT DAY 1"}, from)
}

// TestNoBaselineInAnotherUnit, and the finding says of which record and why.
func TestNoBaselineInAnotherUnit(t *testing.T) {
	cfg := rules(t, baselineSettings, "ADSL.TRTSDT EX D", "ADLB.ADT LB D", "ADLB.PARAMCD LB P", "ADLB.AVAL LB V", "ADLB.AVALU LB U")
	result := extract(t, cfg, rec(t, 1, "EX", `{"D":"2024-01-10"}`), rec(t, 2, "LB", `{"D":"2024-01-08","P":"GLUC","V":"5.5","U":"mmol/L"}`),
		rec(t, 3, "LB", `{"D":"2024-02-01","P":"GLUC","V":"99","U":"mg/dL"}`), rec(t, 4, "LB", `{"D":"2024-02-02","P":"GLUC","V":"6","U":"mmol/L"}`))
	rows, _ := labOutcome(result)
	require.Equal(t, []string{"5.5  Y", "  ", "5.5 0.5 "}, rows)
	var found []string
	for _, f := range result.Findings {
		found = append(found, fmt.Sprintf("%s %s %d %s", f.Code, f.Field, f.RecordID, f.Message))
	}
	require.Contains(t, found, "not-derived BASE 3 the baseline stands in another unit")
}

// TestTheChangeFromAMappedBase needs a result, a BASE, and a day that is certainly after the start of treatment.
func TestTheChangeFromAMappedBase(t *testing.T) {
	for name, c := range map[string]struct{ date, value, base, change, percent string }{
		"after treatment": {"2024-01-11", "15", "10", "5", "50"},
		"on its day":      {"2024-01-10T09:00", "15", "10", "", ""},
		"before it":       {"2024-01-09", "15", "10", "", ""},
		"perhaps after":   {"2024-01", "15", "10", "", ""},
		"next month":      {"2024-02", "15", "10", "5", "50"},
		"no date":         {"", "15", "10", "", ""},
		"no result":       {"2024-01-11", "", "10", "", ""},
		"no BASE":         {"2024-01-11", "15", "", "", ""},
		"no share of 0":   {"2024-01-11", "15", "0", "15", ""},
	} {
		cfg := labRules(t, baselineSettings, "ADLB.BASE LB B")
		answers := fmt.Sprintf(`{"D":%q,"P":"ALT","V":%q,"B":%q}`, c.date, c.value, c.base)
		result := extract(t, cfg, rec(t, 1, "EX", `{"D":"2024-01-10T08:00"}`), rec(t, 2, "LB", answers))
		row := result.ADLBRecords[0]
		require.Equal(t, []string{c.change, c.percent}, []string{row.Change.String(), row.PercentChange.String()}, name)
	}
}

// TestResultsOfAnUnknownParameterAfterTreatment can be nobody's baseline, and their units are no parameter's.
func TestResultsOfAnUnknownParameterAfterTreatment(t *testing.T) {
	cfg := labRules(t, baselineSettings, "ADLB.AVALU LB U")
	start, before := rec(t, 1, "EX", `{"D":"2024-01-10"}`), rec(t, 2, "LB", `{"D":"2024-01-08","P":"ALT","V":"1","U":"U/L"}`)
	rows, found := labOutcome(extract(t, cfg, start, before, rec(t, 3, "LB", `{"D":"2024-01-11","P":"","V":"7","U":"U/L"}`), rec(t, 4, "LB", `{"D":"2024-01-12","P":"","V":"8","U":"g"}`)))
	require.Equal(t, []string{"1  Y", "  ", "  "}, rows)
	require.Empty(t, found)
	require.NotContains(t, codes(extract(t, cfg, start, before, rec(t, 4, "LB", `{"D":"2024-01-12","P":"","V":"8","U":"g"}`), rec(t, 5, "LB", `{"D":"2024-01-12","P":"","V":"8","U":"kg"}`))), "units AVALU")
	_, found = labOutcome(extract(t, cfg, start, before, rec(t, 3, "LB", `{"D":"2024-01-09","P":"","V":"7","U":"U/L"}`)))
	require.Equal(t, []string{"baseline-tie"}, found, "before treatment it may be that of any parameter")
}

// TestAUnitIsTheSameWithWhiteSpaceAround as it is in tables.
func TestAUnitIsTheSameWithWhiteSpaceAround(t *testing.T) {
	cfg := labRules(t, baselineSettings, "ADLB.AVALU LB U")
	result := extract(t, cfg, rec(t, 1, "EX", `{"D":"2024-01-10"}`), rec(t, 2, "LB", `{"D":"2024-01-08","P":"ALT","V":"1","U":"U/L"}`), rec(t, 3, "LB", `{"D":"2024-01-12","P":"ALT","V":"9","U":" U/L "}`))
	rows, _ := labOutcome(result)
	require.Equal(t, []string{"1  Y", "1 8 "}, rows)
	require.Empty(t, codes(result))
}

// TestRowsOfOneDayAreNumberedByRecord, in whatever order the records were created.
func TestRowsOfOneDayAreNumberedByRecord(t *testing.T) {
	created := func(day string) string {
		return `"subjectId":1,"subjectKey":"101","dateCreated":"` + day + ` 10:00:00"`
	}
	cfg := rules(t, `{"analysis":{}}`, "ADSL.TRTSDT EX D", "ADAE.AETERM AE T", "ADAE.ASTDT AE D")
	result := extract(t, cfg, rec(t, 1, "EX", `{"D":"2024-01-10"}`), rec(t, 7, "AE", `{"T":"a","D":"2024-01-12"}`, created("2024-01-13")), rec(t, 5, "AE", `{"T":"b","D":"2024-01-12"}`, created("2024-01-14")), rec(t, 6, "AE", `{"T":"c"}`, created("2024-01-12")))
	numbers := map[int64]int64{}
	for _, row := range result.ADAERecords {
		n, _ := row.Number("ASEQ").Int64()
		numbers[row.RecordID()] = n
	}
	require.Equal(t, map[int64]int64{5: 1, 7: 2, 6: 3}, numbers)
}
