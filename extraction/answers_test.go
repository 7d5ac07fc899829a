package extraction_test

import (
	"cmp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
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

// TestTwinsOfCanonicalDataMeanWhatTheTableSays: of variables that differ only in case each gives its own answer
// to rules and to expressions, and an unclear one rejects the row.
func TestTwinsOfCanonicalDataMeanWhatTheTableSays(t *testing.T) {
	study := extraction.Structure{Forms: []imednet.Form{{FormID: 1, FormKey: imednet.Some("DM")}}}
	for i, name := range []string{"AESER", "aeser"} {
		study.Variables = append(study.Variables, imednet.Variable{VariableID: int64(i + 1), FormKey: imednet.Some("DM"), VariableName: imednet.Some(name)})
	}
	for _, e := range examples.Twins() {
		for name, want := range map[string]struct {
			raw     string
			unclear bool
		}{"AESER": {e.Upper, e.UpperUnclear}, "aeser": {e.Lower, e.LowerUnclear}} {
			for _, source := range []string{"ADSL.A DM " + name, `ADSL.A DM - record.record_data.get("` + name + `")`} {
				engine, err := extraction.NewEngine(rules(t, "", source), extraction.WithStructure(study))
				require.NoError(t, err)
				result, err := engine.Extract(t.Context(), extraction.RecordList([]imednet.Record{rec(t, 1, "DM", e.Object)}), extraction.Options{})
				require.NoError(t, err)
				require.Equal(t, want.unclear, len(result.ValidationErrors) == 1, "%s %s", source, e.Object)
				repeated := strings.Count(e.Object, `"`+name+`"`) > 1
				require.Equal(t, repeated, slices.Contains(codes(result), extraction.FindingRepeated+" "+name), "%s %s %v", source, e.Object, codes(result))
				if want.unclear {
					continue
				}
				v, _ := result.ADSLRecords[0].Get("A")
				raw, err := v.MarshalJSON()
				require.NoError(t, err)
				require.JSONEq(t, cmp.Or(want.raw, "null"), string(raw), "%s %s", source, e.Object)
			}
		}
	}
}

// TestFormsOfCanonicalDataMeanWhatTheTableSays: an engine that knows the study gives a record to the rules
// of its form alone, and reports what contradicts.
func TestFormsOfCanonicalDataMeanWhatTheTableSays(t *testing.T) {
	variable := func(id int64, form string) imednet.Variable {
		return imednet.Variable{VariableID: id, FormKey: imednet.Some(form), VariableName: imednet.Some("X")}
	}
	study := extraction.Structure{
		Forms:     []imednet.Form{{FormID: 1, FormKey: imednet.Some("AE")}, {FormID: 2, FormKey: imednet.Some("VS")}},
		Variables: []imednet.Variable{variable(1, "AE"), variable(2, "VS")},
	}
	engine, err := extraction.NewEngine(rules(t, "", "ADSL.AE AE X", "ADSL.VS VS X"), extraction.WithStructure(study))
	require.NoError(t, err)
	for _, e := range examples.Forms() {
		r := rec(t, 1, e.Key, `{"X":"given"}`)
		if e.ID != 0 {
			r.FormID = imednet.Some(e.ID)
		}
		result, err := engine.Extract(t.Context(), extraction.RecordList([]imednet.Record{r}), extraction.Options{})
		require.NoError(t, err)
		require.True(t, result.Report.Balanced())
		got := map[string]bool{}
		for _, row := range result.ADSLRecords {
			for _, field := range []string{"AE", "VS"} {
				if _, set := row.Get(field); set && row.Text(field) == "given" {
					got[field] = true
				}
			}
		}
		want := map[string]bool{}
		if e.Form != "" {
			want[e.Form] = true
		}
		require.Equal(t, want, got, "%+v", e)
		require.Equal(t, e.Form == "", result.Report.Records.Excluded[extraction.ExcludedNoForm] == 1, "%+v", e)
		require.Equal(t, e.Contradicts, slices.ContainsFunc(result.Findings, func(f extraction.Finding) bool {
			return f.Code == extraction.FindingForm
		}), "%+v", e)
	}
}

// TestADoubtfulFormIsFoundWithoutARule: the form that the id decides has no rule, the one that the key names has.
func TestADoubtfulFormIsFoundWithoutARule(t *testing.T) {
	study := extraction.Structure{
		Forms:     []imednet.Form{{FormID: 1, FormKey: imednet.Some("AE")}, {FormID: 2, FormKey: imednet.Some("VS")}},
		Variables: []imednet.Variable{{VariableID: 1, FormKey: imednet.Some("AE"), VariableName: imednet.Some("X")}},
	}
	engine, err := extraction.NewEngine(rules(t, "", "ADSL.AE AE X"), extraction.WithStructure(study))
	require.NoError(t, err)
	r := rec(t, 1, "AE", `{"X":"given"}`)
	r.FormID = imednet.Some[int64](2)
	result, err := engine.Extract(t.Context(), extraction.RecordList([]imednet.Record{r}), extraction.Options{})
	require.NoError(t, err)
	require.EqualValues(t, 1, result.Report.Records.Excluded[extraction.ExcludedNoRule])
	require.Equal(t, []string{extraction.FindingForm + " "}, codes(result))
}
