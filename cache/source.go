package cache

import (
	"cmp"
	"context"
	"fmt"
	"iter"

	"github.com/imednetgo/imednet"
)

// pageRows is the number of rows that one request can bring at most, and the size of a range that
// is read rather than halved.
const pageRows = imednet.MaxPageSize

// server reads one study of a client, whatever the client's optional abilities.
type server struct {
	client   Client
	prober   imednet.RecordProber
	pager    imednet.RecordPager
	study    string
	pageSize int // of single pages
	listSize int // of listings; 0 is the client's
}

func newServer(client Client, study string, pageSize int) *server {
	s := &server{client: client, study: study, pageSize: cmp.Or(pageSize, pageRows), listSize: pageSize}
	s.prober, _ = client.(imednet.RecordProber)
	s.pager, _ = client.(imednet.RecordPager)
	return s
}

// counts reports whether the server can be asked how many records match.
func (s *server) counts() bool { return s.prober != nil || s.pager != nil }

// page returns the first records that match, at most size, in ascending id. There can be fewer of
// them than size while more match: a client may shrink pages that a gateway does not let through.
// Without the ability to count, Total is one more than the rows when there are more.
func (s *server) page(ctx context.Context, f imednet.Filter, size int) (imednet.RecordPage, error) {
	size = min(size, s.pageSize)
	page, err := s.readPage(ctx, f, size)
	if err != nil {
		return imednet.RecordPage{}, err
	}
	n := int64(len(page.Records))
	if n > min(page.Total, int64(size)) || n == 0 && page.Total > 0 {
		return imednet.RecordPage{}, fmt.Errorf("%w: a page of %d holds %d records of %d", imednet.ErrProtocol, size, n, page.Total)
	}
	for i := 1; i < len(page.Records); i++ {
		if page.Records[i].RecordID <= page.Records[i-1].RecordID {
			return imednet.RecordPage{}, fmt.Errorf("%w: record ids do not rise after %d", imednet.ErrProtocol, page.Records[i-1].RecordID)
		}
	}
	return page, nil
}

func (s *server) readPage(ctx context.Context, f imednet.Filter, size int) (imednet.RecordPage, error) {
	if s.pager != nil {
		return s.pager.RecordPage(ctx, s.study, f, size)
	}
	var page imednet.RecordPage
	if s.prober != nil {
		probe, err := s.prober.ProbeRecords(ctx, s.study, f)
		if err != nil {
			return page, err
		}
		page.Total, page.ServerTime = probe.Total, probe.ServerTime.UTC()
	}
	more := false
	for rec, err := range s.client.Records(ctx, s.study, imednet.ListOptions{Filter: f, PageSize: size}) {
		if err != nil {
			return page, err
		}
		if more = len(page.Records) == size; more {
			break
		}
		page.Records = append(page.Records, rec)
	}
	// Without a probe the number is only known as "all of these" or "more"; with one, the rows were
	// listed later and are the truth when they are fewer than a page.
	if s.prober == nil || !more {
		page.Total = int64(len(page.Records))
		if more {
			page.Total++
		}
	}
	return page, nil
}

// countUpTo returns how many records with an id of at most x the server lists.
func (s *server) countUpTo(ctx context.Context, x int64) (int64, error) {
	upTo := imednet.Where("recordId", imednet.LessOrEqual, x)
	if s.prober != nil {
		probe, err := s.prober.ProbeRecords(ctx, s.study, upTo)
		return probe.Total, err
	}
	page, err := s.pager.RecordPage(ctx, s.study, upTo, 1)
	return page.Total, err
}

// revisionPage returns the revisions after an id, at most a page of them, ascending.
func (s *server) revisionPage(ctx context.Context, after int64) ([]int64, error) {
	var ids []int64
	for rev, err := range s.revisionsAfter(ctx, after) {
		if err != nil {
			return nil, err
		}
		ids = append(ids, rev.RecordRevisionID)
		if len(ids) == pageRows {
			break
		}
	}
	return ids, nil
}

// revisionsAfter lists the revisions with a greater id, ascending.
func (s *server) revisionsAfter(ctx context.Context, after int64) iter.Seq2[imednet.RecordRevision, error] {
	var opts imednet.ListOptions
	opts.PageSize = s.pageSize
	if after > 0 {
		opts.Filter = imednet.Where("recordRevisionId", imednet.Greater, after)
	}
	return s.client.RecordRevisions(ctx, s.study, opts)
}

// recordsAfter lists the records with a greater id, ascending, and f on top of that.
func (s *server) recordsAfter(ctx context.Context, after int64, f imednet.Filter) iter.Seq2[imednet.Record, error] {
	if after > 0 {
		f = f.And("recordId", imednet.Greater, after)
	}
	return s.client.Records(ctx, s.study, imednet.ListOptions{Filter: f, PageSize: s.listSize})
}
