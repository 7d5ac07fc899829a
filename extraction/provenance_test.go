package extraction_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/extraction"
)

// madeUp are answers of every kind, as JSON.
var madeUp = []string{
	`"Y"`, `"N"`, `"maybe"`, `""`, `" "`, `null`, `"2024-03"`, `"2024-03-05"`, `"2024-03-05T08:30"`, `"2024"`, `"2024-02-30"`, `"UN-UNK-2024"`,
	`5`, `"5.0"`, `"<0.2"`, `1e-400`, `9E350`, `true`, `"MILD"`, `"mild "`, `[1]`, `{"a":1}`, `"a\u0000b"`, `-0.0`, `"101"`,
}

var madeUpLogic = []string{
	"", "", "", "None", "value", `value if value else None`, `record.record_data.get("V1")`, `study_day(value, state.get("ADSL.TRTSDT")) if value else None`,
	`payload.get("X0")`, `float(value)`, `{True: "Y", False: "N"}.get(value == "Y", "N")`, `str(value) + "!"`, `date(value) > date("2024-03-05")`,
}

// madeUpConfiguration maps variables V0 to V4 of forms AE and LB in random ways.
func madeUpConfiguration(t *testing.T, r *rand.Rand) imednet.StudyConfiguration {
	t.Helper()
	lines := []string{"ADSL.TRTSDT EX V0", "ADSL.AGE EX V1", "ADSL.SAFFL EX V2"}
	add := func(target, form string) {
		line := fmt.Sprintf("%s %s V%d", target, form, r.IntN(5))
		if logic := madeUpLogic[r.IntN(len(madeUpLogic))]; logic != "" && (logic[:1] != "p" || target != "ADAE.X0") {
			line += " " + logic
		}
		lines = append(lines, line)
	}
	for _, target := range []string{"ADAE.X0", "ADAE.AETERM", "ADAE.ASTDT", "ADAE.AENDT", "ADAE.AESER", "ADAE.AETOXGR"} {
		add(target, "AE")
	}
	for _, target := range []string{"ADLB.ADT", "ADLB.ALT.AVAL", "ADLB.ALT.AVALC", "ADLB.AST.AVAL", "ADLB.AVALU"} {
		lines = append(lines, fmt.Sprintf("%s LB V%d", target, r.IntN(5)))
	}
	cfg := rules(t, `{"analysis":{"baseline":"lastOnOrBeforeTreatment","imputation":[{"domain":"ADAE","field":"ASTDT","day":"first"}]}}`, lines...)
	for i := range cfg.Mappings { // payload of X0 exists for AE only
		if m := &cfg.Mappings[i]; r.IntN(4) == 0 && m.BusinessLogic == nil {
			m.FallbackValue = new("FALLBACK")
		}
	}
	cfg.TerminologyLookups = map[string]map[string]string{"AETOXGR": {"mild": "MILD", "5": "FATAL"}}
	return cfg
}

// TestEveryValueHasAProvenance: for random studies and configurations no value comes out that is neither
// a source value nor the result of a named rule or derivation over named source values, and no answer to a
// mapped variable is lost: it stands in a row, in a rejected row or behind a value that was computed.
func TestEveryValueHasAProvenance(t *testing.T) {
	first, last := accountSeeds(t)
	values := 0
	for seed := int(first); seed <= int(last); seed++ {
		r := rand.New(rand.NewPCG(uint64(seed), 17))
		cfg := madeUpConfiguration(t, r)
		answers := map[int64]map[string]string{}
		var records extraction.RecordList
		for id := range int64(3 + r.IntN(6)) {
			form := []string{"EX", "AE", "LB"}[r.IntN(3)]
			data := map[string]string{}
			text := "{"
			for v := range 5 {
				name := fmt.Sprintf("V%d", v)
				data[name] = madeUp[r.IntN(len(madeUp))]
				text += fmt.Sprintf("%q:%s,", name, data[name])
			}
			answers[id+1] = data
			records = append(records, rec(t, id+1, form, text[:len(text)-1]+"}"))
		}
		result, err := extraction.ExtractCanonicalRecords(t.Context(), records, cfg, extraction.Options{})
		require.NoError(t, err, "seed %d", seed)
		require.True(t, result.Report.Balanced())
		seen := map[string]bool{} // record and rule of every source that is named somewhere
		for row := range result.Rows() {
			values += checkProvenance(t, seed, cfg, row, answers, seen)
		}
		for _, rejected := range result.ValidationErrors {
			checkProvenance(t, seed, cfg, rejected.Payload, answers, seen)
		}
		checkNothingIsLost(t, seed, cfg, records, result, seen)
	}
	require.Greater(t, values, int(last-first))
}

func checkProvenance(t *testing.T, seed int, cfg imednet.StudyConfiguration, row extraction.CanonicalRow, answers map[int64]map[string]string, seen map[string]bool) int {
	t.Helper()
	n := 0
	for field := range row.Fields() {
		l, ok := row.Lineage(field)
		require.True(t, ok)
		checkLineage(t, fmt.Sprintf("seed %d, %s of record %d", seed, field, row.RecordID()), cfg, l, answers, seen)
		n++
	}
	return n
}

// checkLineage holds a value against what it says that it came from.
func checkLineage(t *testing.T, at string, cfg imednet.StudyConfiguration, l extraction.Lineage, answers map[int64]map[string]string, seen map[string]bool) {
	t.Helper()
	for _, from := range l.From {
		checkLineage(t, at, cfg, from, answers, seen)
	}
	switch {
	case l.Rule >= 0:
		seen[fmt.Sprintf("%d/%d", l.Origin.RecordID, l.Rule)] = true
		variable := cfg.Mappings[l.Rule].SourceVariableName
		require.Equal(t, variable, l.Variable, at)
		requireAnswer(t, at, answers[l.Origin.RecordID][variable], l.Source)
		plain := !l.Fallback && !l.Lookup && l.Logic == "" && l.AsCollected == ""
		if plain && !l.Value.IsNull() {
			require.True(t, l.Value.Same(l.Source) || sameFlag(l.Value, l.Source), "%s: %s is not %s", at, l.Value, l.Source)
		}
		if l.AsCollected != "" && l.Logic == "" && !l.Fallback {
			require.Equal(t, l.Source.String(), l.AsCollected, at)
		}
	case l.Derived != "":
		require.True(t, len(l.From) > 0 || l.Field == "PARAMCD" || l.Value.IsNull(), "%s: derived from nothing: %s", at, l)
	default:
		require.NotEmpty(t, l.Variable, "%s: %s comes from nowhere", at, l)
		requireAnswer(t, at, answers[l.Origin.RecordID][l.Variable], l.Value)
	}
}

func sameFlag(a, b extraction.CanonicalValue) bool {
	x, okX := a.Flag()
	y, okY := b.Flag()
	return okX && okY && x == y
}

// requireAnswer holds a value against the JSON that the record has.
func requireAnswer(t *testing.T, at, want string, got extraction.CanonicalValue) {
	t.Helper()
	raw, err := got.MarshalJSON()
	require.NoError(t, err)
	if !json.Valid([]byte(want)) {
		return
	}
	var a, b any
	if json.Unmarshal([]byte(want), &a) != nil { // a number that no float holds
		require.Equal(t, want, string(raw), at)
		return
	}
	require.NoError(t, json.Unmarshal(raw, &b))
	require.Equal(t, a, b, at)
}

// checkNothingIsLost looks for the answer to every rule of every record: named as the source of a value, or
// reported. The answers of a parameter without a result stand nowhere, and their rows are counted. Of the
// values of ADSL one stands or, where records differ and nothing says which counts, all are reported.
func checkNothingIsLost(t *testing.T, seed int, cfg imednet.StudyConfiguration, records extraction.RecordList, result *extraction.ExtractionResult, seen map[string]bool) {
	t.Helper()
	noResult := int64(0)
	for _, record := range records {
		for i, m := range cfg.Mappings {
			if m.SourceFormKey != record.FormKey.Or("") || m.Domain == "ADSL" {
				continue
			}
			found := seen[fmt.Sprintf("%d/%d", record.RecordID, i)]
			param, _, wide := strings.Cut(m.TargetField, ".")
			if m.Domain != "ADLB" {
				require.True(t, found, "seed %d: record %d, mapping %d stands nowhere", seed, record.RecordID, i)
				continue
			}
			if wide && strings.HasSuffix(m.TargetField, ".AVAL") && !hasRow(result, record.RecordID, param) {
				noResult++
				require.True(t, missingResult(record, cfg, param), "seed %d: record %d has a result of %s that stands nowhere", seed, record.RecordID, param)
				continue
			}
			if wide && hasRow(result, record.RecordID, param) {
				require.True(t, found || strings.HasSuffix(m.TargetField, ".AVALC"), "seed %d: record %d, mapping %d stands nowhere", seed, record.RecordID, i)
			}
		}
	}
	adlb := result.Report.Domains[extraction.ADLB]
	require.EqualValues(t, len(result.ADLBRecords), adlb.Out)
	require.Equal(t, adlb.In, adlb.Out+adlb.Rejected+adlb.Excluded[extraction.ExcludedNoResult])
	require.Equal(t, adlb.Excluded[extraction.ExcludedNoResult], noResult, "seed %d", seed)
	checkSubjectLevel(t, seed, cfg, records, result)
}

// hasRow reports whether a record gave a row of the parameter, delivered or rejected.
func hasRow(result *extraction.ExtractionResult, record int64, param string) bool {
	delivered := slices.ContainsFunc(result.ADLBRecords, func(r extraction.AnalysisLabResult) bool {
		return r.RecordID() == record && r.ParameterCode == param
	})
	return delivered || slices.ContainsFunc(result.ValidationErrors, func(r extraction.RejectedRow) bool {
		return r.RecordID == record && r.Domain == extraction.ADLB && r.Parameter == param
	})
}

// missingResult reports whether a record answers neither AVAL nor AVALC of the parameter.
func missingResult(record imednet.Record, cfg imednet.StudyConfiguration, param string) bool {
	for _, m := range cfg.Mappings {
		if m.Domain != "ADLB" || m.TargetField != param+".AVAL" && m.TargetField != param+".AVALC" {
			continue
		}
		v, _ := record.RecordData.Lookup(m.SourceVariableName)
		if !v.Missing() || m.FallbackValue != nil {
			return false
		}
	}
	return true
}

// checkSubjectLevel holds each ADSL field against all answers of the subject's records: with one value
// there is that value, with several the finding has all of them.
func checkSubjectLevel(t *testing.T, seed int, cfg imednet.StudyConfiguration, records extraction.RecordList, result *extraction.ExtractionResult) {
	t.Helper()
	for _, m := range cfg.Mappings {
		if m.Domain != "ADSL" || m.BusinessLogic != nil || m.FallbackValue != nil {
			continue
		}
		answered := 0
		for _, record := range records {
			if v, _ := record.RecordData.Lookup(m.SourceVariableName); record.FormKey.Or("") == m.SourceFormKey && !v.Missing() {
				answered++
			}
		}
		if answered == 0 {
			continue
		}
		standing := slices.ContainsFunc(result.ADSLRecords, func(r extraction.SubjectLevelAnalysis) bool {
			v, _ := r.Get(m.TargetField)
			text, kept := r.AsCollected(m.TargetField)
			return !v.Missing() || kept && text != ""
		})
		reported := slices.ContainsFunc(result.Findings, func(f extraction.Finding) bool {
			return f.Domain == extraction.ADSL && f.Field == m.TargetField
		})
		rejected := slices.ContainsFunc(result.ValidationErrors, func(r extraction.RejectedRow) bool { return r.Domain == extraction.ADSL })
		require.True(t, standing || reported || rejected, "seed %d: %s of ADSL is answered and stands nowhere", seed, m.TargetField)
	}
}
