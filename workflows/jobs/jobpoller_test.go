package jobs_test

import (
	"context"
	"errors"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/workflows/jobs"
)

// poll is one scripted answer of a job getter.
type poll struct {
	state string
	err   error
}

// scriptedJobs answers the polls of every batch from one script each; the last answer stays.
type scriptedJobs struct {
	scripts map[string][]poll
	asked   map[string]int
	results func(url string) (imednet.JobResults, error)
}

func (s *scriptedJobs) Job(_ context.Context, _, batchID string) (imednet.Job, error) {
	if s.asked == nil {
		s.asked = map[string]int{}
	}
	script := s.scripts[batchID]
	p := script[min(s.asked[batchID], len(script)-1)]
	s.asked[batchID]++
	if p.err != nil {
		return imednet.Job{}, p.err
	}
	job := imednet.Job{BatchID: imednet.Some(batchID), State: imednet.Some(p.state)}
	if job.Terminal() && s.results != nil {
		job.ResultURL = imednet.Some("https://edc.example.org/results")
	}
	return job, nil
}

func (s *scriptedJobs) JobResults(_ context.Context, url string) (imednet.JobResults, error) {
	return s.results(url)
}

var pollStart = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

func newPoller(t testing.TB, client jobs.Client, clock imednet.Clock) *jobs.JobPoller {
	t.Helper()
	p, err := jobs.NewJobPoller(client, jobs.WithClock(clock), jobs.WithRandom(func() float64 { return 0 }))
	require.NoError(t, err)
	return p
}

var (
	busy   = &imednet.APIError{StatusCode: 503, Method: "GET"}
	denied = &imednet.APIError{StatusCode: 401, Method: "GET"}
	absent = &imednet.APIError{StatusCode: 404, Method: "GET"}
)

func TestEveryPathOfAWait(t *testing.T) {
	for _, c := range []struct {
		name   string
		script []poll
		state  string
		polls  int
		check  func(t *testing.T, err error)
	}{
		{"done at once", []poll{{state: "completed"}}, "completed", 1, nil},
		{"created, running, done", []poll{{state: "created"}, {state: "running"}, {state: "SUCCESS"}}, "SUCCESS", 3, nil},
		{"blank is not done", []poll{{state: ""}, {state: "Completed"}}, "Completed", 2, nil},
		{"unknown words are polled on", []poll{{state: "ARCHIVING"}, {state: "completed"}}, "completed", 2, nil},
		{"failed", []poll{{state: "running"}, {state: "Failed"}}, "Failed", 2, func(t *testing.T, err error) {
			var failed *imednet.JobFailedError
			require.ErrorAs(t, err, &failed)
			require.Equal(t, "Failed", failed.Status.State.Or(""))
			require.EqualError(t, err, "imednet: a job ended in state Failed")
		}},
		{"cancelled", []poll{{state: "CANCELLED"}}, "CANCELLED", 1, func(t *testing.T, err error) {
			var failed *imednet.JobFailedError
			require.ErrorAs(t, err, &failed)
		}},
		{"CANCELED with one L is unknown", []poll{{state: "CANCELED"}, {state: "completed"}}, "completed", 2, nil},
		{"a new job is not found at first", []poll{{err: absent}, {err: absent}, {state: "completed"}}, "completed", 3, nil},
		{"a server error passes", []poll{{state: "running"}, {err: busy}, {state: "completed"}}, "completed", 3, nil},
		{"a refusal does not", []poll{{state: "running"}, {err: denied}}, "running", 2, func(t *testing.T, err error) {
			require.ErrorIs(t, err, imednet.ErrUnauthorized)
		}},
		{"too many in a row", []poll{{err: busy}}, "", 6, func(t *testing.T, err error) {
			require.ErrorIs(t, err, imednet.ErrServer)
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			clock := imednettest.NewClock(pollStart)
			client := &scriptedJobs{scripts: map[string][]poll{"B1": c.script}}
			status, err := newPoller(t, client, clock).Run(t.Context(), "S1", "B1", imednet.PollOptions{})
			if c.check == nil {
				require.NoError(t, err)
			} else {
				c.check(t, err)
			}
			require.Equal(t, c.polls, status.Polls)
			require.Equal(t, c.polls, client.asked["B1"])
			require.Equal(t, c.state, status.State.Or(""))
			require.Len(t, clock.Slept(), c.polls-1)
		})
	}
}

func TestPausesGrowToACeilingAndEndAtTheDeadline(t *testing.T) {
	clock := imednettest.NewClock(pollStart)
	client := &scriptedJobs{scripts: map[string][]poll{"B1": {{state: "running"}}}}
	_, err := newPoller(t, client, clock).Run(t.Context(), "S1", "B1", imednet.PollOptions{Interval: 4 * time.Second, MaxInterval: 8 * time.Second, Timeout: 30 * time.Second})
	require.Equal(t, []time.Duration{4 * time.Second, 6 * time.Second, 8 * time.Second, 8 * time.Second, 4 * time.Second}, clock.Slept())
	require.Equal(t, pollStart.Add(30*time.Second), clock.Now())
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.ErrorIs(t, err, os.ErrDeadlineExceeded)
	require.False(t, imednet.Retryable(err))
	var timeout *imednet.JobTimeoutError
	require.ErrorAs(t, err, &timeout)
	require.True(t, timeout.Timeout())
	require.EqualError(t, err, "imednet: a job is still running: timeout after 30s (state running, polls: 6); resume the wait later")
}

func TestJitterShortensAPauseByAFifthAtMost(t *testing.T) {
	clock := imednettest.NewClock(pollStart)
	client := &scriptedJobs{scripts: map[string][]poll{"B1": {{state: "running"}, {state: "completed"}}}}
	p, err := jobs.NewJobPoller(client, jobs.WithClock(clock), jobs.WithRandom(func() float64 { return 0.5 }))
	require.NoError(t, err)
	_, err = p.Run(t.Context(), "S1", "B1", imednet.PollOptions{Interval: 10 * time.Second})
	require.NoError(t, err)
	require.Equal(t, []time.Duration{9 * time.Second}, clock.Slept())
}

func TestAJobThatEndsAtTheDeadlineWins(t *testing.T) {
	clock := imednettest.NewClock(pollStart)
	client := &scriptedJobs{scripts: map[string][]poll{"B1": {{state: "running"}, {state: "completed"}}}}
	status, err := newPoller(t, client, clock).Run(t.Context(), "S1", "B1", imednet.PollOptions{Interval: time.Minute, Timeout: time.Second})
	require.NoError(t, err)
	require.Equal(t, "completed", status.State.Or(""))
	require.Equal(t, 2, status.Polls)
}

func TestAWaitCanBeResumed(t *testing.T) {
	clock := imednettest.NewClock(pollStart)
	client := &scriptedJobs{scripts: map[string][]poll{"B1": {{state: "running"}, {state: "running"}, {state: "running"}, {state: "completed"}}}}
	p := newPoller(t, client, clock)
	_, err := p.Run(t.Context(), "S1", "B1", imednet.PollOptions{Timeout: 6 * time.Second})
	require.Error(t, err)
	status, err := p.Resume(t.Context(), err, imednet.PollOptions{})
	require.NoError(t, err)
	require.True(t, status.Succeeded())
	_, err = p.Resume(t.Context(), errors.New("other"), imednet.PollOptions{})
	require.ErrorContains(t, err, "no JobTimeoutError")
}

// cancelingClock ends the caller's context instead of sleeping.
type cancelingClock struct {
	imednet.Clock
	cancel context.CancelCauseFunc
}

func (c cancelingClock) Sleep(ctx context.Context, _ time.Duration) error {
	c.cancel(errors.New("shutting down"))
	return context.Cause(ctx)
}

func TestTheEndOfTheContextEndsTheWait(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	client := &scriptedJobs{scripts: map[string][]poll{"B1": {{state: "running"}}}}
	_, err := newPoller(t, client, cancelingClock{imednettest.NewClock(pollStart), cancel}).Run(ctx, "S1", "B1", imednet.PollOptions{})
	require.Equal(t, 1, client.asked["B1"])
	var timeout *imednet.JobTimeoutError
	require.ErrorAs(t, err, &timeout)
	require.ErrorContains(t, err, "shutting down")
	require.NotErrorIs(t, err, context.DeadlineExceeded)
}

func TestProgressNamesEveryPoll(t *testing.T) {
	client := &scriptedJobs{scripts: map[string][]poll{"B1": {{state: "WARMING UP"}, {err: busy}, {state: "completed"}}}}
	var seen []imednet.JobProgress
	_, err := newPoller(t, client, imednettest.NewClock(pollStart)).Run(t.Context(), "S1", "B1", imednet.PollOptions{
		Interval: time.Second, OnProgress: func(p imednet.JobProgress) { seen = append(seen, p) }})
	require.NoError(t, err)
	require.Equal(t, []imednet.JobProgress{
		{StudyKey: "S1", BatchID: "B1", Poll: 1, State: "WARMING UP", Unknown: true},
		{StudyKey: "S1", BatchID: "B1", Poll: 2, Elapsed: time.Second, Err: busy},
		{StudyKey: "S1", BatchID: "B1", Poll: 3, Elapsed: 2500 * time.Millisecond, State: "completed", Terminal: true},
	}, seen)
}

func TestResultsStandBesideTheStatus(t *testing.T) {
	for _, c := range []struct {
		body   string
		counts imednet.ResultCounts
	}{
		{`[{"status":"SUCCESS"},{"status":"pass"},{"status":"Failed"},{"other":1},3]`, imednet.ResultCounts{Total: 5, Succeeded: 2, Failed: 1, Unknown: 2}},
		{`{"total":7,"success":5,"failed":2}`, imednet.ResultCounts{Total: 7, Succeeded: 5, Failed: 2}},
		{`all fine`, imednet.ResultCounts{}},
		{``, imednet.ResultCounts{}},
	} {
		client := &scriptedJobs{scripts: map[string][]poll{"B1": {{state: "completed"}}}, results: func(string) (imednet.JobResults, error) {
			return imednet.JobResults{Body: []byte(c.body)}, nil
		}}
		status, err := newPoller(t, client, imednettest.NewClock(pollStart)).Run(t.Context(), "S1", "B1", imednet.PollOptions{FetchResults: true})
		require.NoError(t, err)
		require.Equal(t, c.counts, status.Counts(), c.body)
	}
	client := &scriptedJobs{scripts: map[string][]poll{"B1": {{state: "completed"}}}, results: func(string) (imednet.JobResults, error) {
		return imednet.JobResults{}, imednet.ErrForeignOrigin
	}}
	status, err := newPoller(t, client, imednettest.NewClock(pollStart)).Run(t.Context(), "S1", "B1", imednet.PollOptions{FetchResults: true})
	require.NoError(t, err, "the job's own state stands")
	require.ErrorIs(t, status.ResultsErr, imednet.ErrForeignOrigin)
	require.Nil(t, status.Results)
}

func TestPollManySortsJobsIntoResultsAndFailures(t *testing.T) {
	client := &scriptedJobs{scripts: map[string][]poll{
		"A": {{state: "running"}, {state: "completed"}}, "B": {{state: "failed"}}, "C": {{state: "success"}},
	}}
	p := newPoller(t, client, imednettest.NewClock(pollStart))
	summary, err := p.PollMany(t.Context(), "S1", []string{"A", "B", "A", "C"}, jobs.PollManyOptions{Limit: 1})
	var failed *imednet.JobFailedError
	require.ErrorAs(t, err, &failed)
	require.False(t, summary.AllSuccessful())
	require.Len(t, summary.Results, 2)
	require.Equal(t, "B", summary.Failures[0].BatchID)
	require.Equal(t, "2 of 3 jobs succeeded in "+summary.Elapsed.Round(time.Second).String(), summary.String())
	require.Equal(t, map[string]int{"A": 2, "B": 1, "C": 1}, client.asked, "a batch named twice is polled once")

	empty, err := p.PollMany(t.Context(), "S1", nil, jobs.PollManyOptions{})
	require.NoError(t, err)
	require.True(t, empty.AllSuccessful())
}

func TestPollManyFailsFast(t *testing.T) {
	client := &scriptedJobs{scripts: map[string][]poll{"A": {{state: "failed"}}, "B": {{state: "running"}}}}
	summary, err := newPoller(t, client, imednettest.NewClock(pollStart)).PollMany(t.Context(), "S1", []string{"A", "B"}, jobs.PollManyOptions{Limit: 1, FailFast: true})
	var failed *imednet.JobFailedError
	require.ErrorAs(t, err, &failed)
	require.Len(t, summary.Failures, 2)
	require.LessOrEqual(t, client.asked["B"], 1, "the other wait ended with it")
}

func TestWaitingForATurnDoesNotExtendTheDeadline(t *testing.T) {
	clock := imednettest.NewClock(pollStart)
	client := &scriptedJobs{scripts: map[string][]poll{"A": {{state: "running"}}, "B": {{state: "running"}}}}
	summary, err := newPoller(t, client, clock).PollMany(t.Context(), "S1", []string{"A", "B"}, jobs.PollManyOptions{Limit: 1, Poll: imednet.PollOptions{Timeout: time.Minute}})
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.Len(t, summary.Failures, 2)
	require.Equal(t, pollStart.Add(time.Minute), clock.Now())
	require.Equal(t, 1, client.asked["B"], "one poll in any case")
}

func TestBadPollArgumentsAreNamed(t *testing.T) {
	_, err := jobs.NewJobPoller(nil)
	require.ErrorContains(t, err, "client: is nil")
	p := newPoller(t, &scriptedJobs{}, imednettest.NewClock(pollStart))
	_, err = p.Run(t.Context(), "S1", " ", imednet.PollOptions{})
	require.ErrorContains(t, err, "batchID: is blank")
	_, err = p.Run(t.Context(), "S1", "B", imednet.PollOptions{Interval: -1})
	require.ErrorContains(t, err, "negative")
}
