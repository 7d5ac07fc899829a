package extraction_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/extraction"
)

// TestEngineServesSeveralRunsAtOnce is for the race detector too.
func TestEngineServesSeveralRunsAtOnce(t *testing.T) {
	study := readStudy(t, "testdata/studies/state_and_baseline.json")
	engine, err := extraction.NewEngine(study.Configuration)
	require.NoError(t, err)
	records := study.records(t)
	results := make([]*extraction.ExtractionResult, 8)
	errs := make([]error, len(results))
	var runs sync.WaitGroup
	for i := range results {
		runs.Go(func() { results[i], errs[i] = engine.Extract(t.Context(), records, extraction.Options{}) })
	}
	runs.Wait()
	for i := range results {
		require.NoError(t, errs[i])
		require.Equal(t, digest(t, results[0]), digest(t, results[i]))
	}
}

func TestEveryValueHasLineage(t *testing.T) {
	study := readStudy(t, "testdata/studies/laboratory.json")
	engine, err := extraction.NewEngine(study.Configuration, extraction.WithCommit("abc123"))
	require.NoError(t, err)
	result, err := engine.Extract(t.Context(), study.records(t), extraction.Options{})
	require.NoError(t, err)
	values := 0
	for row := range result.Rows() {
		for field, value := range row.Fields() {
			lineage, ok := row.Lineage(field)
			require.True(t, ok)
			require.Equal(t, value, lineage.Value)
			require.Equal(t, "abc123", lineage.Configuration.Commit)
			require.True(t, lineage.Rule >= 0 != (lineage.Derived != ""), "%s comes from a rule or is derived", field)
			require.NotEmpty(t, lineage.Origins())
			require.Equal(t, lineage.Derived == "" || field == "PARAMCD", lineage.Origin.RecordID != 0, field)
			sentence, err := extraction.Explain(row, field)
			require.NoError(t, err)
			require.True(t, strings.HasPrefix(sentence, field+" is ") && strings.HasSuffix(sentence, "commit abc123)."), sentence)
			values++
		}
		_, err := extraction.Explain(row, "subjectKey")
		require.NoError(t, err)
		_, err = extraction.Explain(row, "NOPE")
		require.ErrorIs(t, err, imednet.ErrNotFound)
	}
	require.Positive(t, values)
}

// TestExplainMasksPHI keeps the value of a PHI variable out of the sentence.
func TestExplainMasksPHI(t *testing.T) {
	study := readStudy(t, "testdata/studies/terms_and_phi.json")
	result, err := extraction.ExtractCanonicalRecords(t.Context(), study.records(t), study.Configuration, extraction.Options{})
	require.NoError(t, err)
	sentence, err := extraction.Explain(result.AdverseEvents[1].CanonicalRow, "aeDecod")
	require.NoError(t, err)
	require.NotContains(t, sentence, "JD")
	require.Contains(t, sentence, "[masked]")
	kept, err := extraction.Explain(result.AdverseEvents[1].CanonicalRow, "aeSeverity")
	require.NoError(t, err)
	require.Contains(t, kept, "gave no value")
}

// TestBaselineTies has a day without a time between two times of that day: nothing says which
// result is the last, in whatever order they come.
func TestBaselineTies(t *testing.T) {
	document := `{"studyKey":"S","mappings":[
		{"domain":"ADSL","targetField":"TRTSDT","sourceFormKey":"EX","sourceVariableName":"D"},
		{"domain":"ADLB","targetField":"ADT","sourceFormKey":"LB","sourceVariableName":"D"},
		{"domain":"ADLB","targetField":"ALT.AVAL","sourceFormKey":"LB","sourceVariableName":"V"}],
		"extraction":{"analysis":{"baseline":"lastOnOrBeforeTreatment"}}}`
	cfg, err := imednet.ParseStudyConfiguration([]byte(document), imednet.ConfigurationOptions{})
	require.NoError(t, err)
	for name, c := range map[string]struct {
		results [][2]string
		base    string
	}{
		"day between two times":              {[][2]string{{"2024-01-10T08:00", "1"}, {"2024-01-10", "2"}, {"2024-01-10T10:00", "3"}}, ""},
		"the same value":                     {[][2]string{{"2024-01-10T08:00", "1"}, {"2024-01-10", "3.0"}, {"2024-01-10T10:00", "3"}}, "3"},
		"times alone":                        {[][2]string{{"2024-01-10T10:00", "3"}, {"2024-01-10T08:00", "1"}}, "3"},
		"partial is no baseline":             {[][2]string{{"2024-01", "3"}}, ""},
		"partial, certainly before":          {[][2]string{{"2023-12", "3"}, {"2024-01-08", "1"}}, "1"},
		"partial, certainly later":           {[][2]string{{"2023-12", "3"}, {"2023-11-08", "1"}}, ""},
		"partial, certainly later, the same": {[][2]string{{"2023-12", "1.0"}, {"2023-11-08", "1"}}, "1"},
		"partial, perhaps later":             {[][2]string{{"2023-12", "3"}, {"2023-12-08", "1"}}, ""},
		"partial, perhaps later, the same":   {[][2]string{{"2023-12", "1.0"}, {"2023-12-08", "1"}}, "1"},
		"partial, perhaps before treatment":  {[][2]string{{"2024-01", "3"}, {"2024-01-08", "1"}}, ""},
		"partial, certainly after treatment": {[][2]string{{"2024-02", "3"}, {"2024-01-08", "1"}}, "1"},
		"year alone, perhaps later":          {[][2]string{{"2023", "3"}, {"2023-12-31", "1"}}, ""},
		"year alone, no result":              {[][2]string{{"2023", ""}, {"2023-12-30", "1"}}, "1"},
		"after treatment":                    {[][2]string{{"2024-01-11", "3"}}, ""},
	} {
		var records extraction.RecordList
		add := func(form, date, value string) {
			raw := fmt.Sprintf(`{"recordId":%d,"formKey":%q,"subjectId":1,"subjectKey":"1","recordData":{"D":%q,"V":%q}}`, len(records)+1, form, date, value)
			record, err := imednet.Decode[imednet.Record]([]byte(raw))
			require.NoError(t, err)
			records = append(records, record)
		}
		add("EX", "2024-01-10", "")
		for _, r := range c.results {
			add("LB", r[0], r[1])
		}
		result, err := extraction.ExtractCanonicalRecords(t.Context(), records, cfg, extraction.Options{})
		require.NoError(t, err)
		for _, r := range result.ADLBRecords {
			require.Equal(t, c.base, r.Baseline.String(), name)
		}
	}
}
