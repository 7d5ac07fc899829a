package main

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/studytest"
)

// The page shows every answer of every record of the subject once, and is the same out of the mirror.
func TestSubjectPage(t *testing.T) {
	s := newShell(t)
	var data struct {
		Records []struct {
			RecordID   int64
			RecordData map[string]any
		}
		Queries []struct{ AnnotationID int64 }
		Visits  []struct{ IntervalName string }
	}
	s.json(&data, "subject", "DEMO", "01-001")
	page := s.ok("subject", "DEMO", "01-001")
	require.NotEmpty(t, data.Records)
	for _, r := range data.Records {
		_, after, found := strings.Cut(page, fmt.Sprintf(", record %d, ", r.RecordID))
		require.True(t, found, r.RecordID)
		of, _, _ := strings.Cut(after, ", record ")
		for name, value := range r.RecordData {
			if text, isText := value.(string); isText && text != "" && text == printable(text) {
				require.Contains(t, of, text, "%d %s", r.RecordID, name)
			}
		}
		require.Equal(t, 1, strings.Count(page, fmt.Sprintf(", record %d, ", r.RecordID)))
	}
	for _, q := range data.Queries {
		require.Contains(t, page, fmt.Sprintf("\n%d  ", q.AnnotationID))
	}
	for _, v := range data.Visits {
		require.Contains(t, page, "\n"+v.IntervalName+", ")
	}

	s.ok("sync", "DEMO")
	require.Equal(t, page, s.ok("subject", "DEMO", "01-001", "--cached", "--changes", "0"))
	changes := s.ok("subject", "DEMO", "01-001", "--cached", "--changes", "3", "--no-answers")
	_, changes, found := strings.Cut(changes, "\nChanges\n")
	require.True(t, found)
	changes, _, _ = strings.Cut(changes, "\n\n")
	require.Len(t, strings.Split(changes, "\n"), 1+3)
	bare := s.ok("subject", "DEMO", "01-001", "--no-answers")
	require.NotContains(t, bare, "(Age (years))")
	s.run(exitUsage, "subject", "DEMO", "01-001", "--changes", "-1")
}

// Lists of queries and records are the same out of the mirror, and ages in a data cut are those at its moment.
func TestListsOutOfTheMirror(t *testing.T) {
	s := newShell(t)
	s.ok("sync", "DEMO")
	for _, args := range [][]string{
		{"queries", "list", "DEMO", "--columns", "query,state,site,subject,form,variable,lastComment"}, {"queries", "open", "DEMO"},
		{"queries", "site", "DEMO", "Site 01"}, {"queries", "subject", "DEMO", "01-001"}, {"queries", "counts", "DEMO"},
		{"queries", "metrics", "DEMO", "--as-of", "2025-09-01"}, {"records", "extract", "DEMO", "--record-filter", "formKey=AE"},
	} {
		require.Equal(t, s.ok(args...), s.ok(append(args, "--cached")...), "%v", args)
	}
	s.ok("cache", "cut", "DEMO", "--name", "IA1")
	inCut := func() string { return s.ok("queries", "list", "DEMO", "--cut", "IA1", "--columns", "query,ageDays") }
	require.Equal(t, inCut(), inCut())
	require.NotEqual(t, inCut(), s.ok("queries", "list", "DEMO", "--columns", "query,ageDays"), "today they are older than at the moment of the cut")
}

// TestTheSubjectPageShowsEveryKey: a key that answers no variable, such as a second spelling of one that is
// answered, stands below the variables.
func TestTheSubjectPageShowsEveryKey(t *testing.T) {
	for _, c := range []struct {
		variables []string
		object    string
		want      []answerLine
	}{
		{[]string{"AESER"}, `{"AESER":"Y","aeser":"N"}`, []answerLine{{"AESER", "Y"}, {"aeser", "N"}}},
		{[]string{"AESER"}, `{"aeser":"N","AESER":"Y","X":1}`, []answerLine{{"AESER", "Y"}, {"X", "1"}, {"aeser", "N"}}},
		{[]string{"AESER"}, `{"AESER":null,"aeser":"N"}`, []answerLine{{"aeser", "N"}}},
		{[]string{"AESER"}, `{"aeser":"N"}`, []answerLine{{"AESER", "N"}}},
		{[]string{"AESER"}, `{"aeser":"N","Aeser":"Y"}`, []answerLine{{"AESER", ambiguous}, {"Aeser", "Y"}, {"aeser", "N"}}},
		{[]string{"AESER", "aeser"}, `{"AESER":"Y","aeser":"N"}`, []answerLine{{"AESER", "Y"}, {"aeser", "N"}}},
		{[]string{"AESER", "aeser"}, `{"aeser":"N","Aeser":"Y"}`, []answerLine{{"AESER", ambiguous}, {"aeser", "N"}, {"Aeser", "Y"}}},
		{[]string{"AESER", "aeser"}, `{"AESER":"Y","aeser":"N","Aeser":"U"}`, []answerLine{{"AESER", "Y"}, {"aeser", "N"}, {"Aeser", "U"}}},
		{[]string{"\u017fEX"}, `{"sex":"F"}`, []answerLine{{"\u017fEX", "F"}}},
		{nil, `{"b":"2","a":"1"}`, []answerLine{{"a", "1"}, {"b", "2"}}},
	} {
		var variables []imednet.Variable
		for i, name := range c.variables {
			variables = append(variables, studytest.Variable(int64(i+1), name, "TEXT", "AE", imednet.Some(int64(1))))
			variables[i].Label = imednet.Opt[string]{}
		}
		form, _ := imednet.NewFormIndex([]imednet.Form{studytest.Form(1, "AE")}, variables).Of(1, "")
		data, err := imednet.NewRecordData([]byte(c.object))
		require.NoError(t, err)
		require.Equal(t, c.want, answerLines(form, &imednet.Record{RecordData: data}), "%v %s", c.variables, c.object)
	}
}
