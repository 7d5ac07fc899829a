package imednettest

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"iter"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
)

// verdict stands for the test of a part of the suite, which is expected to fail.
type verdict struct {
	testing.TB
	failed bool
}

func (v *verdict) Helper() {}

func (v *verdict) Errorf(string, ...any) { v.failed = true }

func (v *verdict) Fatalf(string, ...any) {
	v.failed = true
	runtime.Goexit()
}

// failedParts are the parts of the suite that a client does not pass, of those that run on it.
func failedParts(t *testing.T, settings Settings, newClient func(*Server) imednet.Client, names ...string) (failed []string) {
	for _, part := range suiteParts() {
		if len(names) > 0 && !slices.Contains(names, part.name) {
			continue
		}
		v := &verdict{TB: t}
		done := make(chan struct{})
		go func() {
			defer close(done)
			part.on(v, func(s *Server) imednet.Client {
				s.Configure(settings)
				return newClient(s)
			})
		}()
		<-done
		if v.failed {
			failed = append(failed, part.name)
		}
	}
	return failed
}

// flawed is a client that does one thing wrong. What is nil it does right.
type flawed struct {
	*Client
	context  func(context.Context) context.Context
	deaf     string // the only method that context changes the context of; "" is all listings
	options  func(imednet.ListOptions) imednet.ListOptions
	records  func(iter.Seq2[imednet.Record, error]) iter.Seq2[imednet.Record, error]
	users    func(imednet.User) imednet.User
	subjects func(imednet.Subject) imednet.Subject
	visits   func(imednet.ListOptions) imednet.ListOptions
	studies  func(imednet.Study) imednet.Study
	rows     func(*imednet.Probe)
	counted  func(imednet.Filter) imednet.Filter // of counts of rows
	resource imednet.Resource                    // of whose listing the last row is missing
	content  imednet.Resource                    // of whose listing an end that contradicts its total is taken for the end
	item     func(*imednet.Submission)
	again    bool // asks for forms once more after an error
	submit   func(*flawed, context.Context, string, []imednet.Submission, imednet.SubmitOptions) (imednet.Job, error)
	job      func(imednet.Job, error) (imednet.Job, error)
	results  func(imednet.JobResults, error) (imednet.JobResults, error)
	probe    func(*imednet.Probe)
	page     func(*imednet.RecordPage)
}

// ctx is the context under which a method does its work.
func (b *flawed) ctx(ctx context.Context, method string) context.Context {
	if b.context == nil || b.deaf != method && (b.deaf != "" || !slices.Contains(resources(), imednet.Resource(method))) {
		return ctx
	}
	return b.context(ctx)
}

func (b *flawed) opts(opts imednet.ListOptions) imednet.ListOptions {
	if b.options == nil {
		return opts
	}
	return b.options(opts)
}

// rowsBut lists all rows, or all but the last.
func rowsBut[T any](b *flawed, resource imednet.Resource, rows iter.Seq2[T, error]) iter.Seq2[T, error] {
	if b.content == resource {
		rows = contented(rows)
	}
	if b.resource != resource {
		return rows
	}
	return func(yield func(T, error) bool) {
		var held T
		holds := false
		for row, err := range rows {
			if holds && !yield(held, nil) || err != nil && !yield(row, err) {
				return
			}
			held, holds = row, err == nil
		}
	}
}

func (b *flawed) Studies(ctx context.Context, opts imednet.ListOptions) iter.Seq2[imednet.Study, error] {
	rows := rowsBut(b, imednet.Studies, b.Client.Studies(b.ctx(ctx, string(imednet.Studies)), b.opts(opts)))
	return changed(rows, b.studies)
}

func (b *flawed) Sites(ctx context.Context, study string, opts imednet.ListOptions) iter.Seq2[imednet.Site, error] {
	return rowsBut(b, imednet.Sites, b.Client.Sites(b.ctx(ctx, string(imednet.Sites)), study, b.opts(opts)))
}

func (b *flawed) Forms(ctx context.Context, study string, opts imednet.ListOptions) iter.Seq2[imednet.Form, error] {
	if b.again {
		for _, err := range b.Client.Forms(ctx, study, opts) {
			if err != nil {
				break
			}
		}
	}
	return rowsBut(b, imednet.Forms, b.Client.Forms(b.ctx(ctx, string(imednet.Forms)), study, b.opts(opts)))
}

func (b *flawed) Intervals(ctx context.Context, study string, opts imednet.ListOptions) iter.Seq2[imednet.Interval, error] {
	return rowsBut(b, imednet.Intervals, b.Client.Intervals(b.ctx(ctx, string(imednet.Intervals)), study, b.opts(opts)))
}

func (b *flawed) Variables(ctx context.Context, study string, opts imednet.ListOptions) iter.Seq2[imednet.Variable, error] {
	return rowsBut(b, imednet.Variables, b.Client.Variables(b.ctx(ctx, string(imednet.Variables)), study, b.opts(opts)))
}

func (b *flawed) Users(ctx context.Context, study string, opts imednet.ListOptions) iter.Seq2[imednet.User, error] {
	rows := rowsBut(b, imednet.Users, b.Client.Users(b.ctx(ctx, string(imednet.Users)), study, b.opts(opts)))
	return changed(rows, b.users)
}

func (b *flawed) Subjects(ctx context.Context, study string, opts imednet.ListOptions) iter.Seq2[imednet.Subject, error] {
	rows := rowsBut(b, imednet.Subjects, b.Client.Subjects(b.ctx(ctx, string(imednet.Subjects)), study, b.opts(opts)))
	return changed(rows, b.subjects)
}

// changed are the rows as change leaves them.
func changed[T any](rows iter.Seq2[T, error], change func(T) T) iter.Seq2[T, error] {
	if change == nil {
		return rows
	}
	return func(yield func(T, error) bool) {
		for row, err := range rows {
			if err == nil {
				row = change(row)
			}
			if !yield(row, err) {
				return
			}
		}
	}
}

func (b *flawed) Visits(ctx context.Context, study string, opts imednet.ListOptions) iter.Seq2[imednet.Visit, error] {
	if b.visits != nil {
		opts = b.visits(opts)
	}
	return rowsBut(b, imednet.Visits, b.Client.Visits(b.ctx(ctx, string(imednet.Visits)), study, b.opts(opts)))
}

func (b *flawed) RecordRevisions(ctx context.Context, study string, opts imednet.ListOptions) iter.Seq2[imednet.RecordRevision, error] {
	return rowsBut(b, imednet.RecordRevisions, b.Client.RecordRevisions(b.ctx(ctx, string(imednet.RecordRevisions)), study, b.opts(opts)))
}

func (b *flawed) Queries(ctx context.Context, study string, opts imednet.ListOptions) iter.Seq2[imednet.Query, error] {
	return rowsBut(b, imednet.Queries, b.Client.Queries(b.ctx(ctx, string(imednet.Queries)), study, b.opts(opts)))
}

func (b *flawed) Codings(ctx context.Context, study string, opts imednet.ListOptions) iter.Seq2[imednet.Coding, error] {
	return rowsBut(b, imednet.Codings, b.Client.Codings(b.ctx(ctx, string(imednet.Codings)), study, b.opts(opts)))
}

func (b *flawed) Records(ctx context.Context, study string, opts imednet.ListOptions) iter.Seq2[imednet.Record, error] {
	rows := rowsBut(b, imednet.Records, b.Client.Records(b.ctx(ctx, string(imednet.Records)), study, b.opts(opts)))
	if b.records == nil {
		return rows
	}
	return b.records(rows)
}

func (b *flawed) SubmitRecords(ctx context.Context, study string, items []imednet.Submission, opts imednet.SubmitOptions) (imednet.Job, error) {
	ctx = b.ctx(ctx, "SubmitRecords")
	if b.item != nil {
		items = slices.Clone(items)
		for i := range items {
			b.item(&items[i])
		}
	}
	if b.submit == nil {
		return b.Client.SubmitRecords(ctx, study, items, opts)
	}
	return b.submit(b, ctx, study, items, opts)
}

func (b *flawed) Job(ctx context.Context, study, batch string) (imednet.Job, error) {
	job, err := b.Client.Job(b.ctx(ctx, "Job"), study, batch)
	if b.job == nil {
		return job, err
	}
	return b.job(job, err)
}

func (b *flawed) JobResults(ctx context.Context, url string) (imednet.JobResults, error) {
	results, err := b.Client.JobResults(b.ctx(ctx, "JobResults"), url)
	if b.results == nil {
		return results, err
	}
	return b.results(results, err)
}

func (b *flawed) ProbeRecords(ctx context.Context, study string, f imednet.Filter) (imednet.Probe, error) {
	probe, err := b.Client.ProbeRecords(b.ctx(ctx, "ProbeRecords"), study, f)
	if b.probe != nil {
		b.probe(&probe)
	}
	return probe, err
}

func (b *flawed) ProbeRows(ctx context.Context, study string, resource imednet.Resource, f imednet.Filter) (imednet.Probe, error) {
	if b.counted != nil {
		f = b.counted(f)
	}
	probe, err := b.Client.ProbeRows(b.ctx(ctx, "ProbeRows"), study, resource, f)
	if b.rows != nil {
		b.rows(&probe)
	}
	return probe, err
}

func (b *flawed) RecordPage(ctx context.Context, study string, f imednet.Filter, size int) (imednet.RecordPage, error) {
	page, err := b.Client.RecordPage(b.ctx(ctx, "RecordPage"), study, f, size)
	if b.page != nil {
		b.page(&page)
	}
	return page, err
}

// eachRecord changes the rows of a listing, by their place in it; a false leaves the row out.
func eachRecord(change func(n int, r *imednet.Record) bool) func(iter.Seq2[imednet.Record, error]) iter.Seq2[imednet.Record, error] {
	return func(rows iter.Seq2[imednet.Record, error]) iter.Seq2[imednet.Record, error] {
		return func(yield func(imednet.Record, error) bool) {
			n := 0
			for r, err := range rows {
				if err == nil {
					if n++; !change(n, &r) {
						continue
					}
				}
				if !yield(r, err) {
					return
				}
			}
		}
	}
}

// quiet ends a listing where it fails, as if that were its end.
func quiet(rows iter.Seq2[imednet.Record, error]) iter.Seq2[imednet.Record, error] {
	return func(yield func(imednet.Record, error) bool) {
		for r, err := range rows {
			if err != nil || !yield(r, nil) {
				return
			}
		}
	}
}

// contented takes an end that contradicts the total of a listing for its end.
func contented[T any](rows iter.Seq2[T, error]) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for r, err := range rows {
			if errors.Is(err, imednet.ErrProtocol) || !yield(r, err) {
				return
			}
		}
	}
}

// satisfied takes a refusal after the first row for the end of a listing.
func satisfied(rows iter.Seq2[imednet.Record, error]) iter.Seq2[imednet.Record, error] {
	return func(yield func(imednet.Record, error) bool) {
		n := 0
		for r, err := range rows {
			if _, refused := errors.AsType[*imednet.APIError](err); refused && n > 0 || !yield(r, err) {
				return
			}
			n++
		}
	}
}

// talkative goes on after its error, with a row beside it.
func talkative(beside imednet.Record, again bool) func(iter.Seq2[imednet.Record, error]) iter.Seq2[imednet.Record, error] {
	return func(rows iter.Seq2[imednet.Record, error]) iter.Seq2[imednet.Record, error] {
		return func(yield func(imednet.Record, error) bool) {
			for r, err := range rows {
				if err != nil {
					if yield(beside, err) && again {
						yield(imednet.Record{}, err)
					}
					return
				}
				if !yield(r, nil) {
					return
				}
			}
		}
	}
}

// twice sends what met an error once more.
func twice(b *flawed, ctx context.Context, study string, items []imednet.Submission, opts imednet.SubmitOptions) (imednet.Job, error) {
	job, err := b.Client.SubmitRecords(ctx, study, items, opts)
	if err != nil {
		return b.Client.SubmitRecords(ctx, study, items, opts)
	}
	return job, err
}

const (
	partListing, partBytesKept, partFiltering, partSorting, partRefusing = "lists everything in ascending id", "yields the bytes that were served", "applies every kind of filter", "sorts where it can", "refuses before it sends"
	partRefusals, partBreaking, partCancelling, partEditing, partProbing = "reports refusals of the server", "stops when the caller breaks out", "stops when the context ends", "loses nothing to edits while paging", "counts and reads one page"
	partBetween, partUnderWay, partTotal, partVanishing, partIdentifying = "stops when the context ends between pages", "stops when the context ends under way", "fails when a listing ends before its total", "fails when the rows of a listing vanish", "submits by every identifier"
	partAnswers                                                          = "submits answers as they were given"
	partEvery, partMiddle                                                = "yields and filters every resource", "fails when a later page is refused"
	partSubmitting, partFollowing, partUnknown, partOutcomeUnknown       = "submits records", "follows jobs", "leaves a job unknown until the server is", "tells a submission whose outcome is unknown"
)

// A client that breaks one promise fails the part of the suite that holds it.
func TestTheSuiteFindsClientsThatAreBroken(t *testing.T) {
	noted := errors.New("noted")
	for name, c := range map[string]struct {
		client flawed
		parts  []string
	}{
		"a row in the middle is lost": {flawed{records: eachRecord(func(n int, _ *imednet.Record) bool { return n != 300 })}, []string{partListing, partFiltering, partEditing}},
		"rows in another order": {flawed{records: eachRecord(func(n int, r *imednet.Record) bool {
			if n == 5 {
				r.RecordID = 1
			}
			return true
		})}, []string{partListing, partBytesKept, partFiltering, partEditing}},
		"other bytes": {flawed{records: eachRecord(func(_ int, r *imednet.Record) bool {
			r.Raw = append(bytes.Clone(r.Raw), ' ')
			return true
		})}, []string{partBytesKept}},
		"unknown members are dropped": {flawed{records: eachRecord(func(_ int, r *imednet.Record) bool { r.Unknown = nil; return true })}, []string{partBytesKept}},
		"answers are rewritten": {flawed{records: eachRecord(func(_ int, r *imednet.Record) bool {
			r.RecordData, _ = imednet.NewRecordData([]byte(`{}`))
			return true
		})}, []string{partBytesKept, partFiltering}},
		"filters are dropped": {flawed{options: func(o imednet.ListOptions) imednet.ListOptions {
			o.Filter, o.RecordDataFilter = imednet.Filter{}, imednet.Filter{}
			return o
		}}, []string{partListing, partFiltering, partRefusing, partProbing}},
		"orders are dropped":         {flawed{options: func(o imednet.ListOptions) imednet.ListOptions { o.Sort = nil; return o }}, []string{partSorting, partRefusing}},
		"page sizes are dropped":     {flawed{options: func(o imednet.ListOptions) imednet.ListOptions { o.PageSize = 0; return o }}, []string{partRefusing, partEditing}},
		"inactive users are dropped": {flawed{options: func(o imednet.ListOptions) imednet.ListOptions { o.IncludeInactive = false; return o }}, []string{partListing, partRefusing}},
		"errors are dropped":         {flawed{records: quiet}, []string{partFiltering, partRefusing, partRefusals, partCancelling}},
		"a row beside an error":      {flawed{records: talkative(imednet.Record{RecordID: 5}, false)}, []string{partFiltering, partRefusing, partRefusals, partTotal, partCancelling, partBetween, partUnderWay}},
		"an error twice":             {flawed{records: talkative(imednet.Record{}, true)}, []string{partFiltering, partRefusing, partRefusals, partTotal, partCancelling, partBetween, partUnderWay}},
		"contexts are ignored":       {flawed{context: context.WithoutCancel}, []string{partCancelling}},
		"contexts that have ended are ignored": {flawed{context: func(ctx context.Context) context.Context {
			if ctx.Err() != nil {
				return context.WithoutCancel(ctx)
			}
			return ctx
		}}, []string{partCancelling}},
		"roles have no dates": {flawed{users: func(u imednet.User) imednet.User {
			u.Roles = slices.Clone(u.Roles)
			for i := range u.Roles {
				u.Roles[i].DateCreated = imednet.NullOf[imednet.Time]()
			}
			return u
		}}, []string{partListing}},
		"a refusal is asked for twice": {flawed{again: true}, []string{partRefusals}},
		"a page that is cut":           {flawed{page: func(p *imednet.RecordPage) { p.Records = p.Records[:min(6, len(p.Records))] }}, []string{partProbing}},
		"a listing that ends early":    {flawed{records: eachRecord(func(n int, _ *imednet.Record) bool { return n < 12 })}, []string{partListing, partFiltering, partBreaking, partBetween, partEditing, partProbing}},
		"a count that is too high":     {flawed{probe: func(p *imednet.Probe) { p.Total++ }}, []string{partProbing}},
		"a count without a time":       {flawed{probe: func(p *imednet.Probe) { p.ServerTime = p.ServerTime.AddDate(0, 0, 1) }}, []string{partProbing}},
		"a page with another total":    {flawed{page: func(p *imednet.RecordPage) { p.Total-- }}, []string{partProbing}},
		"a page out of order":          {flawed{page: func(p *imednet.RecordPage) { slices.Reverse(p.Records) }}, []string{partProbing}},
		"a page with another time":     {flawed{page: func(p *imednet.RecordPage) { p.ServerTime = p.ServerTime.AddDate(0, 0, 1) }}, []string{partProbing}},
		"a refusal ends a listing":     {flawed{records: satisfied}, []string{partMiddle}},
		"other bytes of a subject": {flawed{subjects: func(r imednet.Subject) imednet.Subject {
			r.Raw = append(bytes.Clone(r.Raw), ' ')
			return r
		}}, []string{partEvery}},
		"a filter of visits is dropped": {flawed{visits: func(o imednet.ListOptions) imednet.ListOptions {
			o.Filter = imednet.Filter{}
			return o
		}}, []string{partEvery}},
		"a user is listed as another": {flawed{users: func(u imednet.User) imednet.User { u.UserID = "same"; return u }}, []string{partEvery}},
		"a user has another name":     {flawed{users: func(u imednet.User) imednet.User { u.LastName = imednet.Some("same"); return u }}, []string{partEvery}},
		"other bytes of a user":       {flawed{users: func(u imednet.User) imednet.User { u.Raw = append(bytes.Clone(u.Raw), ' '); return u }}, []string{partEvery}},
		"a study has another name": {flawed{studies: func(r imednet.Study) imednet.Study {
			r.StudyName = imednet.NullOf[string]()
			return r
		}}, []string{partEvery}},
		"a subject has another status": {flawed{subjects: func(r imednet.Subject) imednet.Subject {
			r.SubjectStatus = imednet.Some("Enrolled")
			return r
		}}, []string{partEvery}},
		"a record has another form":   {flawed{records: eachRecord(func(_ int, r *imednet.Record) bool { r.FormKey = imednet.Some("AE"); return true })}, []string{partEvery}},
		"a count ignores its filter":  {flawed{counted: func(imednet.Filter) imednet.Filter { return imednet.Filter{} }}, []string{partProbing}},
		"a count of rows is too high": {flawed{rows: func(p *imednet.Probe) { p.Total++ }}, []string{partProbing}},
		"a page with other bytes":     {flawed{page: func(p *imednet.RecordPage) { clear(p.Records) }}, []string{partProbing}},
		"somebody is notified unasked": {flawed{submit: submitBut(func(_ *[]imednet.Submission, o *imednet.SubmitOptions) {
			o.EmailNotify = cmp.Or(o.EmailNotify, "other@example.org")
		})}, []string{partFollowing}},
		"submissions ignore their context": {flawed{submit: func(b *flawed, ctx context.Context, study string, items []imednet.Submission, opts imednet.SubmitOptions) (imednet.Job, error) {
			return b.Client.SubmitRecords(context.WithoutCancel(ctx), study, items, opts)
		}}, []string{partCancelling}},
		"a job loses its ids": {flawed{job: func(j imednet.Job, err error) (imednet.Job, error) {
			j.BatchID = imednet.NullOf[string]()
			return j, err
		}}, []string{partSubmitting, partFollowing}},
		"a POST is repeated": {flawed{submit: twice}, []string{partOutcomeUnknown}},
		"an item is lost":    {flawed{submit: submitBut(func(items *[]imednet.Submission, _ *imednet.SubmitOptions) { *items = (*items)[:len(*items)-1] })}, []string{partSubmitting, partFollowing, partOutcomeUnknown}},
		"nobody is notified": {flawed{submit: submitBut(func(_ *[]imednet.Submission, o *imednet.SubmitOptions) { o.EmailNotify = "" })}, []string{partRefusing, partSubmitting}},
		"a failed job is a success": {flawed{job: func(j imednet.Job, err error) (imednet.Job, error) {
			j.State = imednet.Some("completed")
			return j, err
		}}, []string{partSubmitting, partFollowing}},
		"a job that is not known is no error": {flawed{job: func(j imednet.Job, _ error) (imednet.Job, error) { return j, nil }}, []string{partUnknown}},
		"other results": {flawed{results: func(r imednet.JobResults, err error) (imednet.JobResults, error) {
			r.Body = []byte("{}")
			return r, err
		}}, []string{partFollowing}},
		"results of another origin": {flawed{results: func(imednet.JobResults, error) (imednet.JobResults, error) {
			return imednet.JobResults{Body: []byte("[{}]")}, nil
		}}, []string{partFollowing}},
		"results are an error": {flawed{results: func(r imednet.JobResults, _ error) (imednet.JobResults, error) { return r, noted }}, []string{partFollowing}},
	} {
		client := func(s *Server) imednet.Client {
			own := c.client
			own.Client = s.Client()
			return &own
		}
		require.Equal(t, c.parts, failedParts(t, Settings{}, client, c.parts...), name)
	}
}

// A second key of an order is lost where the server sorts by any attribute.
func TestTheSuiteFindsAnOrderThatIsCut(t *testing.T) {
	for keys, want := range map[int][]string{0: {partSorting}, 1: {partSorting}, 2: nil} {
		client := func(s *Server) imednet.Client {
			return &flawed{Client: s.Client(), options: func(o imednet.ListOptions) imednet.ListOptions {
				if len(o.Sort) > keys && o.Sort[0].Property == "siteId" {
					o.Sort = o.Sort[:keys]
				}
				return o
			}}
		}
		require.Equal(t, want, failedParts(t, Settings{SortByAttributes: true}, client, partSorting), keys)
	}
}

// submitBut changes what is submitted.
func submitBut(change func(*[]imednet.Submission, *imednet.SubmitOptions)) func(*flawed, context.Context, string, []imednet.Submission, imednet.SubmitOptions) (imednet.Job, error) {
	return func(b *flawed, ctx context.Context, study string, items []imednet.Submission, opts imednet.SubmitOptions) (imednet.Job, error) {
		change(&items, &opts)
		return b.Client.SubmitRecords(ctx, study, items, opts)
	}
}

// Every call of a client ends with its context: before it, between two pages, and under way.
func TestTheSuiteFindsEveryCallThatIgnoresItsContext(t *testing.T) {
	if testing.Short() {
		t.Skip("every broken call holds the suite up")
	}
	began := func(ctx context.Context) context.Context { // what ends later is not noticed
		if ctx.Err() != nil {
			return ctx
		}
		return context.WithoutCancel(ctx)
	}
	ended := func(ctx context.Context) context.Context { // what ended before is not noticed
		if ctx.Err() == nil {
			return ctx
		}
		return context.WithoutCancel(ctx)
	}
	methods := []string{"SubmitRecords", "Job", "JobResults", "ProbeRecords", "ProbeRows", "RecordPage"}
	for _, resource := range resources() {
		methods = append(methods, string(resource))
	}
	for _, method := range methods {
		t.Run(method, func(t *testing.T) {
			t.Parallel()
			client := func(ctx func(context.Context) context.Context) func(*Server) imednet.Client {
				return func(s *Server) imednet.Client { return &flawed{Client: s.Client(), context: ctx, deaf: method} }
			}
			parts := []string{partCancelling, partBetween, partUnderWay}
			require.Equal(t, []string{partCancelling}, failedParts(t, Settings{}, client(ended), parts...))
			if slices.Contains(resources(), imednet.Resource(method)) {
				require.Equal(t, []string{partBetween, partUnderWay}, failedParts(t, Settings{}, client(began), parts...))
				return
			}
			require.Equal(t, []string{partUnderWay}, failedParts(t, Settings{}, client(began), parts...))
		})
	}
}

// A listing that ends before its total is an error, whichever it is.
func TestTheSuiteFindsEveryListingThatIsContentWithLess(t *testing.T) {
	for _, resource := range resources() {
		client := func(s *Server) imednet.Client { return &flawed{Client: s.Client(), content: resource} }
		require.Equal(t, []string{partTotal, partVanishing}, failedParts(t, Settings{}, client, partTotal, partVanishing), resource)
	}
}

// A submission that loses one of its identifiers, or gets another, would be stored elsewhere or not at all.
func TestTheSuiteFindsEveryIdentifierThatIsLost(t *testing.T) {
	for name, lose := range map[string]func(*imednet.Submission){
		"formKey":      func(s *imednet.Submission) { s.FormKey = "" },
		"formId":       func(s *imednet.Submission) { s.FormID = 0 },
		"recordId":     func(s *imednet.Submission) { s.RecordID = 0 },
		"recordOid":    func(s *imednet.Submission) { s.RecordOID = "" },
		"subjectKey":   func(s *imednet.Submission) { s.SubjectKey = "" },
		"subjectId":    func(s *imednet.Submission) { s.SubjectID = 0 },
		"subjectOid":   func(s *imednet.Submission) { s.SubjectOID = "" },
		"intervalName": func(s *imednet.Submission) { s.IntervalName = "" },
		"intervalId":   func(s *imednet.Submission) { s.IntervalID = 0 },
		"siteName":     func(s *imednet.Submission) { s.SiteName = "" },
		"siteId":       func(s *imednet.Submission) { s.SiteID = 0 },
		"the next record": func(s *imednet.Submission) {
			if s.RecordID != 0 {
				s.RecordID++
			}
		},
		"another case": func(s *imednet.Submission) { s.RecordOID = strings.ToLower(s.RecordOID) },
	} {
		client := func(s *Server) imednet.Client { return &flawed{Client: s.Client(), item: lose} }
		require.Equal(t, []string{partIdentifying}, failedParts(t, Settings{}, client, partIdentifying), name)
	}
}

// The last row of each listing is missed.
func TestTheSuiteMissesTheLastRowOfEveryListing(t *testing.T) {
	for _, resource := range resources() {
		client := func(s *Server) imednet.Client { return &flawed{Client: s.Client(), resource: resource} }
		require.Equal(t, []string{partListing}, failedParts(t, Settings{}, client, partListing), resource)
	}
	require.Empty(t, failedParts(t, Settings{}, func(s *Server) imednet.Client { return &flawed{Client: s.Client()} }), "nothing is wrong")
}
