package report_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/answers/examples"
	"github.com/imednetgo/imednet/internal/shown"
	"github.com/imednetgo/imednet/workflows/report"
)

// TestTheReportReadsTheSharedAnswers: blanks, flags and texts are what the table of the whole library says.
func TestTheReportReadsTheSharedAnswers(t *testing.T) {
	for _, a := range examples.Answers() {
		f, object := small(), `{}`
		if a.JSON != "" {
			object = `{"AESEV":` + a.JSON + `,"AESER":` + a.JSON + `}`
		}
		f.records = append(f.records, event(1, object))
		built := build(t, f, "S", now, report.Options{ShowValues: true, MaxRows: 10, AdverseEvents: []report.AdverseEventForm{{FormKey: "AE"}}})

		answered, blank := int64(1), int64(0)
		if a.Missing {
			answered, blank = 0, 1
		}
		for _, v := range built.Missing[0].ByVariable[1:] {
			require.Equal(t, []int64{answered, blank, 0}, []int64{v.Answered, v.Blank, v.Unclear}, "%s %s", v.Variable, a.JSON)
		}

		events := built.AdverseEvents
		require.Len(t, events.Severity, 1, a.JSON)
		want := report.SeverityCount{Severity: "other answer"}
		text := strings.TrimSpace(a.Text)
		if a.Missing {
			want.Severity, text = "unknown", ""
		}
		if a.NotUnicode {
			text = shown.NotUnicode
		}
		serious := map[string]string{"Y": "serious", "N": "not serious", "": "unknown"}[a.Flag]
		switch a.Flag {
		case "Y":
			want.Serious = 1
		case "N":
			want.NotSerious = 1
		default:
			want.Unknown = 1
		}
		require.Equal(t, want, events.Severity[0], a.JSON)
		require.Equal(t, a.Maybe, events.SeriousUnread == 1, a.JSON)
		at := slices.IndexFunc(built.Tables, func(t *report.Table) bool { return t.Name == "events" })
		row := built.Tables[at].Rows[0].Cells
		require.Equal(t, []string{want.Severity, serious, "AE", "North", "1", "01-001", text}, row, a.JSON)
	}
}

// TestADisabledFormAsksNothing: what stands on a form that the study has disabled is no answer to count and none to miss.
func TestADisabledFormAsksNothing(t *testing.T) {
	f := small()
	f.records = append(f.records, event(1, `{"AETERM":"Headache"}`))
	asked := build(t, f, "S", now, report.Options{}).Missing[0]
	require.Equal(t, []any{3, report.Cells{Asked: 3, Answered: 1, Blank: 2}}, []any{asked.Variables, asked.Cells})

	f.forms[0].Disabled = imednet.Some(true)
	for _, m := range build(t, f, "S", now, report.Options{}).Missing {
		require.Equal(t, []any{0, report.Cells{}}, []any{m.Variables, m.Cells})
	}
}
