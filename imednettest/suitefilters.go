package imednettest

import (
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/imednetgo/imednet"
)

// filters checks each kind of condition against the same test made on the full listing.
func (s *suite) filters() {
	since := s.stampsAround()
	for n, term := range []string{"Cough", "Cough at night", "cough"} { // == holds for the first only
		s.check(s.study.EditSilently(s.study.RecordIDs()[n], "AETERM", term, false) == nil, "the suite's own records cannot be edited")
	}
	all := collect(s, s.client.Records(s.Context(), s.study.Key(), imednet.ListOptions{}))
	middle := all[len(all)/2]
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
		{imednet.Where("dateModified", imednet.Greater, since), func(r imednet.Record) bool { return day(r).After(since.Time) }},
		{imednet.Where("dateModified", imednet.LessOrEqual, since), func(r imednet.Record) bool { return !day(r).After(since.Time) }},
		{imednet.Where("subjectKey", imednet.Equal, middle.SubjectKey.Or("")), func(r imednet.Record) bool { return r.SubjectKey.Or("") == middle.SubjectKey.Or("") }},
		{imednet.Where("formKey", imednet.Equal, "VS").And("siteId", imednet.Equal, 701).And("recordId", imednet.Less, middle.RecordID),
			func(r imednet.Record) bool {
				return r.FormKey.Or("") == "VS" && r.SiteID.Or(0) == 701 && r.RecordID < middle.RecordID
			}},
		{imednet.Where("formKey", imednet.Equal, "DM").Or("siteId", imednet.Equal, 702).Or("recordId", imednet.Less, middle.RecordID),
			func(r imednet.Record) bool {
				return r.FormKey.Or("") == "DM" || r.SiteID.Or(0) == 702 || r.RecordID < middle.RecordID
			}},
		{imednet.Where("formKey", imednet.Equal, "DM").Or("deleted", imednet.Equal, true),
			func(r imednet.Record) bool { return r.FormKey.Or("") == "DM" || r.IsDeleted() }},
	}) {
		text, err := c.filter.Encode(imednet.Records)
		s.check(err == nil, "the suite's own filter %s: %v", text, err)
		s.lists(all, imednet.ListOptions{Filter: c.filter}, text, c.holds)
	}
	s.filtersAnswers(all)
	s.filtersElsewhere()
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

// stampsAround gives records the instant that it returns, and others the seconds before and after it.
func (s *suite) stampsAround() imednet.Time {
	ids := s.study.RecordIDs()
	middle, _ := s.study.Record(ids[len(ids)/2])
	at := middle.DateModified.Or(imednet.Time{}).Truncate(time.Minute).Add(29 * time.Second)
	for n, stamp := range []time.Time{at.Add(-time.Second), at, at.Add(time.Second)} {
		s.check(s.study.StampRecords(ids[10*n:10*n+10], stamp) == nil, "the records of the suite cannot be stamped")
	}
	return imednet.NewTime(at)
}

// lists holds what is listed under a filter against the rows of the full listing for which it holds.
func (s *suite) lists(all []imednet.Record, opts imednet.ListOptions, filter string, holds func(imednet.Record) bool) {
	s.Helper()
	var want []int64
	for _, r := range all {
		if holds(r) {
			want = append(want, r.RecordID)
		}
	}
	s.check(len(want) > 0 || s.settings().HideDeleted, "the suite's own filter %s holds for no record", filter)
	var got []int64
	for _, r := range collect(s, s.client.Records(s.Context(), s.study.Key(), opts)) {
		got = append(got, r.RecordID)
	}
	s.check(slices.Equal(got, want), "filter %s: %d rows instead of %d, or others", filter, len(got), len(want))
}

// filtersAnswers checks filters over answers.
func (s *suite) filtersAnswers(all []imednet.Record) {
	answer := func(r imednet.Record, variable string) string {
		v, _ := r.RecordData.Lookup(variable)
		return v.Text()
	}
	serious := func(r imednet.Record) bool { return answer(r, "AESER") == "Yes" }
	severe := func(r imednet.Record) bool { return answer(r, "AESEV") == "Severe" }
	for _, c := range []filterCase{
		{imednet.Where("AESEV", imednet.Contains, "MOD"), func(r imednet.Record) bool { return strings.Contains(strings.ToLower(answer(r, "AESEV")), "mod") }},
		{imednet.Where("AESER", imednet.Equal, "Yes").And("AESEV", imednet.Equal, "Severe"), func(r imednet.Record) bool { return serious(r) && severe(r) }},
		{imednet.Where("AESER", imednet.Equal, "Yes").Or("AESEV", imednet.Equal, "Severe"), func(r imednet.Record) bool { return serious(r) || severe(r) }},
		{imednet.Where("AETERM", imednet.Equal, "Cough"), func(r imednet.Record) bool { return answer(r, "AETERM") == "Cough" }},
	} {
		text, err := c.filter.EncodeRecordData()
		s.check(err == nil, "the suite's own recordDataFilter %s: %v", text, err)
		s.lists(all, imednet.ListOptions{RecordDataFilter: c.filter}, text, c.holds)
	}
}

// filtersElsewhere checks filters of other listings: names with awkward characters, and days.
func (s *suite) filtersElsewhere() {
	sites := collect(s, s.client.Sites(s.Context(), s.study.Key(), imednet.ListOptions{Filter: imednet.Where("siteName", imednet.Equal, "Site 02 - North; Annex")}))
	s.check(len(sites) == 1 && sites[0].SiteID == 702, "a name with ; and blanks: %d sites", len(sites))
	s.filtersDays()
	studies := collect(s, s.client.Studies(s.Context(), imednet.ListOptions{Filter: imednet.Where("studyKey", imednet.Equal, otherStudy)}))
	s.check(len(studies) == 1 && studies[0].StudyKey == otherStudy, "%d studies have the second key", len(studies))
}

// filtersDays holds visits before, on and after a day against the full listing.
func (s *suite) filtersDays() {
	all := collect(s, s.client.Visits(s.Context(), s.study.Key(), imednet.ListOptions{}))
	slices.SortStableFunc(all, func(a, b imednet.Visit) int { return compareDays(a.VisitDate, b.VisitDate) })
	middle := all[len(all)*3/4].VisitDate
	for op, holds := range map[imednet.Operator]func(int) bool{
		imednet.Less: func(c int) bool { return c < 0 }, imednet.LessOrEqual: func(c int) bool { return c <= 0 }, imednet.Equal: func(c int) bool { return c == 0 },
		imednet.GreaterOrEqual: func(c int) bool { return c >= 0 }, imednet.Greater: func(c int) bool { return c > 0 },
	} {
		want := map[int64]bool{}
		for _, v := range all {
			if v.VisitDate.IsSet() && holds(compareDays(v.VisitDate, middle)) {
				want[v.VisitID] = true
			}
		}
		s.check(len(want) > 0, "the suite's own visits: none is %s the middle day", op)
		opts := imednet.ListOptions{Filter: imednet.Where("visitDate", op, middle.Or(imednet.Date{}))}
		rows := collect(s, s.client.Visits(s.Context(), s.study.Key(), opts))
		strange := slices.ContainsFunc(rows, func(v imednet.Visit) bool { return !want[v.VisitID] })
		s.check(len(rows) == len(want) && !strange, "visits %s a day: %d rows instead of %d, or others", op, len(rows), len(want))
	}
}

// compareDays orders days; none comes first.
func compareDays(a, b imednet.Opt[imednet.Date]) int {
	return a.Or(imednet.Date{}).Time().Compare(b.Or(imednet.Date{}).Time())
}
