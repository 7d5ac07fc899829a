package extraction_test

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/extraction"
)

// rec is a record of a form with its answers as JSON.
func rec(tb testing.TB, id int64, form, answers string, more ...string) imednet.Record {
	tb.Helper()
	members := `"subjectId":1,"subjectKey":"101"`
	if len(more) > 0 {
		members = strings.Join(more, ",")
	}
	record, err := imednet.Decode[imednet.Record](fmt.Appendf(nil, `{"recordId":%d,"formKey":%q,%s,"recordData":%s}`, id, form, members, answers))
	require.NoError(tb, err)
	return record
}

// rules turns "DOMAIN.target FORM source [expression]" lines into a configuration; settings is the
// member extraction.
func rules(tb testing.TB, settings string, lines ...string) imednet.StudyConfiguration {
	tb.Helper()
	cfg := imednet.StudyConfiguration{StudyKey: "S"}
	for _, line := range lines {
		parts := strings.SplitN(line, " ", 4)
		domain, target, _ := strings.Cut(parts[0], ".")
		m := imednet.MappingRule{Domain: domain, TargetField: target, SourceFormKey: parts[1], SourceVariableName: strings.Trim(parts[2], "-")}
		if len(parts) > 3 {
			m.BusinessLogic = &parts[3]
		}
		cfg.Mappings = append(cfg.Mappings, m)
	}
	if settings != "" {
		cfg.Unknown = []byte(`{"extraction":` + settings + `}`)
	}
	return cfg
}

func extract(tb testing.TB, cfg imednet.StudyConfiguration, records ...imednet.Record) *extraction.ExtractionResult {
	tb.Helper()
	result, err := extraction.ExtractCanonicalRecords(tb.Context(), extraction.RecordList(records), cfg, extraction.Options{})
	require.NoError(tb, err)
	require.True(tb, result.Report.Balanced())
	return result
}

// codes lists the findings as "code field".
func codes(result *extraction.ExtractionResult) []string {
	list := []string{}
	for _, f := range result.Findings {
		list = append(list, f.Code+" "+f.Field)
	}
	return list
}

func TestASeriousEventStaysSerious(t *testing.T) {
	cfg := rules(t, "", "AE.aeTerm AE T", "AE.aeSeverity AE T", `AE.aeSerious AE S {True: "Y", False: "N"}.get(value == "Y", "N")`)
	result := extract(t, cfg, rec(t, 1, "AE", `{"T":"a","S":"Y"}`), rec(t, 2, "AE", `{"T":"b","S":"N"}`))
	require.Equal(t, []imednet.YesNo{imednet.Yes, imednet.No}, []imednet.YesNo{result.AdverseEvents[0].AESerious, result.AdverseEvents[1].AESerious})
}

// TestADerivationThatYieldsNothingLeavesNothing is the study day of a year, which is not that year.
func TestADerivationThatYieldsNothingLeavesNothing(t *testing.T) {
	lines := []string{"ADSL.TRTSDT EX D", `ADAE.ASTDY AE D study_day(value, state["ADSL.TRTSDT"])`, `ADAE.LATE AE D date(value) > date("2013-06-01")`}
	records := []imednet.Record{rec(t, 1, "EX", `{"D":"2013-01-01"}`), rec(t, 2, "AE", `{"D":"2013"}`), rec(t, 3, "AE", `{"D":"2013-07-02"}`)}
	for _, settings := range []string{"", `{"nullResult":"keep"}`} {
		result := extract(t, rules(t, settings, lines...), records...)
		require.Len(t, result.ADAERecords, 2, "no row is rejected")
		require.Empty(t, result.ADAERecords[0].StartDay, settings)
		late, _ := result.ADAERecords[0].Get("LATE")
		require.True(t, late.IsNull())
		require.Equal(t, []string{"not-derived ASTDY", "not-derived LATE"}, codes(result), settings)
		require.Equal(t, "183", result.ADAERecords[1].StartDay.String())
	}
}

// TestKeepNeverKeepsWhatTheFieldCannotHold, nor a term that is in no terminology.
func TestKeepNeverKeepsWhatTheFieldCannotHold(t *testing.T) {
	cfg := rules(t, `{"nullResult":"keep"}`, "ADAE.AESER AE S None", "ADAE.AESEV AE V None", "ADAE.NOTE AE S None")
	cfg.TerminologyLookups = map[string]map[string]string{"AESEV": {"1": "MILD"}}
	result := extract(t, cfg, rec(t, 1, "AE", `{"S":"perhaps","V":"9"}`), rec(t, 2, "AE", `{"S":"Y","V":"1"}`))
	for _, field := range []string{"AESER", "AESEV"} {
		v, _ := result.ADAERecords[0].Get(field)
		require.True(t, v.IsNull(), field)
	}
	require.Equal(t, "perhaps", result.ADAERecords[0].Text("NOTE"), "a field of any kind keeps what was there")
	require.Equal(t, imednet.Yes, result.ADAERecords[1].Serious)
	require.Equal(t, "MILD", result.ADAERecords[1].Text("AESEV"))
	require.Equal(t, []int64{1, 1, 2}, []int64{result.Report.Rules[0].Kept, result.Report.Rules[1].Kept, result.Report.Rules[2].Kept})
	require.Equal(t, []int64{1, 1, 0}, []int64{result.Report.Rules[0].Cleared, result.Report.Rules[1].Cleared, result.Report.Rules[2].Cleared})
	require.Contains(t, result.Report.String(), "4 kept the value before, 2 cleared it")
}

// TestNothingIsNotKept: of an answer that is missing there is nothing that could stay, and no rule counts it as kept.
func TestNothingIsNotKept(t *testing.T) {
	cfg := rules(t, `{"nullResult":"keep"}`, "ADAE.NOTE AE S None", "ADAE.AESER AE S None", "ADAE.AETERM AE -  None")
	for answer, want := range map[string]int64{`{}`: 0, `{"S":null}`: 0, `{"S":"Y"}`: 1} {
		result := extract(t, cfg, rec(t, 1, "AE", answer))
		require.Equal(t, []int64{want, want, 0}, []int64{result.Report.Rules[0].Kept, result.Report.Rules[1].Kept, result.Report.Rules[2].Kept}, answer)
		require.Equal(t, want > 0, strings.Contains(result.Report.String(), "2 kept the value before, 0 cleared it"), answer)
		require.Equal(t, want == 0, !strings.Contains(result.Report.String(), "kept"), answer)
		why, err := extraction.Explain(result.ADAERecords[0].CanonicalRow, "NOTE")
		require.NoError(t, err)
		require.Equal(t, want > 0, strings.Contains(why, "kept because the expression None gave no value"), why)
	}
}

func TestAnUnansweredResultIsNoBaseline(t *testing.T) {
	cfg := rules(t, "", `ADLB.CHG LB V float(value) - float(baseline["ADLB.AVAL"]) if value and value.strip() else None`)
	cfg.Mappings = append(rules(t, "", "ADLB.AVAL LB V").Mappings, cfg.Mappings...)
	cfg.Mappings[0].IsBaseline = true
	result := extract(t, cfg, rec(t, 1, "LB", `{"V":""}`), rec(t, 2, "LB", `{"V":" "}`), rec(t, 3, "LB", `{"V":"25"}`), rec(t, 4, "LB", `{"V":"40"}`))
	require.Equal(t, "15.0", result.ADLBRecords[3].Change.String())
}

const baselineSettings = `{"analysis":{"baseline":"lastOnOrBeforeTreatment"}}`

func labRules(tb testing.TB, settings string, more ...string) imednet.StudyConfiguration {
	return rules(tb, settings, append([]string{"ADSL.TRTSDT EX D", "ADLB.ADT LB D", "ADLB.PARAMCD LB P", "ADLB.AVAL LB V"}, more...)...)
}

func labRecord(tb testing.TB, id int64, date, value string) imednet.Record {
	return rec(tb, id, "LB", fmt.Sprintf(`{"D":%q,"P":"ALT","V":%q}`, date, value))
}

// TestBaselineByTheClock: what cannot be ordered for certain is a tie, and a result after the first dose
// of the same day is no baseline.
func TestBaselineByTheClock(t *testing.T) {
	for name, c := range map[string]struct {
		start    string
		results  [][2]string
		base     string
		settings string
	}{
		"an hour and a minute of it":  {"2024-01-10T12:00", [][2]string{{"2024-01-10T08", "1"}, {"2024-01-10T08:30", "2"}}, "", baselineSettings},
		"after the dose":              {"2024-01-10T12:00", [][2]string{{"2024-01-10T08:00", "1"}, {"2024-01-10T13:00", "2"}}, "1", baselineSettings},
		"after the dose, by the day":  {"2024-01-10T12:00", [][2]string{{"2024-01-10T08:00", "1"}, {"2024-01-10T13:00", "2"}}, "2", `{"analysis":{"baseline":"lastOnOrBeforeTreatment","byDay":true}}`},
		"perhaps after the dose":      {"2024-01-10T12:30", [][2]string{{"2024-01-09T08:00", "1"}, {"2024-01-10T12", "2"}}, "", baselineSettings},
		"perhaps after, but the same": {"2024-01-10T12:30", [][2]string{{"2024-01-09T08:00", "2.0"}, {"2024-01-10T12", "2"}}, "2.0", baselineSettings},
		"the dose has no time":        {"2024-01-10", [][2]string{{"2024-01-10T08:00", "1"}, {"2024-01-10T13:00", "2"}}, "2", baselineSettings},
		"before treatment":            {"2024-01-10T12:00", [][2]string{{"2024-01-10T08:00", "1"}, {"2024-01-10T12:01:00", "2"}}, "1", `{"analysis":{"baseline":"lastBeforeTreatment"}}`},
	} {
		records := []imednet.Record{rec(t, 1, "EX", fmt.Sprintf(`{"D":%q}`, c.start))}
		for i, r := range c.results {
			records = append(records, labRecord(t, int64(i+2), r[0], r[1]))
		}
		result := extract(t, labRules(t, c.settings), records...)
		flags := 0
		for _, r := range result.ADLBRecords {
			require.Equal(t, c.base, r.Baseline.String(), name)
			flags += one(r.IsBaseline == imednet.Yes)
		}
		known := c.base != "" && !strings.HasSuffix(name, "but the same")
		require.Equal(t, one(known), flags, name)
		require.Equal(t, !known, strings.Contains(strings.Join(codes(result), ","), "baseline-tie"), name)
	}
}

func TestEmergenceByTheClock(t *testing.T) {
	for start, want := range map[string]imednet.YesNo{
		"2024-01-10T11:00": imednet.No, "2024-01-10T13:00": imednet.Yes, "2024-01-10T12": imednet.Unknown, "2024-01-10": imednet.Yes, "2024-01-09": imednet.No,
		"2024-01-10T12:30+02:00": imednet.Unknown,
	} {
		treatment := extraction.Treatment{Start: date(t, "2024-01-10T12:15")}
		require.Equal(t, want, extraction.TreatmentEmergent(date(t, start), treatment), start)
		treatment.ByDay = true
		require.Equal(t, imednet.YesNoOf(start != "2024-01-09"), extraction.TreatmentEmergent(date(t, start), treatment), start)
	}
}

func TestAnEndIsBeforeItsStartOnlyWhenThatIsCertain(t *testing.T) {
	cfg := rules(t, "", "ADAE.ASTDT AE S", "ADAE.AENDT AE E")
	for end, want := range map[string]int{"2013-01-23T05": 0, "2013-01-23": 0, "2013-01": 0, "2013-01-23T05:09": 1, "2013-01-22": 1, "2012": 1} {
		result := extract(t, cfg, rec(t, 1, "AE", fmt.Sprintf(`{"S":"2013-01-23T05:10","E":%q}`, end)))
		require.Len(t, result.Findings, want, end)
	}
}

// TestAMappedTargetEndsTheDerivationWhereItIsMapped and nowhere else.
func TestAMappedTargetEndsTheDerivationWhereItIsMapped(t *testing.T) {
	cfg := rules(t, `{"analysis":{}}`, "ADSL.TRTSDT EX D", "ADAE.ASTDT AE D", "ADAE.TRTEMFL AE F", "ADAE.ASTDT AE2 D")
	result := extract(t, cfg, rec(t, 1, "EX", `{"D":"2024-01-01"}`), rec(t, 2, "AE", `{"D":"2024-02-01","F":"N"}`), rec(t, 3, "AE2", `{"D":"2024-02-01"}`))
	require.Equal(t, imednet.No, result.ADAERecords[0].TreatmentEmergent)
	require.Equal(t, imednet.Yes, result.ADAERecords[1].TreatmentEmergent)

	// What is mapped, or has nothing to come from, is not called underived where it is missing.
	start := rec(t, 1, "EX", `{"D":"2024-01-01"}`)
	cfg = rules(t, `{"analysis":{}}`, "ADSL.TRTSDT EX D", "ADAE.ASTDT AE D", "ADAE.TRTEMFL AE F")
	require.Empty(t, codes(extract(t, cfg, start, rec(t, 2, "AE", `{"D":"","F":""}`))))
	cfg = rules(t, `{"analysis":{}}`, "ADSL.TRTSDT EX D", "ADAE.AETERM AE T")
	require.Empty(t, codes(extract(t, cfg, start, rec(t, 2, "AE", `{"T":"Headache"}`))))

	cfg = rules(t, baselineSettings, "ADSL.TRTSDT EX D", "ADLB.ADT LB D", "ADLB.ALT.AVAL LB ALT", "ADLB.ALT.CHG LB C", "ADLB.AST.AVAL LB AST")
	result = extract(t, cfg, rec(t, 1, "EX", `{"D":"2024-01-02"}`), rec(t, 2, "LB", `{"D":"2024-01-01","ALT":"1","AST":"1","C":""}`), rec(t, 3, "LB", `{"D":"2024-02-01","ALT":"5","AST":"6","C":"77"}`))
	changes := map[string]string{}
	for _, r := range result.ADLBRecords {
		if r.RecordID() == 3 {
			changes[r.ParameterCode] = r.Change.String()
		}
	}
	require.Equal(t, map[string]string{"ALT": "77", "AST": "5"}, changes)
}

func TestChangeStaysWithinOneUnit(t *testing.T) {
	result := extract(t, labRules(t, baselineSettings, "ADLB.AVALU LB U"), rec(t, 1, "EX", `{"D":"2024-01-02"}`),
		rec(t, 2, "LB", `{"D":"2024-01-01","P":"GLUC","V":"5.5","U":"mmol/L"}`), rec(t, 3, "LB", `{"D":"2024-02-01","P":"GLUC","V":"99","U":"mg/dL"}`),
		rec(t, 4, "LB", `{"D":"2024-03-01","P":"GLUC","V":"6.0","U":"mmol/L"}`), rec(t, 5, "LB", `{"D":"2024-03-02","P":"GLUC","V":"6.0"}`))
	var got []string
	for _, r := range result.ADLBRecords {
		got = append(got, r.Baseline.String()+" "+r.Change.String())
	}
	require.Equal(t, []string{"5.5 ", " ", "5.5 0.5", " "}, got)
	require.Contains(t, codes(result), "units AVALU")
}

// TestNoValueDisappears: what a field cannot hold stands beside it, in the row, its JSON and its lineage.
func TestNoValueDisappears(t *testing.T) {
	cfg := rules(t, "", "ADLB.PARAMCD LB P", "ADLB.AVAL LB V", "ADLB.AVALC LB C", "ADLB.OTHER LB O", "ADLB.ADT LB D")
	result := extract(t, cfg, rec(t, 1, "LB", `{"P":"B","V":"<0.2","C":"neg","O":9E350,"D":"UN-UNK-2024"}`), rec(t, 2, "LB", `{"P":"B","V":1e-400,"C":"x","O":1.50}`))
	for field, want := range map[string]string{"AVAL": "<0.2", "OTHER": "9E350", "ADT": "UN-UNK-2024"} {
		v, _ := result.ADLBRecords[0].Get(field)
		text, ok := result.ADLBRecords[0].AsCollected(field)
		require.True(t, ok && v.IsNull(), field)
		require.Equal(t, want, text)
	}
	require.Equal(t, "neg", result.ADLBRecords[0].ValueText)
	text, _ := result.ADLBRecords[1].AsCollected("AVAL")
	require.Equal(t, "1e-400", text)
	require.ElementsMatch(t, []string{"not-numeric AVAL", "not-typed OTHER", "not-typed ADT", "not-numeric AVAL"}, codes(result))
	document, err := json.Marshal(result)
	require.NoError(t, err)
	require.Contains(t, string(document), `"asCollected":{"AVAL":"\u003c0.2","OTHER":"9E350","ADT":"UN-UNK-2024"}`)
	require.NotContains(t, string(document), "Inf")
}

func TestANumberMeetsItsTerminology(t *testing.T) {
	cfg := rules(t, "", "ADAE.AETOXGR AE G")
	cfg.TerminologyLookups = map[string]map[string]string{"AETOXGR": {"3": "SEVERE"}}
	result := extract(t, cfg, rec(t, 1, "AE", `{"G":3}`), rec(t, 2, "AE", `{"G":"3"}`), rec(t, 3, "AE", `{"G":3.0}`), rec(t, 4, "AE", `{"G":"SEVERE"}`), rec(t, 5, "AE", `{"G":4}`))
	for _, r := range result.ADAERecords[:4] {
		require.Equal(t, "SEVERE", r.Text("AETOXGR"))
	}
	require.Equal(t, []string{"unmapped-term AETOXGR"}, codes(result), "a canonical term is known")
}

// TestLineageNamesAllThatAValueCameFrom, down to the record of the baseline and that of the first dose.
func TestLineageNamesAllThatAValueCameFrom(t *testing.T) {
	result := extract(t, labRules(t, baselineSettings), rec(t, 1, "EX", `{"D":"2024-01-02"}`), labRecord(t, 2, "2024-01-01", "1"), labRecord(t, 3, "2024-02-01", "5"))
	for field, want := range map[string][]int64{"BASE": {1, 2}, "CHG": {1, 2, 3}, "ADY": {1, 3}, "AVAL": {3}} {
		l, ok := result.ADLBRecords[1].Lineage(field)
		require.True(t, ok)
		var ids []int64
		for _, o := range l.Origins() {
			ids = append(ids, o.RecordID)
		}
		require.Equal(t, want, ids, field)
	}
	l, _ := result.ADLBRecords[1].Lineage("CHG")
	require.Equal(t, 3, strings.Count(l.Tree(), "from variable V, which held")+strings.Count(l.Tree(), "ADSL.TRTSDT is 2024-01-02 from variable D"), l.Tree())

	cfg := rules(t, "", "ADSL.TRTSDT EX D", `ADAE.X AE A str(state["ADSL.TRTSDT"]) + record.record_data["B"] + subject_key`)
	result = extract(t, cfg, rec(t, 1, "EX", `{"D":"2024-01-02"}`), rec(t, 2, "AE", `{"A":"a","B":"b"}`))
	l, _ = result.ADAERecords[0].Lineage("X")
	require.Len(t, l.From, 3)
	require.Equal(t, []string{"subject_key", "TRTSDT", "B"}, []string{l.From[0].Field, l.From[1].Field, l.From[2].Field})
	require.Equal(t, int64(1), l.From[1].Origin.RecordID)
}

// TestASubjectsValueIsChosenByTheMapping, and not at all where it does not say how.
func TestASubjectsValueIsChosenByTheMapping(t *testing.T) {
	records := []imednet.Record{rec(t, 1, "EX", `{"D":"2024-01-05"}`), rec(t, 2, "EX", `{"D":"2024-01-02"}`), rec(t, 3, "EX", `{"D":"2024-01-09"}`), rec(t, 4, "EX", `{"D":""}`)}
	for how, want := range map[string]string{"": "", "first": "2024-01-05", "last": "2024-01-09", "earliest": "2024-01-02", "latest": "2024-01-09"} {
		cfg := rules(t, "", "ADSL.TRTSDT EX D", "ADSL.SEEN EX D")
		cfg.Mappings[0].Choose, cfg.Mappings[1].Choose = how, "last"
		result := extract(t, cfg, records...)
		require.Equal(t, want, result.ADSLRecords[0].TreatmentStart.String(), how)
		require.Equal(t, "2024-01-09", result.ADSLRecords[0].Text("SEEN"), "a blank never replaces a value")
		require.Equal(t, how == "", len(result.Findings) == 1, how)
	}
	cfg := rules(t, "", "ADSL.AGE DM A")
	result := extract(t, cfg, rec(t, 1, "DM", `{"A":50}`), rec(t, 2, "DM", `{"A":"50.0"}`))
	require.Empty(t, result.Findings, "50 and 50.0 are one age")
	require.Equal(t, "50.0", result.ADSLRecords[0].Age.String())
}

// TestARenamedSubjectKeepsItsKey: the listing decides; without one the record that was modified last,
// deleted ones only when there is no other.
func TestARenamedSubjectKeepsItsKey(t *testing.T) {
	cfg := rules(t, "", "ADSL.AGE DM A", "ADAE.AETERM AE T")
	old := `"subjectId":1,"subjectKey":"OLD","dateModified":"2024-01-01 00:00:00"`
	result := extract(t, cfg, rec(t, 1, "DM", `{"A":1}`, `"subjectId":1,"subjectKey":"NEW","dateModified":"2024-02-01 00:00:00"`),
		rec(t, 2, "AE", `{"T":"a"}`, old), rec(t, 3, "AE", `{"T":"b"}`, `"subjectId":1,"subjectKey":"GONE","dateModified":"2024-03-01 00:00:00","deleted":true`))
	require.Equal(t, "NEW", result.ADSLRecords[0].SubjectKey)
	require.Equal(t, "NEW", result.ADAERecords[0].SubjectKey)
	require.Equal(t, int64(1), result.ADAERecords[0].SubjectID)
	require.Contains(t, codes(result), "subject-key subjectKey")
}

// TestMaskingFollowsAVariable through every way of reading it.
func TestMaskingFollowsAVariable(t *testing.T) {
	for name, expression := range map[string]string{
		"record_data": `record.record_data["INIT"]`, "get": `record.record_data.get("INIT")`, "payload": `payload["NAME"]`, "state": `context.state["ADAE.NAME"]`,
		"any key": `record.record_data["IN" + "IT"]`, "values": `record.record_data.values()[0]`, "items of payload": `payload.items()[0][1]`,
	} {
		cfg := rules(t, "", "ADAE.NAME AE INIT", "ADAE.COPY AE - "+expression, "ADAE.FAILS AE - 1 // 0")
		cfg.PHIFields = []string{"INIT"}
		result := extract(t, cfg, rec(t, 1, "AE", `{"INIT":"JQX"}`))
		require.Len(t, result.ValidationErrors, 1, name)
		text, err := json.Marshal(result.ValidationErrors)
		require.NoError(t, err)
		require.NotContains(t, string(text), "JQX", name)
		cfg.Mappings = cfg.Mappings[:2]
		result = extract(t, cfg, rec(t, 1, "AE", `{"INIT":"JQX"}`))
		require.Equal(t, "JQX", result.ADAERecords[0].Text("COPY"), "the row itself has it")
		l, _ := result.ADAERecords[0].Lineage("COPY")
		text, err = json.Marshal(l)
		require.NoError(t, err)
		require.NotContains(t, string(text)+l.Tree(), "JQX", name)
		require.True(t, l.Masked)

		cfg = rules(t, "", "ADAE.NAME AE INIT", "ADAE.XSEQ AE - "+expression)
		cfg.PHIFields = []string{"INIT"}
		result = extract(t, cfg, rec(t, 1, "AE", `{"INIT":"JQX"}`))
		require.Equal(t, []string{"not-typed XSEQ"}, codes(result), name)
		text, err = json.Marshal(result.Findings)
		require.NoError(t, err)
		require.NotContains(t, string(text), "JQX", name)
		require.Contains(t, string(text), "[masked]", name)
	}
}

// A subject key that is declared to identify a person is shown by no finding.
func TestAFormerSubjectKeyIsMasked(t *testing.T) {
	cfg := rules(t, "", "ADAE.AETERM AE T")
	records := []imednet.Record{rec(t, 1, "AE", `{"T":"a"}`, `"subjectId":1,"subjectKey":"NEW"`, `"dateModified":"2024-02-01 00:00:00"`), rec(t, 2, "AE", `{"T":"b"}`, `"subjectId":1,"subjectKey":"OLD"`)}
	result := extract(t, cfg, records...)
	require.Equal(t, []string{"subject-key subjectKey"}, codes(result))
	require.Equal(t, []extraction.CanonicalValue{extraction.TextValue("OLD")}, result.Findings[0].Values)
	cfg.PHIFields = []string{"subjectKey"}
	result = extract(t, cfg, records...)
	require.Equal(t, []string{"subject-key subjectKey"}, codes(result))
	require.Equal(t, []extraction.CanonicalValue{extraction.TextValue("[masked]")}, result.Findings[0].Values)
}

// Fields of typed domains may be named as Python names them; a name of an analysis set stays as it is.
func TestNamesOfTargets(t *testing.T) {
	cfg := rules(t, "", "AE.ae_term AE T", "AE.ae_severity AE S", "ADAE.MY_NOTE AE T")
	result := extract(t, cfg, rec(t, 1, "AE", `{"T":"Headache","S":"Mild"}`))
	require.Equal(t, []string{"Headache", "Mild"}, []string{result.AdverseEvents[0].AETerm, result.AdverseEvents[0].AESeverity})
	require.Equal(t, "Headache", result.ADAERecords[0].Text("MY_NOTE"))
	_, has := result.ADAERecords[0].Get("MYNOTE")
	require.False(t, has)
}

// The arm is that of ARM where it is mapped, also where it is not answered, and else the planned one.
func TestTheArmOfASubject(t *testing.T) {
	both := []string{"ADSL.ARM DM A", "ADSL.TRT01P DM P"}
	for _, c := range []struct {
		mapped        []string
		answers, want string
	}{
		{both, `{"A":"Placebo","P":"Active"}`, "Placebo"}, {both, `{"A":"","P":"Active"}`, ""},
		{both[1:], `{"A":"Placebo","P":"Active"}`, "Active"}, {both[:1], `{"A":"Placebo","P":"Active"}`, "Placebo"},
	} {
		result := extract(t, rules(t, "", c.mapped...), rec(t, 1, "DM", c.answers))
		require.Equal(t, c.want, result.ADSLRecords[0].Arm, "%s %s", c.mapped, c.answers)
	}
}

// A record whose form id and key disagree is of the form of its id, and that is an error of the run.
func TestARecordThatContradictsItselfIsFound(t *testing.T) {
	structure := extraction.Structure{
		Forms:     []imednet.Form{{FormID: 1, FormKey: imednet.Some("AE")}, {FormID: 2, FormKey: imednet.Some("CM")}},
		Variables: []imednet.Variable{{VariableID: 1, FormID: imednet.Some(int64(1)), VariableName: imednet.Some("T")}, {VariableID: 2, FormID: imednet.Some(int64(2)), VariableName: imednet.Some("U")}},
	}
	engine, err := extraction.NewEngine(rules(t, "", "ADAE.AETERM AE T", "ADAE.CMTRT CM U"), extraction.WithStructure(structure))
	require.NoError(t, err)
	_, err = extraction.NewEngine(rules(t, "", "ADAE.AETERM AE T", "ADAE.CMTRT CM T"), extraction.WithStructure(structure))
	require.ErrorContains(t, err, "no variable T", "a rule reads the variables of its own form")
	agree := rec(t, 1, "AE", `{"T":"a"}`, `"subjectId":1`, `"subjectKey":"101"`, `"formId":1`)
	differ := rec(t, 2, "CM", `{"T":"b"}`, `"subjectId":1`, `"subjectKey":"101"`, `"formId":1`)
	result, err := engine.Extract(t.Context(), extraction.RecordList{agree}, extraction.Options{})
	require.NoError(t, err)
	require.Empty(t, codes(result))
	require.True(t, result.Report.Sound())
	result, err = engine.Extract(t.Context(), extraction.RecordList{agree, differ}, extraction.Options{})
	require.NoError(t, err)
	require.Len(t, result.ADAERecords, 2)
	require.Equal(t, "b", result.ADAERecords[1].Term)
	require.Equal(t, []string{extraction.FindingForm + " "}, codes(result))
	require.Equal(t, int64(2), result.Findings[0].RecordID)
	require.Contains(t, result.Findings[0].Message, string(imednet.IDAndKeyDisagree))
	require.Equal(t, int64(1), result.Report.Errors)
	require.False(t, result.Report.Sound())
}

// A run is sound only without rejected rows and without errors; a warning does not count.
func TestWhenARunIsSound(t *testing.T) {
	rejected := map[extraction.Domain]extraction.Counts{extraction.AE: {In: 2, Out: 2}, extraction.PD: {In: 1, Rejected: 1}}
	for _, c := range []struct {
		report extraction.Report
		want   bool
	}{
		{extraction.Report{}, true}, {extraction.Report{Findings: map[string]int64{extraction.FindingUnmappedTerm: 3}}, true},
		{extraction.Report{Errors: 1}, false}, {extraction.Report{Domains: rejected}, false}, {extraction.Report{Errors: 1, Domains: rejected}, false},
	} {
		require.Equal(t, c.want, c.report.Sound(), "%+v", c.report)
	}
}

// TestNothingIsNullInSilence where the start of treatment is not known.
func TestNothingIsNullInSilence(t *testing.T) {
	for name, c := range map[string]struct {
		record imednet.Record
		why    string
	}{
		"no date":       {rec(t, 1, "EX", `{"D":""}`), "TRTSDT is not known"},
		"rejected ADSL": {rec(t, 1, "EX", `{"D":"2024-01-01","X":"1"}`), "no ADSL row"},
		"deleted":       {rec(t, 1, "EX", `{"D":"2024-01-01"}`, `"subjectId":1,"subjectKey":"101","deleted":true`), "no ADSL row"},
	} {
		cfg := rules(t, `{"analysis":{}}`, "ADSL.TRTSDT EX D", `ADSL.X EX X 1 // 0 if value else None`, "ADAE.ASTDT AE D")
		result := extract(t, cfg, c.record, rec(t, 2, "AE", `{"D":"2024-02-01"}`))
		require.Equal(t, []string{"not-derived ASTDY", "not-derived TRTEMFL"}, codes(result), name)
		require.Contains(t, result.Findings[0].Message, c.why, name)
	}
}

func TestRejectedRowsCountAsWhatTheyAre(t *testing.T) {
	validator := extraction.NewStandardsReadinessValidator(profile(t, "general"))
	good := row(extraction.AE, "1", 1, "aeTerm", "a", "aeSeverity", "1", "aeDecod", "A", "aeRelationship", "NO")
	subject := extraction.SubjectRows{Rows: []extraction.CanonicalRow{good}, Rejected: make([]extraction.RejectedRow, 99)}
	for i := range subject.Rejected {
		subject.Rejected[i].Domain = extraction.AE
	}
	report := validator.ScoreSubjects(func(yield func(extraction.SubjectRows) bool) { yield(subject) }, nil)
	require.InDelta(t, 1, *report.Score, 1e-9)
	require.Equal(t, []int64{100, 99, 500, 5}, []int64{report.Domains[0].Records, report.Domains[0].Rejected, report.Expected, report.Validated})
}

// TestDatesOfTheFormatsThatTheConfigurationNames are read, and no others.
func TestDatesOfTheFormatsThatTheConfigurationNames(t *testing.T) {
	for _, c := range []struct{ formats, text, want string }{
		{``, `"UN-UNK-2024"`, ""}, {`"DD-MMM-YYYY"`, `"UN-UNK-2024"`, "2024"}, {`"DD-MMM-YYYY"`, `"05-mar-2024"`, "2024-03-05"},
		{`"DD/MM/YYYY"`, `"05/03/2024"`, "2024-03-05"}, {`"DD/MM/YYYY","MM/DD/YYYY"`, `"05/03/2024"`, ""}, {`"DD/MM/YYYY","MM/DD/YYYY"`, `"05/05/2024"`, "2024-05-05"},
		{``, `1704067200`, ""}, {`"epoch-seconds"`, `1704067200`, "2024-01-01T00:00:00Z"}, {`"epoch-seconds"`, `"1704067200"`, "2024-01-01T00:00:00Z"},
		{`"ISO8601-week"`, `"2024-W01-1"`, "2024-01-01"}, {`"ISO8601-week"`, `"2021-W53-1"`, ""}, {`"ISO8601-week"`, `"2020-W53-5"`, "2021-01-01"}, {``, `"2024-W01-1"`, ""},
	} {
		cfg := rules(t, `{"dateFormats":[`+c.formats+`]}`, "AE.aeTerm AE T", "AE.aeSeverity AE T", "AE.aeStartDate AE D")
		result := extract(t, cfg, rec(t, 1, "AE", `{"T":"a","D":`+c.text+`}`))
		require.Len(t, result.AdverseEvents, 1, "an event is never rejected for its date")
		require.Equal(t, c.want, result.AdverseEvents[0].AEStartDate.String(), "%+v", c)
		require.Equal(t, c.want == "", len(result.Findings) == 1, "%+v", c)
	}
	_, err := extraction.NewEngine(rules(t, `{"dateFormats":["DD.MMMM"]}`, "ADSL.A F B"))
	require.ErrorContains(t, err, "/extraction/dateFormats/0")
}

// listedStudy serves records by subject and lists its subjects, as the mirror does.
type listedStudy struct {
	extraction.RecordList
	subjects []imednet.Subject
}

func (s listedStudy) Subjects(context.Context, string, imednet.ListOptions) iter.Seq2[imednet.Subject, error] {
	return func(yield func(imednet.Subject, error) bool) {
		for _, subject := range s.subjects {
			if !yield(subject, nil) {
				return
			}
		}
	}
}

// TestTheListingOfSubjectsDecides which key a subject has and whether it is deleted.
func TestTheListingOfSubjectsDecides(t *testing.T) {
	study := listedStudy{extraction.RecordList{rec(t, 1, "AE", `{"T":"a"}`), rec(t, 2, "AE", `{"T":"b"}`, `"subjectId":2,"subjectKey":"102"`)}, []imednet.Subject{
		{SubjectID: 1, SubjectKey: imednet.Some("NEW")}, {SubjectID: 2, SubjectKey: imednet.Some("102"), Deleted: imednet.Some(true)}}}
	cfg := rules(t, "", "ADAE.AETERM AE T")
	for _, include := range []bool{false, true} {
		result, err := extraction.ExtractCanonicalRecords(t.Context(), study, cfg, extraction.Options{IncludeDeleted: include})
		require.NoError(t, err)
		require.Equal(t, "NEW", result.ADAERecords[0].SubjectKey)
		require.False(t, result.ADAERecords[0].Deleted)
		require.Len(t, result.ADAERecords, 1+one(include))
		if include {
			require.True(t, result.ADAERecords[1].Deleted, "the row is marked")
			continue
		}
		require.Equal(t, map[string]int64{extraction.ExcludedDeletedSubject: 1}, result.Report.Records.Excluded)
	}
}

// A mapped subject key counts for its row, and is reported where the subject has another; what cannot
// be a key makes no row.
func TestAMappedSubjectKeyCountsForItsRow(t *testing.T) {
	cfg := rules(t, "", "AE.subjectKey AE WHO", "AE.aeTerm AE TERM", "AE.aeSeverity AE SEV")
	for who, want := range map[string]struct {
		keys, codes []string
		rejected    int
	}{
		`"101"`:   {[]string{"101"}, []string{}, 0},
		`"102"`:   {[]string{"102"}, []string{extraction.FindingSubjectKey + " subjectKey"}, 0},
		`102`:     {[]string{"102"}, []string{extraction.FindingSubjectKey + " subjectKey"}, 0},
		`" "`:     {[]string{"101"}, []string{}, 0},
		`null`:    {[]string{"101"}, []string{}, 0},
		`["102"]`: {nil, []string{}, 1},
		`{}`:      {nil, []string{}, 1},
	} {
		result := extract(t, cfg, rec(t, 1, "AE", `{"WHO":`+who+`,"TERM":"Headache","SEV":"Mild"}`))
		var keys []string
		for _, event := range result.AdverseEvents {
			keys = append(keys, event.SubjectKey)
		}
		require.Equal(t, want.keys, keys, who)
		require.Equal(t, want.codes, codes(result), who)
		require.Len(t, result.ValidationErrors, want.rejected, who)
		for _, rejected := range result.ValidationErrors {
			require.Equal(t, "101", rejected.SubjectKey, "a rejected row is still the subject's")
		}
	}
}

// A configuration that is refused extracts nothing.
func TestARefusedConfigurationExtractsNothing(t *testing.T) {
	cfg := rules(t, "", "AE.aeTrem AE TERM")
	result, err := extraction.ExtractCanonicalRecords(t.Context(), extraction.RecordList{rec(t, 1, "AE", `{"TERM":"x"}`)}, cfg, extraction.Options{})
	require.ErrorAs(t, err, new(*imednet.ValidationError))
	require.Nil(t, result)
}

// A path reads inside of an answer that is an object, and finds nothing in any other.
func TestAPathThatLeadsNowhereIsNoValue(t *testing.T) {
	cfg := rules(t, "", "ADAE.X AE recordData.A.B.C")
	for answers, want := range map[string]string{
		`{"A":{"B":{"C":"deep"}}}`: "deep", `{"A":{"b":{"c":"deep"}}}`: "deep", `{"A":{"B":{"D":"x"}}}`: "", `{"A":{"B":"x"}}`: "",
		`{"A":{"C":"x"}}`: "", `{"A":"x"}`: "", `{"A":["B"]}`: "", `{"B":{"C":"x"}}`: "", `{}`: "",
	} {
		result := extract(t, cfg, rec(t, 1, "AE", answers))
		v, _ := result.ADAERecords[0].Get("X")
		require.Equal(t, want, v.String(), answers)
		require.Equal(t, want == "", v.IsNull(), answers)
	}
}
