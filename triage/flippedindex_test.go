package triage_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet/internal/storetest"
	"github.com/imednetgo/imednet/triage"
)

// A damaged index shows no other queue: a short log is verified at each opening, in which no list is taken from an index
// that hides, doubles or changes an item, a comment or a decision.
func TestNoFlippedIndexShowsAnotherQueue(t *testing.T) {
	path := newPath(t)
	s := open(t, path, distinctIDs)
	for n := range 30 {
		id := fmt.Sprint(n)
		_, err := s.UpsertItem(t.Context(), triage.ItemUpsert{ItemID: "i-" + id, StudyKey: "S", UserID: "nightly", Severity: []string{"HIGH", "LOW", "MEDIUM"}[n%3]})
		require.NoError(t, err)
		_, err = s.AddAnnotation(t.Context(), triage.Comment{ItemID: "i-" + id, UserID: "anna", Text: "seen " + id})
		require.NoError(t, err)
	}
	require.NoError(t, s.Close())
	before, err := queues(t, path)
	require.NoError(t, err)
	var pages []int
	for _, index := range []string{"triage_items_updated", "triage_items_created", "triage_items_due", "triage_items_severity", "triage_items_assignee",
		"idx_triage_items_study_status", "idx_triage_annotations_item", "idx_triage_history_item", "triage_events_item"} {
		pages = append(pages, storetest.RootPage(t, path, index))
	}
	storetest.FlipBitsOfPages(t, path, storetest.Flips(), 4096, pages, func(at string) bool {
		after, err := queues(t, path)
		if err == nil {
			require.Equal(t, before, after, at)
		}
		return err != nil
	})
}

// queues are the queues of a study as people ask for them, with comments and decisions.
func queues(t *testing.T, path string) (string, error) {
	t.Helper()
	s, err := triage.NewTriageStore(t.Context(), path)
	if err != nil {
		return "", err
	}
	defer s.Close()
	var all []triage.QueuePage
	for _, q := range []triage.QueueOptions{{}, {Statuses: []triage.Status{triage.StatusNew}, Order: triage.OrderSeverity}, {Order: triage.OrderAge}, {Order: triage.OrderDue},
		{Severity: "HIGH"}, {Unassigned: true}, {Assignee: "anna"}} {
		q.StudyKey = "S"
		page, err := s.Queue(t.Context(), q)
		if err != nil {
			return "", err
		}
		all = append(all, page)
	}
	text, err := json.Marshal(all)
	require.NoError(t, err)
	return string(text), nil
}
