package imednettest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/shown"
	"github.com/imednetgo/imednet/internal/wire"
)

// sent is a request of the in-memory client.
type sent struct {
	method, path, query string // escaped
	body                []byte
	emailNotify         string
	route               string // names the path in errors, if a server chose it; "" if the caller did
}

// name is the path as errors name it.
func (s sent) name() string {
	if s.route != "" {
		return s.route
	}
	return s.path
}

// received is an answer with a 2xx status, read to its end.
type received struct {
	status int
	header http.Header
	body   []byte
}

// send sends a request once and turns every answer but a good one into an error.
func (c *Client) send(ctx context.Context, s sent) (received, error) {
	if ctx.Err() != nil {
		return received{}, context.Cause(ctx)
	}
	target := inMemoryURL().String() + s.path
	if s.query != "" {
		target += "?" + s.query
	}
	r, err := http.NewRequestWithContext(ctx, s.method, target, bytes.NewReader(s.body))
	if err != nil {
		return received{}, fmt.Errorf("imednettest: %s %s: the request cannot be built", s.method, shown.Path(s.name()))
	}
	r.Header.Set("x-api-key", APIKey)
	r.Header.Set("x-imn-security-key", SecurityKey)
	r.Header.Set("Accept", "application/json")
	r.Header.Set("Content-Type", "application/json")
	if s.emailNotify != "" {
		r.Header.Set("x-email-notify", s.emailNotify)
	}
	response, err := c.http.Do(r)
	if err != nil {
		return received{}, broken(ctx, s, err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if response.StatusCode < 200 || response.StatusCode > 299 {
		refusal := wire.StatusError(s.method, s.name(), response.StatusCode, response.Header, body, c.server.clockNow())
		if to, err := response.Location(); err == nil && response.StatusCode < 400 && !wire.SameOrigin(to, inMemoryURL()) {
			return received{}, fmt.Errorf("%w, in a redirect: %w", imednet.ErrForeignOrigin, refusal)
		}
		return received{}, refusal
	}
	if err != nil {
		return received{}, broken(ctx, s, err)
	}
	return received{status: response.StatusCode, header: response.Header, body: body}, nil
}

// broken is a request without a complete answer. The end of the caller's own context is that
// context's cause, except for a submission: its outcome is unknown.
func broken(ctx context.Context, s sent, err error) error {
	if cause := context.Cause(ctx); cause != nil {
		if s.method == http.MethodGet {
			return cause
		}
		return &imednet.TransportError{Method: s.method, Path: s.name(), Sent: true, Err: cause}
	}
	return &imednet.TransportError{Method: s.method, Path: s.name(), Sent: true, Err: wire.Quiet(err)}
}

// SubmitRecords implements imednet.RecordSubmitter.
func (c *Client) SubmitRecords(ctx context.Context, studyKey string, items []imednet.Submission, opts imednet.SubmitOptions) (imednet.Job, error) {
	body, err := wire.EncodeSubmission(items, opts)
	if err != nil {
		return imednet.Job{}, err
	}
	if err := wire.CheckSegment(studyKey); err != nil {
		return imednet.Job{}, err
	}
	reply, err := c.send(ctx, sent{method: http.MethodPost, path: listingPath(studyKey, imednet.Records), body: body, emailNotify: opts.EmailNotify})
	if err != nil {
		return imednet.Job{}, err
	}
	return wire.ParseAccepted(listingPath(studyKey, imednet.Records), reply.status, reply.body)
}

// Job implements imednet.JobGetter.
func (c *Client) Job(ctx context.Context, studyKey, batchID string) (imednet.Job, error) {
	if err := errors.Join(wire.CheckSegment(studyKey), wire.CheckSegment(batchID)); err != nil {
		return imednet.Job{}, err
	}
	path := listingPath(studyKey, imednet.Jobs) + "/" + url.PathEscape(batchID)
	reply, err := c.send(ctx, sent{method: http.MethodGet, path: path})
	if err != nil {
		return imednet.Job{}, err
	}
	job, err := wire.ParseJob(path, batchID, reply.status, reply.body)
	if err != nil {
		return imednet.Job{}, &imednet.Error{Package: "imednettest", Op: "read " + shown.Job(batchID), StudyKey: studyKey, Err: err}
	}
	return job, nil
}

// JobResults implements imednet.JobResultReader.
func (c *Client) JobResults(ctx context.Context, resultURL string) (imednet.JobResults, error) {
	ref, err := url.Parse(resultURL)
	if err != nil || resultURL == "" {
		return imednet.JobResults{}, &imednet.ValidationError{What: "result URL", Problems: []imednet.Problem{{Message: "cannot be read"}}}
	}
	u := inMemoryURL().ResolveReference(ref)
	if !wire.SameOrigin(u, inMemoryURL()) {
		return imednet.JobResults{}, &imednet.Error{Package: "imednettest", Op: "read job results", Err: imednet.ErrForeignOrigin}
	}
	reply, err := c.send(ctx, sent{method: http.MethodGet, path: u.EscapedPath(), query: u.RawQuery, route: shown.ForeignPath(u.EscapedPath())})
	if err != nil {
		return imednet.JobResults{}, err
	}
	return imednet.JobResults{ContentType: reply.header.Get("Content-Type"), Body: reply.body}, nil
}
