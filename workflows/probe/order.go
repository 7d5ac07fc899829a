package probe

import (
	"slices"
	"strconv"

	"github.com/imednetgo/imednet"
)

func (s *session) askSort(f *finding) error {
	r, err := s.list(imednet.Records, param("size", strconv.Itoa(s.size)), param("sort", "dateModified,ASC"))
	f.saw("records?sort=dateModified,ASC", r)
	switch {
	case err != nil:
		return err
	case r.refused():
		f.Answer = No
	case r.listed() && len(r.rows) < 2:
		f.notably("too few records to see an order")
	case r.listed() && inOrder(r.rows):
		f.Answer = Yes
	case r.listed():
		f.Answer = Differs
		f.notably("accepted, but not applied")
	}
	return nil
}

func inOrder(rows []row) bool {
	return slices.IsSortedFunc(rows, func(a, b row) int {
		earlier, _ := a.at("dateModified")
		later, _ := b.at("dateModified")
		return earlier.Compare(later)
	})
}

// askStableOrder reads two pages in an order with ties, twice.
func (s *session) askStableOrder(f *finding) error {
	var readings [2][]int64
	for i := range readings {
		for page := range 2 {
			r, err := s.list(imednet.Records, param("page", strconv.Itoa(page)), param("size", "100"), param("sort", "formId,ASC"))
			f.saw("records?page="+strconv.Itoa(page)+"&size=100&sort=formId,ASC", r)
			if err != nil {
				return err
			}
			if !r.listed() || len(r.rows) < 100 {
				f.notably("the order cannot be asked for, or there are too few records")
				return nil
			}
			for _, row := range r.rows {
				readings[i] = append(readings[i], row.id("recordId"))
			}
		}
	}
	f.Answer = No
	if slices.Equal(readings[0], readings[1]) && distinct(readings[0]) {
		f.Answer = Yes
	}
	return nil
}

func distinct(ids []int64) bool {
	sorted := slices.Sorted(slices.Values(ids))
	return len(slices.Compact(sorted)) == len(ids)
}
