package sqlitejournal_test

import (
	"strings"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/workflows/submissions"
)

// settleInPeace is what a user does in the end: nothing goes wrong any more, every job that can end has
// ended, the dead have lost their leases, and everything is resumed.
func (w *world) settleInPeace() {
	w.server.ClearFaults()
	w.proxy.next = honest
	w.study.HoldRows(false)
	w.study.FinishJobs()
	w.peace = true
	w.clock.Advance(time.Hour)
	update, err := submissions.NewRecordUpdate(w.client, submissions.WithJournal(w.journal, "bert"), submissions.WithClock(w.clock), submissions.WithSchemaCache(w.schemas))
	require.NoError(w, err)
	var before string
	for round := range 6 { // a new job can be unknown at first, and what was settled can free what was not
		_, err = update.Resume(w.Context(), studyKey, submissions.ResumeOptions{})
		require.NotErrorIs(w, err, submissions.ErrLeased)
		after := w.states()
		if round >= 2 && after == before {
			break
		}
		before = after
	}
}

// truth is what the server has stored, by content: the ids of the records.
func (w *world) truth() map[content][]int64 {
	out := map[content][]int64{}
	for _, sub := range w.study.Submissions() {
		for _, item := range sub.Items {
			if item.Stored {
				out[w.contentOf(item.Raw)] = append(out[w.contentOf(item.Raw)], item.RecordID)
			}
		}
	}
	return out
}

func (w *world) items() []submissions.Item {
	items, err := w.journal.Items(w.Context(), submissions.Query{})
	require.NoError(w, err)
	return items
}

// states are the states of all items in a line.
func (w *world) states() string {
	var text strings.Builder
	for _, i := range w.items() {
		text.WriteString(string(i.State) + " ")
	}
	return text.String()
}

// check compares what stands with what the journal says and what users were told.
func (w *world) check() {
	w.study.FinishJobs() // what was under way takes effect, whatever was said of it
	w.compare()
	w.checkTold()
	_, err := w.journal.Verify(w.Context(), "")
	require.NoError(w, err)
}

// compare compares what stands at this moment with what the journal says.
func (w *world) compare() {
	stored := w.truth()
	meant, may, standing := map[content]int{}, map[content]int{}, map[content]int{}
	owner := map[string]bool{}
	for _, i := range w.items() {
		c := w.contentOf(i.Payload)
		meant[c]++
		switch i.State {
		case submissions.Standing:
			standing[c]++
			require.Contains(w, stored[c], i.RecordID, "%s/%d is reported to stand as record %d", i.SubmissionID, i.Index, i.RecordID)
			require.False(w, i.Claim() == "" || owner[i.Claim()], "record %d stands for two items", i.RecordID)
			owner[i.Claim()] = true
			may[c]++
		case submissions.Sent, submissions.Accepted, submissions.Unknown:
			may[c]++
		case submissions.Refused, submissions.Absent:
			discarded := i.State == submissions.Refused && strings.HasPrefix(i.Reason, "closed: ")
			if w.doubted[c] && i.Attempt > 0 && (!i.Closed && !w.peace || discarded) {
				may[c]++
			}
		}
	}
	for c, ids := range stored {
		require.LessOrEqual(w, len(ids), meant[c], "%s stands more often than it was meant", c)
		require.LessOrEqual(w, len(ids), may[c], "%s stands, and is said to be refused or absent", c)
		require.LessOrEqual(w, standing[c], len(ids), "%s is said to stand more often than it does", c)
	}
}

// checkTold compares what users were told with what the journal knows by now.
func (w *world) checkTold() {
	now := map[string]map[int]submissions.Item{}
	for _, i := range w.items() {
		if now[i.SubmissionID] == nil {
			now[i.SubmissionID] = map[int]submissions.Item{}
		}
		now[i.SubmissionID][i.Index] = i
	}
	for _, t := range w.told {
		for _, i := range t.receipt.Items {
			known := now[i.SubmissionID][i.Index]
			if i.State == submissions.Standing {
				require.Equal(w, submissions.Standing, known.State, "a user was told that it stands")
			}
			if t.err == nil && t.wait {
				require.True(w, i.State == submissions.Standing || i.Closed && !t.own, "no error, and %s", i.State)
			}
			if t.err == nil && (!i.Closed || t.own) {
				require.Contains(w, []submissions.State{submissions.Standing, submissions.Accepted}, i.State, "no error")
			}
		}
	}
}

// checkPeace: in the end nothing is left in the middle, and what stands and can be nobody else's is
// known to stand.
func (w *world) checkPeace() {
	items, stored := w.items(), w.truth()
	alone := map[content]int{}
	for _, i := range items {
		alone[w.contentOf(i.Payload)]++
	}
	hangs := w.hanging()
	for _, i := range items {
		w.tally[string(i.State)]++
		require.NotContains(w, []submissions.State{submissions.Prepared, submissions.Sent}, i.State)
		if i.Closed && i.State != submissions.Standing {
			continue // somebody has dealt with it
		}
		if i.State == submissions.Standing && i.Kind == imednet.RegisterSubject {
			w.tally["registration stands"]++
		}
		if i.Kind == imednet.ScheduledRecord || i.Kind == imednet.ExistingRecord {
			if i.State == submissions.Standing {
				w.tally["update stands"]++
			}
			continue // another one may have written over it since, or it changed nothing
		}
		if i.State == submissions.Accepted {
			require.True(w, hangs[i.BatchID], "%s/%d is accepted, and its job has ended", i.SubmissionID, i.Index)
		}
		if c := w.contentOf(i.Payload); alone[c] == 1 && len(stored[c]) == 1 && !hangs[i.BatchID] {
			require.Equal(w, submissions.Standing, i.State, "%s/%d stands, and can be nobody else's (%s)", i.SubmissionID, i.Index, i.Reason)
		}
	}
}

// hanging are the batches whose job never ends.
func (w *world) hanging() map[string]bool {
	out := map[string]bool{}
	for _, sub := range w.study.Submissions() {
		job, err := w.server.Client().Job(w.Context(), studyKey, sub.BatchID)
		for range 5 { // a job can be unknown at first
			if err != nil || !job.Terminal() {
				job, err = w.server.Client().Job(w.Context(), studyKey, sub.BatchID)
			}
		}
		out[sub.BatchID] = err != nil || !job.Terminal()
	}
	return out
}
