package cachetest

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/cache"
	"github.com/imednetgo/imednet/imednettest"
)

func (s suite) firstSyncThenNothing(t *testing.T) {
	study := imednettest.Generate(imednettest.GenerateOptions{Records: 2210})
	server := imednettest.NewServer(study)
	l := s.open(t, server.Client())
	r := sync(t, l, study.Key())
	require.True(t, r.First)
	requireEqual(t, study, l)

	server.ResetRequests()
	r = sync(t, l, study.Key())
	require.False(t, r.Changed)
	require.LessOrEqual(t, len(server.Requests()), 6)
	requireEqual(t, study, l)
}

func (s suite) thousandChangesWhilePaging(t *testing.T) {
	for seed := range times(1, 2, 20) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			study := imednettest.Generate(imednettest.GenerateOptions{Records: 2600, Seed: uint64(seed)})
			server := imednettest.NewServer(study)
			l := s.open(t, server.Client(), cache.WithPageSize(50))
			m := NewMeddler(t, study, uint64(seed), 1000)
			always := map[int64]bool{}
			for _, id := range m.ids {
				always[id] = true
			}
			server.OnRequest(func(imednettest.Request) {
				for range 8 {
					m.Meddle()
				}
			})
			for m.Left > 0 {
				r, err := l.SyncRecords(t.Context(), study.Key(), cache.SyncOptions{})
				requireBalanced(t, r)
				if err != nil {
					require.ErrorIs(t, err, cache.ErrUnsettled)
					continue
				}
				requireHolds(t, l, study.Key(), always, m.Removed)
			}
			server.OnRequest(nil)
			sync(t, l, study.Key())
			requireEqual(t, study, l)
			r := sync(t, l, study.Key())
			require.False(t, r.Changed)
			v, err := l.Verify(t.Context(), study.Key())
			require.NoError(t, err)
			require.True(t, v.OK(), "%+v", v)
		})
	}
}

// requireHolds demands every record that existed all along.
func requireHolds(t *testing.T, l *cache.CachedRecordsLoader, study string, always, removed map[int64]bool) {
	held := map[int64]bool{}
	for rec, err := range l.Records(t.Context(), study, imednet.ListOptions{}) {
		require.NoError(t, err)
		held[rec.RecordID] = true
	}
	for id := range always {
		if !removed[id] {
			require.True(t, held[id], "record %d was lost", id)
		}
	}
}

// silentChanges moves what moves neither a date nor writes a revision: a sweep finds it, and so
// does the block's turn.
func (s suite) silentChanges(t *testing.T) {
	study := imednettest.Generate(imednettest.GenerateOptions{Records: 1300})
	l := s.open(t, imednettest.NewServer(study).Client())
	sync(t, l, study.Key())
	rec, _ := study.Record(study.RecordIDs()[1200])
	require.NoError(t, study.SetKeywords(study.RecordIDs()[1250], []imednet.Keyword{{KeywordName: imednet.Some("Late")}}))
	require.NoError(t, study.RenameSubject(rec.SubjectID.Or(0), "99-999"))
	sync(t, l, study.Key())
	v, err := l.Verify(t.Context(), study.Key())
	require.NoError(t, err)
	require.False(t, v.OK())
	require.Positive(t, v.Different)
	require.Equal(t, v.Compared, v.Equal+v.Different+v.Missing)

	r, err := l.ReconcileCache(t.Context(), study.Key(), cache.SyncOptions{})
	require.NoError(t, err)
	requireBalanced(t, r)
	require.Equal(t, v.Different, r.Updated)
	requireEqual(t, study, l)
	require.EqualValues(t, 1300, r.Received)

	require.NoError(t, study.SetKeywords(study.RecordIDs()[600], nil))
	require.NoError(t, study.SetKeywords(study.RecordIDs()[1250], nil))
	for range 4 { // ⌈1300/500⌉ + 1
		sync(t, l, study.Key())
	}
	requireEqual(t, study, l)
}

func (s suite) silentDeletionsAndRestorations(t *testing.T) {
	study := imednettest.Generate(imednettest.GenerateOptions{Records: 5000})
	server := imednettest.NewServer(study)
	l := s.open(t, server.Client())
	sync(t, l, study.Key())
	var id int64
	for _, id = range study.RecordIDs()[2500:] {
		if rec, _ := study.Record(id); !rec.IsDeleted() {
			break
		}
	}
	require.NoError(t, study.DeleteRecord(id, false))
	server.ResetRequests()
	r := sync(t, l, study.Key())
	require.EqualValues(t, 1, r.Deleted)
	require.EqualValues(t, 1, r.Received-r.Unchanged)
	require.LessOrEqual(t, len(server.Requests()), 6)
	require.NoError(t, study.RestoreRecord(id, false))
	r = sync(t, l, study.Key())
	require.EqualValues(t, 1, r.Restored)
	require.NoError(t, study.RemoveRecord(id))
	r = sync(t, l, study.Key())
	require.EqualValues(t, 1, r.Vanished)
	requireEqual(t, study, l)

	var states []imednet.RecordState
	for v, err := range l.RecordHistory(t.Context(), study.Key(), id) {
		require.NoError(t, err)
		require.False(t, v.SeenAt.IsZero())
		states = append(states, v.State)
	}
	require.Equal(t, []imednet.RecordState{imednet.RecordActive, imednet.RecordDeleted, imednet.RecordActive, imednet.RecordVanished}, states)
}
