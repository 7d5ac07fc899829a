package triage_test

import (
	"bytes"
	"crypto/ed25519"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet/internal/storetest"
	"github.com/imednetgo/imednet/triage"
	"github.com/imednetgo/imednet/triage/triagetest"
)

var tables = []storetest.Table{
	{Name: "triage_events", Key: []string{"sequence"}, Swap: "sequence"},
	{Name: "triage_items", Key: []string{"item_id"}, Swap: "item_id"},
	{Name: "triage_annotations", Key: []string{"annotation_id"}, Swap: "annotation_id"},
	{Name: "triage_history", Key: []string{"transition_id"}, Swap: "transition_id"},
}

// reviewed writes a store with every kind of event and returns its file, closed, and its head.
func reviewed(t *testing.T) (path string, head triage.Head) {
	t.Helper()
	ctx := t.Context()
	path = newPath(t)
	storetest.Exec(t, path, referenceFile)
	s, err := triage.NewTriageStore(ctx, path, triage.WithClock(storetest.NewClock()), triage.WithIDs(storetest.Counter("id")),
		triage.WithSeverities(triagetest.Scale()...), triage.WithImport("chris"))
	require.NoError(t, err)
	triagetest.WriteHistory(t, s, signingKey)
	v, err := s.Verify(ctx, triage.VerifyOptions{})
	require.NoError(t, err)
	require.EqualValues(t, v.Head.Sequence, v.Events)
	require.NoError(t, s.Close())
	return path, v.Head
}

func verify(t *testing.T, path string, head *triage.Head) (triage.Verification, error) {
	t.Helper()
	s, err := triage.NewTriageStore(t.Context(), path, triage.WithoutCheck())
	require.NoError(t, err)
	defer s.Close()
	return s.Verify(t.Context(), triage.VerifyOptions{Head: head})
}

var signingKey = ed25519.NewKeyFromSeed(bytes.Repeat([]byte{7}, 32))

func TestVerifyFindsEveryForgery(t *testing.T) {
	path, head := reviewed(t)
	forgeries := storetest.Forgeries(t, path, tables)
	require.Greater(t, len(forgeries), 250)
	for _, f := range forgeries {
		forged := storetest.Copy(t, path)
		storetest.WithoutGuards(t, forged, f.SQL)
		v, err := verify(t, forged, &head)
		require.ErrorIs(t, err, triage.ErrIntegrity, f.Name)
		require.NotEmpty(t, v.Problems, f.Name)
		// A changed entry is the first problem; ids appear in the result and not in the error.
		if table, rest, _ := strings.Cut(f.Name, " "); table == "triage_events" && !strings.HasPrefix(rest, "sequence") {
			require.True(t, strings.HasPrefix(v.Problems[0].Path, "triage_events/"), "%s: %v", f.Name, v.Problems)
		}
	}
	_, err := verify(t, path, &head)
	require.NoError(t, err)
}

// Comments and transitions of one item have an order, which rows of the same second show only by
// their place in the table.
func TestVerifySeesTheOrderOfRows(t *testing.T) {
	path, head := reviewed(t)
	for _, table := range []string{"triage_annotations", "triage_history"} {
		forged := storetest.Copy(t, path)
		storetest.WithoutGuards(t, forged, `UPDATE `+table+` SET rowid = -rowid WHERE item_id = (SELECT item_id FROM triage_items WHERE fingerprint IS NOT NULL)`)
		_, err := verify(t, forged, &head)
		require.ErrorIs(t, err, triage.ErrIntegrity, table)
	}
}

func TestVerifyNamesTheFirstBadEntry(t *testing.T) {
	path, _ := reviewed(t)
	storetest.WithoutGuards(t, path, `UPDATE triage_events SET user_id = 'mallory' WHERE sequence IN (9, 11)`)
	v, err := verify(t, path, nil)
	require.ErrorIs(t, err, triage.ErrIntegrity)
	require.Equal(t, "triage_events/9", v.Problems[0].Path)
	require.Equal(t, "triage_events/11", v.Problems[1].Path)
	require.Contains(t, err.Error(), "triage_events/9")
}

// A tail that is cut off with all that followed from it is consistent: only the head shows it.
func TestCutTailNeedsTheExportedHead(t *testing.T) {
	path, head := reviewed(t)
	storetest.WithoutGuards(t, path,
		`DELETE FROM triage_events WHERE sequence = (SELECT max(sequence) FROM triage_events)`,
		`UPDATE triage_items SET claimed_by = NULL, claimed_until = NULL, version = version - 1,
			updated_at = (SELECT timestamp FROM triage_events ORDER BY sequence DESC LIMIT 1) WHERE fingerprint IS NOT NULL`)
	_, err := verify(t, path, nil)
	require.NoError(t, err)
	v, err := verify(t, path, &head)
	require.ErrorIs(t, err, triage.ErrIntegrity)
	require.Contains(t, v.Problems[0].Message, "its tail was cut")
}

func TestVerifyMissesNoGuard(t *testing.T) {
	path, _ := reviewed(t)
	for _, change := range []string{
		`DROP TRIGGER triage_events_no_update`,
		`DROP TRIGGER triage_events_no_delete; CREATE TRIGGER triage_events_no_delete BEFORE DELETE ON triage_events BEGIN SELECT 1; END`,
		`CREATE TRIGGER helpful AFTER INSERT ON triage_annotations BEGIN SELECT 1; END`,
		`DROP INDEX triage_events_item`,
		`DROP INDEX idx_triage_items_study_status`,
		`DROP INDEX triage_items_due; CREATE INDEX triage_items_due ON triage_items (study_key)`,
	} {
		forged := storetest.Copy(t, path)
		storetest.Exec(t, forged, change)
		v, err := verify(t, forged, nil)
		require.ErrorIs(t, err, triage.ErrIntegrity, change)
		require.Regexp(t, "^(trigger|index)", v.Problems[0].Path, change)
	}
}

// What another program tries on the file is refused, the Python package's own writes included.
func TestGuards(t *testing.T) {
	path, head := reviewed(t)
	db := storetest.Raw(t, path)
	for _, statement := range []string{
		`UPDATE triage_events SET user_id = 'x'`,
		`DELETE FROM triage_events`,
		`INSERT OR REPLACE INTO triage_events SELECT * FROM triage_events WHERE sequence = 3`,
		`INSERT OR REPLACE INTO triage_events SELECT sequence + 100, event_id, study_key, item_id, version, kind, user_id, timestamp, change, previous_hash, hash FROM triage_events WHERE sequence = 3`,
		`INSERT OR REPLACE INTO triage_events SELECT (SELECT max(sequence) + 1 FROM triage_events), event_id, study_key, 'fresh', 1, kind, user_id, timestamp, change, previous_hash, hash FROM triage_events WHERE sequence = 3`,
		`DELETE FROM triage_items`,
		`UPDATE triage_items SET status = 'RESOLVED'`,
		`UPDATE triage_items SET study_key = 'OTHER', version = version + 1`,
		`INSERT INTO triage_items (item_id, study_key, status, severity, created_at, updated_at) VALUES ('n', 'S', 'NEW', 'HIGH', '', '')`,
		`INSERT INTO triage_items (item_id, study_key, status, severity, created_at, updated_at) VALUES ('r1', 'S', 'NEW', 'HIGH', '', '')
			ON CONFLICT (item_id) DO UPDATE SET status = excluded.status`,
		`INSERT OR REPLACE INTO triage_items SELECT * FROM triage_items`,
		`INSERT OR REPLACE INTO triage_items (rowid, item_id, study_key, status, severity, created_at, updated_at, version) VALUES (1, 'n', 'S', 'NEW', 'HIGH', '', '', 1)`,
		`DELETE FROM triage_annotations`,
		`UPDATE triage_annotations SET comment = 'x'`,
		`INSERT INTO triage_annotations VALUES ('n', 'r1', 'u', 'c', '')`,
		`INSERT OR REPLACE INTO triage_annotations SELECT * FROM triage_annotations`,
		`DELETE FROM triage_history`,
		`UPDATE triage_history SET to_status = 'NEW'`,
		`INSERT INTO triage_history VALUES ('n', 'r1', 'NEW', 'RESOLVED', 'u', 'c', '')`,
		`INSERT OR REPLACE INTO triage_history SELECT * FROM triage_history`,
	} {
		_, err := db.Exec(statement)
		require.ErrorContains(t, err, "triage", statement)
	}
	_, err := verify(t, path, &head)
	require.NoError(t, err)
}
