package sqlitejournal_test

import (
	"database/sql"
	"fmt"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/internal/audit"
	"github.com/imednetgo/imednet/internal/storetest"
	"github.com/imednetgo/imednet/workflows/submissions"
	"github.com/imednetgo/imednet/workflows/submissions/sqlitejournal"
)

// Times in the history never fall, whatever the clock says; when an item was changed is what the clock said. Nothing is
// refused: a record that was sent may be stored.
func TestTimesOfTheHistoryNeverFall(t *testing.T) {
	path := filepath.Join(t.TempDir(), "j.sqlite3")
	j, entry := journalWithHistory(t, path)
	require.NoError(t, j.Release(t.Context(), "s1", entry.Fence))
	require.NoError(t, j.Close())
	for years := -1; years <= 1; years++ {
		now := time.Date(2026+years, 3, 1, 8, 0, 0, 0, time.UTC)
		later := open(t, path, sqlitejournal.WithClock(imednettest.NewClock(now)))
		id := fmt.Sprintf("s%d", now.Year())
		item := submissions.Item{Kind: imednet.NewRecord, FormKey: "AE", IntentKey: id, ContentHash: id, Ordinal: 1, Payload: jsontext.Value(`{}`)}
		_, err := later.Prepare(t.Context(), submissions.Preparation{ID: id, StudyKey: "S", Author: "anna", Items: []submissions.Item{item}, Lease: submissions.Lease{Holder: "p", For: time.Minute}})
		require.NoError(t, err)
		items, err := later.Items(t.Context(), submissions.Query{SubmissionID: id})
		require.NoError(t, err)
		require.Equal(t, now, items[0].ChangedAt)
		v, err := later.Verify(t.Context(), "")
		require.NoError(t, err)
		require.Zero(t, v.Backdated, id)
		require.NoError(t, later.Close())
	}
	times := storetest.Snapshot(t, path, "submission_events", "at")
	require.Contains(t, times[len(times)-1], "2027-03-01T08:00:00")
	require.Contains(t, times[len(times)-3], "2026-03-01T08:00:0", "the year before is not told of")
}

// A history that was made anew with other times is told of, and one with what no event has is damaged.
func TestTimesThatFallAreTold(t *testing.T) {
	for change, want := range map[string]submissions.Verification{
		`SELECT 1`: {},
		`UPDATE submission_events SET at = '2020-01-01T00:00:00.000000+00:00' WHERE sequence = 6`: {Backdated: 1},
		`UPDATE submission_events SET at = '2030-01-01T00:00:00.000000+00:00' WHERE sequence < 3`: {Backdated: 1},
		`UPDATE submission_events SET at = 'yesterday' WHERE sequence = 6`:                        {Faults: 1, Backdated: 1},
		`UPDATE submission_events SET state = 'blessed' WHERE item = 0 AND state = 'sent'`:        {Faults: 1},
	} {
		path := filepath.Join(t.TempDir(), "j.sqlite3")
		j, _ := journalWithHistory(t, path)
		require.NoError(t, j.Close())
		rechain(t, path, change)
		v, _ := open(t, path).Verify(t.Context(), "")
		require.Equal(t, want, submissions.Verification{Backdated: v.Backdated, Faults: v.Faults}, change)
	}
	require.Equal(t, "7 entries, 3 items: intact; 2 entries are dated before the one before them", submissions.Verification{Events: 7, Items: 3, Backdated: 2}.String())
}

// rechain makes a change, and then the hashes of all events anew.
func rechain(t *testing.T, path, change string) {
	t.Helper()
	storetest.WithoutGuards(t, path, change)
	rows, err := storetest.Raw(t, path).Query(`SELECT sequence, submission_id, item, state, closed, at, author, payload_hash, state_hash FROM submission_events ORDER BY sequence`)
	require.NoError(t, err)
	defer rows.Close()
	script, previous := []string{}, ""
	for rows.Next() {
		var closed bool
		columns := make([]sql.NullString, 9)
		require.NoError(t, rows.Scan(&columns[0], &columns[1], &columns[2], &columns[3], &closed, &columns[5], &columns[6], &columns[7], &columns[8]))
		columns[4].String = strconv.FormatBool(closed)
		fields := []string{}
		for _, c := range columns {
			fields = append(fields, c.String)
		}
		hash := audit.Hash("imednet submission event 1", append(fields, previous)...)
		script = append(script, fmt.Sprintf(`UPDATE submission_events SET previous = '%s', hash = '%s' WHERE sequence = %s`, previous, hash, fields[0]))
		previous = hash
	}
	require.NoError(t, rows.Err())
	require.NoError(t, rows.Close())
	storetest.WithoutGuards(t, path, script...)
}
