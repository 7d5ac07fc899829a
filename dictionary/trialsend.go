package dictionary

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"

	"github.com/go-json-experiment/json"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/jobpoll"
)

// inDoubt says why it is not known whether a record is in the study.
type inDoubt struct {
	why     string
	nothing bool // of it shows
}

func (d *inDoubt) Error() string { return d.why }

var (
	errNothingShows = &inDoubt{"it is not known whether the study took one of its records, of which nothing shows", true}
	errSaidStored   = &inDoubt{"the study says that it stored one of its records, and does not list it", false}
	errWhich        = &inDoubt{"of several records in the study it is not known which is its own", false}
)

// send submits one new record, unless it was sent before, and returns it as the study lists it, or nil if it was refused.
func (t *tryout) send(ctx context.Context, key string, form *Form, data imednet.RecordData) (*imednet.Record, error) {
	api := t.joined.byForm[form]
	item := t.item(form, data)
	switch {
	case t.unscheduled(api):
		item.Kind, item.SubjectKey = imednet.NewRecord, t.opts.SubjectKey
	case t.visited(api):
		subject, err := t.register(ctx, "subject of "+key)
		if err != nil {
			return nil, err
		}
		item.Kind, item.SubjectKey, item.IntervalName = imednet.ScheduledRecord, subject, t.intervals[api]
		if api.Form.UnscheduledVisit.Or(false) {
			item.Kind, item.IntervalName = imednet.NewRecord, ""
		}
	default:
		item.Kind, item.SiteName = imednet.RegisterSubject, t.opts.SiteName
	}
	return t.submit(ctx, key, form, data, item)
}

// submit sends one item, unless it was sent before, and returns the record as the study lists it, or nil if it was refused.
func (t *tryout) submit(ctx context.Context, key string, of *Form, data imednet.RecordData, item imednet.Submission) (*imednet.Record, error) {
	form := t.joined.byForm[of]
	if before := t.progress.sent[key]; before != nil && before.State != notTaken {
		r, err := t.sentBefore(ctx, *before, form)
		if !t.opts.Resend || !errors.Is(err, errNothingShows) {
			return r, err
		}
	}
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	sent, err := json.Marshal(item.Data, json.Deterministic(true))
	if err != nil {
		return nil, err
	}
	s := sentRecord{Key: key, State: sending, Form: nameOfForm(form), After: t.last, Data: sent}
	for _, question := range t.checker.Effects(of, &imednet.Record{RecordData: data}).Cleared {
		s.Cleared = append(s.Cleared, t.nameOf(of, question))
	}
	if err := t.progress.note(s); err != nil {
		return nil, err
	}
	// What is on its way is waited for, whatever ends the trial: otherwise nobody would know whether it arrived.
	job, err := t.study.SubmitRecords(context.WithoutCancel(ctx), t.opts.StudyKey, []imednet.Submission{item}, imednet.SubmitOptions{})
	s.State, s.BatchID = answered(job, err), job.BatchID.Or("")
	if noted := t.progress.note(s); noted != nil {
		return nil, errors.Join(err, noted)
	}
	if s.State == rejected {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return t.follow(ctx, s, form)
}

func nameOfForm(form *imednet.IndexedForm) string { return fmt.Sprintf("%s %d", form.Key(), form.ID()) }

// answered says what the answer to a POST proves of its record.
func answered(job imednet.Job, err error) string {
	var api *imednet.APIError
	var transport *imednet.TransportError
	switch {
	case err == nil && job.Traceable() && !imednet.IsBlank(job.BatchID.Or("")):
		return accepted
	case errors.As(err, &api) && api.Envelope && api.StatusCode == 400:
		return rejected
	case errors.As(err, &api) && api.Envelope && api.StatusCode > 400 && api.StatusCode < 500 && api.StatusCode != 408,
		errors.As(err, &transport) && !transport.Sent, errors.As(err, new(*imednet.ValidationError)):
		return notTaken
	}
	return sending
}

// sentBefore finds out what became of a record that was sent before.
func (t *tryout) sentBefore(ctx context.Context, s sentRecord, form *imednet.IndexedForm) (*imednet.Record, error) {
	switch s.State {
	case rejected:
		return nil, nil
	case stored:
		for r, err := range t.study.Records(ctx, t.opts.StudyKey, imednet.ListOptions{Filter: imednet.Where("recordId", imednet.Equal, s.RecordID)}) {
			if err != nil || r.RecordID == s.RecordID {
				return &r, err
			}
		}
		return nil, fmt.Errorf("record %d, which the trial sent, is not in the study any more", s.RecordID)
	}
	return t.follow(ctx, s, form)
}

// follow waits for the end of a record's job and looks for the record: twice, if nothing says that it was refused.
func (t *tryout) follow(ctx context.Context, s sentRecord, form *imednet.IndexedForm) (*imednet.Record, error) {
	said, ended, err := t.wait(ctx, s.BatchID)
	if err != nil {
		return nil, err
	}
	r, err := t.added(ctx, s, form)
	if err == nil && r == nil && said != imednet.ResultRefused {
		if err = t.clock.Sleep(ctx, t.opts.SettleDelay); err == nil {
			r, err = t.added(ctx, s, form)
		}
	}
	switch {
	case err != nil:
		return nil, err
	case r != nil:
		s.State, s.RecordID = stored, r.RecordID
	case said == imednet.ResultStored:
		return nil, errSaidStored
	case !ended:
		return nil, errNothingShows
	default:
		s.State = rejected
	}
	return r, t.progress.note(s)
}

// wait waits for a job, and returns what it says of its record. A job that the study does not name or know any more has not ended.
func (t *tryout) wait(ctx context.Context, batchID string) (said imednet.ResultStatus, ended bool, err error) {
	if imednet.IsBlank(batchID) {
		return imednet.ResultUnknown, false, nil
	}
	poll := t.opts.Poll
	_, poll.FetchResults = t.study.(imednet.JobResultReader)
	poller := jobpoll.Poller{Package: "dictionary", Jobs: t.study, Clock: t.clock, Jitter: rand.Float64}
	status, err := poller.Run(ctx, t.opts.StudyKey, batchID, poll)
	switch {
	case errors.As(err, new(*imednet.JobFailedError)):
		return imednet.ResultRefused, true, nil
	case errors.Is(err, imednet.ErrNotFound):
		return imednet.ResultUnknown, false, nil
	case err != nil:
		return imednet.ResultUnknown, false, err
	}
	switch counts, known := status.Results.Counts(); {
	case !known || counts.Total != 1:
		return imednet.ResultUnknown, true, nil
	case counts.Succeeded == 1:
		return imednet.ResultStored, true, nil
	case counts.Failed == 1:
		return imednet.ResultRefused, true, nil
	}
	return imednet.ResultUnknown, true, nil
}

// added finds the record that was added for one that was sent. While it is not known what became of others of its form, its answers
// must show which it is.
func (t *tryout) added(ctx context.Context, s sentRecord, form *imednet.IndexedForm) (*imednet.Record, error) {
	var fresh []imednet.Record
	for r, err := range t.study.Records(ctx, t.opts.StudyKey, imednet.ListOptions{Filter: imednet.Where("recordId", imednet.Greater, s.After)}) {
		if err != nil {
			return nil, err
		}
		t.last = max(t.last, r.RecordID)
		if of, _ := t.joined.index.OfRecord(&r); of == form && t.progress.taken[r.RecordID] == nil {
			fresh = append(fresh, r)
		}
	}
	if rivals := t.progress.rivals(&s); len(rivals) > 0 {
		return s.among(fresh, rivals)
	}
	switch len(fresh) {
	case 0:
		return nil, nil
	case 1:
		return &fresh[0], nil
	}
	return nil, errors.New("somebody else adds records to the study: a trial needs a test study of its own")
}

// among finds the record that was added for one that was sent, where some may have been added for rivals.
func (s *sentRecord) among(fresh []imednet.Record, rivals []*sentRecord) (*imednet.Record, error) {
	var like []*imednet.Record
	for i := range fresh {
		r := &fresh[i]
		mine, theirs := s.likeness(r), different
		for _, o := range rivals {
			if o.After < r.RecordID {
				theirs = max(theirs, o.likeness(r))
			}
		}
		switch {
		case mine == equal:
			return r, nil // if a rival's is equal too, both show the same
		case mine == altered && theirs == altered:
			return nil, errWhich
		case mine == altered && theirs == different:
			like = append(like, r)
		}
	}
	switch len(like) {
	case 0:
		return nil, nil
	case 1:
		return like[0], nil
	}
	return nil, errWhich
}

// recordLikeness says how much a record is like one that was sent.
type recordLikeness int

const (
	different recordLikeness = iota // an answer is another one
	altered                         // answers are missing that no rule clears, were not sent or should have been cleared
	equal
)

func (s *sentRecord) likeness(r *imednet.Record) recordLikeness {
	sent, err := imednet.NewRecordData(s.Data)
	if err != nil {
		return different
	}
	like := equal
	for name, v := range sent.All() {
		now, n := r.RecordData.Lookup(name)
		switch {
		case n > 1, slices.Contains(s.Cleared, name) != (n == 0 || now.Missing()):
			like = altered
		case n == 0 || now.Missing():
		case !sameAnswer(v, now):
			return different
		}
	}
	for name, now := range r.RecordData.All() {
		if _, n := sent.Lookup(name); n == 0 && !now.Missing() {
			like = altered
		}
	}
	return like
}

// sameAnswer reports whether two answers are the same, however a server writes them.
func sameAnswer(a, b imednet.Value) bool {
	if one, ok := a.Number(); ok {
		two, ok := b.Number()
		return ok && one.Canonical() == two.Canonical()
	}
	if one, ok := a.YesNo(); ok {
		two, ok := b.YesNo()
		return ok && one == two
	}
	return a.Text() == b.Text()
}

// rest lists the rules whose records were not all sent when the trial ended early.
func (t *tryout) rest() {
	for _, key := range slices.Sorted(maps.Keys(t.checker.rules)) {
		form, ok := t.checker.dictionary.Form(key)
		if !ok {
			continue
		}
		for _, rule := range t.rules(form) {
			if !t.seen[rule] {
				t.result.Untried = append(t.result.Untried, Uncovered{rule.ID, rule.Name, "the trial ended before all its records were tried"})
			}
		}
	}
}
