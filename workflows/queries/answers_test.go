package queries_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/internal/answers/examples"
	"github.com/imednetgo/imednet/internal/studytest"
	"github.com/imednetgo/imednet/workflows/queries"
)

// formsOfRecords is a client with one query about each of the shared records; the variable is on one
// form or on both, and variables name their form by its id alone.
func formsOfRecords(variable string) *thread {
	c := &thread{
		forms: []imednet.Form{studytest.Form(1, "AE"), studytest.Form(2, "VS")},
		variable: []imednet.Variable{
			{VariableID: 1, VariableName: imednet.Some("BOTH"), FormID: imednet.Some(int64(1)), Label: imednet.Some("of AE")},
			{VariableID: 2, VariableName: imednet.Some("BOTH"), FormID: imednet.Some(int64(2)), Label: imednet.Some("of VS")},
			{VariableID: 3, VariableName: imednet.Some("ONE"), FormID: imednet.Some(int64(1)), Label: imednet.Some("of AE")},
		},
	}
	for i, e := range examples.Forms() {
		r := imednet.Record{RecordID: int64(i + 1), FormKey: imednet.Some(e.Key)}
		if e.ID != 0 {
			r.FormID = imednet.Some(e.ID)
		}
		q := aThread(int64(i + 1))
		q.RecordID, q.Variable = imednet.Some(r.RecordID), imednet.Some(variable)
		c.records, c.queries = append(c.records, r), append(c.queries, q)
	}
	return c
}

// TestQueriesAreOfTheFormOfTheirRecord: overview and metrics place the shared records as every other
// package does, and report what contradicts.
func TestQueriesAreOfTheFormOfTheirRecord(t *testing.T) {
	for _, variable := range []string{"BOTH", "ONE", ""} {
		c := formsOfRecords(variable)
		m, err := queries.NewQueryManagement(c, queries.WithClock(imednettest.NewClock(studytest.At("2024-03-01 00:00:00"))))
		require.NoError(t, err)
		entries, err := m.Overview(t.Context(), "S", queries.Options{})
		require.NoError(t, err)
		require.Len(t, entries, len(c.records))
		byForm, contradictions := map[string]int64{}, map[imednet.ContradictionKind]int64{}
		index := imednet.NewFormIndex(c.forms, c.variable)
		for i, e := range examples.Forms() {
			assert.Equal(t, e.Form, entries[i].FormKey, "%s %+v", variable, e)
			_, contradiction := index.OfRecord(&c.records[i])
			assert.Equal(t, contradiction, entries[i].Contradiction)
			assert.Equal(t, e.Contradicts, !entries[i].Contradiction.IsZero(), "%s %+v", variable, e)
			byForm[e.Form]++
			if e.Contradicts {
				contradictions[contradiction.Kind]++
			}
			if variable == "BOTH" && e.Form != "" {
				assert.Equal(t, "of "+e.Form, entries[i].Label)
			}
		}
		metrics := measure(t, c, queries.MetricsOptions{})
		assert.Equal(t, contradictions, metrics.Contradictions)
		got := map[string]int64{}
		for _, g := range metrics.ByForm {
			got[g.Name] = g.States.Total()
		}
		assert.Equal(t, byForm, got, variable)
		n := int64(0)
		for _, k := range contradictions {
			n += k
		}
		want := fmt.Sprintf("as of 2024-03-01 00:00:00: 0 open, 0 closed, %d unknown; %d about records that contradict the study's forms", len(c.records), n)
		for _, print := range []string{metrics.String(), fmt.Sprint(*metrics), fmt.Sprintf("%+v", metrics)} {
			assert.Equal(t, want, print)
		}
	}
}

// TestEntriesInALogTellNothingAboutAnybody prints entries in every usual way.
func TestEntriesInALogTellNothingAboutAnybody(t *testing.T) {
	e := queries.Entry{QueryID: 7, SubjectKey: "SECRET", Description: "SECRET", LastComment: "SECRET", LastUser: "SECRET"}
	for _, row := range []any{e, &e, []queries.Entry{e}, struct{ Row queries.Entry }{e}} {
		var log bytes.Buffer
		fmt.Fprintf(&log, "%v %+v %s %#v %d\n", row, row, row, row, row)
		slog.New(slog.NewTextHandler(&log, nil)).Info("row", "row", row)
		require.NotContains(t, log.String(), "SECRET", "%T", row)
		require.Contains(t, log.String(), "Entry queryId=7")
	}
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("row", "row", e)
	require.Contains(t, log.String(), `"row":"Entry queryId=7"`)
}
