package cachetest

import (
	"math/rand/v2"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/imednettest"
)

// Meddler changes a study at random: it edits, adds, deletes, restores and removes records.
type Meddler struct {
	Left    int            // changes still to be made
	Removed map[int64]bool // records that the server no longer lists

	t       require.TestingT
	rng     *rand.Rand
	study   *imednettest.Study
	ids     []int64
	deleted map[int64]bool
}

// NewMeddler returns one that makes so many changes, the same ones for the same seed.
func NewMeddler(t require.TestingT, study *imednettest.Study, seed uint64, changes int) *Meddler {
	m := &Meddler{Left: changes, Removed: map[int64]bool{}, t: t, rng: rand.New(rand.NewPCG(seed, 1)), study: study, ids: study.RecordIDs(), deleted: map[int64]bool{}}
	for _, id := range m.ids {
		rec, _ := study.Record(id)
		m.deleted[id] = rec.IsDeleted()
	}
	return m
}

// MeddleOn makes all changes that are left.
func (m *Meddler) MeddleOn() {
	for m.Left > 0 {
		m.Meddle()
	}
}

// Meddle makes one change, unless none is left.
func (m *Meddler) Meddle() {
	if m.Left == 0 {
		return
	}
	m.Left--
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
		m.Removed[id] = true
		m.ids = append(m.ids[:i], m.ids[i+1:]...)
	}
}
