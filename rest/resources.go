package rest

import (
	"context"
	"iter"
	"log/slog"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/wire"
)

// Studies lists the studies that the keys give access to.
func (c *Client) Studies(ctx context.Context, opts imednet.ListOptions) iter.Seq2[imednet.Study, error] {
	return list(ctx, c, wire.Studies, "", opts)
}

// Sites lists a study's sites.
func (c *Client) Sites(ctx context.Context, studyKey string, opts imednet.ListOptions) iter.Seq2[imednet.Site, error] {
	return list(ctx, c, wire.Sites, studyKey, opts)
}

// Forms lists a study's form definitions.
func (c *Client) Forms(ctx context.Context, studyKey string, opts imednet.ListOptions) iter.Seq2[imednet.Form, error] {
	return list(ctx, c, wire.Forms, studyKey, opts)
}

// Intervals lists a study's visit definitions.
func (c *Client) Intervals(ctx context.Context, studyKey string, opts imednet.ListOptions) iter.Seq2[imednet.Interval, error] {
	return list(ctx, c, wire.Intervals, studyKey, opts)
}

// Variables lists a study's field definitions.
func (c *Client) Variables(ctx context.Context, studyKey string, opts imednet.ListOptions) iter.Seq2[imednet.Variable, error] {
	return list(ctx, c, wire.Variables, studyKey, opts)
}

// Users lists the people with access to a study. The API offers no filter for them.
func (c *Client) Users(ctx context.Context, studyKey string, opts imednet.ListOptions) iter.Seq2[imednet.User, error] {
	return list(ctx, c, wire.Users, studyKey, opts)
}

// Subjects lists a study's participants.
func (c *Client) Subjects(ctx context.Context, studyKey string, opts imednet.ListOptions) iter.Seq2[imednet.Subject, error] {
	return list(ctx, c, wire.Subjects, studyKey, opts)
}

// Visits lists the visits of a study's subjects.
func (c *Client) Visits(ctx context.Context, studyKey string, opts imednet.ListOptions) iter.Seq2[imednet.Visit, error] {
	return list(ctx, c, wire.Visits, studyKey, opts)
}

// Records lists a study's records in ascending recordId. A record that exists throughout the
// listing is yielded exactly once, whatever changes in the meantime.
func (c *Client) Records(ctx context.Context, studyKey string, opts imednet.ListOptions) iter.Seq2[imednet.Record, error] {
	return list(ctx, c, wire.Records, studyKey, opts)
}

// RecordRevisions lists the audit trail of a study's records in ascending recordRevisionId, with
// the same guarantee as [Client.Records].
func (c *Client) RecordRevisions(ctx context.Context, studyKey string, opts imednet.ListOptions) iter.Seq2[imednet.RecordRevision, error] {
	return list(ctx, c, wire.RecordRevisions, studyKey, opts)
}

// Codings lists the dictionary terms chosen for a study's answers.
func (c *Client) Codings(ctx context.Context, studyKey string, opts imednet.ListOptions) iter.Seq2[imednet.Coding, error] {
	return list(ctx, c, wire.Codings, studyKey, opts)
}

// Queries lists a study's data queries with their comments.
func (c *Client) Queries(ctx context.Context, studyKey string, opts imednet.ListOptions) iter.Seq2[imednet.Query, error] {
	return list(ctx, c, wire.Queries, studyKey, opts)
}

// ProbeRecords counts the records that match f and reads the server's time, in one request.
func (c *Client) ProbeRecords(ctx context.Context, studyKey string, f imednet.Filter) (imednet.Probe, error) {
	p, err := c.RecordPage(ctx, studyKey, f, 1)
	return imednet.Probe{Total: p.Total, ServerTime: p.ServerTime}, err
}

// RecordPage reads the first records that match f in one request: at most size of them, 1 to 500, or
// the client's page size if size is 0. The page may be smaller if the server refused a larger one;
// more records exist if Total exceeds len(Records). The server's time comes from the envelope of the
// reply, or else from its Date header; a reply with neither is an error.
func (c *Client) RecordPage(ctx context.Context, studyKey string, f imednet.Filter, size int) (imednet.RecordPage, error) {
	l, err := newListing(c, wire.Records, studyKey, imednet.ListOptions{Filter: f, PageSize: size})
	if err != nil {
		return imednet.RecordPage{}, err
	}
	p, err := l.page(ctx, func() wire.Ask { return wire.Ask{Size: l.sizes.rows(l.opts.PageSize), Filter: f, Rising: true} })
	if err != nil {
		return imednet.RecordPage{}, err
	}
	if p.ServerTime.IsZero() {
		return imednet.RecordPage{}, l.untrusted(imednet.ErrProtocol, wire.ErrNoServerTime, 0)
	}
	return imednet.RecordPage{Records: p.Rows, Total: p.Total, ServerTime: p.ServerTime}, nil
}

// noteDrift warns once about every member whose JSON does not fit its documented type.
func noteDrift[T any](ctx context.Context, c *Client, resource imednet.Resource, rows []T) {
	if !c.logger.Enabled(ctx, slog.LevelWarn) {
		return
	}
	for i := range rows {
		for _, member := range imednet.Misfits(&rows[i]) {
			if _, known := c.drift.LoadOrStore(string(resource)+"."+member, true); !known {
				c.logger.WarnContext(ctx, "imednet: a member does not fit its documented type and is kept as raw JSON",
					"resource", string(resource), "member", member)
			}
		}
	}
}
