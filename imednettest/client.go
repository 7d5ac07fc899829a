package imednettest

import (
	"context"
	"iter"
	"net/http"
	"net/url"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/wire"
)

// inMemoryURL is the origin of the result URLs that the in-memory client sees.
func inMemoryURL() *url.URL { return &url.URL{Scheme: "https", Host: "imednettest.invalid"} }

// Client is an imednet.Client that asks a Server's handler without a network. It is also a
// RecordProber, a RecordPager and a JobResultReader. It reads in pages, and is counted and hit by
// faults like any other client, but it never retries: the caller sees every injected failure.
type Client struct {
	server *Server
	http   *http.Client
}

// Client returns a client of s that needs no network.
func (s *Server) Client() *Client { return &Client{server: s, http: withoutNetwork(s)} }

// The abilities of a Client.
var (
	_ imednet.Client          = (*Client)(nil)
	_ imednet.RecordProber    = (*Client)(nil)
	_ imednet.RowProber       = (*Client)(nil)
	_ imednet.RecordPager     = (*Client)(nil)
	_ imednet.JobResultReader = (*Client)(nil)
)

// Studies implements imednet.StudyReader.
func (c *Client) Studies(ctx context.Context, opts imednet.ListOptions) iter.Seq2[imednet.Study, error] {
	return listRows(ctx, c, wire.Studies, "", opts)
}

// Sites implements imednet.SiteReader.
func (c *Client) Sites(ctx context.Context, studyKey string, opts imednet.ListOptions) iter.Seq2[imednet.Site, error] {
	return listRows(ctx, c, wire.Sites, studyKey, opts)
}

// Forms implements imednet.FormReader.
func (c *Client) Forms(ctx context.Context, studyKey string, opts imednet.ListOptions) iter.Seq2[imednet.Form, error] {
	return listRows(ctx, c, wire.Forms, studyKey, opts)
}

// Intervals implements imednet.IntervalReader.
func (c *Client) Intervals(ctx context.Context, studyKey string, opts imednet.ListOptions) iter.Seq2[imednet.Interval, error] {
	return listRows(ctx, c, wire.Intervals, studyKey, opts)
}

// Variables implements imednet.VariableReader.
func (c *Client) Variables(ctx context.Context, studyKey string, opts imednet.ListOptions) iter.Seq2[imednet.Variable, error] {
	return listRows(ctx, c, wire.Variables, studyKey, opts)
}

// Users implements imednet.UserReader.
func (c *Client) Users(ctx context.Context, studyKey string, opts imednet.ListOptions) iter.Seq2[imednet.User, error] {
	return listRows(ctx, c, wire.Users, studyKey, opts)
}

// Subjects implements imednet.SubjectReader.
func (c *Client) Subjects(ctx context.Context, studyKey string, opts imednet.ListOptions) iter.Seq2[imednet.Subject, error] {
	return listRows(ctx, c, wire.Subjects, studyKey, opts)
}

// Visits implements imednet.VisitReader.
func (c *Client) Visits(ctx context.Context, studyKey string, opts imednet.ListOptions) iter.Seq2[imednet.Visit, error] {
	return listRows(ctx, c, wire.Visits, studyKey, opts)
}

// Records implements imednet.RecordSource.
func (c *Client) Records(ctx context.Context, studyKey string, opts imednet.ListOptions) iter.Seq2[imednet.Record, error] {
	return listRows(ctx, c, wire.Records, studyKey, opts)
}

// RecordRevisions implements imednet.RevisionReader.
func (c *Client) RecordRevisions(ctx context.Context, studyKey string, opts imednet.ListOptions) iter.Seq2[imednet.RecordRevision, error] {
	return listRows(ctx, c, wire.RecordRevisions, studyKey, opts)
}

// Codings implements imednet.CodingReader.
func (c *Client) Codings(ctx context.Context, studyKey string, opts imednet.ListOptions) iter.Seq2[imednet.Coding, error] {
	return listRows(ctx, c, wire.Codings, studyKey, opts)
}

// Queries implements imednet.QueryReader.
func (c *Client) Queries(ctx context.Context, studyKey string, opts imednet.ListOptions) iter.Seq2[imednet.Query, error] {
	return listRows(ctx, c, wire.Queries, studyKey, opts)
}

// ProbeRecords implements imednet.RecordProber.
func (c *Client) ProbeRecords(ctx context.Context, studyKey string, f imednet.Filter) (imednet.Probe, error) {
	page, err := c.RecordPage(ctx, studyKey, f, 1)
	return imednet.Probe{Total: page.Total, ServerTime: page.ServerTime}, err
}

// RecordPage implements imednet.RecordPager; size is 1 to 500, or 0 for 500.
func (c *Client) RecordPage(ctx context.Context, studyKey string, f imednet.Filter, size int) (imednet.RecordPage, error) {
	l, err := newListing(c, wire.Records, studyKey, imednet.ListOptions{Filter: f, PageSize: size})
	if err != nil {
		return imednet.RecordPage{}, err
	}
	p, err := l.page(ctx, wire.Ask{Size: l.opts.PageSize, Filter: f, Rising: true})
	if err == nil && p.ServerTime.IsZero() {
		err = l.failed(wire.ErrNoServerTime)
	}
	if err != nil {
		return imednet.RecordPage{}, err
	}
	return imednet.RecordPage{Records: p.Rows, Total: p.Total, ServerTime: p.ServerTime}, nil
}
