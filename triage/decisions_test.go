package triage_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/audit"
	"github.com/imednetgo/imednet/internal/storetest"
	"github.com/imednetgo/imednet/triage"
)

// Who resolved an item with the Python package does not confirm it after the import, in whatever spelling and under
// whatever rules.
func TestWhoResolvedBeforeTheImportDoesNotConfirm(t *testing.T) {
	path := newPath(t)
	storetest.Exec(t, path, referenceFile, `INSERT INTO triage_items VALUES ('a', 'S', 'RESOLVED', NULL, 'HIGH', '2025-12-01T10:00:00+00:00', '2025-12-02T10:00:00+00:00')`,
		`INSERT INTO triage_history VALUES ('t2', 'a', 'NEW', 'UNDER_REVIEW', 'bert', NULL, '2025-12-02T10:00:00+00:00'),
			('t3', 'a', 'UNDER_REVIEW', 'RESOLVED', 'anna', 'done', '2025-12-02T11:00:00+00:00')`)
	s, err := triage.NewTriageStore(t.Context(), path, distinctIDs, triage.WithClock(storetest.NewClock()), triage.WithImport("chris"))
	require.NoError(t, err)
	defer s.Close()
	for _, same := range []string{"anna", "ANNA", "ａnna"} {
		require.ErrorIs(t, confirm(t, s, same), triage.ErrSamePerson, same)
	}
	require.ErrorIs(t, confirm(t, proven(t, path, "bert"), ""), triage.ErrOnlyClaimed)
	require.NoError(t, confirm(t, s, "bert"), "who only began the review")
}

// rechain makes a change, and then all hashes of the log anew.
func rechain(t *testing.T, path, change string) {
	t.Helper()
	storetest.WithoutGuards(t, path, change)
	rows, err := storetest.Raw(t, path).Query(`SELECT sequence, event_id, study_key, item_id, version, kind, user_id, timestamp, change FROM triage_events ORDER BY sequence`)
	require.NoError(t, err)
	defer rows.Close()
	var script []string
	previous := ""
	for rows.Next() {
		var sequence, id, study, item, version, kind, user, timestamp, change string
		require.NoError(t, rows.Scan(&sequence, &id, &study, &item, &version, &kind, &user, &timestamp, &change))
		hash := audit.Hash("imednet/triage/v1", sequence, id, study, item, version, kind, user, timestamp, change, previous)
		script = append(script, fmt.Sprintf(`UPDATE triage_events SET previous_hash = '%s', hash = '%s' WHERE sequence = %s`, previous, hash, sequence))
		previous = hash
	}
	require.NoError(t, rows.Err())
	require.NoError(t, rows.Close())
	storetest.WithoutGuards(t, path, script...)
}

// A confirmation that ConfirmItem refuses is found, although whoever forged it made all hashes anew.
func TestConfirmationsThatNobodyCanHaveMadeAreFound(t *testing.T) {
	for name, c := range map[string]struct{ attack, says string }{
		"nothing":          {`SELECT 1`, ""},
		"by the resolver":  {`UPDATE triage_events SET user_id = 'ANNA' WHERE kind = 'CONFIRMED'; UPDATE triage_items SET confirmed_by = 'ANNA'`, "is a confirmation by the person who resolved the item"},
		"by one key":       {`UPDATE triage_events SET change = replace(change, 'b6d15f9de5ee228d', '90b17fe9cb836517') WHERE kind = 'CONFIRMED'`, "is a confirmation by the person who resolved the item"},
		"of what is open":  {`UPDATE triage_events SET change = replace(change, '"to_status":"RESOLVED"', '"to_status":"NEW"'); UPDATE triage_history SET to_status = 'NEW' WHERE to_status = 'RESOLVED'`, "confirms an item that is not resolved"},
		"a second time":    {`UPDATE triage_events SET kind = 'CONFIRMED' WHERE kind = 'ANNOTATED'`, "confirms an item that is confirmed already"},
		"by another again": {`UPDATE triage_events SET user_id = 'carl', change = replace(change, '"id":"bert"', '"id":"carl"') WHERE kind = 'CONFIRMED'; UPDATE triage_items SET confirmed_by = 'carl'`, ""},
		"by another key's": {`UPDATE triage_events SET user_id = 'carl' WHERE kind = 'CONFIRMED'; UPDATE triage_items SET confirmed_by = 'carl'`, "names another than the one who was identified"},
	} {
		t.Run(name, func(t *testing.T) {
			path := newPath(t)
			as := func(who, key string) *triage.TriageStore {
				return open(t, path, distinctIDs, triage.WithIdentity(imednet.IdentifierFunc(func(context.Context) (imednet.Identity, error) {
					return imednet.Identity{ID: who, Authenticated: key}, nil
				})))
			}
			anna, bert := as("anna", "key file 90b17fe9cb836517"), as("bert", "key file b6d15f9de5ee228d")
			_, err := anna.UpsertItem(t.Context(), triage.ItemUpsert{ItemID: "a", StudyKey: "S", Severity: "HIGH"})
			require.NoError(t, err)
			require.NoError(t, resolve(t, anna, ""))
			require.NoError(t, confirm(t, bert, ""))
			_, err = bert.AddAnnotation(t.Context(), triage.Comment{ItemID: "a", Text: "seen"})
			require.NoError(t, err)
			require.NoError(t, anna.Close())
			require.NoError(t, bert.Close())
			rechain(t, path, c.attack)
			requireSays(t, path, c.says)
		})
	}
}

// What no call can have written is found, although whoever forged it made all hashes anew.
func TestWhatNoCallCanHaveWrittenIsFound(t *testing.T) {
	const status = "changes the status in a way that a review does not go"
	for name, c := range map[string]struct{ attack, says string }{
		"nothing":          {`SELECT 1`, ""},
		"a kind":           {`UPDATE triage_events SET kind = 'BLESSED' WHERE kind = 'ANNOTATED'; DELETE FROM triage_annotations`, "is of a kind that there is not"},
		"nobody":           {`UPDATE triage_events SET user_id = ' ' WHERE kind = 'ANNOTATED'; UPDATE triage_annotations SET user_id = ' '`, "names nobody who acted"},
		"another":          {`UPDATE triage_events SET change = '{"actor":{"id":"bert","authenticated":"os-user"},' || substr(change, 2) WHERE kind = 'ANNOTATED'`, "names another than the one who was identified"},
		"a status":         {`UPDATE triage_events SET change = replace(change, 'RESOLVED', 'DONE') WHERE kind = 'STATUS'; UPDATE triage_history SET to_status = 'DONE' WHERE to_status = 'RESOLVED'`, status},
		"a way":            {`UPDATE triage_events SET change = '{"from_status":"NEW","to_status":"RESOLVED","comment":"x"}' WHERE version = 2; UPDATE triage_history SET to_status = 'RESOLVED', comment = 'x' WHERE from_status = 'NEW'`, status},
		"without a reason": {`UPDATE triage_events SET change = '{"from_status":"UNDER_REVIEW","to_status":"RESOLVED"}' WHERE version = 3; UPDATE triage_history SET comment = NULL WHERE to_status = 'RESOLVED'`, status},
		"who had it":       {`UPDATE triage_events SET change = replace(change, '"assignee_before":""', '"assignee_before":"zoe"')`, "has another assignee before it than the log"},
		"what it was":      {`UPDATE triage_events SET change = replace(change, '"details_before":{"severity":"HIGH"', '"details_before":{"severity":"LOW"')`, "has other details before it than the log"},
	} {
		t.Run(name, func(t *testing.T) {
			path := newPath(t)
			s := open(t, path, distinctIDs)
			upsert := func(severity string) {
				_, err := s.UpsertItem(t.Context(), triage.ItemUpsert{ItemID: "a", StudyKey: "S", Severity: severity, UserID: "checks"})
				require.NoError(t, err)
			}
			upsert("HIGH")
			require.NoError(t, resolve(t, s, "anna"))
			_, err := s.AddAnnotation(t.Context(), triage.Comment{ItemID: "a", Text: "seen", UserID: "anna"})
			require.NoError(t, err)
			_, err = s.AssignItem(t.Context(), triage.Assignment{ItemID: "a", Version: triage.AnyVersion, Assignee: "carl", UserID: "anna"})
			require.NoError(t, err)
			upsert("CRITICAL")
			require.NoError(t, s.Close())
			rechain(t, path, c.attack)
			requireSays(t, path, c.says)
		})
	}
}

// requireSays demands that a queue's log is refused with this message; "" means that it is intact.
func requireSays(t *testing.T, path, message string) {
	t.Helper()
	v, err := verify(t, path, nil)
	if message == "" {
		require.NoError(t, err)
		return
	}
	require.ErrorIs(t, err, triage.ErrIntegrity)
	var says []string
	for _, p := range v.Problems {
		says = append(says, p.Message)
	}
	require.Contains(t, says, message)
}
