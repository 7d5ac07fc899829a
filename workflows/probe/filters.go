package probe

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/imednetgo/imednet"
)

// noRecords is why a point that needs records is open.
const noRecords = "not asked: the study shows too few records"

// accepts asks for the rows that a filter selects. The answer is yes if the filter is applied, no if it is refused.
func (s *session) accepts(f *finding, resource imednet.Resource, id, filter string, applied func(reply) bool) error {
	r, err := s.filtered(resource, id, filter)
	f.saw(string(resource)+"?filter="+filter, r)
	switch {
	case err != nil:
		return err
	case r.refused():
		f.Answer = No
	case r.listed() && applied(r):
		f.Answer = Yes
	case r.listed():
		f.Answer = Differs
		f.notably("accepted, but not applied as expected")
	}
	return nil
}

// each reports whether every row of a reply, and at least one, is as it should be.
func (r reply) each(is func(row) bool) bool {
	return len(r.rows) > 0 && !slices.ContainsFunc(r.rows, func(row row) bool { return !is(row) })
}

// ids of the first records, ascending.
func (s *session) ids() (ids []int64) {
	for _, r := range s.sample.first {
		ids = append(ids, r.id("recordId"))
	}
	return ids
}

func (s *session) askIDCondition(f *finding) error {
	ids := s.ids()
	if len(ids) < 4 {
		f.Came = noRecords
		return nil
	}
	middle := ids[len(ids)/2]
	err := s.accepts(f, imednet.Records, "recordId", fmt.Sprintf("recordId>%d", middle), func(r reply) bool {
		return r.total < s.sample.total && r.each(func(row row) bool { return row.id("recordId") > middle })
	})
	f.capabilities.OffsetPages = f.Answer == No || f.Answer == Differs
	return err
}

func (s *session) askDateCondition(f *finding) error {
	var latest time.Time
	for _, r := range s.sample.first {
		if at, ok := r.at("dateModified"); ok && at.After(latest) {
			latest = at
		}
	}
	if latest.IsZero() {
		f.Came = noRecords
		return nil
	}
	return s.accepts(f, imednet.Records, "recordId", "dateModified>="+imednet.NewTime(latest).Filter(), func(r reply) bool {
		return r.each(func(row row) bool { at, ok := row.at("dateModified"); return ok && !at.Before(latest) })
	})
}

// askRepeated asks for a range and for a list; the point is settled if both are answered alike.
func (s *session) askRepeated(f *finding) error {
	ids := s.ids()
	if len(ids) < 8 {
		f.Came = noRecords
		return nil
	}
	low, high := ids[len(ids)/4], ids[len(ids)/2]
	within := int64(len(ids)/2 - len(ids)/4 + 1)
	err := s.accepts(f, imednet.Records, "recordId", fmt.Sprintf("recordId>=%d;recordId<=%d", low, high), func(r reply) bool {
		return r.total == within && r.each(func(row row) bool { id := row.id("recordId"); return id >= low && id <= high })
	})
	ranged := f.Answer
	if err != nil {
		return err
	}
	err = s.accepts(f, imednet.Records, "recordId", fmt.Sprintf("recordId==%d,recordId==%d", low, high), func(r reply) bool {
		return r.total == 2 && r.each(func(row row) bool { id := row.id("recordId"); return id == low || id == high })
	})
	switch {
	case ranged == Yes && f.Answer != Yes:
		f.Meaning = "Ranges can be asked for, lists of ids cannot."
	case f.Answer == Yes && ranged != Yes:
		f.Meaning = "Lists of ids can be asked for; of a range one bound, the other is applied to the rows."
	}
	f.alike(ranged)
	return err
}

// alike makes the answer differ if an earlier part of the question was answered otherwise.
func (f *finding) alike(earlier ...Answer) {
	for _, a := range earlier {
		switch {
		case a == Open:
			f.Answer = Open
		case a != f.Answer && f.Answer != Open:
			f.Answer = Differs
		}
	}
}

// askMixed asks for one record, or those of a form at a site, in an order in which reading from left to right gives
// something else than AND first.
func (s *session) askMixed(f *finding) error {
	pair, other, found := s.formAtSite()
	if !found {
		f.Came = "not asked: the first records show too few forms and sites"
		return nil
	}
	both, err := s.filtered(imednet.Records, "recordId", pair)
	f.saw("records?filter="+pair, both)
	if err != nil || !both.listed() {
		return err
	}
	return s.accepts(f, imednet.Records, "recordId", fmt.Sprintf("recordId==%d,%s", other, pair), func(r reply) bool {
		return r.total == both.total+1
	})
}

// formAtSite names a form at a site, and a record of neither.
func (s *session) formAtSite() (pair string, other int64, found bool) {
	for _, r := range s.sample.first {
		form, site := r.id("formId"), r.id("siteId")
		if form == 0 || site == 0 {
			continue
		}
		for _, o := range s.records() {
			if o.id("formId") != form && o.id("siteId") != site && o.id("siteId") != 0 {
				return fmt.Sprintf("formId==%d;siteId==%d", form, site), o.id("recordId"), true
			}
		}
	}
	return "", 0, false
}

func (s *session) askQuotes(f *finding) error {
	ids := s.ids()
	if len(ids) == 0 {
		f.Came = noRecords
		return nil
	}
	var answers []Answer
	for _, part := range []struct {
		filter  string
		applied func(reply) bool
	}{
		{fmt.Sprintf(`recordId=="%d"`, ids[0]), func(r reply) bool { return r.total == 1 }},
		{`dateModified>="1990-01-01T00:00:00Z"`, func(r reply) bool { return r.total >= s.sample.total-1 }},
		{`formKey=="no \"such\" form"`, func(r reply) bool { return r.total == 0 }},
	} {
		if err := s.accepts(f, imednet.Records, "recordId", part.filter, part.applied); err != nil {
			return err
		}
		answers = append(answers, f.Answer)
		f.Answer = Open
	}
	numbers, dates := answers[0] == Yes, answers[1] == Yes
	switch {
	case numbers && dates:
		f.Meaning = "Numbers and dates can be quoted; conditions on values with quotes are applied to the rows."
	case numbers:
		f.Meaning = "Numbers can be quoted, dates cannot: send dates bare."
	case dates:
		f.Meaning = "Dates can be quoted, numbers cannot: send numbers bare."
	}
	f.Answer = answers[0]
	f.alike(answers...)
	return nil
}

func (s *session) askWords(f *finding) error {
	ids := s.ids()
	if len(ids) == 0 {
		f.Came = noRecords
		return nil
	}
	filter := fmt.Sprintf("recordId==%d and formId==%d", ids[0], s.sample.first[0].id("formId"))
	return s.accepts(f, imednet.Records, "recordId", filter, func(r reply) bool { return r.total == 1 })
}

func (s *session) askStudyKey(f *finding) error {
	key := s.study
	if strings.ContainsFunc(key, func(r rune) bool {
		return r != '_' && r != '-' && r != '.' && (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z')
	}) {
		key = `"` + key + `"`
	}
	if strings.ContainsAny(s.study, `"\`) {
		f.Came = "not asked: no filter can hold the study's key"
		return nil
	}
	err := s.accepts(f, imednet.Records, "recordId", "studyKey=="+key, func(r reply) bool { return r.total >= s.sample.total })
	records := f.Answer
	if err != nil {
		return err
	}
	err = s.accepts(f, imednet.Forms, "formId", "studyKey=="+key, func(r reply) bool { return r.total > 0 })
	f.alike(records)
	return err
}

func (s *session) askDeletedFilter(f *finding) error {
	var gone, there int64
	err := s.accepts(f, imednet.Records, "recordId", "deleted==true", func(r reply) bool {
		gone = r.total
		return r.total == 0 || r.each(func(row row) bool { return row.is("deleted") })
	})
	first := f.Answer
	if err != nil || first != Yes {
		return err
	}
	err = s.accepts(f, imednet.Records, "recordId", "deleted==false", func(r reply) bool {
		there = r.total
		return r.total == 0 || r.each(func(row row) bool { return !row.is("deleted") })
	})
	if f.Answer == Yes && gone+there < s.sample.total {
		f.Answer = Differs
		f.notably("both together are fewer than all")
	}
	f.alike(first)
	return err
}

func (s *session) askBooleans(f *finding) error {
	if len(s.sample.variables) == 0 {
		f.Came = "not asked: the study shows no variables"
		return nil
	}
	return s.accepts(f, imednet.Variables, "variableId", "disabled==false", func(r reply) bool {
		return r.total == 0 || r.each(func(row row) bool { return !row.is("disabled") })
	})
}

func (s *session) askUnknownAttribute(f *finding) error {
	const filter = "noSuchAttribute==1"
	r, err := s.filtered(imednet.Records, "recordId", filter)
	f.saw("records?filter="+filter, r)
	switch {
	case err != nil:
		return err
	case r.refused():
		f.Answer = Yes
	case r.listed() && r.total > 0:
		f.Answer = No
	case r.listed():
		f.Answer = Differs
	}
	return nil
}
