package warehouse_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/cache"
	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/warehouse"
)

// moments are midnights between which some record changed more than once and most did not.
var moments = []string{
	"2012-08-21", "2013-01-29", "2013-03-22", "2013-06-18", "2013-10-21", "2014-03-01", "2014-05-02", "2014-12-19",
}

const pilotKey = "CDISCPILOT01"

func pilot(t *testing.T) (dir string, study *imednettest.Study) {
	dir = os.Getenv("IMEDNET_PILOT")
	if dir == "" {
		t.Skip("IMEDNET_PILOT names no folder with the pilot study")
	}
	study, err := imednettest.LoadDir(dir)
	require.NoError(t, err)
	return dir, study
}

func TestPilotRevisions(t *testing.T) {
	_, study := pilot(t)
	client := imednettest.NewServer(study).Client()
	d := open(t)
	for _, inserted := range []int64{32_872, 0} {
		run, err := d.IngestRevisions(t.Context(), client, pilotKey, warehouse.RevisionOptions{})
		require.NoError(t, err)
		reconciles(t, run)
		require.Equal(t, inserted, run.Inserted)
		require.Equal(t, []string{"32872"}, table(t, d, `SELECT count(*) FROM bronze_revisions`))
	}
}

// TestPilotCells proves the cell history against differences computed here, from the rows that
// the study showed at each moment at which the mirror was synced.
func TestPilotCells(t *testing.T) {
	dir, study := pilot(t)
	client := imednettest.NewServer(study).Client()
	mirror, err := cache.NewCachedRecordsLoader(t.Context(), client, filepath.Join(t.TempDir(), "mirror.sqlite3"))
	require.NoError(t, err)
	defer mirror.Close()
	d := open(t)
	last, lastRaw := map[int64]map[string]string{}, map[int64]string{}
	wantChanged, want := 0, map[string]int{}
	for _, moment := range append(moments, "2015-06-06") {
		at, err := time.Parse(time.DateOnly, moment)
		require.NoError(t, err)
		study.SetTime(at)
		for _, id := range study.RecordIDs() {
			rec, listed := study.Record(id)
			if !listed {
				require.Fail(t, "no record is listed", id)
			}
			if lastRaw[rec.RecordID] == string(rec.Raw) {
				continue
			}
			lastRaw[rec.RecordID] = string(rec.Raw)
			now := plainData(t, rec)
			before, seen := last[rec.RecordID]
			for name, v := range now {
				old, existed := before[name]
				if seen && (!existed || old != v) {
					wantChanged++
					want[fmt.Sprintf("%d|%s|%s", rec.RecordID, name, v)]++
				}
			}
			last[rec.RecordID] = now
		}
		_, err = mirror.SyncRecords(t.Context(), pilotKey, cache.SyncOptions{})
		require.NoError(t, err)
	}
	run, err := d.IngestRecords(t.Context(), mirror, pilotKey, warehouse.RecordOptions{})
	require.NoError(t, err)
	reconciles(t, run)
	again, err := d.IngestRecords(t.Context(), mirror, pilotKey, warehouse.RecordOptions{})
	require.NoError(t, err)
	require.Zero(t, again.Read)
	_, err = d.IngestRevisions(t.Context(), client, pilotKey, warehouse.RevisionOptions{})
	require.NoError(t, err)

	got := map[string]int{}
	for _, row := range table(t, d, `SELECT record_id, variable_name, CASE value_kind WHEN 'string' THEN '"' || value || '"' ELSE coalesce(value, 'null') END FROM bronze_cells WHERE change IN ('added', 'changed')`) {
		got[row]++
	}
	require.Positive(t, wantChanged)
	require.Equal(t, want, got)
	t.Logf("%d of 2,268 cell changes fall between the moments", wantChanged)
	requireLatest(t, d, dir)
	requireCurrentState(t, d, last)
}

// plainData reads recordData the plain way: name to the JSON of the value, strings unescaped.
func plainData(t *testing.T, rec imednet.Record) map[string]string {
	var members map[string]json.RawMessage
	if raw := rec.RecordData.Raw(); raw != nil {
		require.NoError(t, json.Unmarshal(raw, &members))
	}
	out := map[string]string{}
	for name, v := range members {
		var text string
		if json.Unmarshal(v, &text) == nil && string(v) != "null" {
			out[name] = `"` + text + `"`
		} else {
			out[name] = string(v)
		}
	}
	return out
}

// requireLatest compares with the record and variable pairs whose latest state the ground truth names.
func requireLatest(t *testing.T, d *warehouse.DuckDBIngestion, dir string) {
	document, err := os.ReadFile(filepath.Join(dir, "facts.json"))
	require.NoError(t, err)
	var facts struct {
		LatestAfterRevisions []struct {
			RecordID int64
			Variable string
			Latest   any
		}
	}
	require.NoError(t, json.Unmarshal(document, &facts))
	require.Len(t, facts.LatestAfterRevisions, 5)
	for _, f := range facts.LatestAfterRevisions {
		require.Equal(t, []string{fmt.Sprint(f.Latest)}, table(t, d, `SELECT value FROM silver_current_state WHERE record_id = ? AND variable_name = ?`, f.RecordID, f.Variable))
	}
}

// requireCurrentState compares every cell of every active record with the study's last state.
func requireCurrentState(t *testing.T, d *warehouse.DuckDBIngestion, last map[int64]map[string]string) {
	_, err := d.DB().ExecContext(t.Context(), `CREATE TABLE pilot_current AS SELECT * FROM silver_current_state`)
	require.NoError(t, err)
	require.Equal(t, []string{"711407"}, table(t, d, `SELECT count(*) FROM pilot_current WHERE value <> ''`))
	got := map[int64]map[string]string{}
	rows, err := d.DB().Query(`SELECT s.record_id, s.variable_name, CASE c.value_kind WHEN 'string' THEN '"' || c.value || '"' ELSE coalesce(c.value, 'null') END
		FROM pilot_current s JOIN bronze_cell_changes c USING (study_key, record_id, variable_name)
		QUALIFY row_number() OVER (PARTITION BY s.record_id, s.variable_name ORDER BY c.version DESC) = 1`)
	require.NoError(t, err)
	defer rows.Close()
	for rows.Next() {
		var id int64
		var name, value string
		require.NoError(t, rows.Scan(&id, &name, &value))
		if got[id] == nil {
			got[id] = map[string]string{}
		}
		got[id][name] = value
	}
	require.NoError(t, rows.Err())
	require.Positive(t, len(got))
	for id, cells := range got {
		require.Equal(t, last[id], cells, "record %d", id)
	}
}
