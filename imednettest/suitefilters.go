package imednettest

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/imednetgo/imednet"
)

// filters checks each kind of condition against the same test made on the full listing.
func (s *suite) filters() {
	all := collect(s, s.client.Records(s.Context(), s.study.Key(), imednet.ListOptions{}))
	middle := all[len(all)/2]
	since := middle.DateModified.Or(imednet.Time{})
	day := func(r imednet.Record) time.Time { return r.DateModified.Or(imednet.Time{}).Time }
	for _, c := range s.filterable([]filterCase{
		{imednet.Where("formKey", imednet.Equal, "AE"), func(r imednet.Record) bool { return r.FormKey.Or("") == "AE" }},
		{imednet.Where("formKey", imednet.NotEqual, "AE"), func(r imednet.Record) bool { return r.FormKey.Or("") != "AE" }},
		{imednet.Where("recordStatus", imednet.Equal, "Record Complete"), func(r imednet.Record) bool { return r.RecordStatus.Or("") == "Record Complete" }},
		{imednet.Where("recordId", imednet.Greater, middle.RecordID), func(r imednet.Record) bool { return r.RecordID > middle.RecordID }},
		{imednet.Where("recordId", imednet.LessOrEqual, middle.RecordID), func(r imednet.Record) bool { return r.RecordID <= middle.RecordID }},
		{imednet.Where("recordId", imednet.NotEqual, middle.RecordID), func(r imednet.Record) bool { return r.RecordID != middle.RecordID }},
		{imednet.Where("recordId", imednet.Equal, middle.RecordID), func(r imednet.Record) bool { return r.RecordID == middle.RecordID }},
		{imednet.Where("deleted", imednet.Equal, true), func(r imednet.Record) bool { return r.IsDeleted() }},
		{imednet.Where("dateModified", imednet.GreaterOrEqual, since), func(r imednet.Record) bool { return !day(r).Before(since.Time) }},
		{imednet.Where("dateModified", imednet.Less, since), func(r imednet.Record) bool { return day(r).Before(since.Time) }},
		{imednet.Where("subjectKey", imednet.Equal, middle.SubjectKey.Or("")), func(r imednet.Record) bool { return r.SubjectKey.Or("") == middle.SubjectKey.Or("") }},
		{imednet.Where("formKey", imednet.Equal, "VS").And("siteId", imednet.Equal, 701).And("recordId", imednet.Less, middle.RecordID),
			func(r imednet.Record) bool {
				return r.FormKey.Or("") == "VS" && r.SiteID.Or(0) == 701 && r.RecordID < middle.RecordID
			}},
		{imednet.Where("formKey", imednet.Equal, "DM").Or("deleted", imednet.Equal, true),
			func(r imednet.Record) bool { return r.FormKey.Or("") == "DM" || r.IsDeleted() }},
	}) {
		want := 0
		for _, r := range all {
			if c.holds(r) {
				want++
			}
		}
		text, err := c.filter.Encode(imednet.Records)
		s.check(err == nil && (want > 0 || s.settings().HideDeleted), "the suite's own filter %s: %d rows, %v", text, want, err)
		rows := collect(s, s.client.Records(s.Context(), s.study.Key(), imednet.ListOptions{Filter: c.filter}))
		s.check(len(rows) == want, "filter %s: %d rows instead of %d", text, len(rows), want)
		for _, r := range rows {
			s.check(c.holds(r), "filter %s: record %d does not belong", text, r.RecordID)
		}
	}
	s.filtersElsewhere(all)
}

// filterCase is a filter and the same test made on a row.
type filterCase struct {
	filter imednet.Filter
	holds  func(imednet.Record) bool
}

// filterable returns the cases that the server accepts, and checks that it refuses the others.
func (s *suite) filterable(cases []filterCase) []filterCase {
	if s.settings().DeletedInFilter {
		return cases
	}
	return slices.DeleteFunc(cases, func(c filterCase) bool {
		names := func(cond imednet.Condition) bool { return cond.Attribute == "deleted" }
		if !slices.ContainsFunc(c.filter.Conditions(), names) {
			return false
		}
		err := listingError(s, s.client.Records(s.Context(), s.study.Key(), imednet.ListOptions{Filter: c.filter}), recordIsZero)
		s.check(errors.Is(err, imednet.ErrBadRequest), "a filter on deleted gave %v", err)
		return true
	})
}

func (s *suite) filtersElsewhere(all []imednet.Record) {
	holds := func(r imednet.Record) bool {
		v, n := r.RecordData.Lookup("AESEV")
		return n == 1 && strings.Contains(strings.ToLower(v.Text()), "mod")
	}
	want := 0
	for _, r := range all {
		if holds(r) {
			want++
		}
	}
	opts := imednet.ListOptions{RecordDataFilter: imednet.Where("AESEV", imednet.Contains, "MOD")}
	rows := collect(s, s.client.Records(s.Context(), s.study.Key(), opts))
	s.check(len(rows) == want && want > 0, "recordDataFilter: %d rows instead of %d", len(rows), want)
	for _, r := range rows {
		s.check(holds(r), "recordDataFilter: record %d does not belong", r.RecordID)
	}
	sites := collect(s, s.client.Sites(s.Context(), s.study.Key(), imednet.ListOptions{Filter: imednet.Where("siteName", imednet.Equal, "Site 02 - North; Annex")}))
	s.check(len(sites) == 1 && sites[0].SiteID == 702, "a name with ; and blanks: %d sites", len(sites))
	date := imednet.Date{Year: 2024, Month: time.March, Day: 1}
	for _, v := range collect(s, s.client.Visits(s.Context(), s.study.Key(), imednet.ListOptions{Filter: imednet.Where("visitDate", imednet.GreaterOrEqual, date)})) {
		s.check(v.VisitDate.Or(imednet.Date{}).Time().Compare(date.Time()) >= 0, "visit %d is too early", v.VisitID)
	}
	studies := collect(s, s.client.Studies(s.Context(), imednet.ListOptions{Filter: imednet.Where("studyKey", imednet.Equal, otherStudy)}))
	s.check(len(studies) == 1 && studies[0].StudyKey == otherStudy, "%d studies have the second key", len(studies))
}

// refuses checks that invalid options never reach the server.
func (s *suite) refuses() {
	s.server.ResetRequests()
	for name, opts := range map[string]imednet.ListOptions{
		"unknown attribute": {Filter: imednet.Where("recordid", imednet.Equal, 1)},
		"repeated":          {Filter: imednet.Where("recordId", imednet.Greater, 1).And("recordId", imednet.Less, 9)},
		"mixed connectors":  {Filter: imednet.Where("recordId", imednet.Greater, 1).And("siteId", imednet.Equal, 9).Or("formId", imednet.Equal, 9)},
		"operator":          {Filter: imednet.Where("recordId", "=", 1)},
		"contains":          {Filter: imednet.Where("formKey", imednet.Contains, "A")},
		"quote":             {Filter: imednet.Where("formKey", imednet.Equal, `A"B`)},
		"empty value":       {Filter: imednet.Where("formKey", imednet.Equal, "")},
		"page size":         {PageSize: 501},
		"negative size":     {PageSize: -1},
		"order":             {Sort: []imednet.SortKey{{Property: "dateModified"}}},
		"includeInactive":   {IncludeInactive: true},
	} {
		err := listingError(s, s.client.Records(s.Context(), s.study.Key(), opts), recordIsZero)
		var invalid *imednet.ValidationError
		s.check(errors.As(err, &invalid), "%s gave %v", name, err)
	}
	err := listingError(s, s.client.Users(s.Context(), s.study.Key(), imednet.ListOptions{Filter: imednet.Where("login", imednet.Equal, "x")}),
		func(u imednet.User) bool { return u.UserID == "" })
	s.check(err != nil, "users were filtered")
	_, err = s.client.SubmitRecords(s.Context(), s.study.Key(), []imednet.Submission{{FormKey: "AE", Data: map[string]any{}}}, imednet.SubmitOptions{EmailNotify: "a@b\r\nx-api-key: 1"})
	s.check(err != nil, "a header with a line break was accepted")
	s.check(len(s.server.Requests()) == 0, "%d requests were sent", len(s.server.Requests()))
}

// reportsRefusals checks what a client makes of 4xx answers: each is seen once.
func (s *suite) reportsRefusals() {
	for status, want := range map[int]error{
		http.StatusUnauthorized: imednet.ErrUnauthorized,
		http.StatusForbidden:    imednet.ErrForbidden,
		http.StatusBadRequest:   imednet.ErrBadRequest,
		http.StatusNotFound:     imednet.ErrNotFound,
	} {
		s.server.ClearFaults()
		s.server.ResetRequests()
		s.server.Inject(Fault{Status: status, Times: -1})
		err := listingError(s, s.client.Forms(s.Context(), s.study.Key(), imednet.ListOptions{}), func(f imednet.Form) bool { return f.FormID == 0 })
		s.check(errors.Is(err, want), "status %d gave %v", status, err)
		s.check(len(s.server.Requests()) == 1, "status %d: %d requests", status, len(s.server.Requests()))
		var api *imednet.APIError
		coded := !s.settings().GatewayErrors || status != http.StatusUnauthorized && status != http.StatusForbidden
		s.check(errors.As(err, &api) && api.StatusCode == status && (api.Code != "") == coded, "status %d gave no APIError with a code: %v", status, err)
	}
	s.server.ClearFaults()
	err := listingError(s, s.client.Records(s.Context(), "NO-SUCH-STUDY", imednet.ListOptions{}), recordIsZero)
	want := imednet.ErrForbidden
	if s.settings().UnknownStudyStatus == http.StatusNotFound {
		want = imednet.ErrNotFound
	}
	s.check(errors.Is(err, want), "a wrong study gave %v", err)
}
