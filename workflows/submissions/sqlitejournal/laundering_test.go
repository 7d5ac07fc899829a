package sqlitejournal_test

import (
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/storetest"
	"github.com/imednetgo/imednet/workflows/submissions"
	"github.com/imednetgo/imednet/workflows/submissions/sqlitejournal"
)

// transitions tries everything that changes an item, with what the file says of it.
func transitions(t *testing.T, j *sqlitejournal.Journal, fence int64) {
	items, err := j.AsStored(t.Context())
	if err != nil {
		return // an item that cannot be read
	}
	lease := submissions.Lease{Holder: "p", For: time.Minute}
	for _, i := range items {
		for _, to := range submissions.States() {
			_, _ = j.Note(t.Context(), "anna", []submissions.Change{{SubmissionID: i.SubmissionID, Index: i.Index, Attempt: i.Attempt, To: to, RecordID: 77, RevisionID: 78}})
		}
		_, _ = j.Send(t.Context(), submissions.Sending{SubmissionID: i.SubmissionID, Fence: fence, Lease: lease, Author: "anna", Indexes: []int{i.Index}})
		again := submissions.Item{Kind: i.Kind, FormKey: i.FormKey, IntentKey: i.IntentKey, ContentHash: i.ContentHash, Ordinal: 1, Line: 1, Payload: i.Payload}
		_, _ = j.Prepare(t.Context(), submissions.Preparation{
			ID: fmt.Sprintf("again-%d", i.Index), StudyKey: i.StudyKey, Author: "anna", Lease: lease, Items: []submissions.Item{again}, Rechecked: []submissions.Item{i},
		})
	}
}

// TestUseDoesNotHideAnEdit edits every column of every item in the file, then does to the item all that
// can be done: Verify finds the edit afterwards as before.
func TestUseDoesNotHideAnEdit(t *testing.T) {
	path := filepath.Join(t.TempDir(), "j.sqlite3")
	j, entry := journalWithHistory(t, path)
	require.NoError(t, j.Close())
	forgeries := storetest.Forgeries(t, path, []storetest.Table{{Name: "submission_items", Key: []string{"submission", "item"}, Swap: "item", With: "submission"}})
	require.Greater(t, len(forgeries), 60)
	for _, f := range forgeries {
		copied := storetest.Copy(t, path)
		storetest.WithoutGuards(t, copied, f.SQL)
		forged := open(t, copied)
		transitions(t, forged, entry.Fence)
		_, err := forged.Verify(t.Context(), "")
		require.ErrorIs(t, err, submissions.ErrDamaged, f.Name)
		require.NotContains(t, err.Error(), "is missing: the table", f.Name)
		require.NoError(t, forged.Close())
	}
}

// TestAnEditedItemIsNeitherSentNorReplaced: what an item says and what is known of it, among them a
// record that stands and was made to look as if it had never been sent.
func TestAnEditedItemIsNeitherSentNorReplaced(t *testing.T) {
	never := `state = 'absent', closed = 0, claim = NULL, attempt = 0, batch_id = '', sent_at = ''`
	for _, edit := range []string{
		never, never + `, record_id = 0, revision_id = 0, reason = '', server_message = '', job_state = ''`, `state = 'refused', closed = 0`, `claim = NULL`, `claim = 'record 9'`, `attempt = 9`,
		`sent_at = '2020-01-01T00:00:00.000000+00:00'`, `after_revision = 999999999`, `batch_id = 'x'`, `reason = 'forged'`, `server_message = 'forged'`,
		`changed_at = '2020-01-01T00:00:00.000000+00:00'`, `line = 77`, `ordinal = 4`, `form_key = 'VS'`, `record_id = 6`, `server_time = 0`, `position = 3`, `batch_size = 3`, `closed = 0`,
	} {
		path := filepath.Join(t.TempDir(), "j.sqlite3")
		j, entry := journalWithHistory(t, path)
		storetest.WithoutGuards(t, path, `UPDATE submission_items SET `+edit+` WHERE item = 0`)
		before := storetest.Snapshot(t, path, "submission_events", "sequence, hash")
		items, err := j.AsStored(t.Context())
		require.NoError(t, err)
		edited := items[0]
		_, err = j.Send(t.Context(), submissions.Sending{SubmissionID: "s1", Fence: entry.Fence, Indexes: []int{2, 0}})
		require.ErrorIs(t, err, submissions.ErrDamaged, edit)
		_, err = j.Note(t.Context(), "anna", []submissions.Change{
			{SubmissionID: "s1", Index: 2, To: submissions.Absent, Close: true},
			{SubmissionID: "s1", Index: 0, Attempt: edited.Attempt, To: submissions.Standing},
		})
		require.ErrorIs(t, err, submissions.ErrDamaged, edit)
		_, err = j.Prepare(t.Context(), submissions.Preparation{ID: "s2", StudyKey: "S", Rechecked: items, Window: time.Hour, AllowRepeat: true, Items: []submissions.Item{
			{Kind: imednet.NewRecord, FormKey: "AE", ContentHash: "new", Ordinal: 1}, {Kind: imednet.NewRecord, FormKey: "AE", ContentHash: edited.ContentHash, Ordinal: 1},
		}})
		require.ErrorIs(t, err, submissions.ErrDamaged, edit)
		require.NotContains(t, err.Error(), "forged")
		require.Equal(t, before, storetest.Snapshot(t, path, "submission_events", "sequence, hash"), "nothing was written")
	}
}

// TestAnItemWhoseHistoryWasChangedIsNotUsed: an item and its latest event agree, but that event was changed or
// is not there.
func TestAnItemWhoseHistoryWasChangedIsNotUsed(t *testing.T) {
	for _, sql := range []string{
		`UPDATE submission_events SET author = 'eve' WHERE sequence = (SELECT max(sequence) FROM submission_events WHERE item = 2)`,
		`UPDATE submission_events SET at = '' WHERE sequence = (SELECT min(sequence) FROM submission_events WHERE item = 2)`,
		`DELETE FROM submission_events WHERE sequence = (SELECT max(sequence) FROM submission_events WHERE item = 2)`,
		`DELETE FROM submission_events WHERE item = 2`,
	} {
		path := filepath.Join(t.TempDir(), "j.sqlite3")
		j, entry := journalWithHistory(t, path)
		storetest.WithoutGuards(t, path, sql)
		_, err := j.Send(t.Context(), submissions.Sending{SubmissionID: "s1", Fence: entry.Fence, Indexes: []int{2}})
		require.ErrorIs(t, err, submissions.ErrDamaged, sql)
	}
}

// TestAReplacedItemKeepsItsPayloadInTheHistory: the event of the replacement speaks of the payload that was
// prepared.
func TestAReplacedItemKeepsItsPayloadInTheHistory(t *testing.T) {
	path := filepath.Join(t.TempDir(), "j.sqlite3")
	j, _ := journalWithHistory(t, path)
	items, err := j.Items(t.Context(), submissions.Query{SubmissionID: "s1"})
	require.NoError(t, err)
	_, err = j.Prepare(t.Context(), submissions.Preparation{ID: "s2", StudyKey: "S", Items: items[2:]})
	require.NoError(t, err)
	require.Len(t, storetest.Snapshot(t, path, "submission_events WHERE submission_id = 's1' AND item = 2 GROUP BY payload_hash", "payload_hash"), 1)
	_, err = j.Verify(t.Context(), "")
	require.NoError(t, err)
}
