package rest_test

import (
	"errors"
	"math/rand/v2"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/imednettest"
)

// moving is a study that changes while a listing of it runs, and what the listing may show of it.
type moving struct {
	t        testing.TB
	rnd      *rand.Rand
	study    *imednettest.Study
	resource imednet.Resource
	opts     imednet.ListOptions
	records  []int64
	subjects []int64

	mu      sync.Mutex
	begun   bool
	changes int
	states  map[int64][]shown // every state that a row had, by id
	lasting map[int64]bool    // rows that have been there from the first request on
}

func newMoving(t testing.TB, rnd *rand.Rand, resource imednet.Resource) *moving {
	study := imednettest.Generate(imednettest.GenerateOptions{Records: 600, Subjects: 90, Seed: rnd.Uint64()})
	m := &moving{t: t, rnd: rnd, study: study, resource: resource, records: study.RecordIDs(), states: map[int64][]shown{}}
	for _, s := range undisturbed(t, study, imednet.Subjects, imednet.ListOptions{}) {
		m.subjects = append(m.subjects, s.id)
	}
	all := undisturbed(t, study, resource, imednet.ListOptions{})
	m.opts = questions(resource, all[len(all)/2].id)[max(0, rnd.IntN(5)-2)]
	if resource == imednet.Records && rnd.IntN(4) == 0 { // edits move rows into the filter and out of it
		m.opts = imednet.ListOptions{Filter: imednet.Where("dateModified", []imednet.Operator{imednet.GreaterOrEqual, imednet.Less}[rnd.IntN(2)], study.Now())}
	}
	if rnd.IntN(3) == 0 {
		study.SetCommitLag(1 + rnd.IntN(12))
	}
	m.lasting = map[int64]bool{}
	for _, row := range m.observe() {
		m.lasting[row.id] = true
	}
	return m
}

// onRequest changes the study before some of the requests, but the first.
func (m *moving) onRequest(imednettest.Request) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.begun && m.changes < 5 && m.rnd.IntN(3) == 0 {
		m.changes++
		m.observe() // what came late since the change before
		m.change()
		m.observe()
	}
	m.begun = true
}

// observe notes what there is now.
func (m *moving) observe() []shown {
	opts := m.opts
	if opts.Filter.IsOr() { // every row matches; pages by key settle where two passes would not
		opts = imednet.ListOptions{}
	}
	now := m.settled(opts)
	there := map[int64]bool{}
	for _, row := range now {
		there[row.id] = true
		m.states[row.id] = append(m.states[row.id], row)
	}
	for id := range m.lasting {
		if !there[id] {
			delete(m.lasting, id)
		}
	}
	return now
}

// settled lists what there is now. Its own requests let late rows in, or out of a filter, so that two of
// its pages can contradict each other; then it looks again, until nothing is late any more.
func (m *moving) settled(opts imednet.ListOptions) []shown {
	for {
		rows, err := listings[m.resource](m.t, imednettest.NewServer(m.study).Client(), m.study.Key(), opts)
		if !errors.Is(err, imednet.ErrProtocol) {
			must(err)
			return rows
		}
	}
}

// change makes one change of the kinds that users, administrators and a server's own programs make.
func (m *moving) change() {
	record, subject := m.records[m.rnd.IntN(len(m.records))], m.subjects[m.rnd.IntN(len(m.subjects))]
	text := "changed " + strconv.Itoa(m.rnd.IntN(1000))
	var err error
	switch m.rnd.IntN(13) {
	case 0:
		err = m.study.EditRecord(record, "AETERM", text)
	case 1:
		err = m.study.SetStatus(record, "Record Complete")
	case 2:
		err = m.study.DeleteRecord(record, m.rnd.IntN(2) == 0)
	case 3:
		err = m.study.RestoreRecord(record, m.rnd.IntN(2) == 0)
	case 4, 5:
		for range 1 + m.rnd.IntN(30) {
			m.study.InsertRecord(imednet.Record{FormKey: imednet.Some("AE"), SubjectID: imednet.Some(subject)})
		}
	case 6:
		m.remove(1 + m.rnd.IntN(20))
	case 7:
		err = m.study.SetKeywords(record, []imednet.Keyword{{KeywordName: imednet.Some(text)}})
	case 8:
		from := m.rnd.IntN(len(m.records))
		err = m.study.StampRecords(m.records[from:min(from+300, len(m.records))], m.study.Now().Add(time.Hour))
	case 9:
		err = m.study.EditSilently(record, "AETERM", text, m.rnd.IntN(2) == 0)
	case 10:
		err = m.study.MoveSubject(subject, 701+m.rnd.Int64N(2))
	case 11:
		err = m.study.RenameSubject(subject, text)
	case 12:
		m.study.SetRights(randomRights(m.rnd))
	}
	must(err)
}

// remove takes records out for good.
func (m *moving) remove(n int) {
	for range n {
		i := m.rnd.IntN(len(m.records))
		must(m.study.RemoveRecord(m.records[i]))
		m.records = append(m.records[:i:i], m.records[i+1:]...)
	}
}

// check holds what a listing yielded against everything that the server showed.
func (m *moving) check(seed uint64, got []shown, complete bool) {
	m.observe()
	last, yielded := int64(0), map[int64]bool{}
	for _, row := range got {
		require.False(m.t, yielded[row.id], "%s, schedule %d: row %d comes twice", m.resource, seed, row.id)
		require.True(m.t, row.id > last || m.opts.Filter.IsOr(), "%s, schedule %d: row %d is out of order", m.resource, seed, row.id)
		last, yielded[row.id] = row.id, true
		known := false
		for _, state := range m.states[row.id] {
			known = known || row.equals(state)
		}
		require.True(m.t, known, "%s, schedule %d: row %d was never so", m.resource, seed, row.id)
	}
	for id := range m.lasting {
		if complete || id <= last && !m.opts.Filter.IsOr() {
			require.True(m.t, yielded[id], "%s, schedule %d: row %d was there throughout and is missing", m.resource, seed, id)
		}
	}
}

// A listing is complete or an error while the study changes under it and the server fails: a row
// that was there throughout is yielded once, and every row in a state that it had meanwhile.
func TestListingsOfAMovingStudyAreCompleteOrAnError(t *testing.T) {
	complete, failed, changes := 0, 0, 0
	for seed := range uint64(schedules() / 4) {
		for resource, list := range listings {
			rnd := rand.New(rand.NewPCG(seed, 100+uint64(len(resource))))
			synctest.Test(t, func(t *testing.T) {
				m := newMoving(t, rnd, resource)
				server := imednettest.NewServer(m.study)
				server.SetSeed(seed)
				for range rnd.IntN(3) {
					server.Inject(noisyFault(rnd))
				}
				c := randomClient(t, rnd, server)
				server.OnRequest(m.onRequest)
				got, err := list(t, c, m.study.Key(), m.opts)
				m.check(seed, got, err == nil)
				changes += m.changes
				if err != nil {
					failed++
					return
				}
				complete++
			})
		}
	}
	t.Logf("%d listings complete, %d refused, %d changes", complete, failed, changes)
	require.Greater(t, complete, failed, "most of it passes")
	require.Greater(t, changes, complete/2)
}
