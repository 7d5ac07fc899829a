package probe

import (
	"net/http"
	"slices"
	"strconv"

	"github.com/imednetgo/imednet"
)

// sample is what was read of the study to ask good questions: the first records and the last ones, the newest
// revisions, and the declared variables.
type sample struct {
	total     int64 // of the records
	first     []row // of the records, ascending
	others    []row // from the end
	variables []row
	sites     int64
	revisions []row // newest last, as far as they were read
}

// resources are those of a study, in the order in which their rights are asked for.
var resources = []imednet.Resource{
	imednet.Sites, imednet.Forms, imednet.Intervals, imednet.Variables, imednet.Subjects, imednet.Visits,
	imednet.Records, imednet.RecordRevisions, imednet.Queries, imednet.Codings, imednet.Users,
}

// pagesFromTheEnd are read of records and revisions for cases of history: deletions, statuses, keywords.
const pagesFromTheEnd = 6

// gather asks which resources may be read, and reads the sample. A question that ends the examination
// leaves its reason in the session.
func (s *session) gather(report *Report) {
	totals := map[imednet.Resource]int64{}
	point := Point{ID: "rights", Question: "Which resources may the keys read?", Answer: Yes, Meaning: "Every resource can be mirrored."}
	for _, resource := range resources {
		r, err := s.list(resource, param("size", "1"))
		if report.ServerTime == "" {
			report.ServerTime = r.time
		}
		if err != nil {
			point.Answer, point.Came, point.Meaning = Open, s.stopped, ""
			break
		}
		point.Asked = append(point.Asked, string(resource)+"?size=1")
		switch {
		case r.listed():
			totals[resource] = r.total
		case r.status == http.StatusForbidden:
			report.Refused = append(report.Refused, resource)
			point.Answer, point.Meaning = No, "What is refused is left out of a mirror; without recordRevisions, changes are found by dates, counts and sweeps alone."
		default:
			point.Answer, point.Meaning = Differs, "What is neither listed nor refused cannot be mirrored now: examine again, or ask whoever runs the server."
		}
		if point.Came != "" {
			point.Came += ", "
		}
		point.Came += string(resource) + " " + strconv.Itoa(r.status)
	}
	report.Points = append(report.Points, point)
	if s.stopped == "" && len(totals) == 0 {
		s.stop("the server lists nothing of the study", unreadable(len(report.Refused)))
	}
	s.sample.total, s.sample.sites = totals[imednet.Records], totals[imednet.Sites]
	if s.firstRecords() != nil {
		return
	}
	s.sample.variables = s.pageOf(imednet.Variables, "variableId", 0)
	s.sample.others = s.fromTheEnd(imednet.Records, "recordId", totals[imednet.Records])
	s.sample.revisions = s.fromTheEnd(imednet.RecordRevisions, "recordRevisionId", totals[imednet.RecordRevisions])
}

// unreadable is why nothing of a study is listed.
func unreadable(refused int) error {
	if refused == len(resources) {
		return imednet.ErrForbidden
	}
	return imednet.ErrProtocol
}

// pageOf returns the rows of one page, none if they do not come.
func (s *session) pageOf(resource imednet.Resource, id string, page int64) []row {
	r, err := s.list(resource, param("page", strconv.FormatInt(page, 10)), param("size", strconv.Itoa(s.size)), param("sort", id+",ASC"))
	if err != nil || !r.listed() {
		return nil
	}
	return r.rows
}

// fromTheEnd returns the rows of the last pages in ascending order, without the first page of records,
// which is there already.
func (s *session) fromTheEnd(resource imednet.Resource, id string, total int64) (rows []row) {
	last := (total - 1) / int64(s.size)
	low := max(0, last-pagesFromTheEnd+1)
	if resource == imednet.Records {
		low = max(1, low)
	}
	for page := low; page <= last; page++ {
		rows = append(rows, s.pageOf(resource, id, page)...)
	}
	return rows
}

// records are all records of the sample.
func (s *session) records() []row { return slices.Concat(s.sample.first, s.sample.others) }

// newest returns the newest revision of each record in the sample and the one before it, nil where the
// sample has no other, in the order of the newest.
func (s *session) newest() (pairs [][2]row) {
	seen := map[int64]int{}
	for _, r := range slices.Backward(s.sample.revisions) {
		id := r.id("recordId")
		if at, found := seen[id]; !found {
			seen[id] = len(pairs)
			pairs = append(pairs, [2]row{r, nil})
		} else if pairs[at][1] == nil {
			pairs[at][1] = r
		}
	}
	return pairs
}

// record reads one record as it is now.
func (s *session) record(id int64) (row, bool, error) {
	r, err := s.filtered(imednet.Records, "recordId", "recordId=="+strconv.FormatInt(id, 10))
	if err != nil || !r.listed() || len(r.rows) != 1 || r.rows[0].id("recordId") != id {
		return nil, false, err
	}
	return r.rows[0], true, nil
}
