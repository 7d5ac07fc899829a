package imednettest

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/imednetgo/imednet"
)

// JobPlan scripts the life of one submission. The zero value is the plan of every submission
// that none was made for: stored at once, seen running at the first poll and completed from the
// second on, with results.
type JobPlan struct {
	// States are what successive polls show; the last one stays. Default: running, completed
	// (failed when every item was refused). Any text is allowed, in any case.
	States []string
	// NotFoundPolls is how many polls answer 404 before the job is known.
	NotFoundPolls int
	// LoseBatchID leaves batchId out of the answer to the POST. The batch is stored all the same.
	LoseBatchID bool
	// Reject refuses single items, by their index in the batch: nothing of them is stored and
	// the results name the reason. A plan that ends in failed or cancelled stores nothing,
	// unless Reject is set: then the batch failed in part and the other items are stored.
	Reject map[int]string
	// Late stores the items when a poll first shows the final state instead of at the POST; never,
	// when the last of States is no final one.
	Late bool
	// ResultURL replaces the URL of the results, for example by one of another origin;
	// NoResultURL leaves it out.
	ResultURL   string
	NoResultURL bool
	// Results replaces what the URL of the results answers.
	Results []byte
}

// Submitted is one POST that the server accepted.
type Submitted struct {
	BatchID     string
	JobID       string
	EmailNotify string
	Items       []SubmittedItem
}

// SubmittedItem is one item of a POST and what became of it.
type SubmittedItem struct {
	Raw       jsontext.Value // the item as it was sent
	Stored    bool
	RecordID  int64  // of the record that was created or changed
	Created   bool   // the record is new
	SubjectID int64  // of its subject
	Problem   string // why it was not stored
}

// jobBook holds the plans, jobs and submissions of a study.
type jobBook struct {
	plans     []JobPlan
	submitted []*Submitted
	jobs      []*job
}

// job is a submission on its way.
type job struct {
	*Submitted
	plan      JobPlan
	polls     int
	applied   bool
	state     string
	ended     bool
	created   int64
	finished  int64
	resultURL string
}

// PlanJobs scripts the next submissions, in order.
func (s *Study) PlanJobs(plans ...JobPlan) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.jobs.plans = append(s.jobs.plans, plans...)
}

// Submissions returns every POST that the study accepted, so that a test can prove that nothing
// was submitted twice. Refused POSTs (4xx) are not among them.
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

// StoredItems counts the submitted items that were stored.
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
		return refuse("query", "")
	}
	if email := c.header.Get("x-email-notify"); email != "" && email != "true" && email != "false" && !strings.Contains(email, "@") {
		return refuse("x-email-notify", email)
	}
	items, attribute := readItems(c.body)
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
	j := &job{Submitted: sub, plan: s.nextPlan(), created: s.now.Unix()}
	s.jobs.submitted = append(s.jobs.submitted, sub)
	s.jobs.jobs = append(s.jobs.jobs, j)
	if !j.plan.Late {
		s.apply(j, items)
	}
	dst := appendMember(nil, '{', "jobId", appendString(nil, sub.JobID))
	if !j.plan.LoseBatchID {
		dst = appendMember(dst, ',', "batchId", appendString(nil, sub.BatchID))
	}
	return reply{status: http.StatusAccepted, bare: append(dst, `,"state":"created"}`...), time: s.now}
}

func (s *Study) nextPlan() JobPlan {
	if len(s.jobs.plans) == 0 {
		return JobPlan{}
	}
	plan := s.jobs.plans[0]
	s.jobs.plans = s.jobs.plans[1:]
	return plan
}

// states are what the polls of a job show.
func (j *job) states() []string {
	if len(j.plan.States) > 0 {
		return j.plan.States
	}
	final := "completed"
	if j.applied && !slices.ContainsFunc(j.Items, func(it SubmittedItem) bool { return it.Stored }) {
		final = "failed"
	}
	return []string{"running", final}
}

func (j *job) fails() bool {
	states := j.plan.States
	return len(states) > 0 && (strings.EqualFold(states[len(states)-1], "failed") || strings.EqualFold(states[len(states)-1], "cancelled"))
}

// apply stores what the plan lets through, once.
func (s *Study) apply(j *job, items []item) {
	if j.applied {
		return
	}
	j.applied = true
	b := &batch{study: s}
	for n, it := range items {
		out := &j.Items[n]
		if reason, rejected := j.plan.Reject[n]; rejected {
			out.Problem = reason
			continue
		}
		if j.fails() && j.plan.Reject == nil {
			out.Problem = "the job failed"
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
	if j == nil {
		return s.notFound()
	}
	j.polls++
	if j.polls <= j.plan.NotFoundPolls {
		return s.notFound()
	}
	seen := j.polls - j.plan.NotFoundPolls
	if last := len(j.states()); seen >= last && !j.ended && terminal(j.states()[last-1]) {
		s.end(j, c.origin+c.path+"/results")
	}
	j.state = j.states()[min(seen, len(j.states()))-1]
	return reply{status: http.StatusOK, bare: j.render(), time: s.now}
}

func terminal(state string) bool { return imednet.Job{State: imednet.Some(state)}.Terminal() }

// end stores what a late job has not stored yet, and fixes the job's end.
func (s *Study) end(j *job, resultURL string) {
	items, _ := readItems(joinItems(j.Items)) // their shape was checked at the POST
	s.apply(j, items)
	j.ended, j.finished, j.resultURL = true, s.now.Unix(), resultURL
	if j.plan.ResultURL != "" {
		j.resultURL = j.plan.ResultURL
	}
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

// render writes the bare job.
func (j *job) render() []byte {
	dst := appendMember(nil, '{', "jobId", appendString(nil, j.JobID))
	dst = appendMember(dst, ',', "batchId", appendString(nil, j.BatchID))
	dst = appendMember(dst, ',', "state", appendString(nil, j.state))
	dst = appendMember(dst, ',', "dateCreated", appendTime(nil, j.created))
	dst = appendMember(dst, ',', "dateStarted", appendTime(nil, j.created))
	if !j.ended {
		return append(dst, `,"dateFinished":null}`...)
	}
	dst = appendMember(dst, ',', "dateFinished", appendTime(nil, j.finished))
	if !j.plan.NoResultURL {
		dst = append(dst, `,"progress":100`...)
		dst = appendMember(dst, ',', "resultUrl", appendString(nil, j.resultURL))
	}
	return append(dst, '}')
}

// results answers what a job's resultUrl holds: one object for each item.
func (s *Study) results(c *call, batchID string) reply {
	s.mu.Lock()
	defer s.mu.Unlock()
	j := s.findJob(batchID)
	if j == nil || !j.ended {
		return s.notFound()
	}
	if j.plan.Results != nil {
		return reply{status: http.StatusOK, bare: j.plan.Results, time: s.now}
	}
	dst := []byte{'['}
	for n, it := range j.Items {
		if n > 0 {
			dst = append(dst, ',')
		}
		dst = appendMember(dst, '{', "index", strconv.AppendInt(nil, int64(n), 10))
		if !it.Stored {
			dst = append(dst, `,"status":"FAILED","message":`...)
			dst = append(appendString(dst, it.Problem), '}')
			continue
		}
		dst = append(dst, `,"status":"SUCCESS","recordId":`...)
		dst = strconv.AppendInt(dst, it.RecordID, 10)
		if raw, ok := s.tables[imednet.Subjects].get(it.SubjectID); ok {
			dst = appendMember(dst, ',', "subjectKey", orNull(valueOf(raw, "subjectKey")))
		}
		dst = append(dst, '}')
	}
	return reply{status: http.StatusOK, bare: append(dst, ']'), time: s.now}
}
