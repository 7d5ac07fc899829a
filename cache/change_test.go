package cache_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/cache"
	"github.com/imednetgo/imednet/imednettest"
)

// meddler changes a study at random.
type meddler struct {
	t       require.TestingT
	rng     *rand.Rand
	study   *imednettest.Study
	ids     []int64
	deleted map[int64]bool
	removed map[int64]bool
	left    int
}

func newMeddler(t require.TestingT, study *imednettest.Study, seed uint64, edits int) *meddler {
	m := &meddler{t: t, rng: rand.New(rand.NewPCG(seed, 1)), study: study, ids: study.RecordIDs(), deleted: map[int64]bool{}, removed: map[int64]bool{}, left: edits}
	for _, id := range m.ids {
		rec, _ := study.Record(id)
		m.deleted[id] = rec.IsDeleted()
	}
	return m
}

// meddle makes one change.
func (m *meddler) meddle() {
	if m.left == 0 {
		return
	}
	m.left--
	i := m.rng.IntN(len(m.ids))
	id := m.ids[i]
	switch m.rng.IntN(10) {
	case 0, 1, 2, 3:
		require.NoError(m.t, m.study.EditRecord(id, "MEDDLED", m.rng.IntN(1000)))
	case 4, 5:
		id := m.study.InsertRecord(imednet.Record{FormKey: imednet.Some("AE")})
		m.ids = append(m.ids, id)
	case 6, 7, 8:
		moveDate := m.rng.IntN(2) == 0
		if m.deleted[id] {
			require.NoError(m.t, m.study.RestoreRecord(id, moveDate))
		} else {
			require.NoError(m.t, m.study.DeleteRecord(id, moveDate))
		}
		m.deleted[id] = !m.deleted[id]
	case 9:
		require.NoError(m.t, m.study.RemoveRecord(id))
		m.removed[id] = true
		m.ids = append(m.ids[:i], m.ids[i+1:]...)
	}
}

func TestThousandChangesWhilePaging(t *testing.T) {
	rounds := 2
	if long() {
		rounds = 20
	}
	for seed := range rounds {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			study := imednettest.Generate(imednettest.GenerateOptions{Records: 6000, Seed: uint64(seed)})
			server := imednettest.NewServer(study)
			l := open(t, server.Client(), cache.WithPageSize(50))
			m := newMeddler(t, study, uint64(seed), 1000)
			always := map[int64]bool{}
			for _, id := range m.ids {
				always[id] = true
			}
			server.OnRequest(func(imednettest.Request) {
				for range 5 {
					m.meddle()
				}
			})
			for m.left > 0 {
				r, err := l.SyncRecords(t.Context(), study.Key(), cache.SyncOptions{})
				requireBalanced(t, r)
				if err != nil {
					require.ErrorIs(t, err, cache.ErrUnsettled)
					continue
				}
				requireHolds(t, l, study.Key(), always, m.removed)
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
	for id := range l.Payloads(t.Context(), study) {
		held[id] = true
	}
	for id := range always {
		if !removed[id] {
			require.True(t, held[id], "record %d was lost", id)
		}
	}
}

// TestSilentChanges moves what moves neither a date nor writes a revision: a sweep finds it, and so
// does the block's turn.
func TestSilentChanges(t *testing.T) {
	study := imednettest.Generate(imednettest.GenerateOptions{Records: 1300})
	l := open(t, imednettest.NewServer(study).Client())
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

func TestSilentDeletionsAndRestorations(t *testing.T) {
	study := imednettest.Generate(imednettest.GenerateOptions{Records: 5000})
	server := imednettest.NewServer(study)
	l := open(t, server.Client())
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
