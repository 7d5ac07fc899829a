package submissions

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/argument"
)

// ResumeOptions configures [RecordUpdate.Resume].
type ResumeOptions struct {
	// SubmissionID is the submission to examine; "" means every open one of the study.
	SubmissionID string
	// Wait waits for other processes that are sending and for running jobs.
	Wait bool
	// Poll configures the wait for jobs and other processes.
	Poll imednet.PollOptions
}

// Resumed is one submission and what is known about it.
type Resumed struct {
	Receipt
	// Lease names another process that is sending the submission, which was then only examined; nil
	// if there is none.
	Lease *LeaseError
	// Err is the reason why the outcome could not be determined completely.
	Err error
}

// Incomplete returns the error for this submission alone, as [RecordUpdate.Resume] returns that for
// all of them.
func (r *Resumed) Incomplete(wait bool) error {
	cause := r.Err
	if r.Lease != nil {
		cause = errors.Join(r.Lease, r.Err)
	}
	return r.incomplete(wait, cause, (*Item).closed)
}

// Resume examines every open submission of a study and determines the outcome of its items, one by
// one, without sending anything. For a submission that another process is sending it only reports
// the state or, with Wait, waits.
//
//   - Items that were prepared but not sent are Absent; [RecordUpdate.Resend] sends them.
//   - For a job that has ended, what was saved since the POST decides, compared value by value, and
//     then the results of the job: an item is Standing or Refused. It is Absent if a second look, a
//     settle delay later, finds nothing of it either. If nothing settles it, it is Unknown.
//   - Items of a POST without an answer are never Absent. They are Standing if they are found and
//     what was found cannot belong to anything else; with Wait they are looked for until
//     PollOptions.Timeout has passed since the POST. Otherwise they are Unknown: look again later,
//     or close them with Discard.
//   - Items whose job the server knew and does not know any more are looked for once, like those.
//   - Items taken for Refused or Absent are looked for again, and may turn out to be Standing.
//
// The error is an *[IncompleteError] with every item that is not stored or, without Wait, not
// accepted. It also matches a *[LeaseError] if another process is sending.
func (u *RecordUpdate) Resume(ctx context.Context, studyKey string, opts ResumeOptions) ([]Resumed, error) {
	if err := u.needsJournal("submissions.RecordUpdate.Resume"); err != nil {
		return nil, err
	}
	entries, err := u.journal.Entries(ctx, Query{StudyKey: studyKey, SubmissionID: opts.SubmissionID, Open: true})
	if err != nil {
		return nil, &imednet.Error{Package: "submissions", Op: "resume", StudyKey: studyKey, Err: err}
	}
	var out []Resumed
	all := Receipt{StudyKey: studyKey, SubmissionID: opts.SubmissionID}
	var causes []error
	for _, entry := range entries {
		r := u.resume(ctx, entry, opts)
		out = append(out, r)
		all.Items = append(all.Items, r.Items...)
		if r.Lease != nil {
			causes = append(causes, r.Lease)
		}
		causes = append(causes, r.Err)
		if ctx.Err() != nil {
			causes = append(causes, context.Cause(ctx))
			break
		}
	}
	if len(entries) == 1 {
		all.SubmissionID = entries[0].ID
	}
	return out, all.incomplete(opts.Wait, errors.Join(causes...), (*Item).closed)
}

func (u *RecordUpdate) needsJournal(function string) error {
	if u.journal == nil {
		return argument.Invalid(function, "WithJournal", "is missing: without a journal nothing is kept")
	}
	return nil
}

// resume settles one submission.
func (u *RecordUpdate) resume(ctx context.Context, entry Entry, opts ResumeOptions) Resumed {
	out := Resumed{Receipt: Receipt{SubmissionID: entry.ID, StudyKey: entry.StudyKey}}
	taken, err := u.take(ctx, entry.ID, opts.Wait, opts.Poll)
	if err != nil {
		errors.As(err, &out.Lease)
		if out.Lease == nil {
			out.Err = err
		}
	} else {
		out.Err = u.settleEntry(ctx, taken, opts)
		if err := u.journal.Release(context.WithoutCancel(ctx), taken.ID, taken.Fence); err != nil && !errors.Is(err, ErrLeaseLost) {
			out.Err = errors.Join(out.Err, err)
		}
	}
	items, err := u.journal.Items(context.WithoutCancel(ctx), Query{SubmissionID: entry.ID})
	out.Items = items
	out.Err = errors.Join(out.Err, err)
	return out
}

// take takes the lease of a submission, with Wait after whoever has it.
func (u *RecordUpdate) take(ctx context.Context, id string, wait bool, poll imednet.PollOptions) (Entry, error) {
	timeout := waitTime(poll)
	start := u.clock.Now()
	for {
		entry, err := u.journal.Take(ctx, id, u.leaseOf())
		if !wait || !errors.Is(err, ErrLeased) || u.clock.Now().Sub(start) >= timeout {
			return entry, err
		}
		if err := u.clock.Sleep(ctx, betweenLooks); err != nil {
			return Entry{}, err
		}
	}
}

// settleEntry finds out what became of a submission whose lease was taken.
func (u *RecordUpdate) settleEntry(ctx context.Context, entry Entry, opts ResumeOptions) error {
	s := u.leased(entry, opts.Poll)
	items, err := u.journal.Items(ctx, Query{SubmissionID: entry.ID, Open: true})
	if err != nil {
		return err
	}
	var changes []Change
	var asked []Item
	for i := range items {
		switch item := &items[i]; {
		case item.State == Prepared:
			changes = append(changes, item.change(Absent, "not sent, because the process that prepared it ended"))
		case item.Attempt > 0:
			asked = append(asked, *item)
		}
	}
	if _, err := u.journal.Note(ctx, u.author, changes); err != nil {
		return err
	}
	left := u.timeLeft(asked, opts.Poll)
	jobs, jobsErr := s.askJobs(ctx, asked, opts.Wait)
	asked, err = s.settle(ctx, asked, jobs)
	again, againErr := s.lookAgain(ctx)
	if err = errors.Join(jobsErr, err, againErr); !opts.Wait || err != nil {
		return err
	}
	_, err = s.waitForTrace(ctx, merge(asked, again), left)
	return err
}

// leased returns a settler that keeps the lease of a submission while it waits.
func (u *RecordUpdate) leased(entry Entry, poll imednet.PollOptions) *settler {
	s := u.settler(u.journal, entry.StudyKey, poll)
	s.alive = func() {
		// Whoever takes the lease meanwhile finds out the same.
		_ = u.journal.Renew(context.Background(), entry.ID, entry.Fence, u.leaseOf())
	}
	return s
}

// Resend sends items of a submission that are Absent or Refused and not closed, byte for byte as
// they were prepared; indexes names some, nil means all of them. An item in any other state is
// ErrNotSendable, and nothing is sent. What was sent before is looked for once more, in its job and
// in the study: an item that by now is Standing, or may be, is not sent, and neither is an update whose
// record was saved since: both are Unknown then. If that cannot be determined, nothing is sent. With Wait it
// waits for another process that is sending the submission.
func (u *RecordUpdate) Resend(ctx context.Context, studyKey, submissionID string, indexes []int, opts Options) (Receipt, error) {
	opts, err := opts.withDefaults("submissions.RecordUpdate.Resend")
	if err != nil {
		return Receipt{}, err
	}
	if err := argument.Named("submissions.RecordUpdate.Resend", "submissionID", submissionID); err != nil {
		return Receipt{}, err
	}
	entry, items, err := u.takeItems(ctx, "resend", studyKey, submissionID, opts)
	if err != nil {
		return Receipt{}, err
	}
	chosen, err := choose(items, indexes, (*Item).resendable)
	if err == nil && len(chosen) == 0 {
		err = fmt.Errorf("nothing of it is absent or refused: %w", ErrNotSendable)
	}
	s := &sender{settler: u.leased(entry, opts.Poll), entry: entry, opts: opts, items: items}
	if err == nil {
		chosen, err = s.stillGone(ctx, chosen)
	}
	if err != nil {
		_ = u.journal.Release(context.WithoutCancel(ctx), entry.ID, entry.Fence) // it ends by itself
		return Receipt{SubmissionID: entry.ID, StudyKey: studyKey, Items: s.items}, &imednet.Error{Package: "submissions", Op: "resend", StudyKey: studyKey, Place: "submission " + submissionID, Err: err}
	}
	if len(chosen) == 0 {
		return s.run(ctx, nil)
	}
	return s.run(ctx, cutIndexes(s.items, chosen, opts))
}

func (i *Item) resendable() bool { return !i.Closed && (i.State == Absent || i.State == Refused) }

// stillGone looks once more for the chosen items and returns those that may be sent.
func (s *sender) stillGone(ctx context.Context, chosen []int) ([]int, error) {
	picked := make([]Item, len(chosen))
	for i, n := range chosen {
		picked[i] = s.items[n]
	}
	checked, err := s.recheck(ctx, picked)
	s.items = merge(s.items, checked)
	return slices.DeleteFunc(chosen, func(n int) bool { return !s.items[n].resendable() }), err
}

// cutIndexes cuts chosen items into batches.
func cutIndexes(items []Item, chosen []int, opts Options) [][]int {
	picked := make([]Item, len(chosen))
	for i, n := range chosen {
		picked[i] = items[n]
	}
	var out [][]int
	for _, b := range cut(picked, opts) {
		out = append(out, chosen[b.first:b.end])
	}
	return out
}

// takeItems takes the lease of a submission of a study and reads its items.
func (u *RecordUpdate) takeItems(ctx context.Context, op, studyKey, submissionID string, opts Options) (Entry, []Item, error) {
	if err := u.needsJournal("submissions.RecordUpdate"); err != nil {
		return Entry{}, nil, err
	}
	failed := func(err error) (Entry, []Item, error) {
		return Entry{}, nil, &imednet.Error{Package: "submissions", Op: op, StudyKey: studyKey, Place: "submission " + submissionID, Err: err}
	}
	found, err := u.journal.Entries(ctx, Query{StudyKey: studyKey, SubmissionID: submissionID})
	if err == nil && len(found) == 0 {
		err = imednet.ErrNotFound
	}
	if err != nil {
		return failed(err)
	}
	entry, err := u.take(ctx, submissionID, opts.Wait, opts.Poll)
	if err != nil {
		return failed(err)
	}
	items, err := u.journal.Items(ctx, Query{SubmissionID: submissionID})
	if err != nil {
		return failed(err)
	}
	return entry, items, nil
}

// choose returns the places of the items that fit, or of those that are named, which must fit.
func choose(items []Item, indexes []int, fits func(*Item) bool) ([]int, error) {
	var out []int
	if indexes == nil {
		for i := range items {
			if fits(&items[i]) {
				out = append(out, i)
			}
		}
		return out, nil
	}
	for _, n := range slices.Compact(slices.Sorted(slices.Values(indexes))) {
		if n < 0 || n >= len(items) {
			return nil, fmt.Errorf("%s: %w", itemName(n), imednet.ErrNotFound)
		}
		if !fits(&items[n]) {
			return nil, fmt.Errorf("%s is %s: %w", itemName(n), items[n].stateText(), ErrNotSendable)
		}
		out = append(out, n)
	}
	return out, nil
}

func (i *Item) stateText() string {
	if i.Closed && i.State != Standing {
		return string(i.State) + " and closed"
	}
	return string(i.State)
}

// Discard closes items that have been dealt with by other means, so that [RecordUpdate.Resume] no
// longer examines them: those at the given indexes, or with nil all open items of a submission.
// Nothing is erased or sent. The reason is recorded and must hold no subject data. Items that were
// sent, or may have been, continue to protect against being sent again; one whose outcome is not known
// may still own a record that would fit another.
func (u *RecordUpdate) Discard(ctx context.Context, studyKey, submissionID string, indexes []int, reason string) (Receipt, error) {
	if imednet.IsBlank(reason) {
		return Receipt{}, argument.Invalid("submissions.RecordUpdate.Discard", "reason", "is blank")
	}
	if err := argument.Named("submissions.RecordUpdate.Discard", "submissionID", submissionID); err != nil {
		return Receipt{}, err
	}
	entry, items, err := u.takeItems(ctx, "discard", studyKey, submissionID, Options{})
	if err != nil {
		return Receipt{}, err
	}
	chosen, err := choose(items, indexes, func(i *Item) bool { return !i.Closed })
	var changes []Change
	for _, n := range chosen {
		c := items[n].change(items[n].closedAs(), discardedAs+reason)
		c.Close = true
		changes = append(changes, c)
	}
	if err == nil {
		_, err = u.journal.Note(ctx, u.author, changes)
	}
	if released := u.journal.Release(context.WithoutCancel(ctx), entry.ID, entry.Fence); released != nil && !errors.Is(released, ErrLeaseLost) {
		err = errors.Join(err, released)
	}
	if err == nil {
		items, err = u.journal.Items(ctx, Query{SubmissionID: submissionID})
	}
	receipt := Receipt{SubmissionID: submissionID, StudyKey: studyKey, Items: items}
	if err != nil {
		return receipt, &imednet.Error{Package: "submissions", Op: "discard", StudyKey: studyKey, Place: "submission " + submissionID, Err: err}
	}
	return receipt, nil
}

// closedAs is the state in which an item is closed by somebody who has dealt with it. What was posted, and
// was taken for absent without a look at the study, protects as one of which nothing is known.
func (i *Item) closedAs() State {
	switch {
	case i.State == Prepared:
		return Absent
	case i.State == Sent, i.State == Absent && i.Attempt > 0 && i.JobState == "":
		return Unknown
	}
	return i.State
}
