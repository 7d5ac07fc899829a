package imednettest

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"time"

	"github.com/imednetgo/imednet"
)

// suiteCall is a call of the client, whatever it returns.
type suiteCall struct {
	name         string
	method, path string // of its first request: the end of the path
	call         func(context.Context) error
}

// calls are all calls of the client: listings, submissions, polls, and what it is able to beside them.
func (s *suite) calls() []suiteCall {
	var calls []suiteCall
	for _, listing := range s.listings() {
		calls = append(calls, suiteCall{"the listing of " + string(listing.resource), "GET", "/" + string(listing.resource), func(ctx context.Context) error {
			return listing.read(ctx, imednet.ListOptions{}, func(int) {})
		}})
	}
	key, items := s.study.Key(), s.items()
	s.study.PlanJobs(JobPlan{ShowResults: true})
	job, err := s.client.SubmitRecords(s.Context(), key, items, imednet.SubmitOptions{})
	s.check(err == nil, "submission failed: %v", err)
	s.study.FinishJobs()
	job = s.ends(job)
	calls = append(calls,
		suiteCall{"a submission", "POST", "/records", func(ctx context.Context) error {
			_, err := s.client.SubmitRecords(ctx, key, items, imednet.SubmitOptions{})
			return err
		}},
		suiteCall{"a poll", "GET", job.BatchID.Or(""), func(ctx context.Context) error {
			_, err := s.client.Job(ctx, key, job.BatchID.Or(""))
			return err
		}})
	if reader, ok := s.client.(imednet.JobResultReader); ok {
		calls = append(calls, suiteCall{"the reading of results", "GET", "/results", func(ctx context.Context) error {
			_, err := reader.JobResults(ctx, job.ResultURL.Or(""))
			return err
		}})
	}
	if prober, ok := s.client.(imednet.RecordProber); ok {
		calls = append(calls, suiteCall{"a probe", "GET", "/records", func(ctx context.Context) error {
			_, err := prober.ProbeRecords(ctx, key, imednet.Filter{})
			return err
		}})
	}
	if prober, ok := s.client.(imednet.RowProber); ok {
		calls = append(calls, suiteCall{"a count", "GET", "/visits", func(ctx context.Context) error {
			_, err := prober.ProbeRows(ctx, key, imednet.Visits, imednet.Filter{})
			return err
		}})
	}
	if pager, ok := s.client.(imednet.RecordPager); ok {
		calls = append(calls, suiteCall{"a page", "GET", "/records", func(ctx context.Context) error {
			_, err := pager.RecordPage(ctx, key, imednet.Filter{}, 7)
			return err
		}})
	}
	return calls
}

var errEnough = errors.New("the caller has had enough")

// cancels makes each call under a context that has ended.
func (s *suite) cancels() {
	ended, cancel := context.WithCancelCause(s.Context())
	cancel(errEnough)
	for _, c := range s.calls() {
		s.server.ResetRequests()
		err := c.call(ended)
		s.check(endedByCaller(err), "%s under a context that had ended gave %v", c.name, err)
		s.check(len(s.server.Requests()) == 0, "%s sent a request under a context that had ended", c.name)
	}
}

// cancelsBetweenPages ends the context of each listing after its first page.
func (s *suite) cancelsBetweenPages() {
	for _, listing := range s.listings() {
		ctx, cancel := context.WithCancelCause(s.Context())
		rows := 0
		opts := s.inPages(listing.resource)
		err := listing.read(ctx, opts, func(row int) {
			if rows = row; row == opts.PageSize {
				cancel(errEnough)
			}
		})
		s.check(endedByCaller(err), "the listing of %s, whose context ended after a page, gave %v after %d rows", listing.resource, err, rows)
		cancel(nil)
	}
}

// cancelsUnderWay ends the context of each call while the server has its request and does not answer.
func (s *suite) cancelsUnderWay() {
	calls := s.calls()
	s.server.SetClock(patience{})
	for _, c := range calls {
		s.cancelsInTheMiddle(c)
	}
}

func (s *suite) cancelsInTheMiddle(c suiteCall) {
	ctx, cancel := context.WithCancelCause(s.Context())
	defer cancel(nil)
	submissions := len(s.study.Submissions())
	var requests atomic.Int32
	s.server.Inject(Fault{Method: c.method, Path: c.path, Times: -1, Delay: time.Minute, Status: 503})
	s.server.OnRequest(func(r Request) {
		if r.Method == c.method && strings.HasSuffix(r.Path, c.path) { // others may be left of an earlier call
			requests.Add(1)
			cancel(errEnough)
		}
	})
	err := c.call(ctx)
	s.server.OnRequest(nil)
	s.server.ClearFaults()
	s.check(endedByCaller(err), "%s, whose context ended while it was under way, gave %v", c.name, err)
	s.check(!imednet.Retryable(err), "%s, whose context ended while it was under way, gave an error to retry: %v", c.name, err)
	s.check(requests.Load() == 1 && len(s.study.Submissions()) == submissions, "%s sent more requests after its context had ended", c.name)
	if c.method == "POST" {
		var transport *imednet.TransportError
		s.check(errors.As(err, &transport) && transport.Sent, "a submission whose context ended while it was under way does not tell that its outcome is unknown: %v", err)
	}
}

// endedByCaller accepts the cause of a context or the context's own error.
func endedByCaller(err error) bool {
	return errors.Is(err, errEnough) || errors.Is(err, context.Canceled)
}

// patience is the clock of a server that delays an answer until the request ends, and answers a client
// that goes on regardless.
type patience struct{}

// longest is how long such a client is held up.
const longest = 2 * time.Second

func (patience) Now() time.Time { return time.Now() }

func (patience) Sleep(ctx context.Context, _ time.Duration) error {
	timer := time.NewTimer(longest)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-timer.C:
		return nil
	}
}
