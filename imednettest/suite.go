package imednettest

import (
	"bytes"
	"errors"
	"iter"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/imednetgo/imednet"
)

// TestClient is the contract suite: what every imednet.Client must do. newClient returns a client of
// s with the right keys, for example over HTTP (see Start); it is called once for each part of the
// suite. The optional abilities (RecordProber, RowProber, RecordPager, JobResultReader) are checked when the
// client has them. newClient may call [Server.Configure] first: the suite then expects what these
// Settings take away to be refused, and everything else unchanged.
func TestClient(t *testing.T, newClient func(t *testing.T, s *Server) imednet.Client) {
	for _, part := range suiteParts() {
		t.Run(part.name, func(t *testing.T) {
			part.on(t, func(s *Server) imednet.Client { return newClient(t, s) })
		})
	}
}

// suitePart is a part of the contract suite.
type suitePart struct {
	name string
	run  func(*suite)
}

func suiteParts() []suitePart {
	return []suitePart{
		{"lists everything in ascending id", (*suite).listsEverything},
		{"yields the bytes that were served", (*suite).keepsBytes},
		{"yields and filters every resource", (*suite).keepsEveryRow},
		{"applies every kind of filter", (*suite).filters},
		{"sorts where it can", (*suite).sorts},
		{"refuses before it sends", (*suite).refuses},
		{"reports refusals of the server", (*suite).reportsRefusals},
		{"fails when a later page is refused", (*suite).failsInTheMiddle},
		{"fails when a listing ends before its total", (*suite).endsEarly},
		{"fails when the rows of a listing vanish", (*suite).vanishes},
		{"stops when the caller breaks out", (*suite).breaksOut},
		{"stops when the context ends", (*suite).cancels},
		{"stops when the context ends between pages", (*suite).cancelsBetweenPages},
		{"stops when the context ends under way", (*suite).cancelsUnderWay},
		{"loses nothing to edits while paging", (*suite).survivesEdits},
		{"counts and reads one page", (*suite).probes},
		{"submits records", (*suite).submits},
		{"submits by every identifier", (*suite).identifies},
		{"submits answers as they were given", (*suite).answers},
		{"follows jobs", (*suite).followsJobs},
		{"leaves a job unknown until the server is", (*suite).unknownJob},
		{"tells a submission whose outcome is unknown", (*suite).unknownOutcome},
	}
}

// on runs the part on a client of a server of its own.
func (p suitePart) on(t testing.TB, newClient func(*Server) imednet.Client) {
	study := Generate(GenerateOptions{StudyKey: "SUITE", Records: 617, Seed: 7})
	server := NewServer(study, Generate(GenerateOptions{StudyKey: otherStudy, Records: 10}))
	p.run(&suite{TB: t, study: study, server: server, client: newClient(server)})
}

// otherStudy is the key of a second study, with characters that a path must escape.
const otherStudy = "OTHER/1 %2F;ü?"

// suite is one part of the contract suite under way.
type suite struct {
	testing.TB
	study  *Study
	server *Server
	client imednet.Client
}

// check fails the test unless ok holds.
func (s *suite) check(ok bool, format string, args ...any) {
	s.Helper()
	if !ok {
		s.Fatalf(format, args...)
	}
}

// collect reads a listing to its end.
func collect[T any](s *suite, rows iter.Seq2[T, error]) []T {
	s.Helper()
	var all []T
	for row, err := range rows {
		s.check(err == nil, "listing failed after %d rows: %v", len(all), err)
		all = append(all, row)
	}
	return all
}

// listed counts the rows that a listing has: all, or all but the deleted ones.
func (s *suite) listed(resource imednet.Resource) int {
	n := s.study.Count(resource)
	if !s.settings().HideDeleted {
		return n
	}
	s.study.mu.RLock()
	defer s.study.mu.RUnlock()
	v := &view{}
	for pos := range s.study.tables[resource].len() {
		if v.move(s.study.tables[resource], pos); v.deleted() {
			n--
		}
	}
	return n
}

// settings are those under which the suite runs.
func (s *suite) settings() Settings { return s.server.configured() }

// listingError reads a listing up to its error, which must come once, last and with a zero row.
func listingError[T any](s *suite, rows iter.Seq2[T, error], isZero func(T) bool) error {
	s.Helper()
	var found error
	for row, err := range rows {
		s.check(found == nil, "the listing went on after its error")
		if err != nil {
			s.check(isZero(row), "the row beside an error is not zero")
			found = err
		}
	}
	return found
}

func recordIsZero(r imednet.Record) bool { return r.RecordID == 0 && r.Raw == nil }

// ascending checks ids and their number.
func ascending[T any](s *suite, resource imednet.Resource, rows []T, id func(T) int64) {
	s.Helper()
	s.check(len(rows) == s.listed(resource), "%s: %d rows instead of %d", resource, len(rows), s.listed(resource))
	for i := 1; i < len(rows); i++ {
		s.check(id(rows[i-1]) < id(rows[i]), "%s: id %d comes before %d", resource, id(rows[i-1]), id(rows[i]))
	}
}

func (s *suite) listsEverything() {
	ctx, key, opts := s.Context(), s.study.Key(), imednet.ListOptions{}
	studies := collect(s, s.client.Studies(ctx, opts))
	s.check(len(studies) == 2 && studies[0].StudyKey == otherStudy && studies[1].StudyKey == key, "studies: %d rows, or not by key", len(studies))
	n := len(collect(s, s.client.Records(ctx, otherStudy, opts)))
	s.check(n == 10, "a study key that needs escaping in a path: %d records", n)
	ascending(s, imednet.Sites, collect(s, s.client.Sites(ctx, key, opts)), func(r imednet.Site) int64 { return r.SiteID })
	ascending(s, imednet.Forms, collect(s, s.client.Forms(ctx, key, opts)), func(r imednet.Form) int64 { return r.FormID })
	ascending(s, imednet.Intervals, collect(s, s.client.Intervals(ctx, key, opts)), func(r imednet.Interval) int64 { return r.IntervalID })
	ascending(s, imednet.Variables, collect(s, s.client.Variables(ctx, key, opts)), func(r imednet.Variable) int64 { return r.VariableID })
	ascending(s, imednet.Subjects, collect(s, s.client.Subjects(ctx, key, opts)), func(r imednet.Subject) int64 { return r.SubjectID })
	ascending(s, imednet.Visits, collect(s, s.client.Visits(ctx, key, opts)), func(r imednet.Visit) int64 { return r.VisitID })
	ascending(s, imednet.RecordRevisions, collect(s, s.client.RecordRevisions(ctx, key, opts)), func(r imednet.RecordRevision) int64 { return r.RecordRevisionID })
	ascending(s, imednet.Queries, collect(s, s.client.Queries(ctx, key, opts)), func(r imednet.Query) int64 { return r.AnnotationID })
	ascending(s, imednet.Codings, collect(s, s.client.Codings(ctx, key, opts)), func(r imednet.Coding) int64 { return r.CodingID })
	for _, size := range []int{0, 1, 499, 500} {
		if size == 1 { // one row a page is the caller's right, but slow: a few rows show it
			opts.Filter = imednet.Where("recordId", imednet.LessOrEqual, s.study.RecordIDs()[9])
			rows := collect(s, s.client.Records(ctx, key, imednet.ListOptions{PageSize: 1, Filter: opts.Filter}))
			s.check(len(rows) == 10, "records by pages of 1: %d rows instead of 10", len(rows))
			continue
		}
		records := collect(s, s.client.Records(ctx, key, imednet.ListOptions{PageSize: size}))
		ascending(s, imednet.Records, records, func(r imednet.Record) int64 { return r.RecordID })
		deleted := slices.ContainsFunc(records, func(r imednet.Record) bool { return r.IsDeleted() })
		s.check(deleted != s.settings().HideDeleted, "a deleted record is listed: %t", deleted)
	}
	active := len(collect(s, s.client.Users(ctx, key, imednet.ListOptions{})))
	all := len(collect(s, s.client.Users(ctx, key, imednet.ListOptions{IncludeInactive: true})))
	s.check(all == s.study.Count(imednet.Users) && active == all-2, "users: %d active of %d", active, all)
	s.readsRoleDates()
}

func (s *suite) keepsBytes() {
	id := s.study.RecordIDs()[1]
	odd := `{"a":1.50,"A":"x","a ":-0.0,"":null,"big":18446744073709551617,"e":1E+2,"t":"\u2028 \" \\ é \ud83d\ude00","z":[1,{"y":2}]}`
	data, err := imednet.NewRecordData([]byte(odd))
	s.check(err == nil, "%v", err)
	inserted := s.study.InsertRecord(imednet.Record{Row: imednet.Row{Unknown: []byte(`{"newField":[1,{"x":2}]}`)}, ParentRecordID: imednet.Some[int64](1<<53 + 1), RecordData: data})
	s.check(s.study.EditRecord(id, "AGE", map[string]any{"nested": true}) == nil, "edit failed")
	all := collect(s, s.client.Records(s.Context(), s.study.Key(), imednet.ListOptions{}))
	same(s, imednet.Records, all, collect(s, s.server.Client().Records(s.Context(), s.study.Key(), imednet.ListOptions{})))
	for _, rec := range all {
		want, ok := s.study.Record(rec.RecordID)
		s.check(ok && bytes.Equal(rec.Raw, want.Raw), "record %d arrived changed", rec.RecordID)
		s.check(bytes.Equal(rec.RecordData.Raw(), want.RecordData.Raw()), "recordData of record %d arrived changed", rec.RecordID)
		if rec.RecordID == inserted {
			s.check(string(rec.RecordData.Raw()) == odd, "awkward recordData arrived changed")
			s.check(string(rec.Unknown) == `{"newField":[1,{"x":2}]}`, "an unknown field is lost")
		}
	}
}

// readsRoleDates checks the dates of roles in whatever form they come.
func (s *suite) readsRoleDates() {
	want := map[RoleDate]string{
		RoleDatesMixed: "2024-02-01 10:00:05.625", RoleDatesNanos: "2024-02-01 10:00:05.625", RoleDatesSeconds: "2024-02-01 10:00:05",
		RoleDatesText: "2024-02-01 10:00:05", RoleDatesMinutes: "2024-02-01 10:00:00", RoleDatesNull: "",
	}[s.settings().RoleDates]
	first := collect(s, s.client.Users(s.Context(), s.study.Key(), imednet.ListOptions{}))[0]
	s.check(len(first.Roles) == 1, "the first user has %d roles", len(first.Roles))
	date, got := first.Roles[0].DateCreated, ""
	if at, ok := date.Get(); ok {
		got = imednet.NewTime(at.Time).String()
	}
	s.check(got == want && date.Presence() != imednet.Misfit, "the role's date is %q instead of %q", got, want)
}

func (s *suite) sorts() {
	last := collect(s, s.client.Subjects(s.Context(), s.study.Key(), imednet.ListOptions{Sort: []imednet.SortKey{{Property: "subjectId", Descending: true}}}))
	s.check(len(last) == s.listed(imednet.Subjects) && slices.IsSortedFunc(last, func(a, b imednet.Subject) int { return int(b.SubjectID - a.SubjectID) }),
		"%d subjects, or not by id descending", len(last))
	if !s.settings().SortByAttributes {
		err := listingError(s, s.client.Subjects(s.Context(), s.study.Key(), imednet.ListOptions{Sort: []imednet.SortKey{{Property: "siteId"}}}),
			func(r imednet.Subject) bool { return r.SubjectID == 0 })
		s.check(errors.Is(err, imednet.ErrBadRequest), "an order that the server refuses gave %v", err)
		return
	}
	rows := collect(s, s.client.Subjects(s.Context(), s.study.Key(), imednet.ListOptions{Sort: []imednet.SortKey{{Property: "siteId", Descending: true}, {Property: "subjectKey", Descending: true}}}))
	s.check(len(rows) == s.listed(imednet.Subjects), "%d subjects", len(rows))
	sorted := slices.IsSortedFunc(rows, func(a, b imednet.Subject) int {
		if d := b.SiteID.Or(0) - a.SiteID.Or(0); d != 0 {
			return int(d)
		}
		return strings.Compare(b.SubjectKey.Or(""), a.SubjectKey.Or(""))
	})
	s.check(sorted, "subjects are not by site, then key, both descending")
}

func (s *suite) breaksOut() {
	n := 0
	for _, err := range s.client.Records(s.Context(), s.study.Key(), imednet.ListOptions{PageSize: 10}) {
		s.check(err == nil, "%v", err)
		if n++; n == 15 {
			break
		}
	}
	s.check(n == 15, "%d rows", n)
	for range s.client.Forms(s.Context(), s.study.Key(), imednet.ListOptions{}) {
		break
	}
}

// survivesEdits changes the study before every request: a row that was there throughout must be listed.
func (s *suite) survivesEdits() {
	ids := s.study.RecordIDs()
	removed := map[int64]bool{} // or hidden
	for _, id := range ids {
		rec, _ := s.study.Record(id)
		removed[id] = s.settings().HideDeleted && rec.IsDeleted()
	}
	next := 0
	var mu sync.Mutex // a client may have several requests under way
	s.server.OnRequest(func(Request) {
		mu.Lock()
		defer mu.Unlock()
		for range 3 { // remove rows that were read, edit and delete others, add some
			removed[ids[next]] = s.study.RemoveRecord(ids[next]) == nil
			next++
		}
		errs := errors.Join(s.study.EditRecord(ids[len(ids)-1-next], "AGE", next), s.study.DeleteRecord(ids[len(ids)-2-next], next%2 == 0))
		removed[ids[len(ids)-2-next]] = s.settings().HideDeleted
		if errs != nil {
			s.Errorf("edit: %v", errs)
		}
		s.study.InsertRecord(imednet.Record{FormKey: imednet.Some("AE")})
	})
	seen := map[int64]bool{}
	last := int64(0)
	for _, rec := range collect(s, s.client.Records(s.Context(), s.study.Key(), imednet.ListOptions{PageSize: 25})) {
		s.check(rec.RecordID > last, "record %d comes after %d", rec.RecordID, last)
		seen[rec.RecordID], last = true, rec.RecordID
	}
	s.server.OnRequest(nil)
	mu.Lock()
	defer mu.Unlock()
	s.check(next > 60, "only %d requests were made", next/3)
	for _, id := range ids {
		s.check(seen[id] || removed[id], "record %d was there throughout and is not listed", id)
	}
}

func (s *suite) probes() {
	s.countsRows()
	f := imednet.Where("formKey", imednet.Equal, "AE")
	want := len(collect(s, s.client.Records(s.Context(), s.study.Key(), imednet.ListOptions{Filter: f})))
	if prober, ok := s.client.(imednet.RecordProber); ok {
		probe, err := prober.ProbeRecords(s.Context(), s.study.Key(), f)
		s.check(err == nil && probe.Total == int64(want), "probe counts %d instead of %d: %v", probe.Total, want, err)
		s.check(probe.ServerTime.Equal(s.study.Now()), "probe shows the time %v instead of %v", probe.ServerTime, s.study.Now())
	}
	if pager, ok := s.client.(imednet.RecordPager); ok {
		page, err := pager.RecordPage(s.Context(), s.study.Key(), f, 7)
		s.check(err == nil && page.Total == int64(want) && len(page.Records) == 7, "page of %d rows, total %d: %v", len(page.Records), page.Total, err)
		s.check(page.ServerTime.Equal(s.study.Now()), "page shows the time %v", page.ServerTime)
		sorted := slices.IsSortedFunc(page.Records, func(a, b imednet.Record) int { return int(a.RecordID - b.RecordID) })
		s.check(sorted, "the page is not in ascending id")
		own, err := s.server.Client().RecordPage(s.Context(), s.study.Key(), f, 7)
		s.check(err == nil, "%v", err)
		same(s, imednet.Records, page.Records, own.Records)
		page, err = pager.RecordPage(s.Context(), s.study.Key(), imednet.Where("recordId", imednet.Less, 0), 500)
		s.check(err == nil && page.Total == 0 && len(page.Records) == 0, "empty page: %v", err)
		_, err = pager.RecordPage(s.Context(), s.study.Key(), imednet.Filter{}, 501)
		var invalid *imednet.ValidationError
		s.check(errors.As(err, &invalid), "a page of 501 rows gave %v", err)
	}
}
