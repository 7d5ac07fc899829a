package journaltest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/workflows/submissions"
)

// Open returns an empty journal that uses a clock and is valid until the test ends.
type Open func(t *testing.T, clock imednet.Clock) submissions.Journal

const (
	study  = "S1"
	author = "anna"
	day    = 24 * time.Hour
)

// Run tests that a Journal satisfies its contract.
func Run(t *testing.T, open Open) {
	for name, check := range map[string]func(*suite){
		"prepared items are kept as they were given":      (*suite).kept,
		"what is no submission is refused":                (*suite).noSubmission,
		"failures are of one kind":                        (*suite).failures,
		"an older item in doubt stands in the way":        (*suite).doubt,
		"a taken item protects until a repeat is allowed": (*suite).repeats,
		"contents protect for a window, intents for ever": (*suite).window,
		"what was refused gives way, one for one":         (*suite).replaced,
		"it tells who changed an item":                    (*suite).changedBy,
		"a lease has one holder and ends by itself":       (*suite).leases,
		"only the holder sends, and only what may be":     (*suite).sends,
		"knowledge only grows":                            (*suite).notes,
		"changes are noted all together or not at all":    (*suite).wholeNotes,
		"a claim has one owner":                           (*suite).claims,
		"queries select":                                  (*suite).queries,
		"of many that prepare the same one wins":          (*suite).race,
		"an intact journal is proved":                     (*suite).verifies,
		"a copy for an inspector holds all of it":         (*suite).exports,
	} {
		t.Run(name, func(t *testing.T) {
			clock := &testClock{now: time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)}
			check(&suite{T: t, clock: clock, journal: open(t, clock)})
		})
	}
}

type suite struct {
	*testing.T
	clock   *testClock
	journal submissions.Journal
	made    int
}

func (s *suite) item(content, intent string) submissions.Item {
	return submissions.Item{
		Line: 7, Kind: imednet.NewRecord, FormKey: "AE", IntentKey: intent, ContentHash: content, Ordinal: 1,
		Payload: jsontext.Value(fmt.Sprintf(`{"formKey":"AE","data":{"AETERM":%q}}`, content)),
	}
}

func (s *suite) preparation(items ...submissions.Item) submissions.Preparation {
	s.made++
	return submissions.Preparation{
		ID: fmt.Sprintf("sub-%d", s.made), StudyKey: study, Author: author, Source: "file.json", Items: items,
		Lease: submissions.Lease{Holder: "p1", For: time.Minute}, Window: day,
	}
}

func (s *suite) prepare(items ...submissions.Item) submissions.Entry {
	s.Helper()
	entry, err := s.journal.Prepare(s.Context(), s.preparation(items...))
	require.NoError(s, err)
	return entry
}

// refused demands that a preparation is refused and returns the conflicts.
func (s *suite) refused(p submissions.Preparation) []submissions.Conflict {
	s.Helper()
	_, err := s.journal.Prepare(s.Context(), p)
	var conflict *submissions.ConflictError
	require.ErrorAs(s, err, &conflict)
	found, err := s.journal.Entries(s.Context(), submissions.Query{SubmissionID: p.ID})
	require.NoError(s, err)
	require.Empty(s, found, "nothing of it was stored")
	return conflict.Conflicts
}

func (s *suite) send(e submissions.Entry, indexes ...int) []submissions.Item {
	s.Helper()
	sent, err := s.journal.Send(s.Context(), s.sending(e, indexes...))
	require.NoError(s, err)
	return sent
}

func (s *suite) sending(e submissions.Entry, indexes ...int) submissions.Sending {
	return submissions.Sending{
		SubmissionID: e.ID, Fence: e.Fence, Lease: submissions.Lease{Holder: "p1", For: time.Minute}, Author: author, Indexes: indexes,
		At: s.clock.Now(), ServerTime: true, AfterRevision: 41,
	}
}

func (s *suite) note(changes ...submissions.Change) []submissions.Item {
	s.Helper()
	items, err := s.journal.Note(s.Context(), author, changes)
	require.NoError(s, err)
	return items
}

func change(e submissions.Entry, index, attempt int, to submissions.State) submissions.Change {
	return submissions.Change{SubmissionID: e.ID, Index: index, Attempt: attempt, To: to}
}

func (s *suite) items(q submissions.Query) []submissions.Item {
	s.Helper()
	items, err := s.journal.Items(s.Context(), q)
	require.NoError(s, err)
	return items
}

func (s *suite) kept() {
	p := s.preparation(s.item("a", ""), s.item("b", "row 2"))
	entry, err := s.journal.Prepare(s.Context(), p)
	require.NoError(s, err)
	require.Equal(s, []any{p.ID, study, author, "file.json", 2, "p1", int64(1)}, []any{entry.ID, entry.StudyKey, entry.Author, entry.Source, entry.Open, entry.Holder, entry.Fence})
	require.True(s, s.clock.Now().Equal(entry.PreparedAt))
	items := s.items(submissions.Query{SubmissionID: p.ID})
	require.Len(s, items, 2)
	for i, item := range items {
		want := p.Items[i]
		want.SubmissionID, want.StudyKey, want.Index, want.State, want.ChangedAt, want.ChangedBy = p.ID, study, i, submissions.Prepared, item.ChangedAt, author
		require.Equal(s, want, item)
	}
	_, err = s.journal.Prepare(s.Context(), p)
	require.Error(s, err, "the id is taken")
	_, err = s.journal.Prepare(s.Context(), s.preparation())
	require.Error(s, err, "there are no items")
}

// noSubmission prepares what has no usable id or no items.
func (s *suite) noSubmission() {
	good := s.preparation(s.item("a", ""))
	for _, id := range []string{"", " ", "\u00a0", "sub 1", "sub/1", "söb", strings.Repeat("x", 201)} {
		p := good
		p.ID = id
		s.invalid(p, "ID")
	}
	p := good
	p.Items = nil
	s.invalid(p, "Items")
	found, err := s.journal.Entries(s.Context(), submissions.Query{})
	require.NoError(s, err)
	require.Empty(s, found, "nothing of it was stored")
	good.ID = strings.Repeat("x", 200)
	_, err = s.journal.Prepare(s.Context(), good)
	require.NoError(s, err, "the longest id")
}

func (s *suite) invalid(p submissions.Preparation, path string) {
	s.Helper()
	_, err := s.journal.Prepare(s.Context(), p)
	var invalid *imednet.ValidationError
	require.ErrorAs(s, err, &invalid, p.ID)
	require.Len(s, invalid.Problems, 1)
	require.Equal(s, path, invalid.Problems[0].Path)
}

// failures are each an *imednet.Error that names the submission.
func (s *suite) failures() {
	e := s.prepare(s.item("a", ""))
	lease := submissions.Lease{Holder: "p2", For: time.Minute}
	twice := s.preparation(s.item("b", ""))
	twice.ID = e.ID
	_, prepared := s.journal.Prepare(s.Context(), twice)
	_, taken := s.journal.Take(s.Context(), e.ID, lease)
	lost := s.sending(e, 0)
	lost.Fence++
	_, sent := s.journal.Send(s.Context(), lost)
	_, noted := s.journal.Note(s.Context(), author, []submissions.Change{change(e, 9, 1, submissions.Standing)})
	for name, err := range map[string]error{
		"prepare": prepared, "take": taken, "send": sent, "note": noted,
		"renew": s.journal.Renew(s.Context(), e.ID, e.Fence+1, lease), "release": s.journal.Release(s.Context(), e.ID, e.Fence+1),
	} {
		var failure *imednet.Error
		require.ErrorAs(s, err, &failure, name)
		require.Contains(s, err.Error(), e.ID, name)
	}
}

func (s *suite) doubt() {
	entry := s.prepare(s.item("a", ""), s.item("b", ""))
	p := s.preparation(s.item("new", ""), s.item("b", ""))
	p.AllowRepeat = true
	require.Equal(s, []any{1, 7, entry.ID, 1}, func() []any {
		c := s.refused(p)
		require.Len(s, c, 1)
		require.True(s, c[0].InDoubt())
		require.Empty(s, c[0].Held.Payload)
		return []any{c[0].Index, c[0].Line, c[0].Held.SubmissionID, c[0].Held.Index}
	}())
	s.send(entry, 1)
	s.refused(p)
	s.note(change(entry, 1, 1, submissions.Unknown))
	s.clock.Advance(10 * day)
	s.refused(p)
	other := p
	other.StudyKey = "S2"
	_, err := s.journal.Prepare(s.Context(), other)
	require.NoError(s, err, "another study")
	both := s.preparation(s.item("b", "row 9"))
	require.Len(s, s.refused(both), 1, "only one of the two has an intent key")
}

func (s *suite) repeats() {
	entry := s.prepare(s.item("a", ""))
	s.send(entry, 0)
	s.note(change(entry, 0, 1, submissions.Accepted))
	p := s.preparation(s.item("a", ""))
	require.False(s, s.refused(p)[0].InDoubt())
	p.AllowRepeat = true
	again, err := s.journal.Prepare(s.Context(), p)
	require.NoError(s, err)
	s.send(again, 0)
	s.note(submissions.Change{SubmissionID: again.ID, Index: 0, Attempt: 1, To: submissions.Unknown, Close: true})
	require.Len(s, s.refused(s.preparation(s.item("a", ""))), 1, "closed in doubt, and still protecting")
}

func (s *suite) window() {
	entry := s.prepare(s.item("a", ""), s.item("b", "row 2"))
	s.send(entry, 0, 1)
	first, second := change(entry, 0, 1, submissions.Standing), change(entry, 1, 1, submissions.Standing)
	first.RecordID, first.RevisionID, second.RecordID, second.RevisionID = 5, 50, 6, 60
	for _, item := range s.note(first, second) {
		require.True(s, item.Closed)
	}
	s.clock.Advance(day - time.Second)
	conflicts := s.refused(s.preparation(s.item("a", "")))
	require.Equal(s, []int64{5, 50}, []int64{conflicts[0].Held.RecordID, conflicts[0].Held.RevisionID})
	require.False(s, conflicts[0].ByIntent)
	s.clock.Advance(time.Second)
	s.prepare(s.item("a", ""))
	s.clock.Advance(1000 * day)
	require.True(s, s.refused(s.preparation(s.item("other", "row 2")))[0].ByIntent)
	s.prepare(s.item("b", "row 3"))
}

func (s *suite) replaced() {
	entry := s.prepare(s.item("a", ""), s.item("a", ""), s.item("c", ""))
	s.send(entry, 0)
	s.note(change(entry, 0, 1, submissions.Refused), change(entry, 1, 0, submissions.Absent), change(entry, 2, 0, submissions.Absent))
	p := s.preparation(s.item("a", ""))
	_, err := s.journal.Prepare(s.Context(), p)
	require.ErrorIs(s, err, submissions.ErrRecheck, "it was sent, and nobody has looked for it since")
	p.Rechecked = s.items(submissions.Query{SubmissionID: entry.ID})
	p.Rechecked[0].Attempt++
	_, err = s.journal.Prepare(s.Context(), p)
	require.ErrorIs(s, err, submissions.ErrRecheck, "that was another attempt")
	p.Rechecked[0].Attempt--
	_, err = s.journal.Prepare(s.Context(), p)
	require.NoError(s, err)
	items := s.items(submissions.Query{SubmissionID: entry.ID})
	require.Equal(s, []bool{true, false, false}, []bool{items[0].Closed, items[1].Closed, items[2].Closed})
	_, err = s.journal.Send(s.Context(), s.sending(entry, 0))
	require.ErrorIs(s, err, submissions.ErrNotSendable, "another submission has taken its place")
	late := change(entry, 0, 1, submissions.Standing)
	late.RecordID = 9
	require.Equal(s, submissions.Refused, s.note(late)[0].State, "what stands by now is the other one's")
	require.Equal(s, submissions.Absent, s.note(change(entry, 1, 0, submissions.Standing))[0].State, "it was never sent")
	sent := s.send(entry, 1)
	require.Equal(s, 1, sent[0].Attempt)
}

func (s *suite) leases() {
	entry := s.prepare(s.item("a", ""))
	other := submissions.Lease{Holder: "p2", For: time.Minute}
	_, err := s.journal.Take(s.Context(), entry.ID, other)
	var held *submissions.LeaseError
	require.ErrorAs(s, err, &held)
	require.Equal(s, "p1", held.Holder)
	require.True(s, held.Until.Equal(s.clock.Now().Add(time.Minute)))
	s.clock.Advance(59 * time.Second)
	require.NoError(s, s.journal.Renew(s.Context(), entry.ID, entry.Fence, submissions.Lease{Holder: "p1", For: time.Minute}))
	s.clock.Advance(59 * time.Second)
	_, err = s.journal.Take(s.Context(), entry.ID, other)
	require.ErrorIs(s, err, submissions.ErrLeased)
	s.clock.Advance(time.Second)
	taken, err := s.journal.Take(s.Context(), entry.ID, other)
	require.NoError(s, err)
	require.Equal(s, []any{"p2", entry.Fence + 1}, []any{taken.Holder, taken.Fence})
	require.ErrorIs(s, s.journal.Renew(s.Context(), entry.ID, entry.Fence, other), submissions.ErrLeaseLost)
	require.ErrorIs(s, s.journal.Release(s.Context(), entry.ID, entry.Fence), submissions.ErrLeaseLost)
	_, err = s.journal.Send(s.Context(), s.sending(entry, 0))
	require.ErrorIs(s, err, submissions.ErrLeaseLost)
	require.NoError(s, s.journal.Release(s.Context(), entry.ID, taken.Fence))
	_, err = s.journal.Take(s.Context(), entry.ID, other)
	require.NoError(s, err)
	_, err = s.journal.Take(s.Context(), "none", other)
	require.ErrorIs(s, err, imednet.ErrNotFound)
}

func (s *suite) sends() {
	p := s.preparation(s.item("a", ""), s.item("b", ""), s.item("c", ""))
	entry, err := s.journal.Prepare(s.Context(), p)
	require.NoError(s, err)
	sent := s.send(entry, 0, 2)
	for i, item := range sent {
		require.Equal(s, []any{submissions.Sent, 1, i, 2, true, int64(41)}, []any{item.State, item.Attempt, item.Position, item.BatchSize, item.ServerTime, item.AfterRevision})
		require.Equal(s, p.Items[2*i].Payload, item.Payload)
		require.True(s, s.clock.Now().Equal(item.SentAt))
	}
	for _, bad := range [][]int{{0}, {1, 0}, {3}, {-1}, {1, 1}} {
		_, err := s.journal.Send(s.Context(), s.sending(entry, bad...))
		require.Error(s, err, bad)
		require.Equal(s, submissions.Prepared, s.items(submissions.Query{SubmissionID: entry.ID})[1].State, "all or none")
	}
	for state, may := range map[submissions.State]bool{submissions.Accepted: false, submissions.Unknown: false, submissions.Refused: true} {
		items := s.note(change(entry, 0, 1, state))
		require.Equal(s, state, items[0].State)
		_, err := s.journal.Send(s.Context(), s.sending(entry, 0))
		if !may {
			require.ErrorIs(s, err, submissions.ErrNotSendable, state)
			continue
		}
		require.NoError(s, err)
		return
	}
}

func (s *suite) notes() {
	entry := s.prepare(s.item("a", ""))
	s.send(entry, 0)
	accepted := change(entry, 0, 1, submissions.Accepted)
	accepted.BatchID = "b1"
	require.Equal(s, "b1", s.note(accepted)[0].BatchID)
	stale := change(entry, 0, 0, submissions.Refused)
	require.Equal(s, submissions.Accepted, s.note(stale)[0].State, "of another attempt")
	refused := change(entry, 0, 1, submissions.Refused)
	refused.Reason, refused.ServerMessage, refused.JobState = "why", "words", "completed"
	got := s.note(refused)[0]
	require.Equal(s, []any{submissions.Refused, "why", "words", "completed", "b1", false}, []any{got.State, got.Reason, got.ServerMessage, got.JobState, got.BatchID, got.Closed})
	for _, to := range []submissions.State{submissions.Accepted, submissions.Prepared, submissions.Sent, submissions.Absent} {
		require.Equal(s, submissions.Refused, s.note(change(entry, 0, 1, to))[0].State, to)
	}
	require.Equal(s, submissions.Unknown, s.note(change(entry, 0, 1, submissions.Unknown))[0].State, "in doubt again")
	require.Equal(s, submissions.Refused, s.note(refused)[0].State)
	standing := change(entry, 0, 1, submissions.Standing)
	standing.RecordID, standing.RevisionID = 5, 50
	require.Equal(s, submissions.Standing, s.note(standing)[0].State, "it was found after all")
	for _, to := range []submissions.State{submissions.Accepted, submissions.Unknown, submissions.Prepared, submissions.Sent, submissions.Absent, submissions.Refused} {
		require.Equal(s, submissions.Standing, s.note(change(entry, 0, 1, to))[0].State, to)
	}
}

func (s *suite) wholeNotes() {
	entry := s.prepare(s.item("a", ""), s.item("b", ""))
	s.send(entry, 0, 1)
	before := s.items(submissions.Query{SubmissionID: entry.ID})
	standing := change(entry, 0, 1, submissions.Standing)
	standing.RecordID, standing.RevisionID = 5, 50
	for _, at := range []int{9, -1} {
		items, err := s.journal.Note(s.Context(), author, []submissions.Change{standing, change(entry, at, 1, submissions.Unknown)})
		require.ErrorIs(s, err, imednet.ErrNotFound)
		require.Empty(s, items)
		require.Equal(s, before, s.items(submissions.Query{SubmissionID: entry.ID}), "all or none")
	}
	standing.Index = 1
	require.Equal(s, submissions.Standing, s.note(standing)[0].State, "no claim was taken")
}

func (s *suite) claims() {
	entry := s.prepare(s.item("a", ""), s.item("a", ""))
	s.send(entry, 0, 1)
	first, second := change(entry, 0, 1, submissions.Standing), change(entry, 1, 1, submissions.Standing)
	first.RecordID, first.RevisionID, second.RecordID, second.RevisionID = 5, 50, 5, 51
	items := s.note(first, second)
	require.Equal(s, []submissions.State{submissions.Standing, submissions.Sent}, []submissions.State{items[0].State, items[1].State})
	have, err := s.journal.Claims(s.Context(), study, []string{items[0].Claim(), "record 6"})
	require.NoError(s, err)
	require.Equal(s, map[string]bool{items[0].Claim(): true}, have)
	have, err = s.journal.Claims(s.Context(), "S2", []string{items[0].Claim()})
	require.NoError(s, err)
	require.Empty(s, have)
}

func (s *suite) queries() {
	first := s.prepare(s.item("a", ""), s.item("b", ""))
	s.clock.Advance(time.Hour)
	second := s.prepare(s.item("c", ""))
	s.send(first, 0)
	standing := change(first, 0, 1, submissions.Standing)
	standing.RecordID = 5
	s.note(standing)
	ids := func(q submissions.Query) []string {
		entries, err := s.journal.Entries(s.Context(), q)
		require.NoError(s, err)
		var out []string
		for _, e := range entries {
			out = append(out, e.ID)
		}
		return out
	}
	require.Equal(s, []string{first.ID, second.ID}, ids(submissions.Query{}))
	require.Equal(s, []string{first.ID}, ids(submissions.Query{States: []submissions.State{submissions.Standing, submissions.Unknown}}))
	require.Equal(s, []string{second.ID}, ids(submissions.Query{Since: second.PreparedAt}))
	require.Equal(s, []string{first.ID}, ids(submissions.Query{Until: second.PreparedAt}))
	require.Empty(s, ids(submissions.Query{StudyKey: "S2"}))
	require.Len(s, s.items(submissions.Query{StudyKey: study, Open: true}), 2)
	entries, err := s.journal.Entries(s.Context(), submissions.Query{SubmissionID: first.ID, Open: true})
	require.NoError(s, err)
	require.Equal(s, submissions.Counts{submissions.Standing: 1, submissions.Prepared: 1}, entries[0].Counts, "of all items")
	require.Equal(s, 1, entries[0].Open)
}

func (s *suite) race() {
	const many = 8
	errs := make([]error, many)
	var wg sync.WaitGroup
	for i := range many {
		p := s.preparation(s.item("x", ""), s.item("a", ""))
		wg.Go(func() { _, errs[i] = s.journal.Prepare(context.WithoutCancel(s.Context()), p) })
	}
	wg.Wait()
	won := 0
	for _, err := range errs {
		if err == nil {
			won++
			continue
		}
		require.True(s, errors.Is(err, submissions.ErrInDoubt), "%v", err)
	}
	require.Equal(s, 1, won)
}

func (s *suite) verifies() {
	empty, err := s.journal.Verify(s.Context(), "")
	require.NoError(s, err)
	require.Zero(s, empty.Events+empty.Items)
	entry := s.prepare(s.item("a", ""), s.item("b", ""))
	s.send(entry, 0)
	v, err := s.journal.Verify(s.Context(), "")
	require.NoError(s, err)
	require.Equal(s, int64(2), v.Items)
	require.GreaterOrEqual(s, v.Events, int64(3))
	require.Empty(s, v.Problems)
	s.note(change(entry, 0, 1, submissions.Accepted))
	_, err = s.journal.Verify(s.Context(), v.Head)
	require.NoError(s, err, "the exported head is still in it")
}

// exports is for journals that can write an inspection copy.
func (s *suite) exports() {
	journal, ok := s.journal.(submissions.Exporter)
	if !ok {
		s.Skip("the journal is no submissions.Exporter")
	}
	empty, err := journal.ExportLog(s.Context(), filepath.Join(s.TempDir(), "empty"))
	require.NoError(s, err)
	nothing, err := s.journal.Verify(s.Context(), "")
	require.NoError(s, err)
	require.Equal(s, submissions.Export{Head: nothing.Head}, empty)

	entry := s.prepare(s.item("a", "intent a"), s.item("b", ""))
	s.send(entry, 0)
	s.note(change(entry, 0, 1, submissions.Accepted))
	v, err := s.journal.Verify(s.Context(), "")
	require.NoError(s, err)
	dir := filepath.Join(s.TempDir(), "copy")
	e, err := journal.ExportLog(s.Context(), dir)
	require.NoError(s, err)
	require.Equal(s, submissions.Export{Submissions: 1, Items: 2, Events: v.Events, Head: v.Head}, e)
	require.Len(s, s.lines(dir, "events.ndjson"), int(v.Events))
	require.Equal(s, entry.ID, s.lines(dir, "submissions.ndjson")[0]["submission_id"])
	items := s.lines(dir, "items.ndjson")
	require.Len(s, items, 2)
	for n, want := range []map[string]any{
		{"item": 0.0, "state": "accepted", "intent_key": "intent a", "payload": `{"formKey":"AE","data":{"AETERM":"a"}}`, "closed": false, "attempt": 1.0},
		{"item": 1.0, "state": "prepared", "intent_key": "", "payload": `{"formKey":"AE","data":{"AETERM":"b"}}`, "closed": false, "attempt": 0.0},
	} {
		for name, value := range want {
			require.Equal(s, value, items[n][name], name)
		}
	}
	_, err = journal.ExportLog(s.Context(), dir)
	require.ErrorIs(s, err, fs.ErrExist, "no copy is written over")
}

// lines reads a file of JSON objects.
func (s *suite) lines(dir, name string) (out []map[string]any) {
	text, err := os.ReadFile(filepath.Join(dir, name))
	require.NoError(s, err)
	for line := range strings.Lines(string(text)) {
		var row map[string]any
		require.NoError(s, json.Unmarshal([]byte(line), &row))
		out = append(out, row)
	}
	return out
}

// changedBy is who made the latest change, in what is read and in a conflict.
func (s *suite) changedBy() {
	entry, err := s.journal.Prepare(s.Context(), s.preparation(s.item("a", ""), s.item("b", "")))
	require.NoError(s, err)
	_, err = s.journal.Send(s.Context(), submissions.Sending{SubmissionID: entry.ID, Fence: entry.Fence, Lease: submissions.Lease{Holder: "p1", For: time.Minute}, Author: "berta", Indexes: []int{0, 1}, At: s.clock.Now()})
	require.NoError(s, err)
	closed := change(entry, 1, 1, submissions.Unknown)
	closed.Close = true
	noted, err := s.journal.Note(s.Context(), "carla", []submissions.Change{closed})
	require.NoError(s, err)
	require.Equal(s, "carla", noted[0].ChangedBy)
	for range 2 { // also what was read before
		items := s.items(submissions.Query{SubmissionID: entry.ID})
		require.Equal(s, []string{"berta", "carla"}, []string{items[0].ChangedBy, items[1].ChangedBy})
	}
	_, err = s.journal.Prepare(s.Context(), s.preparation(s.item("b", "")))
	var conflict *submissions.ConflictError
	require.ErrorAs(s, err, &conflict)
	require.Equal(s, "carla", conflict.Conflicts[0].Held.ChangedBy)
}
