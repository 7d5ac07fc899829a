package probe

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/imednetgo/imednet"
)

// data returns the answers of a record by their names.
func (r row) data() map[string]string {
	var members map[string]json.RawMessage
	if json.Unmarshal(r["recordData"], &members) != nil {
		return nil
	}
	data := make(map[string]string, len(members))
	for name := range members {
		data[name] = row(members).text(name)
	}
	return data
}

// askDataFilter looks for a variable with whole numbers on both sides of a threshold whose text sorts otherwise,
// such as 7 and 65: a server that compares text counts the 7 among those of at least 65.
func (s *session) askDataFilter(f *finding) error {
	variable, threshold, found := s.numbersThatSortOtherwise()
	if !found {
		f.Came = "not asked: the first records have no numbers that sort otherwise as text"
		return nil
	}
	filter := fmt.Sprintf("%s>=%d", variable, threshold)
	r, err := s.list(imednet.Records, param("size", strconv.Itoa(s.size)), param("sort", "recordId,ASC"), param("recordDataFilter", filter))
	f.saw("records?recordDataFilter="+variable+">=…", r)
	if err != nil || !r.listed() || len(r.rows) == 0 {
		return err
	}
	f.Answer = No
	for _, row := range r.rows {
		if n, ok := wholeNumber(answerOf(row, variable)); ok && n < threshold {
			f.Answer = Yes
			return nil
		}
	}
	return nil
}

// numbersThatSortOtherwise returns a variable and a threshold above one of its numbers and below another,
// where the smaller number is the greater text.
func (s *session) numbersThatSortOtherwise() (variable string, threshold int64, found bool) {
	numbers := map[string]map[int64]bool{}
	for _, r := range s.sample.first {
		for name, text := range r.data() {
			if n, ok := wholeNumber(text); ok && filterName(name) {
				if numbers[name] == nil {
					numbers[name] = map[int64]bool{}
				}
				numbers[name][n] = true
			}
		}
	}
	for name, of := range numbers {
		for small := range of {
			for great := range of {
				if small < great && fmt.Sprint(small) >= fmt.Sprint(great) && (!found || name < variable || name == variable && great < threshold) {
					variable, threshold, found = name, great, true
				}
			}
		}
	}
	return variable, threshold, found
}

// wholeNumber reads a number of up to six digits without a leading zero.
func wholeNumber(text string) (int64, bool) {
	n, ok := imednet.ParseNumber(text)
	if !ok {
		return 0, false
	}
	whole, accuracy := n.Int64()
	return whole, accuracy == imednet.Exact && whole >= 0 && whole < 1_000_000 && fmt.Sprint(whole) == text
}

// filterName reports whether a filter can name a variable.
func filterName(name string) bool {
	return name != "" && strings.Trim(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_") == ""
}

// answerOf returns the answer of a record to a variable.
func answerOf(r row, variable string) string { return r.data()[variable] }

// askNames compares the names of answers with those of variables.
func (s *session) askNames(f *finding) error {
	exact, folded := map[string]bool{}, map[string]bool{}
	for _, v := range s.sample.variables {
		name := v.text("variableName")
		exact[name], folded[strings.ToLower(name)] = true, true
	}
	same, otherCase, unknown := 0, 0, 0
	for _, r := range s.sample.first {
		for name := range r.data() {
			switch {
			case exact[name]:
				same++
			case folded[strings.ToLower(name)]:
				otherCase++
			default:
				unknown++
			}
		}
	}
	f.Came = fmt.Sprintf("of the answers of %d records, %d have the name of a variable, %d in another case, %d are of no variable among the first %d", len(s.sample.first), same, otherCase, unknown, len(s.sample.variables))
	switch {
	case same+otherCase == 0:
	case otherCase == 0:
		f.Answer = Yes
	case same == 0:
		f.Answer = No
	default:
		f.Answer = Differs
	}
	return nil
}

// askRoleDates looks at the shape of the dates of roles.
func (s *session) askRoleDates(f *finding) error {
	r, err := s.list(imednet.Users, param("size", "100"), param("includeInactive", "true"))
	f.saw("users?includeInactive=true&size=100", r)
	if err != nil || !r.listed() {
		return err
	}
	shapes := map[string]int{}
	for _, user := range r.rows {
		var roles []row
		if json.Unmarshal(user["roles"], &roles) != nil {
			continue
		}
		for _, role := range roles {
			for _, name := range []string{"dateCreated", "dateModified"} {
				shapes[shapeOf(role[name])]++
			}
		}
	}
	f.describeDates(shapes)
	return nil
}

// describeDates answers by the shapes of dates: arrays of so many numbers, text or null.
func (f *finding) describeDates(shapes map[string]int) {
	for _, shape := range []string{"5", "6", "7", "text", "null"} {
		if shapes[shape] > 0 {
			f.notably("%d %s", shapes[shape], shapeNames[shape])
		}
	}
	delete(shapes, "")
	if len(shapes) == 0 {
		f.notably("no roles were shown")
		return
	}
	f.Answer, f.Meaning = Seen, "All of these are read."
	if len(shapes) == 1 {
		for shape := range shapes {
			f.set(shape)
		}
	}
}

var shapeNames = map[string]string{
	"5": "arrays of five numbers", "6": "arrays of six numbers", "7": "arrays of seven numbers", "text": "texts", "null": "nulls",
}

// shapeOf names the shape of a date as the setting of a test server does, "" for what it does not know.
func shapeOf(raw json.RawMessage) string {
	var numbers []int64
	var text string
	switch {
	case string(raw) == "null":
		return "null"
	case json.Unmarshal(raw, &numbers) == nil && len(numbers) >= 5 && len(numbers) <= 7:
		return fmt.Sprint(len(numbers))
	case json.Unmarshal(raw, &text) == nil && text != "":
		return "text"
	}
	return ""
}
