package submissions

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/imednetgo/imednet"
)

// sender sends items of one submission whose lease it has.
type sender struct {
	*settler
	entry   Entry
	opts    Options
	batches []SubmittedBatch
	items   []Item // of the submission, in order

	seenAt time.Time // beginning of the latest POST
	newest int64     // revision id that the study was seen to have then
}

// submit stores a submission in the journal and sends it.
func (u *RecordUpdate) submit(ctx context.Context, studyKey string, p *plan, opts Options) (Receipt, error) {
	journal, err := u.anyJournal()
	if err != nil {
		return Receipt{}, err
	}
	entry, err := u.prepareInTurn(ctx, journal, Preparation{
		ID: u.newID(), StudyKey: studyKey, Author: u.author, Source: opts.Source, Items: p.items,
		Lease: u.leaseOf(), Window: opts.Window, AllowRepeat: opts.AllowRepeat,
	}, opts)
	if err != nil {
		return Receipt{}, &imednet.Error{Package: "submissions", Op: "submit records", StudyKey: studyKey, Err: err, Hint: prepareHint(err)}
	}
	s := &sender{settler: u.settler(journal, studyKey, opts.Poll), entry: entry, opts: opts, items: p.items}
	s.alive = func() {
		// A lease that is lost shows itself when the next batch is sent.
		_ = journal.Renew(context.Background(), entry.ID, entry.Fence, u.leaseOf())
	}
	for i := range s.items {
		s.items[i].SubmissionID = entry.ID
	}
	var batches [][]int
	for _, b := range p.batches {
		var indexes []int
		for i := b.first; i < b.end; i++ {
			indexes = append(indexes, i)
		}
		batches = append(batches, indexes)
	}
	return s.run(ctx, batches)
}

// mostTries is how often a step is tried that others, or the server, put off.
const mostTries = 4

// prepare stores a submission. Older items in whose place new ones would be sent are looked for once more
// before: what stands by now stands in the way. What stands in the way anyhow is told without that wait.
func (u *RecordUpdate) prepare(ctx context.Context, journal Journal, p Preparation, opts Options) (Entry, error) {
	for tries := 0; ; tries++ {
		older, err := u.replaced(ctx, journal, &p)
		if err != nil {
			return Entry{}, err
		}
		if tries > 0 {
			if p.Rechecked, err = u.settler(journal, p.StudyKey, opts.Poll).recheck(ctx, older); err != nil {
				return Entry{}, fmt.Errorf("whether older records stand by now cannot be found out: %w", err)
			}
		}
		entry, err := journal.Prepare(ctx, p)
		if !errors.Is(err, ErrRecheck) || tries == mostTries { // others have been at it meanwhile
			return entry, err
		}
	}
}

// replaced lists the older items in whose place items of a preparation would be sent.
func (u *RecordUpdate) replaced(ctx context.Context, journal Journal, p *Preparation) ([]Item, error) {
	older, err := journal.Items(ctx, Query{StudyKey: p.StudyKey, Open: true, States: []State{Refused, Absent}})
	if err != nil || len(older) == 0 {
		return nil, err
	}
	contents, intents := map[string]bool{}, map[string]bool{"": false}
	for i := range p.Items {
		for _, content := range p.Items[i].Contents() {
			contents[content] = true
		}
		intents[p.Items[i].IntentKey] = p.Items[i].IntentKey != ""
	}
	return slices.DeleteFunc(older, func(i Item) bool { return !contents[i.ContentHash] && !intents[i.IntentKey] }), nil
}

func prepareHint(err error) string {
	var conflict *ConflictError
	switch {
	case !errors.As(err, &conflict):
		return "the journal could not be written; nothing was sent"
	case errors.Is(err, ErrInDoubt):
		return "Resume finds out what became of the older submission; Discard closes what somebody has dealt with"
	}
	return "if second ones are meant, set AllowRepeat"
}

// anyJournal returns the journal, or one in memory that lasts for a call.
func (u *RecordUpdate) anyJournal() (Journal, error) {
	if u.journal != nil {
		return u.journal, nil
	}
	return NewMemoryJournal(u.clock)
}

func (u *RecordUpdate) leaseOf() Lease { return Lease{Holder: u.holder, For: u.lease} }

// run sends the batches one after the other, gives the lease up and says what became of everything.
func (s *sender) run(ctx context.Context, batches [][]int) (Receipt, error) {
	closed := map[int]bool{} // before this call; what somebody else closes meanwhile is told
	for i := range s.items {
		closed[i] = s.items[i].Closed
	}
	var stopped error
	for _, indexes := range batches {
		if stopped = s.send(ctx, indexes); stopped != nil {
			break
		}
	}
	again, err := s.lookAgain(ctx)
	s.takeOver(again)
	stopped = errors.Join(stopped, err)
	// What happened must reach the journal even if the caller has gone away meanwhile.
	end := context.WithoutCancel(ctx)
	if stopped != nil && !errors.Is(stopped, ErrLeaseLost) {
		stopped = errors.Join(stopped, s.noteUnsent(end))
	}
	if err := s.journal.Release(end, s.entry.ID, s.entry.Fence); err != nil && !errors.Is(err, ErrLeaseLost) {
		stopped = errors.Join(stopped, err)
	}
	if s.u.journal != nil { // another process may have gone on with it
		items, err := s.journal.Items(end, Query{SubmissionID: s.entry.ID})
		if err != nil {
			stopped = errors.Join(stopped, fmt.Errorf("what is known by now could not be read from the journal: %w", err))
		} else if len(items) == len(s.items) {
			s.items = items
		}
	}
	receipt := Receipt{SubmissionID: s.entry.ID, StudyKey: s.study, Batches: s.batches, Items: s.items}
	if s.u.journal == nil {
		receipt.SubmissionID = ""
	}
	return receipt, receipt.incomplete(s.opts.Wait, stopped, func(i *Item) bool { return closed[i.Index] })
}

// noteUnsent notes that what was not sent is absent.
func (s *sender) noteUnsent(ctx context.Context) error {
	var changes []Change
	for i := range s.items {
		if s.items[i].State == Prepared {
			changes = append(changes, s.items[i].change(Absent, "not sent, because the submission stopped before"))
		}
	}
	return s.note(ctx, changes)
}

// note writes changes to the journal and takes the items over as they are now.
func (s *sender) note(ctx context.Context, changes []Change) error {
	if len(changes) == 0 {
		return nil
	}
	items, err := s.journal.Note(ctx, s.u.author, changes)
	s.takeOver(items)
	if err != nil {
		return fmt.Errorf("what happened could not be written to the journal: %w", err)
	}
	return nil
}

// takeOver takes items over as they are now.
func (s *sender) takeOver(items []Item) {
	for _, item := range items {
		s.items[item.Index] = item
	}
}

// send sends one batch. A rate limit of the API holds it up: what does not stand by then is sent again.
// Any other error ends the submission.
func (s *sender) send(ctx context.Context, indexes []int) error {
	for tries := 1; ; tries++ {
		err := s.post(ctx, indexes)
		wait, held := heldUp(err)
		if !held || tries == mostTries || slices.ContainsFunc(indexes, func(n int) bool { return s.items[n].State != Absent }) {
			return err
		}
		if err := s.pause(ctx, wait); err != nil {
			return err
		}
		if indexes, err = s.stillGone(ctx, slices.Clone(indexes)); err != nil || len(indexes) == 0 {
			return err
		}
	}
}

// longestHold is the longest time that a server may ask a submission to wait.
const longestHold = 5 * time.Minute

// heldUp reports whether the API refused a batch because of its rate limit, and how long it asks to wait.
func heldUp(err error) (wait time.Duration, held bool) {
	var api *imednet.APIError
	if !errors.As(err, &api) || !rateLimited(api) || api.RetryAfter > longestHold {
		return 0, false
	}
	return api.RetryAfter, true
}

// rateLimited reports whether an answer to a POST is the API's own 429, which it gives before it looks at
// a batch (API contract, section 6).
func rateLimited(api *imednet.APIError) bool {
	return api.Envelope && api.StatusCode == http.StatusTooManyRequests
}

// post posts one batch and, when asked, follows its job and settles its items.
func (s *sender) post(ctx context.Context, indexes []int) error {
	batch := make([]Item, len(indexes))
	for i, n := range indexes {
		batch[i] = s.items[n]
	}
	posted, err := decodeItems(batch)
	if err != nil {
		return err
	}
	sending, err := s.start(ctx)
	if err != nil {
		return err
	}
	sending.Indexes = indexes
	sent, err := s.journal.Send(ctx, sending)
	if err != nil {
		return err
	}
	s.takeOver(sent)
	if !bytes.Equal(body(sent), body(batch)) {
		return errors.Join(ErrDamaged, s.noteAll(context.WithoutCancel(ctx), indexes, Absent, "not sent, because the journal holds something else"))
	}
	job, err := s.u.client.SubmitRecords(ctx, s.study, posted, imednet.SubmitOptions{EmailNotify: s.opts.EmailNotify})
	if err := s.noteAnswer(context.WithoutCancel(ctx), indexes, job, err); err != nil {
		return err
	}
	s.batches = append(s.batches, SubmittedBatch{Indexes: indexes, Job: job})
	if !s.opts.Wait {
		return nil
	}
	return s.follow(ctx, indexes)
}

// start asks for the server's time and its newest revision, the lower bounds of what the POST can
// cause.
func (s *sender) start(ctx context.Context) (Sending, error) {
	out := Sending{SubmissionID: s.entry.ID, Fence: s.entry.Fence, Lease: s.u.leaseOf(), Author: s.u.author, At: s.u.clock.Now().UTC()}
	failed := func(op string, err error) (Sending, error) {
		return out, &imednet.Error{Package: "submissions", Op: op, StudyKey: s.study, Err: err, Hint: "nothing of this batch was sent"}
	}
	if prober, ok := s.u.client.(imednet.RecordProber); ok {
		probe, err := prober.ProbeRecords(ctx, s.study, imednet.Filter{})
		if err != nil {
			return failed("ask for the server's time", err)
		}
		if at := probe.ServerTime.UTC(); !at.IsZero() && !at.After(out.At.Add(clockMargin)) {
			out.At, out.ServerTime = at, true
		}
	}
	revisions, ok := s.u.client.(imednet.RevisionReader)
	if !ok {
		return out, nil
	}
	from := out.At.Add(-clockMargin)
	if s.seenAt.After(from) {
		from = s.seenAt
	}
	for r, err := range revisions.RecordRevisions(ctx, s.study, imednet.ListOptions{Filter: since("dateCreated", from)}) {
		if err != nil {
			return failed("ask for the newest revision", err)
		}
		s.newest = max(s.newest, r.RecordRevisionID)
	}
	s.seenAt, out.AfterRevision = out.At, s.newest
	return out, nil
}

// clockMargin is how far before the beginning of a POST the server may date what the POST caused: the
// clocks of its parts differ, and the caller's from them. A time of the server that is further ahead of
// the caller's clock is not believed.
const clockMargin = 10 * time.Minute

// since is the condition of a listing for everything at or after a moment.
func since(attribute string, at time.Time) imednet.Filter {
	return imednet.Where(attribute, imednet.GreaterOrEqual, at.Truncate(time.Second))
}

// noteAnswer notes what the answer to a POST says about its items.
func (s *sender) noteAnswer(ctx context.Context, indexes []int, job imednet.Job, err error) error {
	to, reason := answered(job, err)
	var changes []Change
	for _, n := range indexes {
		c := s.items[n].change(to, reason)
		c.BatchID = job.BatchID.Or("")
		changes = append(changes, c)
	}
	var api *imednet.APIError
	if to == Refused && errors.As(err, &api) {
		for i := range changes {
			changes[i].ServerMessage = api.Description
		}
	}
	if to == Unknown && err == nil {
		err = ErrUntraceable
		if !s.opts.Wait {
			err = nil
		}
	}
	return errors.Join(err, s.note(ctx, changes))
}

// answered says what the answer to a POST proves. Only the API's own refusal, and a request that
// never left, prove that the server holds nothing.
func answered(job imednet.Job, err error) (State, string) {
	var api *imednet.APIError
	var transport *imednet.TransportError
	var invalid *imednet.ValidationError
	switch {
	case err == nil && job.Traceable() && !imednet.IsBlank(job.BatchID.Or("")):
		return Accepted, ""
	case err == nil:
		return Unknown, "the server accepted the batch without naming it"
	case errors.As(err, &api) && rateLimited(api):
		return Absent, "not taken: the API had too many requests"
	case errors.As(err, &api) && api.Envelope && api.StatusCode >= 400 && api.StatusCode < 500 && api.StatusCode != 408:
		return Refused, refusal(api)
	case errors.As(err, &transport) && !transport.Sent:
		return Absent, "not sent: no connection"
	case errors.As(err, &invalid):
		return Absent, "not sent: the client refused the batch"
	case errors.As(err, &api):
		return Unknown, fmt.Sprintf("the answer had status %d and does not say whether the batch was taken", api.StatusCode)
	case errors.As(err, new(*imednet.ReplyError)):
		return Unknown, "the answer was not the API's"
	}
	return Unknown, "the POST got no complete answer"
}

func (s *sender) noteAll(ctx context.Context, indexes []int, to State, reason string) error {
	var changes []Change
	for _, n := range indexes {
		changes = append(changes, s.items[n].change(to, reason))
	}
	return s.note(ctx, changes)
}

// follow waits for the job of the last batch and settles its items. Items that the server refused
// one by one do not stop a submission; a job that failed, or whose end nobody saw, does.
func (s *sender) follow(ctx context.Context, indexes []int) error {
	sent := &s.batches[len(s.batches)-1]
	if !sent.Job.Traceable() {
		return ErrUntraceable
	}
	status, waited := s.waitForJob(ctx, sent.Job.BatchID.Or(""))
	sent.Status = &status
	if !status.Terminal() {
		return waited
	}
	batch := make([]Item, len(indexes))
	for i, n := range indexes {
		batch[i] = s.items[n]
	}
	items, err := s.settle(ctx, batch, map[string]*answer{sent.Job.BatchID.Or(""): newAnswer(status, len(batch))})
	s.takeOver(items)
	return errors.Join(waited, err)
}

// decodeItems reads payloads so that encoding them again gives the same bytes.
func decodeItems(items []Item) ([]imednet.Submission, error) {
	out := make([]imednet.Submission, len(items))
	for i := range items {
		if err := json.Unmarshal(items[i].Payload, &out[i], exactValues); err != nil {
			return nil, fmt.Errorf("submission %s, %s: %w", items[i].SubmissionID, itemName(items[i].Index), ErrDamaged)
		}
		out[i].Kind = items[i].Kind
	}
	again, err := imednet.EncodeSubmissions(out)
	if err != nil || !bytes.Equal(again, body(items)) {
		return nil, fmt.Errorf("submission %s: the payload cannot be sent byte for byte: %w", items[0].SubmissionID, ErrDamaged)
	}
	return out, nil
}

// exactValues keeps the text of numbers.
var exactValues = json.WithUnmarshalers(json.UnmarshalFromFunc(func(dec *jsontext.Decoder, v *any) error {
	raw, err := dec.ReadValue()
	if err != nil {
		return err
	}
	*v = raw.Clone()
	return nil
}))
