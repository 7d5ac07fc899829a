package probe

import (
	"fmt"
	"net/http"
	"strconv"

	"github.com/imednetgo/imednet"
)

func (s *session) askSize(f *finding) error {
	r, err := s.list(imednet.Records, param("size", "501"))
	f.saw("records?size=501", r)
	switch {
	case err != nil:
		return err
	case r.refused():
		f.Answer = No
	case r.listed() && r.size == imednet.MaxPageSize && len(r.rows) <= imednet.MaxPageSize:
		f.Answer = Yes
	case r.listed():
		f.Answer = Differs
		f.notably("the reply names a size of %d", r.size)
	}
	return nil
}

// firstRecords asks for the first page of records, for fewer rows until it arrives whole, and keeps the size for
// all later questions.
func (s *session) firstRecords() error {
	for _, size := range []int{imednet.MaxPageSize, 250, 100, 25} {
		r, err := s.list(imednet.Records, param("size", strconv.Itoa(size)), param("sort", "recordId,ASC"))
		s.tried = append(s.tried, attempt{fmt.Sprintf("records?size=%d", size), r})
		if err != nil {
			return err
		}
		if r.listed() && int64(len(r.rows)) == min(int64(size), r.total) {
			s.size, s.whole, s.sample.first = size, true, r.rows
			return nil
		}
	}
	return nil
}

// attempt is a question and what it brought.
type attempt struct {
	asked string
	reply reply
}

// askFullPage reports what the first page brought.
func (s *session) askFullPage(f *finding) error {
	for _, t := range s.tried {
		f.saw(t.asked, t.reply)
	}
	if !s.whole {
		return nil
	}
	size := s.size
	if named := s.tried[len(s.tried)-1].reply.size; named > 0 && named < size {
		size = named
		f.notably("the reply names a size of %d", named)
	}
	if size == imednet.MaxPageSize && len(s.sample.first) < size {
		f.notably("not seen: the study has only %d records", len(s.sample.first))
		return nil
	}
	f.capabilities.MaxPageSize = size
	f.Answer = No
	if size == imednet.MaxPageSize {
		f.Answer = Yes
	}
	return nil
}

func (s *session) askPastEnd(f *finding) error {
	page := s.sample.sites/int64(s.size) + 1
	r, err := s.list(imednet.Sites, param("page", strconv.FormatInt(page, 10)), param("size", strconv.Itoa(s.size)))
	f.saw(fmt.Sprintf("sites?page=%d&size=%d", page, s.size), r)
	switch {
	case err != nil:
		return err
	case r.listed() && len(r.rows) == 0:
		f.Answer = Yes
	case r.listed():
		f.Answer = Differs
	case r.status >= 400 && r.status < 500:
		f.Answer = No
	}
	return nil
}

func (s *session) askUnknownStudy(f *finding) error {
	r, err := s.ask(imednet.RawQuestion{Path: []string{"NO-SUCH-STUDY-4711", string(imednet.Sites)}, Query: []imednet.RawParameter{param("size", "1")}})
	f.saw("NO-SUCH-STUDY-4711/sites?size=1", r)
	if err != nil || r.status == 0 {
		return err
	}
	f.Answer, f.Meaning = Seen, fmt.Sprintf("A misspelt study is status %d.", r.status)
	if r.status != http.StatusForbidden {
		f.set(r.status)
	}
	return nil
}

func (s *session) askUnknownJob(f *finding) error {
	r, err := s.ask(imednet.RawQuestion{Path: []string{s.study, string(imednet.Jobs), "00000000-0000-4000-8000-000000000000"}})
	f.saw("jobs/00000000-0000-4000-8000-000000000000", r)
	switch {
	case err != nil:
		return err
	case r.status == http.StatusOK && r.body == bodyEmpty:
		f.Answer = Yes
	case r.status >= 400 && r.status < 500:
		f.Answer = No
	case r.status != 0:
		f.Answer = Differs
	}
	return nil
}

// askErrorBodies sends one request without keys, and looks at every 401 and 403 that came.
func (s *session) askErrorBodies(f *finding) error {
	r, err := s.ask(imednet.RawQuestion{Path: []string{s.study, string(imednet.Sites)}, Query: []imednet.RawParameter{param("size", "1")}, WithoutKeys: true})
	f.saw("sites?size=1 without keys", r)
	if err != nil {
		return err
	}
	if r.listed() {
		f.notably("the server answers without keys")
		f.Meaning = "Anybody can read the study: tell its owner."
		return nil
	}
	ours, others := 0, 0
	for _, d := range s.denied {
		if d.body == bodyEnvelope {
			ours++
		} else {
			others++
		}
	}
	f.notably("%d of %d refusals had the API's error", ours, ours+others)
	switch {
	case ours > 0 && others > 0:
		f.Answer = Differs
	case others > 0:
		f.Answer = Yes
	case ours > 0:
		f.Answer = No
	}
	return nil
}
