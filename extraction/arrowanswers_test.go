package extraction_test

import (
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/extraction"
)

// TestEveryAnswerHasAColumn maps an answer of each kind to a field of each kind: a column of the data set
// holds it, by its meaning or as text, or its row is rejected and holds it.
func TestEveryAnswerHasAColumn(t *testing.T) {
	targets := []string{"AETERM", "NOTE", "AETOXGR", "ASTDT", "AESER", "ASTDY", "ASEQ"}
	for _, raw := range []string{`["a","b"]`, `[]`, `{"a":[1]}`, `"x"`, `9E350`, `1e-400`, `2.50`, `true`, `"2024-03"`, `"<0.2"`} {
		for _, target := range targets {
			cfg := rules(t, "", "ADAE."+target+" AE V")
			if target == "AETOXGR" {
				cfg.TerminologyLookups = map[string]map[string]string{target: {"mild": "MILD"}}
			}
			record := rec(t, 1, "AE", `{"V":`+raw+`}`)
			source, _ := record.RecordData.Lookup("V")
			require.True(t, hasCell(t, cfg, record, source.Text()), "%s in %s", raw, target)
		}
		cfg := rules(t, "", "ADLB.PARAMCD LB P", "ADLB.AVAL LB V")
		record := rec(t, 1, "LB", `{"P":"ALT","V":`+raw+`}`)
		source, _ := record.RecordData.Lookup("V")
		require.True(t, hasCell(t, cfg, record, source.Text()), "%s in AVAL", raw)
	}
}

// hasCell reports whether a column of a run's batches shows a text as it is, or as a flag.
func hasCell(t *testing.T, cfg imednet.StudyConfiguration, record imednet.Record, text string) bool {
	t.Helper()
	engine, err := extraction.NewEngine(cfg)
	require.NoError(t, err)
	found := false
	for batch, err := range engine.Run(t.Context(), extraction.RecordList{record}, extraction.Options{}).Batches(extraction.BatchOptions{}) {
		require.NoError(t, err)
		for _, column := range batch.Record.Columns()[6:] {
			found = found || shows(column, text)
		}
	}
	return found
}

func shows(column arrow.Array, text string) bool {
	return column.IsValid(0) && column.ValueStr(0) == text
}

// TestAListIsTheTextOfItsJSON is a checkbox question in fields of text.
func TestAListIsTheTextOfItsJSON(t *testing.T) {
	cfg := rules(t, "", "PD.dvTerm PD T", "PD.dvCategory PD C", "PD.dvSeverity PD S", "PD.dvDate PD D", "PD.dvStatus PD X")
	cfg.TerminologyLookups = map[string]map[string]string{"dvStatus": {`["open"]`: "OPEN", "closed": "CLOSED"}}
	answers := func(term, status string) string {
		return `{"T":` + term + `,"C":["consent","visit"],"S":"minor","D":"2024-01-02","X":` + status + `}`
	}
	result := extract(t, cfg, rec(t, 1, "PD", answers(`"late"`, `["open"]`)), rec(t, 2, "PD", answers(`["a", "b"]`, `["odd"]`)),
		rec(t, 3, "PD", answers(`[]`, `[]`)), rec(t, 4, "PD", answers(` { } `, `"closed"`)))
	require.Len(t, result.ProtocolDeviations, 2)
	require.Equal(t, `["consent","visit"]`, result.ProtocolDeviations[0].DVCategory)
	require.Equal(t, []string{"OPEN", `["odd"]`}, []string{result.ProtocolDeviations[0].DVStatus, result.ProtocolDeviations[1].DVStatus})
	require.Equal(t, `["a", "b"]`, result.ProtocolDeviations[1].DVTerm)
	require.Len(t, result.ValidationErrors, 2, "a term of which nothing is ticked")
	for i, held := range []string{`[]`, `{ }`} {
		rejected := result.ValidationErrors[i]
		require.Equal(t, []extraction.RowFinding{{Type: extraction.RejectedType, Field: "dvTerm", Rule: 0, Message: "is a list or an object that holds nothing"}}, rejected.Findings)
		require.Equal(t, held, rejected.Payload.Text("dvTerm"))
	}
	require.Equal(t, []string{"unmapped-term dvStatus", "unmapped-term dvStatus"}, codes(result))
	require.Equal(t, []extraction.CanonicalValue{extraction.TextValue(`["odd"]`)}, texts(result.Findings[0].Values))
}

// texts are values as text, whatever their kind.
func texts(values []extraction.CanonicalValue) (list []extraction.CanonicalValue) {
	for _, v := range values {
		list = append(list, extraction.TextValue(v.String()))
	}
	return list
}

// TestAListIsNoSubjectKey keeps the rows of a subject together.
func TestAListIsNoSubjectKey(t *testing.T) {
	result := extract(t, rules(t, "", "ADAE.subjectKey AE K", "ADAE.AETERM AE T"), rec(t, 1, "AE", `{"K":["102"],"T":"a"}`))
	require.Empty(t, result.ADAERecords)
	require.Equal(t, "101", result.ValidationErrors[0].SubjectKey)
	require.Equal(t, []extraction.RowFinding{{Type: extraction.RejectedType, Field: "subjectKey", Rule: 0, Message: "must be text"}}, result.ValidationErrors[0].Findings)
}
