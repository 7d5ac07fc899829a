package imednettest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/imednetgo/imednet"
)

// inMemoryOrigin is the origin of the result URLs that the in-memory client sees.
const inMemoryOrigin = "https://imednettest.invalid"

// Client is an imednet.Client that asks a Server without HTTP. It is also a RecordProber, a
// RecordPager and a JobResultReader. It reads in pages like any client, is counted and met by
// faults like any client, and never retries: an injected failure is the caller's to see.
type Client struct{ server *Server }

// Client returns a client of s that needs no network.
func (s *Server) Client() *Client { return &Client{server: s} }

// The abilities of a Client.
var (
	_ imednet.Client          = (*Client)(nil)
	_ imednet.RecordProber    = (*Client)(nil)
	_ imednet.RecordPager     = (*Client)(nil)
	_ imednet.JobResultReader = (*Client)(nil)
)

// Studies implements imednet.StudyReader.
func (c *Client) Studies(ctx context.Context, opts imednet.ListOptions) iter.Seq2[imednet.Study, error] {
	return listing(ctx, c, "", imednet.Studies, opts, imednet.Decode[imednet.Study])
}

// Sites implements imednet.SiteReader.
func (c *Client) Sites(ctx context.Context, studyKey string, opts imednet.ListOptions) iter.Seq2[imednet.Site, error] {
	return listing(ctx, c, studyKey, imednet.Sites, opts, imednet.Decode[imednet.Site])
}

// Forms implements imednet.FormReader.
func (c *Client) Forms(ctx context.Context, studyKey string, opts imednet.ListOptions) iter.Seq2[imednet.Form, error] {
	return listing(ctx, c, studyKey, imednet.Forms, opts, imednet.Decode[imednet.Form])
}

// Intervals implements imednet.IntervalReader.
func (c *Client) Intervals(ctx context.Context, studyKey string, opts imednet.ListOptions) iter.Seq2[imednet.Interval, error] {
	return listing(ctx, c, studyKey, imednet.Intervals, opts, imednet.Decode[imednet.Interval])
}

// Variables implements imednet.VariableReader.
func (c *Client) Variables(ctx context.Context, studyKey string, opts imednet.ListOptions) iter.Seq2[imednet.Variable, error] {
	return listing(ctx, c, studyKey, imednet.Variables, opts, imednet.Decode[imednet.Variable])
}

// Users implements imednet.UserReader.
func (c *Client) Users(ctx context.Context, studyKey string, opts imednet.ListOptions) iter.Seq2[imednet.User, error] {
	return listing(ctx, c, studyKey, imednet.Users, opts, imednet.Decode[imednet.User])
}

// Subjects implements imednet.SubjectReader.
func (c *Client) Subjects(ctx context.Context, studyKey string, opts imednet.ListOptions) iter.Seq2[imednet.Subject, error] {
	return listing(ctx, c, studyKey, imednet.Subjects, opts, imednet.Decode[imednet.Subject])
}

// Visits implements imednet.VisitReader.
func (c *Client) Visits(ctx context.Context, studyKey string, opts imednet.ListOptions) iter.Seq2[imednet.Visit, error] {
	return listing(ctx, c, studyKey, imednet.Visits, opts, imednet.Decode[imednet.Visit])
}

// Records implements imednet.RecordSource.
func (c *Client) Records(ctx context.Context, studyKey string, opts imednet.ListOptions) iter.Seq2[imednet.Record, error] {
	return listing(ctx, c, studyKey, imednet.Records, opts, imednet.Decode[imednet.Record])
}

// RecordRevisions implements imednet.RevisionReader.
func (c *Client) RecordRevisions(ctx context.Context, studyKey string, opts imednet.ListOptions) iter.Seq2[imednet.RecordRevision, error] {
	return listing(ctx, c, studyKey, imednet.RecordRevisions, opts, imednet.Decode[imednet.RecordRevision])
}

// Codings implements imednet.CodingReader.
func (c *Client) Codings(ctx context.Context, studyKey string, opts imednet.ListOptions) iter.Seq2[imednet.Coding, error] {
	return listing(ctx, c, studyKey, imednet.Codings, opts, imednet.Decode[imednet.Coding])
}

// Queries implements imednet.QueryReader.
func (c *Client) Queries(ctx context.Context, studyKey string, opts imednet.ListOptions) iter.Seq2[imednet.Query, error] {
	return listing(ctx, c, studyKey, imednet.Queries, opts, imednet.Decode[imednet.Query])
}

// ProbeRecords implements imednet.RecordProber.
func (c *Client) ProbeRecords(ctx context.Context, studyKey string, f imednet.Filter) (imednet.Probe, error) {
	page, err := c.RecordPage(ctx, studyKey, f, 1)
	return imednet.Probe{Total: page.Total, ServerTime: page.ServerTime}, err
}

// RecordPage implements imednet.RecordPager.
func (c *Client) RecordPage(ctx context.Context, studyKey string, f imednet.Filter, size int) (imednet.RecordPage, error) {
	opts := imednet.ListOptions{Filter: f, PageSize: size}
	if size < 1 {
		opts.PageSize = -1
	}
	values, err := parameters(imednet.Records, opts)
	if err != nil {
		return imednet.RecordPage{}, err
	}
	r, err := c.get(ctx, &call{path: listingPath(studyKey, imednet.Records), query: values})
	if err != nil {
		return imednet.RecordPage{}, err
	}
	page := imednet.RecordPage{Total: int64(r.page.total), ServerTime: r.time}
	for _, raw := range r.page.rows() {
		rec, err := imednet.Decode[imednet.Record](raw)
		if err != nil {
			return imednet.RecordPage{}, err
		}
		page.Records = append(page.Records, rec)
	}
	return page, nil
}

// listing reads a resource in pages: in ascending id by key, so that edits cannot make it skip
// rows; in another order all at once.
func listing[T any](ctx context.Context, c *Client, studyKey string, resource imednet.Resource, opts imednet.ListOptions, decode func([]byte) (T, error)) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var none T
		values, err := parameters(resource, opts)
		if err != nil {
			yield(none, err)
			return
		}
		next := &call{path: listingPath(studyKey, resource), query: values}
		next.all = len(opts.Sort) > 0 || attributeKinds[resource][resource.ID()] == textKind
		for {
			r, err := c.get(ctx, next)
			if err != nil {
				yield(none, err)
				return
			}
			rows := r.page.rows()
			for _, raw := range rows {
				row, err := decode(raw)
				if err == nil && ctx.Err() != nil {
					err = context.Cause(ctx)
				}
				if err != nil {
					yield(none, err)
					return
				}
				if !yield(row, nil) {
					return
				}
				next.after = intOf(valueOf(raw, resource.ID()))
			}
			if next.all || len(rows) < r.size {
				return
			}
		}
	}
}

// parameters checks the options and returns them as the query of a request.
func parameters(resource imednet.Resource, opts imednet.ListOptions) (url.Values, error) {
	if err := opts.Validate(resource); err != nil {
		return nil, err
	}
	values := url.Values{}
	size := opts.PageSize
	if size == 0 {
		size = imednet.MaxPageSize
	}
	values.Set("size", strconv.Itoa(size))
	values.Set("page", "0")
	if text, _ := opts.Filter.Encode(resource); text != "" {
		values.Set("filter", text)
	}
	if text, _ := opts.RecordDataFilter.EncodeRecordData(); text != "" {
		values.Set("recordDataFilter", text)
	}
	if opts.IncludeInactive {
		values.Set("includeInactive", "true")
	}
	byID := false
	for _, s := range opts.Sort {
		values.Add("sort", s.Property+","+[2]string{"ASC", "DESC"}[boolIndex(s.Descending)])
		byID = byID || s.Property == resource.ID()
	}
	if !byID {
		values.Add("sort", resource.ID()+",ASC")
	}
	return values, nil
}

// get asks the server and turns every answer but a good one into an error.
func (c *Client) get(ctx context.Context, request *call) (reply, error) {
	request.method = http.MethodGet
	return c.exchange(ctx, request)
}

func (c *Client) exchange(ctx context.Context, request *call) (reply, error) {
	if ctx.Err() != nil {
		return reply{}, context.Cause(ctx)
	}
	if request.header == nil {
		request.header = http.Header{}
	}
	request.header.Set("x-api-key", APIKey)
	request.header.Set("x-imn-security-key", SecurityKey)
	request.header.Set("Accept", "application/json")
	request.header.Set("Content-Type", "application/json")
	request.origin = inMemoryOrigin
	r, fault, err := c.server.exchange(ctx, request)
	switch {
	case err != nil && ctx.Err() != nil && request.method == http.MethodGet:
		return reply{}, context.Cause(ctx)
	case err != nil:
		return reply{}, &imednet.TransportError{Method: request.method, Path: request.path, Sent: true, Err: err}
	case r.failure != nil:
		return reply{}, apiError(request, r, fault)
	}
	return r, spoiled(request, r, fault)
}

func apiError(request *call, r reply, fault *Fault) error {
	err := &imednet.APIError{
		StatusCode: r.status, Status: strings.ToUpper(strings.ReplaceAll(http.StatusText(r.status), " ", "_")), Code: r.failure.code,
		Description: r.failure.description, Attribute: r.failure.attribute, Value: r.failure.value, Method: request.method, Path: request.path,
		Envelope: fault == nil || fault.Body == nil,
	}
	if fault != nil && fault.RetryAfter != "" {
		if seconds, bad := strconv.Atoi(fault.RetryAfter); bad == nil {
			err.RetryAfter = time.Duration(seconds) * time.Second
		}
	}
	return err
}

// spoiled says what a client sees of an answer whose bytes a fault damages.
func spoiled(request *call, r reply, fault *Fault) error {
	if fault == nil {
		return nil
	}
	problem := ""
	switch {
	case fault.Truncate:
		return &imednet.TransportError{Method: request.method, Path: request.path, Sent: true, Err: io.ErrUnexpectedEOF}
	case fault.Body != nil || fault.Malformed:
		problem = "the body is malformed"
	case fault.OmitData:
		problem = "data is missing"
	case fault.RepeatRow && len(r.page.ends) > 1:
		problem = "an id repeats"
	case fault.Empty && r.bare == nil && request.after > 0, fault.AddTotal != 0:
		problem = "the paging contradicts itself"
	}
	if problem == "" {
		return nil
	}
	return fmt.Errorf("%w: %s %s: %s", imednet.ErrProtocol, request.method, request.path, problem)
}

// SubmitRecords implements imednet.RecordSubmitter.
func (c *Client) SubmitRecords(ctx context.Context, studyKey string, items []imednet.Submission, opts imednet.SubmitOptions) (imednet.Job, error) {
	if len(items) == 0 {
		return imednet.Job{}, &imednet.ValidationError{What: "submission", Problems: []imednet.Problem{{Message: "there are no items"}}}
	}
	if strings.ContainsAny(opts.EmailNotify, "\r\n") {
		return imednet.Job{}, &imednet.ValidationError{What: "submission", Problems: []imednet.Problem{{Path: "emailNotify", Message: "holds a line break"}}}
	}
	body, err := imednet.EncodeSubmissions(items)
	if err != nil {
		return imednet.Job{}, fmt.Errorf("imednettest: encode %d items: %w", len(items), err)
	}
	request := &call{method: http.MethodPost, path: listingPath(studyKey, imednet.Records), body: body, header: http.Header{}}
	if opts.EmailNotify != "" {
		request.header.Set("x-email-notify", opts.EmailNotify)
	}
	r, err := c.exchange(ctx, request)
	if err != nil {
		return imednet.Job{}, err
	}
	return imednet.Decode[imednet.Job](r.bare)
}

// Job implements imednet.JobGetter.
func (c *Client) Job(ctx context.Context, studyKey, batchID string) (imednet.Job, error) {
	r, err := c.get(ctx, &call{path: listingPath(studyKey, imednet.Jobs) + "/" + url.PathEscape(batchID)})
	if err != nil {
		return imednet.Job{}, err
	}
	return imednet.Decode[imednet.Job](r.bare)
}

// JobResults implements imednet.JobResultReader.
func (c *Client) JobResults(ctx context.Context, resultURL string) (imednet.JobResults, error) {
	path, ok := strings.CutPrefix(resultURL, inMemoryOrigin+"/")
	if !ok {
		return imednet.JobResults{}, imednet.ErrForeignOrigin
	}
	r, err := c.get(ctx, &call{path: "/" + path})
	if err != nil {
		return imednet.JobResults{}, err
	}
	if r.bare == nil {
		return imednet.JobResults{}, errors.New("imednettest: the URL leads to no results")
	}
	return imednet.JobResults{ContentType: contentType(r.bare), Body: bytes.Clone(r.bare)}, nil
}
