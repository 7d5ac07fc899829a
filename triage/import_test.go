package triage_test

import (
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet/internal/storetest"
	"github.com/imednetgo/imednet/triage"
)

// referenceFile is a file as the Python package writes it, version 1, with what its checks let through:
// an id with a blank, a blank user, a made-up status, a time without fraction, a blank assignee, a
// comment of an item that is gone.
const referenceFile = `
CREATE TABLE triage_items (item_id TEXT PRIMARY KEY, study_key TEXT NOT NULL, status TEXT NOT NULL, assignee TEXT,
	severity TEXT NOT NULL, created_at TEXT NOT NULL, updated_at TEXT NOT NULL);
CREATE TABLE triage_annotations (annotation_id TEXT PRIMARY KEY, item_id TEXT NOT NULL, user_id TEXT NOT NULL, comment TEXT NOT NULL,
	timestamp TEXT NOT NULL, FOREIGN KEY (item_id) REFERENCES triage_items (item_id) ON DELETE CASCADE);
CREATE TABLE triage_history (transition_id TEXT PRIMARY KEY, item_id TEXT NOT NULL, from_status TEXT NOT NULL, to_status TEXT NOT NULL,
	user_id TEXT NOT NULL, comment TEXT, timestamp TEXT NOT NULL, FOREIGN KEY (item_id) REFERENCES triage_items (item_id) ON DELETE CASCADE);
CREATE INDEX idx_triage_items_study_status ON triage_items (study_key, status);
CREATE INDEX idx_triage_annotations_item ON triage_annotations (item_id, timestamp);
CREATE INDEX idx_triage_history_item ON triage_history (item_id, timestamp);
PRAGMA user_version = 1;
INSERT INTO triage_items VALUES
	('r1', 'S', 'UNDER_REVIEW', 'anna', 'HIGH', '2025-12-01T10:00:00.123456+00:00', '2025-12-02T10:00:00+00:00'),
	('r 2', 'S', 'NEW', '', 'LOW', '2025-12-03T10:00:00+00:00', '2025-12-03T10:00:00+00:00'),
	('', 'S', 'PARKED', NULL, 'LOW', 'yesterday', '2025-12-04T10:00:00+00:00');
INSERT INTO triage_annotations VALUES
	('a2', 'r1', 'bob', 'later', '2025-12-02T10:00:00+00:00'),
	('a1', 'r1', ' ', 'earlier', '2025-12-01T10:00:00+00:00'),
	('a3', 'gone', 'bob', 'left over', '2025-12-01T10:00:00+00:00');
INSERT INTO triage_history VALUES ('t1', 'r1', 'NEW', 'UNDER_REVIEW', 'anna', NULL, '2025-12-02T10:00:00+00:00');
`

const (
	itemsOfReference       = `item_id, study_key, status, assignee, severity, created_at, updated_at`
	annotationsOfReference = `annotation_id, item_id, user_id, comment, timestamp`
	historyOfReference     = `transition_id, item_id, from_status, to_status, user_id, comment, timestamp`
)

func readableTables(t *testing.T, path string) map[string][]string {
	t.Helper()
	return map[string][]string{
		"items":       storetest.Snapshot(t, path, "triage_items", itemsOfReference),
		"annotations": storetest.Snapshot(t, path, "triage_annotations", annotationsOfReference),
		"history":     storetest.Snapshot(t, path, "triage_history", historyOfReference),
	}
}

func TestReferenceFileIsTakenOver(t *testing.T) {
	ctx := t.Context()
	path := newPath(t)
	storetest.Exec(t, path, referenceFile)
	before := readableTables(t, path)
	s := open(t, path, triage.WithImport("chris"))
	for e, err := range s.Events(ctx, triage.EventOptions{}) {
		require.NoError(t, err)
		require.Equal(t, "chris", e.UserID, "who took it over stands in each entry")
	}
	require.Equal(t, before, readableTables(t, path), "not a byte of the Python package's columns may change")

	item, err := s.TriageItem(ctx, "r1")
	require.NoError(t, err)
	require.Equal(t, triage.StatusUnderReview, item.Status)
	require.Equal(t, "anna", item.Assignee)
	require.Equal(t, time.Date(2025, 12, 1, 10, 0, 0, 123456000, time.UTC), item.CreatedAt)
	require.Equal(t, "earlier", item.Annotations[0].Comment)
	require.Len(t, item.History, 1)
	require.Len(t, item.Problems, 1, "a blank user")
	require.Equal(t, "annotations/0/user_id", item.Problems[0].Path)

	// One bad id does not lock the queue, and no status hides an item.
	page, err := s.Queue(ctx, triage.QueueOptions{StudyKey: "S", Limit: 2})
	require.NoError(t, err)
	require.Equal(t, "r1", page.Items[0].ItemID)
	require.Equal(t, "r 2", page.Items[1].ItemID)
	require.NotEmpty(t, page.Items[1].Problems)
	page, err = s.Queue(ctx, triage.QueueOptions{StudyKey: "S", Limit: 2, After: page.Next})
	require.NoError(t, err)
	require.Len(t, page.Items, 1)
	require.Len(t, page.Items[0].Problems, 4, "id, status and two times: %v", page.Items[0].Problems)

	// Work goes on where the Python package left it.
	item, err = s.UpdateStatus(ctx, triage.StatusUpdate{ItemID: "r1", Version: item.Version, To: triage.StatusResolved, UserID: "anna", Comment: "checked"})
	require.NoError(t, err)
	require.Len(t, item.History, 2)
	_, err = s.UpdateStatus(ctx, triage.StatusUpdate{ItemID: "r 2", Version: triage.AnyVersion, To: triage.StatusUnderReview, UserID: "anna"})
	require.NoError(t, err)
	_, err = s.UpsertItem(ctx, triage.ItemUpsert{ItemID: "gone", StudyKey: "S", UserID: "checks", Severity: "LOW"})
	require.NoError(t, err)
	restored, err := s.TriageItem(ctx, "gone")
	require.NoError(t, err)
	require.Len(t, restored.Annotations, 1)
	v, err := s.Verify(ctx, triage.VerifyOptions{})
	require.NoError(t, err, "%v", v.Problems)

	// Opening again imports nothing twice.
	again := open(t, path, triage.WithImport("chris"))
	w, err := again.Verify(ctx, triage.VerifyOptions{Head: &v.Head})
	require.NoError(t, err)
	require.Equal(t, v, w)
}

func TestVersionZeroFileIsTakenOver(t *testing.T) {
	path := newPath(t)
	storetest.Exec(t, path, `CREATE TABLE triage_items (item_id TEXT PRIMARY KEY, study_key TEXT NOT NULL, status TEXT NOT NULL, assignee TEXT, severity TEXT NOT NULL);
		INSERT INTO triage_items VALUES ('a', 'S', 'NEW', NULL, 'HIGH'), ('b', 'S', 'RESOLVED', 'bob', 'LOW')`)
	s := open(t, path, triage.WithImport("chris"))
	page, err := s.Queue(t.Context(), triage.QueueOptions{StudyKey: "S"})
	require.NoError(t, err)
	require.Len(t, page.Items, 2)
	require.Empty(t, page.Items[0].Problems)
	require.Equal(t, 2026, page.Items[0].CreatedAt.Year(), "filled with the present time")
	_, err = s.Verify(t.Context(), triage.VerifyOptions{})
	require.NoError(t, err)
	require.Equal(t, []string{"1"}, storetest.Snapshot(t, path, "pragma_user_version", "user_version"))
}

func TestOtherFilesAreRefused(t *testing.T) {
	newer := newPath(t)
	storetest.Exec(t, newer, referenceFile, `PRAGMA user_version = 2`)
	_, err := triage.NewTriageStore(t.Context(), newer, triage.WithImport("chris"))
	require.ErrorIs(t, err, triage.ErrNewerSchema)
	stranger := newPath(t)
	storetest.Exec(t, stranger, `CREATE TABLE something (x)`)
	_, err = triage.NewTriageStore(t.Context(), stranger)
	require.ErrorIs(t, err, triage.ErrForeignFile)
}

func TestFileIsPrivateAndWAL(t *testing.T) {
	path := newPath(t)
	s := open(t, path)
	mode, err := s.JournalMode(t.Context())
	require.NoError(t, err)
	require.Equal(t, "wal", mode)
	info, err := os.Stat(path)
	require.NoError(t, err)
	require.EqualValues(t, 0o600, info.Mode().Perm())
	require.Equal(t, []string{"1"}, storetest.Snapshot(t, path, "pragma_user_version", "user_version"), "what the Python package expects")
}

func TestOptionsAreChecked(t *testing.T) {
	for _, o := range []triage.Option{
		triage.WithClock(nil), triage.WithIDs(nil), triage.WithWait(0), triage.WithClockTolerance(0), triage.WithImport("import"), triage.WithIdentity(nil), triage.WithAuthorizer(nil), triage.WithSeverities(triage.Severity{}),
		triage.WithSeverities(triage.Severity{Name: "A", Due: -1}), triage.WithSeverities(triage.Severity{Name: "A"}, triage.Severity{Name: "a"}),
	} {
		_, err := triage.NewTriageStore(t.Context(), newPath(t), o)
		require.Error(t, err)
	}
	s := open(t, newPath(t), triage.WithIDs(func() (string, error) { return "not an id", nil }))
	_, err := s.UpsertItem(t.Context(), triage.ItemUpsert{ItemID: "a", StudyKey: "S", UserID: "u", Severity: "HIGH"})
	require.Error(t, err)
	require.NotContains(t, err.Error(), "not an id")
}
