package rest

import (
	"context"
	"errors"
	"net/http"
	"net/url"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/shown"
	"github.com/imednetgo/imednet/internal/wire"
)

// SubmitRecords posts a batch of records. The server accepted it if the answer is a 2xx with the
// job that the API contract names (section 6); without a batch id that Job is not Traceable. A 2xx
// with anything else is an *imednet.ReplyError: the outcome is unknown. Any failure is returned after one
// attempt, a 429 of the API itself too unless opts.RepeatRateLimited is set: an *imednet.TransportError
// means that the outcome is unknown unless its Sent is false, an *imednet.APIError the same unless its
// Envelope is set and its status a 4xx. A 429 holds the client's other requests back.
func (c *Client) SubmitRecords(ctx context.Context, studyKey string, items []imednet.Submission, opts imednet.SubmitOptions) (imednet.Job, error) {
	body, err := wire.EncodeSubmission(items, opts)
	if err != nil {
		return imednet.Job{}, err
	}
	u, err := c.endpoint(studyKey, string(imednet.Records))
	if err != nil {
		return imednet.Job{}, err
	}
	r := request{method: http.MethodPost, url: u, body: body, header: http.Header{}}
	if opts.EmailNotify != "" {
		r.header.Set("x-email-notify", opts.EmailNotify)
	}
	send := c.once
	if opts.RepeatRateLimited {
		send = c.do
	}
	rep, err := send(ctx, r)
	var large *tooLargeError
	if errors.As(err, &large) {
		return imednet.Job{}, &imednet.ReplyError{Method: r.method, Path: large.path, StatusCode: large.status, Body: "a body over the limit"}
	}
	if err != nil {
		return imednet.Job{}, err
	}
	job, err := wire.ParseAccepted(u.EscapedPath(), rep.status, rep.body)
	if err != nil {
		return imednet.Job{}, err
	}
	noteDrift(ctx, c, imednet.Jobs, []imednet.Job{job})
	return job, nil
}

// Job reads the state of one submission. A 404, an empty body and an empty object mean
// [imednet.ErrNotFound], because a new job can take a moment to appear. Anything else that is not a
// job, or is the job of another batch, is an [*imednet.ReplyError].
func (c *Client) Job(ctx context.Context, studyKey, batchID string) (imednet.Job, error) {
	u, err := c.endpoint(studyKey, string(imednet.Jobs), batchID)
	if err != nil {
		return imednet.Job{}, err
	}
	rep, err := c.do(ctx, request{method: http.MethodGet, url: u})
	if err != nil {
		return imednet.Job{}, err
	}
	job, err := wire.ParseJob(u.EscapedPath(), batchID, rep.status, rep.body)
	if err != nil {
		return imednet.Job{}, failed("read "+shown.Job(batchID), studyKey, err)
	}
	noteDrift(ctx, c, imednet.Jobs, []imednet.Job{job})
	return job, nil
}

// JobResults fetches the document behind a job's resultUrl. A relative URL is resolved against the
// base URL. A URL of another origin is not fetched, because the keys would be sent along; the error
// is then [imednet.ErrForeignOrigin].
func (c *Client) JobResults(ctx context.Context, resultURL string) (imednet.JobResults, error) {
	ref, err := url.Parse(resultURL)
	if err != nil || resultURL == "" {
		return imednet.JobResults{}, &imednet.ValidationError{What: "result URL", Problems: []imednet.Problem{{Message: "cannot be read"}}}
	}
	u := c.base.ResolveReference(ref)
	if !wire.SameOrigin(u, c.base) || u.User != nil {
		return imednet.JobResults{}, failed("read job results", "", imednet.ErrForeignOrigin)
	}
	u.Fragment = ""
	rep, err := c.do(ctx, request{method: http.MethodGet, url: u, route: shown.ForeignPath(u.EscapedPath())})
	if err != nil {
		return imednet.JobResults{}, err
	}
	return imednet.JobResults{ContentType: rep.header.Get("Content-Type"), Body: rep.body}, nil
}

// once sends a request that is never repeated.
func (c *Client) once(ctx context.Context, r request) (reply, error) {
	rep, err := c.attempt(ctx, 1, r)
	if wait := c.policy.wait(1, err); errors.Is(err, imednet.ErrRateLimited) && wait <= c.policy.MaxRetryAfter {
		c.gate.hold(wait)
	}
	return rep, err
}

// do sends a request that is no page, with retries.
func (c *Client) do(ctx context.Context, r request) (rep reply, err error) {
	err = c.retry(ctx, func(n int) (err error) {
		rep, err = c.attempt(ctx, n, r)
		return err
	}, nil)
	return rep, err
}
