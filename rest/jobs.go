package rest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/imednetgo/imednet"
)

// SubmitRecords posts a batch of records. The server accepted it if the answer is a 2xx with the
// job that the API contract names (section 6); without a batch id that Job is not Traceable. A 2xx
// with anything else is an *imednet.ReplyError: the outcome is unknown. Only a 429 of the API itself
// is sent again. Any other failure is returned after one attempt: an *imednet.TransportError means
// that the outcome is unknown unless its Sent is false, an *imednet.APIError the same unless its
// Envelope is set and its status a 4xx.
func (c *Client) SubmitRecords(ctx context.Context, studyKey string, items []imednet.Submission, opts imednet.SubmitOptions) (imednet.Job, error) {
	body, err := encodeSubmission(items, opts)
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
	rep, err := c.do(ctx, r)
	if isTooLarge(err) {
		return imednet.Job{}, &imednet.ReplyError{Method: r.method, Path: u.EscapedPath(), StatusCode: http.StatusOK, Body: "a body over the limit"}
	}
	if err != nil {
		return imednet.Job{}, err
	}
	job, err := imednet.Decode[imednet.Job](bytes.TrimSpace(rep.body))
	if err != nil || !isSubmittedJob(job) {
		return imednet.Job{}, &imednet.ReplyError{Method: r.method, Path: u.EscapedPath(), StatusCode: rep.status, Body: bodyKind(rep.body)}
	}
	noteDrift(ctx, c, imednet.Jobs, []imednet.Job{job})
	return job, nil
}

// isSubmittedJob reports whether an answer to a POST is the API's: a job with an id and a state.
func isSubmittedJob(job imednet.Job) bool {
	named := !imednet.IsMissing(job.BatchID.Or("")) || !imednet.IsMissing(job.JobID.Or(""))
	return named && !imednet.IsMissing(job.State.Or(""))
}

// encodeSubmission checks a batch and renders it, variables in ascending name.
func encodeSubmission(items []imednet.Submission, opts imednet.SubmitOptions) ([]byte, error) {
	var problems []imednet.Problem
	if len(items) == 0 {
		problems = append(problems, imednet.Problem{Message: "there is no item"})
	}
	for i, item := range items {
		if item.FormKey == "" && item.FormID == 0 {
			problems = append(problems, imednet.Problem{Path: fmt.Sprintf("/%d", i), Message: "needs formKey or formId"})
		}
	}
	if opts.EmailNotify != "" && !isHeaderText(opts.EmailNotify) {
		problems = append(problems, imednet.Problem{Path: "emailNotify", Message: "must be printable ASCII without line breaks"})
	}
	body, err := imednet.EncodeSubmissions(items)
	if err != nil {
		problems = append(problems, imednet.Problem{Path: pointerOf(err), Message: "holds a value that JSON cannot represent"})
	}
	if len(problems) > 0 {
		return nil, &imednet.ValidationError{What: "submission", Problems: problems}
	}
	return body, nil
}

// pointerOf tells where in a batch an error of the codec lies, without its text.
func pointerOf(err error) string {
	var semantic *json.SemanticError
	var syntactic *jsontext.SyntacticError
	switch {
	case errors.As(err, &semantic):
		return string(semantic.JSONPointer)
	case errors.As(err, &syntactic):
		return string(syntactic.JSONPointer)
	}
	return ""
}

// Job reads the state of one submission. A 404, an empty body and an empty object are
// imednet.ErrNotFound: a new job can take a moment to appear. Anything else that is no job, or is
// the job of another batch, is an *imednet.ReplyError.
func (c *Client) Job(ctx context.Context, studyKey, batchID string) (imednet.Job, error) {
	u, err := c.endpoint(studyKey, string(imednet.Jobs), batchID)
	if err != nil {
		return imednet.Job{}, err
	}
	rep, err := c.do(ctx, request{method: http.MethodGet, url: u})
	if err != nil {
		return imednet.Job{}, err
	}
	body := bytes.TrimSpace(rep.body)
	if len(body) == 0 || string(body) == "null" || string(body) == "{}" || string(body) == "[]" {
		return imednet.Job{}, fmt.Errorf("imednet: GET %s: empty reply: %w", u.EscapedPath(), imednet.ErrNotFound)
	}
	wrong := &imednet.ReplyError{Method: http.MethodGet, Path: u.EscapedPath(), StatusCode: rep.status, Body: bodyKind(body)}
	job, err := imednet.Decode[imednet.Job](body)
	switch {
	case err != nil, !job.BatchID.IsSet() && !job.JobID.IsSet() && !job.State.IsSet():
		return imednet.Job{}, wrong
	case job.BatchID.Or(batchID) != batchID:
		wrong.Body = "the job of another batch"
		return imednet.Job{}, wrong
	}
	noteDrift(ctx, c, imednet.Jobs, []imednet.Job{job})
	return job, nil
}

// JobResults fetches what a job's resultUrl holds. A relative URL counts from the base URL; one
// of another origin is imednet.ErrForeignOrigin and is not fetched, because the keys would go
// along.
func (c *Client) JobResults(ctx context.Context, resultURL string) (imednet.JobResults, error) {
	ref, err := url.Parse(resultURL)
	if err != nil || resultURL == "" {
		return imednet.JobResults{}, &imednet.ValidationError{What: "result URL", Problems: []imednet.Problem{{Message: "cannot be read"}}}
	}
	u := c.base.ResolveReference(ref)
	if !sameOrigin(u, c.base) || u.User != nil {
		return imednet.JobResults{}, fmt.Errorf("imednet: job results: %w", imednet.ErrForeignOrigin)
	}
	u.Fragment = ""
	rep, err := c.do(ctx, request{method: http.MethodGet, url: u})
	if err != nil {
		return imednet.JobResults{}, err
	}
	return imednet.JobResults{ContentType: rep.header.Get("Content-Type"), Body: rep.body}, nil
}

// do sends a request that is no page, with retries.
func (c *Client) do(ctx context.Context, r request) (rep reply, err error) {
	err = c.retry(ctx, func(n int) (err error) {
		rep, err = c.attempt(ctx, n, r)
		return err
	}, nil)
	return rep, err
}
