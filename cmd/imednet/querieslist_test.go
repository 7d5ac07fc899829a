package main

import (
	"encoding/csv"
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/imednettest"
	lists "github.com/imednetgo/imednet/internal/listing"
	"github.com/imednetgo/imednet/rest"
)

// TestQueriesListHasWhatIsNeededToActOnAQuery compares the list with the API's own rows.
func TestQueriesListHasWhatIsNeededToActOnAQuery(t *testing.T) {
	s := newShell(t)
	var rows []struct {
		Query                                                                    int64
		State, Site, Subject, Form, Variable, Description, LastComment, LastUser string
		Record, AgeDays                                                          *int64
	}
	s.json(&rows, "queries", "list", "DEMO")
	want := demoQueries(t)
	require.Len(t, rows, len(want))
	forms := map[string]bool{}
	for i, q := range want {
		row := rows[i]
		require.Equal(t, q.AnnotationID, row.Query)
		require.Equal(t, q.SubjectKey.Or(""), row.Subject)
		require.Equal(t, q.Variable.Or(""), row.Variable)
		require.Equal(t, q.Description.Or(""), row.Description)
		last := imednet.QueryComment{}
		for _, c := range q.QueryComments {
			if c.Sequence.Or(0) >= last.Sequence.Or(0) {
				last = c
			}
		}
		require.Equal(t, last.Comment.Or(""), row.LastComment)
		require.Equal(t, last.User.Or(""), row.LastUser)
		require.Contains(t, row.Site, "Site ")
		forms[row.Form] = true
	}
	require.Contains(t, forms, "AE")

	var open []struct{ State, Site string }
	s.json(&open, "queries", "list", "DEMO", "--open", "--site", "Site 01")
	require.NotEmpty(t, open)
	for _, row := range open {
		require.Equal(t, "open", row.State)
		require.Equal(t, "Site 01", row.Site)
	}
	s.run(exitUsage, "queries", "list", "DEMO", "--open", "--state", "closed")
	s.run(exitNotFound, "queries", "list", "DEMO", "--site", "nowhere")
}

func demoQueries(t *testing.T) []imednet.Query {
	t.Helper()
	client, err := rest.New(imednettest.APIKey, imednettest.SecurityKey, rest.WithBaseURL(demoURL))
	require.NoError(t, err)
	rows, err := lists.Collect(client.Queries(t.Context(), "DEMO", imednet.ListOptions{}))
	require.NoError(t, err)
	return rows
}

// TestListsInEveryFormat reads a list in each form and finds the same values.
func TestListsInEveryFormat(t *testing.T) {
	s := newShell(t)
	var rows []map[string]any
	s.json(&rows, "queries", "list", "DEMO", "--columns", "query,subject,lastComment")
	require.NotEmpty(t, rows)
	require.Len(t, rows[0], 3)

	records, err := csv.NewReader(strings.NewReader(s.ok("queries", "list", "DEMO", "--columns", "query,subject,lastComment", "--format", "csv"))).ReadAll()
	require.NoError(t, err)
	require.Equal(t, []string{"query", "subject", "lastComment"}, records[0])
	require.Len(t, records, len(rows)+1)
	headless := s.ok("queries", "list", "DEMO", "--columns", "query,subject", "--format", "csv", "--no-header")
	require.False(t, strings.HasPrefix(headless, "query"))

	lines := strings.Split(strings.TrimSpace(s.ok("queries", "list", "DEMO", "--columns", "query,subject,lastComment", "--format", "ndjson")), "\n")
	require.Len(t, lines, len(rows))
	for i, line := range lines {
		var row map[string]any
		require.NoError(t, json.Unmarshal([]byte(line), &row))
		require.Equal(t, rows[i], row)
		require.Equal(t, rows[i]["lastComment"], records[i+1][2])
	}
	table := s.ok("queries", "list", "DEMO", "--columns", "query,subject")
	require.True(t, strings.HasPrefix(table, "QUERY"), table)
	require.False(t, strings.HasPrefix(s.ok("queries", "list", "DEMO", "--columns", "query,subject", "--no-header"), "QUERY"))
	_, problem := s.run(exitUsage, "queries", "list", "DEMO", "--columns", "nothing")
	require.Contains(t, problem, "there are query, state, site")
	s.run(exitUsage, "queries", "list", "DEMO", "--format", "xml")
}

// TestQueriesOfAMisspeltSite are answered by the sites that come near.
func TestQueriesOfAMisspeltSite(t *testing.T) {
	s := newShell(t)
	for _, args := range [][]string{{"list", "DEMO", "--site", "Site 1"}, {"open", "DEMO", "--site", "site 01"}, {"site", "DEMO", "Site 001"}} {
		_, problem := s.run(exitNotFound, append([]string{"queries"}, args...)...)
		require.Contains(t, problem, "did you mean Site 01", args)
	}
	_, problem := s.run(exitNotFound, "subject", "DEMO", "99-999")
	require.Contains(t, problem, "--include-deleted")
}
