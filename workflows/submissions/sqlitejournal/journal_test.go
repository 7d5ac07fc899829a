package sqlitejournal_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/internal/storetest"
	"github.com/imednetgo/imednet/workflows/submissions"
	"github.com/imednetgo/imednet/workflows/submissions/journaltest"
	"github.com/imednetgo/imednet/workflows/submissions/sqlitejournal"
)

func open(t testing.TB, path string, opts ...sqlitejournal.Option) *sqlitejournal.Journal {
	t.Helper()
	j, err := sqlitejournal.Open(t.Context(), path, opts...)
	require.NoError(t, err)
	t.Cleanup(func() { _ = j.Close() })
	return j
}

func TestContract(t *testing.T) {
	journaltest.Run(t, func(t *testing.T, clock imednet.Clock) submissions.Journal {
		return open(t, filepath.Join(t.TempDir(), "j.sqlite3"), sqlitejournal.WithClock(clock))
	})
}

// journalWithHistory has items in several states.
func journalWithHistory(t testing.TB, path string) (*sqlitejournal.Journal, submissions.Entry) {
	j := open(t, path, sqlitejournal.WithClock(imednettest.NewClock(time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC))))
	var items []submissions.Item
	for _, term := range []string{"a", "b", "c"} {
		items = append(items, submissions.Item{Kind: imednet.NewRecord, FormKey: "AE", IntentKey: "row " + term, ContentHash: term, Ordinal: 1, Line: 1, Payload: jsontext.Value(`{"t":"` + term + `"}`)})
	}
	lease := submissions.Lease{Holder: "p", For: time.Minute}
	entry, err := j.Prepare(t.Context(), submissions.Preparation{ID: "s1", StudyKey: "S", Author: "anna", Source: "f", Items: items, Lease: lease})
	require.NoError(t, err)
	_, err = j.Send(t.Context(), submissions.Sending{SubmissionID: "s1", Fence: entry.Fence, Lease: lease, Author: "anna", Indexes: []int{0, 1}, At: time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC), ServerTime: true, AfterRevision: 9})
	require.NoError(t, err)
	_, err = j.Note(t.Context(), "bert", []submissions.Change{
		{SubmissionID: "s1", Index: 0, Attempt: 1, To: submissions.Standing, BatchID: "b", JobState: "completed", RecordID: 5, RevisionID: 10, Reason: "read back"},
		{SubmissionID: "s1", Index: 1, Attempt: 1, To: submissions.Refused, BatchID: "b", JobState: "completed", Reason: "refused", ServerMessage: "no"},
		{SubmissionID: "s1", Index: 2, Attempt: 0, To: submissions.Absent, Reason: "not sent"},
	})
	require.NoError(t, err)
	return j, entry
}

// TestEveryForgeryIsFound changes every column of every row, removes every row and exchanges
// neighbours, with the guards out of the way.
func TestEveryForgeryIsFound(t *testing.T) {
	path := filepath.Join(t.TempDir(), "j.sqlite3")
	j, _ := journalWithHistory(t, path)
	v, err := j.Verify(t.Context(), "")
	require.NoError(t, err)
	require.NoError(t, j.Close())
	forgeries := storetest.Forgeries(t, path, []storetest.Table{
		{Name: "submission_events", Key: []string{"sequence"}, Swap: "sequence"},
		{Name: "submission_items", Key: []string{"submission", "item"}, Swap: "item", With: "submission"},
	})
	require.Greater(t, len(forgeries), 150)
	for _, f := range forgeries {
		copied := storetest.Copy(t, path)
		storetest.WithoutGuards(t, copied, f.SQL)
		forged := open(t, copied)
		_, err := forged.Verify(t.Context(), v.Head)
		require.ErrorIs(t, err, submissions.ErrDamaged, f.Name)
		require.NotContains(t, err.Error(), `"t"`, f.Name)
		require.NoError(t, forged.Close())
	}
	for _, f := range []string{`UPDATE submissions SET author = 'eve'`, `UPDATE submissions SET study_key = 'T'`, `UPDATE submissions SET source = 'x'`, `UPDATE submissions SET prepared_at = '2020-01-01T00:00:00.000000+00:00'`} {
		copied := storetest.Copy(t, path)
		storetest.Exec(t, copied, f)
		_, err := open(t, copied).Verify(t.Context(), "")
		require.ErrorIs(t, err, submissions.ErrDamaged, f)
	}
	columns := `line, kind, form_key, intent_key, content_hash, ordinal, payload, state, closed, attempt, position, batch_size, sent_at, server_time, after_revision, batch_id, job_state, record_id, revision_id, reason, server_message, changed_at`
	stray := storetest.Copy(t, path)
	storetest.Exec(t, stray, `INSERT INTO submission_items (submission, item, study_key, `+columns+`, claim) SELECT submission + 50, item, study_key, `+columns+`, 'x' || item FROM submission_items LIMIT 2`)
	_, err = open(t, stray).Verify(t.Context(), v.Head)
	require.ErrorIs(t, err, submissions.ErrDamaged)
	require.ErrorContains(t, err, "2 items are of no submission")
	copied := storetest.Copy(t, path)
	storetest.Exec(t, copied, `DROP TRIGGER submission_events_no_delete`, `DELETE FROM submission_events WHERE sequence > 4`)
	_, err = open(t, copied).Verify(t.Context(), "")
	require.ErrorContains(t, err, "is missing: the table could be rewritten")
}

// TestAnEditedPayloadIsNeverSent: of what may be sent again, the payload was edited in the file, also
// together with its hash in the history.
func TestAnEditedPayloadIsNeverSent(t *testing.T) {
	for _, sql := range [][]string{
		{`UPDATE submission_items SET payload = CAST('{"t":"evil"}' AS BLOB) WHERE item = 2`},
		{`UPDATE submission_items SET kind = 'register subject' WHERE item = 2`},
		{`UPDATE submission_items SET payload = CAST('{"t":"evil"}' AS BLOB) WHERE item = 2`, `UPDATE submission_events SET payload_hash = 'x' WHERE item = 2`},
	} {
		path := filepath.Join(t.TempDir(), "j.sqlite3")
		j, entry := journalWithHistory(t, path)
		storetest.WithoutGuards(t, path, sql...)
		_, err := j.Send(t.Context(), submissions.Sending{SubmissionID: "s1", Fence: entry.Fence, Lease: submissions.Lease{Holder: "p", For: time.Minute}, Indexes: []int{2}})
		require.ErrorIs(t, err, submissions.ErrDamaged, strings.Join(sql, ";"))
		require.NotContains(t, err.Error(), "evil")
		items, err := j.AsStored(t.Context())
		require.NoError(t, err)
		require.Equal(t, submissions.Absent, items[2].State, "nothing was changed")
	}
}

func TestTheHistoryAndThePayloadsResistCarelessHands(t *testing.T) {
	path := filepath.Join(t.TempDir(), "j.sqlite3")
	journalWithHistory(t, path)
	db := storetest.Raw(t, path)
	for _, sql := range []string{
		`UPDATE submission_events SET author = 'eve'`, `DELETE FROM submission_events`, `DELETE FROM submission_items`, `DELETE FROM submissions`,
		`UPDATE submission_items SET payload = x'00'`, `UPDATE submission_items SET intent_key = 'x'`,
	} {
		_, err := db.Exec(sql)
		require.Error(t, err, sql)
	}
}

func TestFilesArePrivateAndCopied(t *testing.T) {
	path := filepath.Join(t.TempDir(), "dir", "j.sqlite3")
	j, _ := journalWithHistory(t, path)
	info, err := os.Stat(path)
	require.NoError(t, err)
	require.Equal(t, fs.FileMode(0o600), info.Mode().Perm())
	copied := filepath.Join(t.TempDir(), "copy.sqlite3")
	require.NoError(t, j.Backup(t.Context(), copied))
	again := open(t, copied)
	_, err = again.Verify(t.Context(), "")
	require.NoError(t, err)
	require.Error(t, j.Backup(t.Context(), copied), "no file is overwritten")
	_, err = sqlitejournal.Open(t.Context(), path, sqlitejournal.WithClock(nil))
	require.ErrorAs(t, err, new(*imednet.ValidationError))
}
