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

// SubmitRecords posts a batch of records. Any 2xx means that the server accepted it; a reply
// without a batch id gives a Job that is not Traceable. Only a 429 is sent again. Any other
// failure is returned after one attempt: an *imednet.TransportError means that the outcome is
// unknown unless its Sent is false, an *imednet.APIError of 5xx the same.
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
	if errors.Is(err, imednet.ErrProtocol) {
		return imednet.Job{}, nil // accepted; the reply was too large to read
	}
	if err != nil {
		return imednet.Job{}, err
	}
	job, err := imednet.Decode[imednet.Job](bytes.TrimSpace(rep.body))
	if err != nil {
		return imednet.Job{}, nil // accepted with an empty or other body (API contract, section 6)
	}
	noteDrift(ctx, c, imednet.Jobs, []imednet.Job{job})
	return job, nil
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

// Job reads the state of one submission. A 404, an empty body and an object without any known
// member are imednet.ErrNotFound: a new job can take a moment to appear.
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
	job, err := imednet.Decode[imednet.Job](body)
	if err != nil {
		return imednet.Job{}, fmt.Errorf("imednet: GET %s: %w: %w", u.EscapedPath(), imednet.ErrProtocol, err)
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
