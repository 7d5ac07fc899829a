package probe

import (
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/imednetgo/imednet"
)

// noSubject is a key that no study has: what is submitted for it cannot be stored.
const noSubject = "NO-SUCH-SUBJECT-4711"

// maxPolls is how often the job of the submission is looked at.
const maxPolls = 30

// submitted is what became of the one submission.
type submitted struct {
	post reply
	job  row // as it was last; nil if there was none to look at
	done bool
	came []attempt
}

// settleByWriting asks a question that needs a submission, or says why it was not asked.
func (s *session) settleByWriting(q question, c *imednet.Capabilities) Point {
	if !s.mayWrite {
		return Point{ID: q.id, Question: q.text, Answer: Open, Came: "not asked: it needs a write to a test study"}
	}
	return s.settle(q, c)
}

// submit sends one record for a subject that does not exist, the first time that it is called, and follows its job to the end.
func (s *session) submit() (*submitted, error) {
	if s.submitted != nil {
		return s.submitted, nil
	}
	form := s.formKey()
	if form == "" {
		return &submitted{}, nil
	}
	body, err := json.Marshal([]map[string]any{{"formKey": form, "subjectKey": noSubject, "data": map[string]any{}}})
	if err != nil {
		return nil, err
	}
	s.submitted = &submitted{}
	post, err := s.ask(imednet.RawQuestion{Path: []string{s.study, string(imednet.Records)}, Body: body})
	s.submitted.post = post
	s.submitted.note("POST records, for a subject that does not exist", post)
	batch := post.document.text("batchId")
	if err != nil || !accepted(post) || batch == "" {
		return s.submitted, err
	}
	return s.submitted, s.follow(batch)
}

// follow looks at the job until it has ended.
func (s *session) follow(batch string) error {
	for range maxPolls {
		r, err := s.ask(imednet.RawQuestion{Path: []string{s.study, string(imednet.Jobs), batch}})
		if err != nil {
			return err
		}
		if r.status != http.StatusOK || r.document == nil {
			continue
		}
		s.submitted.job = r.document
		if jobOf(r.document).Terminal() {
			s.submitted.done = true
			s.submitted.note("its job, at the end", r)
			return nil
		}
	}
	return nil
}

func (s *submitted) note(asked string, r reply) { s.came = append(s.came, attempt{asked, r}) }

func accepted(r reply) bool { return r.status >= 200 && r.status < 300 }

// jobOf is a job as far as its state is concerned.
func jobOf(document row) imednet.Job {
	return imednet.Job{State: imednet.Some(document.text("state"))}
}

// formKey is the key of a form of the first records.
func (s *session) formKey() string {
	for _, r := range s.sample.first {
		if key := r.text("formKey"); key != "" {
			return key
		}
	}
	return ""
}

func (s *session) askPostStatus(f *finding) error {
	sent, err := s.submit()
	f.tell(sent)
	if err != nil || !accepted(sent.post) {
		return err
	}
	f.Answer, f.Meaning = Seen, fmt.Sprintf("An accepted submission is status %d.", sent.post.status)
	if sent.post.status != http.StatusAccepted {
		f.set(sent.post.status)
	}
	return nil
}

// tell reports what was sent and what came.
func (f *finding) tell(sent *submitted) {
	if sent == nil || len(sent.came) == 0 {
		f.Came = "not asked: the first records name no form"
		return
	}
	for _, a := range sent.came {
		f.saw(a.asked, a.reply)
	}
}

// askFailedJob looks at the job of a record that could not be stored.
func (s *session) askFailedJob(f *finding) error {
	sent, err := s.submit()
	f.tell(sent)
	if err != nil || !sent.done {
		return err
	}
	if !jobOf(sent.job).Failed() {
		f.Answer, f.Meaning = Differs, "A job can complete although its record was not stored: read back what stands."
		return nil
	}
	f.Answer, f.Meaning = Seen, "A record that cannot be stored fails its job."
	switch {
	case sent.job.text("state") == "FAILED":
		f.set("upper")
	case sent.job.text("dateStarted") == "" && sent.job.text("dateFinished") == "":
		f.set("undated")
	case sent.job.text("error") != "" || sent.job.text("message") != "":
		f.set("words")
	}
	return nil
}

func (s *session) askJobResults(f *finding) error {
	sent, err := s.submit()
	f.tell(sent)
	if err != nil || !sent.done {
		return err
	}
	f.Answer = No
	if sent.job.text("resultUrl") != "" {
		f.Answer = Yes
	}
	return nil
}
