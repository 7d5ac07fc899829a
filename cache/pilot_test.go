package cache_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	stdsync "sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/cache"
	"github.com/imednetgo/imednet/imednettest"
)

// pilotMidnights are the moments of the second run, the last one after the end of the study.
var pilotMidnights = []string{
	"2012-08-21", "2012-10-10", "2012-12-14", "2013-01-29", "2013-02-04", "2013-02-18", "2013-03-22", "2013-05-16",
	"2013-06-02", "2013-06-18", "2013-07-16", "2013-08-27", "2013-10-21", "2013-11-27", "2014-01-04", "2014-03-01",
	"2014-03-19", "2014-03-30", "2014-05-02", "2014-07-03", "2014-08-19", "2014-12-19", "2015-06-01",
}

type pilotFacts struct {
	Timeline struct {
		AsOf []struct {
			At               string
			Records, Deleted int64
		}
		DeletedWithoutDateModifiedChange []int64
	} `json:"timeline (synthetic layer)"`
}

// pilotStudy is read once: each test sets the time that it needs, and none edits a row.
var pilotStudy = stdsync.OnceValues(func() (*imednettest.Study, error) { return imednettest.LoadDir(os.Getenv("IMEDNET_PILOT")) })

func loadPilot(t *testing.T) (*imednettest.Study, pilotFacts) {
	dir := os.Getenv("IMEDNET_PILOT")
	if dir == "" {
		t.Skip("IMEDNET_PILOT does not name the pilot study's folder")
	}
	study, err := pilotStudy()
	require.NoError(t, err)
	text, err := os.ReadFile(filepath.Join(dir, "facts.json"))
	require.NoError(t, err)
	var facts pilotFacts
	require.NoError(t, json.Unmarshal(text, &facts))
	require.NotEmpty(t, facts.Timeline.AsOf)
	return study, facts
}

func TestPilotAtItsFiveMoments(t *testing.T) {
	study, facts := loadPilot(t)
	server := imednettest.NewServer(study)
	l := open(t, server.Client())
	for _, moment := range facts.Timeline.AsOf {
		at, err := imednet.ParseTime(moment.At)
		require.NoError(t, err)
		study.SetTime(at.Time)
		r := sync(t, l, study.Key())
		require.Equal(t, moment.Records, r.After.Active+r.After.Deleted, moment.At)
		require.Equal(t, moment.Deleted, r.After.Deleted, moment.At)
		require.Zero(t, r.After.Vanished)
		requireEqual(t, study, l)
	}
	report, err := l.Verify(t.Context(), study.Key())
	require.NoError(t, err)
	require.True(t, report.OK(), "%+v", report)
	require.EqualValues(t, 28743, report.Equal)
}

func TestPilotAtItsMidnights(t *testing.T) {
	study, facts := loadPilot(t)
	server := imednettest.NewServer(study)
	l := open(t, server.Client())
	silent := map[int64][]imednet.RecordState{}
	for _, id := range facts.Timeline.DeletedWithoutDateModifiedChange {
		silent[id] = nil
	}
	require.Len(t, silent, 51)
	var after imednet.MirrorVersion
	for i, midnight := range pilotMidnights {
		at, err := time.Parse(time.DateOnly, midnight)
		require.NoError(t, err)
		study.SetTime(at)
		server.ResetRequests()
		r := sync(t, l, study.Key())
		if i%4 == 0 { // of a difference in between, the history or the next one would tell
			requireEqualPayloads(t, study, l)
		}
		if sweep := (len(study.RecordIDs()) + 499) / 500; i > 3 {
			require.Less(t, len(server.Requests()), sweep, "%s: %+v", midnight, r)
		}
		require.Zero(t, r.Vanished)
		for v, err := range l.ChangesSince(t.Context(), study.Key(), after) {
			require.NoError(t, err)
			if states, ok := silent[v.Record.RecordID]; ok {
				silent[v.Record.RecordID] = append(states, v.State)
			}
		}
		after = r.Version
	}
	for id, states := range silent {
		require.GreaterOrEqual(t, len(states), 2, "record %d", id)
		require.Equal(t, imednet.RecordActive, states[0], "record %d was never seen active", id)
		require.Equal(t, imednet.RecordDeleted, states[len(states)-1], "record %d", id)
	}
	requireEqual(t, study, l)
	requireHistory(t, l, study.Key())
}

// requireHistory demands that the states after 0 are the histories of all records, once each.
func requireHistory(t *testing.T, l *cache.CachedRecordsLoader, study string) {
	all := map[int64][]imednet.RecordVersion{}
	var last imednet.RecordVersion
	for v, err := range l.ChangesSince(t.Context(), study, 0) {
		require.NoError(t, err)
		require.True(t, v.Version > last.Version || v.Version == last.Version && v.Record.RecordID > last.Record.RecordID)
		last = v
		all[v.Record.RecordID] = append(all[v.Record.RecordID], v)
	}
	checked := 0
	for id, want := range all {
		if len(want) < 2 {
			continue
		}
		var got []imednet.RecordVersion
		for v, err := range l.RecordHistory(t.Context(), study, id) {
			require.NoError(t, err)
			got = append(got, v)
		}
		require.Equal(t, want, got)
		if checked++; checked == 100 {
			break
		}
	}
	require.Positive(t, checked)
}
