package imednettest

import (
	"bytes"
	"errors"
	"reflect"
	"slices"

	"github.com/imednetgo/imednet"
)

// submits checks the three kinds of submission and what becomes of them.
func (s *suite) submits() {
	before := s.study.Count(imednet.Records)
	subjects := collect(s, s.client.Subjects(s.Context(), s.study.Key(), imednet.ListOptions{}))
	key := subjects[slices.IndexFunc(subjects, func(r imednet.Subject) bool { return !r.IsDeleted() })].SubjectKey.Or("")
	job, err := s.client.SubmitRecords(s.Context(), s.study.Key(), []imednet.Submission{
		{FormKey: "DM", SiteName: "Site 02 - North; Annex", Data: map[string]any{"AGE": 61, "CONSENT": true, "SEX": "F", "DMNOTE": "\u2028 \"x\""}},
		{FormKey: "AE", SubjectKey: key, Data: map[string]any{"AETERM": "Cough"}},
		{FormKey: "VS", SubjectKey: key, IntervalName: "Registration", Data: map[string]any{"SYSBP": 128}},
	}, imednet.SubmitOptions{EmailNotify: "reader@example.org"})
	s.check(err == nil && job.Traceable() && !job.Terminal(), "submission gave %v", err)
	s.check(s.study.StoredItems() == 0, "the server stored before the job ended")
	s.ends(job)
	submissions := s.study.Submissions()
	s.check(len(submissions) == 1 && len(submissions[0].Items) == 3 && s.study.StoredItems() == 3, "%d submissions, %d items stored", len(submissions), s.study.StoredItems())
	s.check(submissions[0].EmailNotify == "reader@example.org", "x-email-notify was not sent")
	s.check(job.JobID.Or("") == submissions[0].JobID && job.BatchID.Or("") == submissions[0].BatchID, "the job has other ids than the server gave it")
	s.check(s.study.Count(imednet.Records) == before+2, "%d records instead of %d", s.study.Count(imednet.Records), before+2)
	registered, ok := s.study.Record(submissions[0].Items[0].RecordID)
	note, _ := registered.RecordData.Get("DMNOTE")
	s.check(ok && note.Text() == "\u2028 \"x\"" && registered.SubjectKey.IsSet(), "the registered record is damaged")
	updated, _ := s.study.Record(submissions[0].Items[2].RecordID)
	pressure, _ := updated.RecordData.Get("SYSBP")
	s.check(pressure.Text() == "128" && !submissions[0].Items[2].Created, "the scheduled record was not updated")
}

// followsJobs polls jobs to each of their ends.
func (s *suite) followsJobs() {
	s.study.PlanJobs(JobPlan{ShowResults: true}, JobPlan{ShowResults: true, States: []string{"PROCESSING", "Failed"}}, JobPlan{States: []string{"created", "CANCELLED"}},
		JobPlan{ShowResults: true, Reject: map[int]string{0: "refused"}}, JobPlan{ResultURL: "https://elsewhere.invalid/results"})
	type ending struct {
		state     string
		succeeded bool
		stored    int
	}
	partly := ending{"completed", true, 1}
	if s.settings().AllOrNothing {
		partly = ending{s.settings().FailedJobs.state(), false, 0}
	}
	for _, want := range []ending{{"completed", true, 2}, {"Failed", false, 0}, {"CANCELLED", false, 0}, partly, {"completed", true, 2}} {
		before := s.study.StoredItems()
		job, err := s.client.SubmitRecords(s.Context(), s.study.Key(), s.items(), imednet.SubmitOptions{})
		s.check(err == nil, "submission failed: %v", err)
		job = s.ends(job)
		s.check(job.State.Or("") == want.state && job.Succeeded() == want.succeeded, "the job ended %q", job.State.Or(""))
		dated := want.succeeded || s.settings().FailedJobs != FailedUndated
		s.check(job.DateFinished.IsSet() == dated, "the date at which the job ended is set: %t", job.DateFinished.IsSet())
		s.check(s.study.StoredItems()-before == want.stored, "%d items stored instead of %d", s.study.StoredItems()-before, want.stored)
		s.readsResults(job, s.keepsJob(job))
	}
	for _, sub := range s.study.Submissions() {
		s.check(sub.EmailNotify == "", "x-email-notify was sent unasked")
	}
}

// ends polls a job until it has ended.
func (s *suite) ends(job imednet.Job) imednet.Job {
	batch := job.BatchID.Or("")
	for range 5 {
		var err error
		job, err = s.client.Job(s.Context(), s.study.Key(), batch)
		s.check(err == nil, "poll failed: %v", err)
		s.check(job.BatchID.Or("") == batch && job.DateCreated.IsSet(), "a poll lost the job's batch id or the date of its creation")
		if job.Terminal() {
			break
		}
	}
	return job
}

// keepsJob holds the members of a job against those of its bytes, and these against the job that the suite's own
// client reads and returns. Only the address of the results is another there.
func (s *suite) keepsJob(job imednet.Job) imednet.Job {
	own, err := s.server.Client().Job(s.Context(), s.study.Key(), job.BatchID.Or(""))
	s.check(err == nil, "%v", err)
	read, err := imednet.Decode[imednet.Job](job.Raw)
	s.check(err == nil && reflect.DeepEqual(job, read), "the members of a job are not those of its bytes: %v", err)
	s.check(job.ResultURL.IsSet() == own.ResultURL.IsSet(), "a job lost the address of its results")
	read.Raw, read.ResultURL = own.Raw, own.ResultURL
	s.check(reflect.DeepEqual(read, own), "a job arrived changed")
	return own
}

func (s *suite) readsResults(job, served imednet.Job) {
	reader, ok := s.client.(imednet.JobResultReader)
	if !ok || !job.ResultURL.IsSet() {
		return
	}
	s.server.ResetRequests()
	results, err := reader.JobResults(s.Context(), job.ResultURL.Or(""))
	if job.ResultURL.Or("") == "https://elsewhere.invalid/results" {
		s.check(errors.Is(err, imednet.ErrForeignOrigin) && len(s.server.Requests()) == 0, "results of another origin gave %v", err)
		return
	}
	own, _ := s.server.Client().JobResults(s.Context(), served.ResultURL.Or(""))
	s.check(err == nil && results.ContentType == own.ContentType && bytes.Equal(results.Body, own.Body), "results gave %v, or arrived changed", err)
}

func (s *suite) items() []imednet.Submission {
	subjects := collect(s, s.client.Subjects(s.Context(), s.study.Key(), imednet.ListOptions{}))
	item := imednet.Submission{FormKey: "LOG", SubjectID: subjects[0].SubjectID, Data: map[string]any{"LOGTXT": "called"}}
	if s.settings().ClearAnswers {
		item.Data["LOGCAT"] = nil
	}
	return []imednet.Submission{item, item}
}

// unknownJob checks that a job the server does not know yet is ErrNotFound, and a lost batch id no job.
func (s *suite) unknownJob() {
	s.study.PlanJobs(JobPlan{NotFoundPolls: 2}, JobPlan{LoseBatchID: true})
	job, err := s.client.SubmitRecords(s.Context(), s.study.Key(), s.items(), imednet.SubmitOptions{})
	s.check(err == nil, "submission failed: %v", err)
	for range 2 {
		_, err = s.client.Job(s.Context(), s.study.Key(), job.BatchID.Or(""))
		s.check(errors.Is(err, imednet.ErrNotFound), "a job that is not known yet gave %v", err)
	}
	_, err = s.client.Job(s.Context(), s.study.Key(), job.BatchID.Or(""))
	s.check(err == nil, "poll failed: %v", err)
	job, err = s.client.SubmitRecords(s.Context(), s.study.Key(), s.items(), imednet.SubmitOptions{})
	s.check(err == nil && !job.Traceable(), "a reply without batchId gave a traceable job, or %v", err)
}

// unknownOutcome checks that nothing is posted twice on the client's own account.
func (s *suite) unknownOutcome() {
	items := s.items()
	s.server.Inject(Fault{Method: "POST", Reset: true, AfterApply: true})
	_, err := s.client.SubmitRecords(s.Context(), s.study.Key(), items, imednet.SubmitOptions{})
	var transport *imednet.TransportError
	s.check(errors.As(err, &transport) && transport.Sent && !imednet.Retryable(err), "a connection that broke gave %v", err)
	s.check(len(s.study.Submissions()) == 1, "%d submissions arrived", len(s.study.Submissions()))
	s.server.Inject(Fault{Method: "POST", Status: 503})
	_, err = s.client.SubmitRecords(s.Context(), s.study.Key(), items, imednet.SubmitOptions{})
	s.check(errors.Is(err, imednet.ErrServer) && !imednet.Retryable(err), "status 503 gave %v", err)
	s.check(len(s.study.Submissions()) == 1, "a POST that met 503 was sent again")
	_, err = s.client.SubmitRecords(s.Context(), s.study.Key(), []imednet.Submission{{FormKey: "AE", SubjectKey: "x", Data: map[string]any{"AETERM": []any{1}}}}, imednet.SubmitOptions{})
	s.check(errors.Is(err, imednet.ErrBadRequest), "a nested answer gave %v", err)
}
