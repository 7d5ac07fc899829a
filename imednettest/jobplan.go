package imednettest

import "github.com/go-json-experiment/json/jsontext"

// JobPlan scripts the life of one submission. The zero value is the plan of every submission without
// one of its own: the first poll shows the job running, the second shows it completed, its items are
// stored when it completes, and the job holds only what the vendor's replies hold.
type JobPlan struct {
	// States are the states that successive polls show; the last one stays. Default: running,
	// completed (failed when every item was refused). Any text is allowed, in any case. A final state
	// ends the job, so that none can follow it; if there is none, the job hangs.
	States []string `json:"states,omitempty"`
	// NotFoundPolls is the number of polls that answer 404 before the job is known.
	NotFoundPolls int `json:"notFoundPolls,omitempty"`
	// LoseBatchID leaves batchId out of the answer to the POST.
	LoseBatchID bool `json:"loseBatchID,omitempty"`
	// EndAfter ends the job once this many further requests have reached the study, whether or not
	// it is polled; 0 leaves that to polls and [Study.FinishJobs].
	EndAfter int `json:"endAfter,omitempty"`
	// Reject refuses single items, by their index in the batch: they are not stored, and the results
	// name the reason; an empty one is a refusal without any message. A plan that ends in failed or cancelled stores nothing, unless Reject is set:
	// then the batch failed in part and the other items are stored.
	Reject map[int]string `json:"reject,omitempty"`
	// StoreAtOnce stores the items at the POST instead of when the job ends. A program that
	// passes its tests only with it does not wait for its jobs.
	StoreAtOnce bool `json:"storeAtOnce,omitempty"`
	// ShowResults gives the ended job a progress and a resultUrl, which answers one object for
	// each item. The vendor documents neither, but servers that send them have been seen.
	ShowResults bool `json:"showResults,omitempty"`
	// ResultURL replaces the URL of the results, for example with one of another origin, and implies
	// that it is shown.
	ResultURL string `json:"resultURL,omitempty"`
	// Results replaces the answer of that URL, and may be false. It implies that the URL is shown.
	Results []byte `json:"-"`
	// ResultText is Results as text, for scenarios.
	ResultText string `json:"resultText,omitempty"`
	// Lose silently loses single items, by their index in the batch: the job completes, and its
	// results say that they were stored.
	Lose []int `json:"lose,omitempty"`
}

// showsResults reports whether the ended job has a resultUrl.
func (p JobPlan) showsResults() bool {
	return p.ShowResults || p.ResultURL != "" || p.Results != nil || p.ResultText != ""
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
	Lost      bool   // the plan loses it: not stored, although the job says that it was
	Problem   string // why it was not stored; empty also while the job is running
	wordless  bool   // the results do not say why
}

// PlanJobs scripts the next submissions, in order. It panics if a plan cannot be played, for example
// because it refuses and loses the same item, which is a mistake in the test.
func (s *Study) PlanJobs(plans ...JobPlan) {
	for _, plan := range plans {
		mustPlay(at("job plan", plan.check()))
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.jobs.plans = append(s.jobs.plans, plans...)
}

// SetJobPlan sets the plan of every submission for which [Study.PlanJobs] has none left. It panics for
// the plans for which PlanJobs does.
func (s *Study) SetJobPlan(plan JobPlan) {
	mustPlay(at("job plan", plan.check()))
	s.mu.Lock()
	defer s.mu.Unlock()
	s.jobs.otherwise = plan
}

// passRequest lets a request count for the jobs that end, the rows that are listed, and the changes
// that come, by themselves.
func (s *Study) passRequest() {
	if !s.counting.Load() {
		return
	}
	for _, c := range s.pass() {
		s.perform(c)
	}
}

// pass counts a request, and returns the changes that are due.
func (s *Study) pass() []*plannedChange {
	s.mu.Lock()
	defer s.mu.Unlock()
	due, waiting := s.passChanges()
	waiting = s.passLag() || waiting
	for _, j := range s.jobs.jobs {
		if j.ended || j.plan.EndAfter == 0 {
			continue
		}
		if j.passed++; j.passed > j.plan.EndAfter {
			s.finish(j)
		}
		waiting = waiting || !j.ended
	}
	s.counting.Store(waiting)
	return due
}

// FinishJobs ends every running job, as time would, whether or not it is polled. Jobs that hang stay
// as they are.
func (s *Study) FinishJobs() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, j := range s.jobs.jobs {
		s.finish(j)
	}
}
