package imednettest

import (
	"cmp"
	"fmt"
	"net/http"
	"net/mail"
	"slices"

	"github.com/imednetgo/imednet"
)

// jobBook holds the plans, jobs and submissions of a study.
type jobBook struct {
	plans     []JobPlan
	otherwise JobPlan
	submitted []*Submitted
	jobs      []*job
}

// job is a submission on its way.
type job struct {
	*Submitted
	plan     JobPlan
	shape    FailedJob
	passed   int // requests to the study since the POST
	polls    int
	applied  bool
	state    string
	ended    bool
	created  int64
	finished int64
}

// Submissions returns every POST that the study accepted, so that a test can prove that nothing was
// submitted twice. Refused POSTs (4xx) are not included.
func (s *Study) Submissions() []Submitted {
	s.mu.RLock()
	defer s.mu.RUnlock()
	var all []Submitted
	for _, sub := range s.jobs.submitted {
		submitted := *sub
		submitted.Items = slices.Clone(sub.Items)
		all = append(all, submitted)
	}
	return all
}

// StoredItems returns the number of submitted items that were stored.
func (s *Study) StoredItems() int {
	n := 0
	for _, sub := range s.Submissions() {
		for _, item := range sub.Items {
			if item.Stored {
				n++
			}
		}
	}
	return n
}

// submit accepts a POST of records.
func (s *Study) submit(c *call) reply {
	s.mu.Lock()
	defer s.mu.Unlock()
	refuse := func(attribute, value string) reply {
		f := invalid(attribute, value)
		return reply{status: http.StatusBadRequest, failure: &f, time: s.now}
	}
	if len(c.query) > 0 {
		f := unknownParameter(c.query)
		return refuse(f.attribute, f.value)
	}
	if emails := c.header.Values("x-email-notify"); len(emails) > 1 || len(emails) == 1 && !s.settings.notifies(emails[0]) {
		return refuse("x-email-notify", emails[0])
	}
	items, attribute := readItems(c.body)
	if most := s.settings.MaxItems; attribute == "" && most > 0 && len(items) > most {
		attribute = "body"
	}
	if attribute != "" {
		return refuse(attribute, "")
	}
	number := len(s.jobs.submitted) + 1
	sub := &Submitted{
		BatchID: fmt.Sprintf("5a1f6f2e-0000-4000-8000-%012d", number), JobID: fmt.Sprintf("e3b7c1d0-0000-4000-8000-%012d", number),
		EmailNotify: c.header.Get("x-email-notify"),
	}
	for _, it := range items {
		sub.Items = append(sub.Items, SubmittedItem{Raw: it.raw})
	}
	j := &job{Submitted: sub, plan: s.nextPlan(), shape: s.settings.FailedJobs, created: s.now.Unix()}
	s.jobs.submitted = append(s.jobs.submitted, sub)
	s.jobs.jobs = append(s.jobs.jobs, j)
	if j.plan.EndAfter > 0 {
		s.counting.Store(true)
	}
	if j.plan.StoreAtOnce {
		s.apply(j, items)
	}
	dst := appendMember(nil, '{', "jobId", appendString(nil, sub.JobID))
	if !j.plan.LoseBatchID {
		dst = appendMember(dst, ',', "batchId", appendString(nil, sub.BatchID))
	}
	return reply{status: cmp.Or(s.settings.PostStatus, http.StatusAccepted), bare: append(dst, `,"state":"created"}`...), time: s.now}
}

// notifies reports whether a server accepts this as x-email-notify: one e-mail address without a name.
func (s Settings) notifies(email string) bool {
	address, err := mail.ParseAddress(email)
	return err == nil && address.Address == email || s.NotifyWords && (email == "true" || email == "false")
}

func (s *Study) nextPlan() JobPlan {
	if len(s.jobs.plans) == 0 {
		return s.jobs.otherwise
	}
	plan := s.jobs.plans[0]
	s.jobs.plans = s.jobs.plans[1:]
	return plan
}

// states are what the polls of a job show, up to the first final state.
func (j *job) states() []string {
	if states := j.plan.States; len(states) > 0 {
		if end := slices.IndexFunc(states, terminal); end >= 0 {
			return states[:end+1]
		}
		return states
	}
	if j.applied && !slices.ContainsFunc(j.Items, func(it SubmittedItem) bool { return it.Stored || it.Lost }) {
		return []string{"running", j.shape.state()}
	}
	return []string{"running", "completed"}
}

// fails reports whether the plan of a job ends it in failure.
func (j *job) fails() bool {
	if len(j.plan.States) == 0 {
		return false
	}
	states := j.states()
	return imednet.Job{State: imednet.Some(states[len(states)-1])}.Failed()
}

// apply stores what the plan lets through, once.
func (s *Study) apply(j *job, items []item) {
	if j.applied {
		return
	}
	j.applied = true
	b := &batch{study: s}
	if s.settings.AllOrNothing {
		defer s.undoUnlessWhole(j, s.snapshot())
	}
	for n, it := range items {
		out := &j.Items[n]
		if reason, rejected := j.plan.Reject[n]; rejected {
			out.Problem, out.wordless = cmp.Or(reason, "refused without a reason"), reason == ""
			continue
		}
		if j.fails() && j.plan.Reject == nil {
			out.Problem = "the job failed"
			continue
		}
		if slices.Contains(j.plan.Lose, n) {
			out.Lost = true
			continue
		}
		b.store(it, out)
	}
}

// find returns a job by its batch id.
func (s *Study) findJob(batchID string) *job {
	for _, j := range s.jobs.jobs {
		if j.BatchID == batchID {
			return j
		}
	}
	return nil
}

// poll answers the state of a job.
func (s *Study) poll(c *call, batchID string) reply {
	s.mu.Lock()
	defer s.mu.Unlock()
	j := s.findJob(batchID)
	if j == nil || j.unseen() {
		return s.unknownJob()
	}
	seen := j.polls - j.plan.NotFoundPolls
	if seen >= len(j.states()) {
		s.finish(j)
	}
	if states := j.states(); !j.ended {
		j.state = states[min(seen, len(states))-1]
	}
	return reply{status: http.StatusOK, bare: j.render(c.origin + c.path + "/results"), time: s.now}
}

// unseen counts a poll and reports whether it comes before the job is known.
func (j *job) unseen() bool {
	j.polls++
	return j.polls <= j.plan.NotFoundPolls
}

// unknownJob answers the poll of a job that is not known, or not yet.
func (s *Study) unknownJob() reply {
	if s.settings.EmptyUnknownJob {
		return reply{status: http.StatusOK, bare: []byte{}, time: s.now}
	}
	return s.notFound()
}

func terminal(state string) bool { return imednet.Job{State: imednet.Some(state)}.Terminal() }

// finish brings a job to its end, unless its plan has none: it stores what was not stored yet.
func (s *Study) finish(j *job) {
	states := j.states()
	if j.ended || !terminal(states[len(states)-1]) {
		return
	}
	items, _ := readItems(joinItems(j.Items)) // their shape was checked at the POST
	s.apply(j, items)
	states = j.states()
	j.ended, j.finished, j.state = true, s.now.Unix(), states[len(states)-1]
}

func joinItems(items []SubmittedItem) []byte {
	dst := []byte{'['}
	for i, it := range items {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(dst, it.Raw...)
	}
	return append(dst, ']')
}

func (s *Study) notFound() reply {
	return reply{status: http.StatusNotFound, failure: &failure{code: "9000", description: "Resource not found"}, time: s.now}
}
