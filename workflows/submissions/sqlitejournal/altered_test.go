package sqlitejournal_test

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet/internal/storetest"
	"github.com/imednetgo/imednet/workflows/submissions"
)

// TestAnAlteredItemIsNotReliedUpon edits an item so that a question for open items, or for those in one of the
// states, does not lead to it any more. Whoever asks learns of the damage all the same.
func TestAnAlteredItemIsNotReliedUpon(t *testing.T) {
	for _, edit := range []string{
		`UPDATE submission_items SET closed = 1 WHERE item = 1`,
		`UPDATE submission_items SET closed = 1`,
		`UPDATE submission_items SET state = 'standing', closed = 1 WHERE item = 1`,
		`UPDATE submission_items SET state = 'absent' WHERE item = 1`,
		`UPDATE submission_items SET reason = 'forged' WHERE item = 1`,
		`DELETE FROM submission_items WHERE item = 1`,
		`DELETE FROM submission_items WHERE item = 2`,
		`UPDATE submissions SET items = 1`,
		`UPDATE submissions SET author = 'eve'`,
		`DELETE FROM submission_events`,
	} {
		path := filepath.Join(t.TempDir(), "j.sqlite3")
		j, entry := journalWithHistory(t, path)
		require.NoError(t, j.Release(t.Context(), "s1", entry.Fence))
		storetest.WithoutGuards(t, path, edit)
		_, err := j.Take(t.Context(), "s1", submissions.Lease{Holder: "p", For: time.Minute})
		require.ErrorIs(t, err, submissions.ErrDamaged, "take: %s", edit)
		for _, q := range []submissions.Query{
			{SubmissionID: "s1"}, {SubmissionID: "s1", Open: true}, {StudyKey: "S", Open: true}, {StudyKey: "S"}, {Since: time.Unix(1, 0)},
			{StudyKey: "S", States: []submissions.State{submissions.Sent, submissions.Accepted, submissions.Unknown, submissions.Absent, submissions.Refused, submissions.Prepared}},
		} {
			if _, err = j.Entries(t.Context(), q); !strings.Contains(edit, "reason") { // which no entry shows
				require.ErrorIs(t, err, submissions.ErrDamaged, "entries %+v: %s", q, edit)
			}
			_, err = j.Items(t.Context(), q)
			require.ErrorIs(t, err, submissions.ErrDamaged, "items %+v: %s", q, edit)
			require.NotContains(t, err.Error(), "forged")
		}
	}
}

// TestAnAlteredStudyIsNotReliedUpon: an item or a submission that was moved to another study is missed where it
// was and found where it is.
func TestAnAlteredStudyIsNotReliedUpon(t *testing.T) {
	for _, edit := range []string{`UPDATE submission_items SET study_key = 'OTHER' WHERE item = 1`, `UPDATE submissions SET study_key = 'OTHER'`} {
		path := filepath.Join(t.TempDir(), "j.sqlite3")
		j, _ := journalWithHistory(t, path)
		storetest.WithoutGuards(t, path, edit)
		for _, study := range []string{"S", "OTHER"} {
			_, err := j.Entries(t.Context(), submissions.Query{StudyKey: study})
			require.ErrorIs(t, err, submissions.ErrDamaged, "%s: %s", study, edit)
			_, err = j.Items(t.Context(), submissions.Query{StudyKey: study, Open: true})
			require.ErrorIs(t, err, submissions.ErrDamaged, "%s: %s", study, edit)
		}
	}
}

// TestASubmissionThatWasRemovedIsMissed: with its row, or with its items too. What it held would protect against
// a repeat, so nothing is listed and nothing prepared.
func TestASubmissionThatWasRemovedIsMissed(t *testing.T) {
	for _, edit := range []string{
		`DELETE FROM submissions`,
		`DELETE FROM submission_items; DELETE FROM submissions`,
		`UPDATE submissions SET id = 'other'`,
	} {
		path := filepath.Join(t.TempDir(), "j.sqlite3")
		j, entry := journalWithHistory(t, path)
		require.NoError(t, j.Release(t.Context(), "s1", entry.Fence))
		storetest.WithoutGuards(t, path, `PRAGMA defer_foreign_keys = ON`, edit)
		for _, q := range []submissions.Query{{}, {StudyKey: "S"}, {StudyKey: "S", Open: true}, {StudyKey: "ELSE"}} {
			_, err := j.Entries(t.Context(), q)
			require.ErrorIs(t, err, submissions.ErrDamaged, "entries %+v: %s", q, edit)
			_, err = j.Items(t.Context(), q)
			require.ErrorIs(t, err, submissions.ErrDamaged, "items %+v: %s", q, edit)
		}
		item := submissions.Item{Kind: "new record", FormKey: "AE", ContentHash: "new", Ordinal: 1, Payload: []byte(`{}`)}
		_, err := j.Prepare(t.Context(), submissions.Preparation{
			ID: "s9", StudyKey: "S", Author: "anna", Lease: submissions.Lease{Holder: "p", For: time.Minute}, Items: []submissions.Item{item},
		})
		require.ErrorIs(t, err, submissions.ErrDamaged, "prepare: %s", edit)
	}
}
