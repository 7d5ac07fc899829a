package extraction_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/extraction"
)

// TestAFilterThatIsInvalidIsRefused also where the filter is applied here, one subject at a time.
func TestAFilterThatIsInvalidIsRefused(t *testing.T) {
	records := extraction.RecordList{rec(t, 1, "AE", `{"AETERM":"a"}`)}
	engine, err := extraction.NewEngine(rules(t, "", "ADAE.AETERM AE AETERM"))
	require.NoError(t, err)
	for name, filter := range map[string]imednet.Filter{
		"no such attribute": imednet.Where("nope", imednet.Equal, 1),
		"twice":             imednet.Where("siteId", imednet.Equal, 701).And("siteId", imednet.Equal, 701),
	} {
		bySubject := clientSource{plainSource: plainSource{records: records}, subjects: []imednet.Subject{{SubjectID: 1}}}
		for _, src := range []imednet.RecordSource{records, bySubject} {
			_, err := engine.Extract(t.Context(), src, extraction.Options{Filter: filter})
			var invalid *imednet.ValidationError
			require.ErrorAs(t, err, &invalid, name)
		}
	}
}

// TestRecordDataThatIsNoObjectIsRejected: its answers are not taken for missing.
func TestRecordDataThatIsNoObjectIsRejected(t *testing.T) {
	for data, rejected := range map[string]int{`[{"AETERM":"Headache"}]`: 1, `"text"`: 1, `7`: 1, `{}`: 0, `null`: 0} {
		result := extract(t, rules(t, "", "ADAE.AETERM AE AETERM"), rec(t, 1, "AE", data))
		require.Len(t, result.ValidationErrors, rejected, data)
		require.Len(t, result.ADAERecords, 1-rejected, data)
		if rejected == 1 {
			require.Equal(t, extraction.RejectedSource, result.ValidationErrors[0].Findings[0].Type)
		}
	}
	result := extract(t, rules(t, "", "ADSL.ARM DM ARM"), rec(t, 1, "DM", `[]`))
	require.Len(t, result.ValidationErrors, 1, "a subject's row")
}

// TestRecordsWithoutAFormKeyAreCounted: only the study's structure says of which form an id is.
func TestRecordsWithoutAFormKeyAreCounted(t *testing.T) {
	record, err := imednet.Decode[imednet.Record]([]byte(`{"recordId":1,"formId":4,"subjectId":1,"subjectKey":"101","recordData":{"AETERM":"a"}}`))
	require.NoError(t, err)
	cfg := rules(t, "", "ADAE.AETERM AE AETERM")
	result := extract(t, cfg, record)
	require.Empty(t, result.ADAERecords)
	require.Equal(t, map[string]int64{extraction.ExcludedNoForm: 1}, result.Report.Records.Excluded)
	form := imednet.Form{FormID: 4, FormKey: imednet.Some("AE")}
	variable := imednet.Variable{VariableID: 1, FormID: imednet.Some(int64(4)), FormKey: imednet.Some("AE"), VariableName: imednet.Some("AETERM")}
	engine, err := extraction.NewEngine(cfg, extraction.WithStructure(extraction.Structure{Forms: []imednet.Form{form}, Variables: []imednet.Variable{variable}}))
	require.NoError(t, err)
	result, err = engine.Extract(t.Context(), extraction.RecordList{record}, extraction.Options{})
	require.NoError(t, err)
	require.Equal(t, "a", result.ADAERecords[0].Term)
}

// TestRowsPrintNoData holds for fmt with any verb and for log/slog.
func TestRowsPrintNoData(t *testing.T) {
	const needle = "NEEDLE"
	cfg := rules(t, "", "ADAE.AETERM AE AETERM", "ADAE.ASTDT AE AETERM", "AE.aeTerm AE AETERM", "AE.aeSeverity AE X")
	result := extract(t, cfg, rec(t, 7, "AE", `{"AETERM":"`+needle+`"}`, `"subjectId":1,"subjectKey":"`+needle+`"`))
	engine, err := extraction.NewEngine(cfg)
	require.NoError(t, err)
	var values []any
	for subject, err := range engine.Run(t.Context(), extraction.RecordList{rec(t, 7, "AE", `{"AETERM":"`+needle+`"}`)}, extraction.Options{}).Subjects() {
		require.NoError(t, err)
		values = append(values, subject)
	}
	require.NotEmpty(t, result.ValidationErrors)
	require.NotEmpty(t, result.Findings)
	values = append(values, *result, result, result.ADAERecords[0], result.ADAERecords[0].CanonicalRow, result.ADAERecords, result.ValidationErrors[0], result.Findings[0], result.Findings,
		extraction.RuleFinding{Rule: "ADAE-001", SubjectKey: needle, Values: []extraction.CanonicalValue{extraction.TextValue(needle)}})
	for _, v := range values {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%d", "%x"} {
			require.NotContains(t, fmt.Sprintf(verb, v), needle, "%T %s", v, verb)
		}
		var log bytes.Buffer
		slog.New(slog.NewTextHandler(&log, nil)).Info("row", "v", v)
		require.NotContains(t, log.String(), needle, "%T", v)
	}
	require.Equal(t, "ADAE row of record 7", result.ADAERecords[0].String())
}

// TestAnEmptyStudyGivesEmptyTables, whether its list of records is empty or nil.
func TestAnEmptyStudyGivesEmptyTables(t *testing.T) {
	cfg := rules(t, `{"analysis":{}}`, "PD.dvTerm DV T", "PD.dvCategory DV T", "PD.dvSeverity DV T", "PD.dvDate DV D", "ADSL.TRTSDT DM S", "ADLB.ALT.AVAL LB ALT")
	for name, list := range map[string]extraction.RecordList{"nil": nil, "empty": {}} {
		t.Run(name, func(t *testing.T) {
			for _, inMemory := range []bool{false, true} {
				result, err := extraction.ExtractCanonicalRecords(t.Context(), list, cfg, extraction.Options{InMemory: inMemory})
				require.NoError(t, err)
				require.True(t, result.Report.Balanced() && result.Report.Sound())
				require.Zero(t, result.Report.Records.In)
				document, err := json.Marshal(result)
				require.NoError(t, err)
				require.JSONEq(t, `{"adverseEvents":[],"protocolDeviations":[],"deviceDeficiencies":[],"adslRecords":[],"adaeRecords":[],"adlbRecords":[],"validationErrors":[],"findings":[]}`, string(document))
			}
		})
	}
}

// TestARecordListedTwiceEndsTheRun: a listing that gives a record again, as two files put together do, would double its
// events, and ends the run.
func TestARecordListedTwiceEndsTheRun(t *testing.T) {
	cfg := rules(t, "", "ADAE.AETERM AE AETERM")
	event := func(id int64, more ...string) imednet.Record {
		return rec(t, id, "AE", `{"AETERM":"Headache"}`, more...)
	}
	for name, list := range map[string]extraction.RecordList{
		"same":      {event(1), event(2), event(1)},
		"revised":   {event(1), rec(t, 1, "AE", `{"AETERM":"Migraine"}`)},
		"deleted":   {event(1), event(1, `"subjectId":1`, `"subjectKey":"101"`, `"deleted":true`)},
		"other day": {event(1, `"subjectId":1`, `"subjectKey":"101"`, `"dateCreated":"2024-01-01 00:00:00"`), event(2), event(1)},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := extraction.ExtractCanonicalRecords(t.Context(), list, cfg, extraction.Options{})
			require.ErrorIs(t, err, extraction.ErrRepeated)
			require.NotContains(t, err.Error(), "Headache")
			require.Contains(t, err.Error(), "record 1")
		})
	}
	require.Len(t, extract(t, cfg, event(1), event(2)).ADAERecords, 2)
}
