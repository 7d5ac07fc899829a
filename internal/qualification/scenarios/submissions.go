package scenarios

import (
	"bufio"
	"context"
	"errors"
	"strconv"
	"time"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/internal/qualification"
	"github.com/imednetgo/imednet/rest"
	"github.com/imednetgo/imednet/workflows/submissions"
	"github.com/imednetgo/imednet/workflows/submissions/sqlitejournal"
)

// desk is a journal and what sends through it.
type desk struct {
	*submissions.RecordUpdate
	journal *sqlitejournal.Journal
}

func openDesk(ctx context.Context, client imednet.Client, path string, clock imednet.Clock) (*desk, error) {
	journal, err := sqlitejournal.Open(ctx, path, sqlitejournal.WithClock(clock))
	if err != nil {
		return nil, err
	}
	update, err := submissions.NewRecordUpdate(client, submissions.WithJournal(journal, "anna"), submissions.WithClock(clock))
	if err != nil {
		return nil, errors.Join(err, journal.Close())
	}
	return &desk{update, journal}, nil
}

// newEvent asks for a new adverse event.
func newEvent(subject, term string) imednet.Submission {
	return imednet.Submission{Kind: imednet.NewRecord, FormKey: "AE", SubjectKey: subject, Data: map[string]any{"AETERM": term}}
}

// terms counts the adverse events of each term that the server has, without this library.
func terms(ctx context.Context, s *site, all ...string) (counts string, err error) {
	events, err := collected(ctx, s)
	found := map[string]int{}
	for _, term := range all {
		found[term] = 0
		for _, e := range events {
			if e["AETERM"] == term {
				found[term]++
			}
		}
	}
	return asJSON(found), err
}

// states counts the records of a receipt by state.
func states(r submissions.Receipt) string { return asJSON(submissions.Count(r.Items)) }

var submitOnce = qualification.Scenario{
	ID: "OQ-SUB-1", Title: "Records are stored once, and each that is not is named",
	Requirements: []string{"SUB-03", "SUB-04", "SUB-05", "SUB-09", "RST-12"},
	Run: func(ctx context.Context, t *qualification.Trial) (err error) {
		s, err := generated(ctx, t, 300)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, s.close()) }()
		s.study.SetJobPlan(imednettest.JobPlan{ShowResults: true})
		d, err := openDesk(ctx, s.client, t.Path("journal.sqlite3"), imednettest.NewClock(s.study.Now()))
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, d.journal.Close()) }()
		wait := submissions.Options{Wait: true, Poll: imednet.PollOptions{Interval: time.Second, Timeout: time.Minute}}

		receipt, err := d.CreateOrUpdateRecords(ctx, s.study.Key(), []imednet.Submission{newEvent("01-001", "Trial headache"), newEvent("99-999", "Trial nausea")}, wait)
		t.Refused("a submission of which the server refuses one record", submissions.ErrRefused, err)
		t.Equal("what is known of its records", `{"refused":1,"standing":1}`, states(receipt))
		_, err = d.CreateOrUpdateRecords(ctx, s.study.Key(), []imednet.Submission{newEvent("01-001", "Trial headache")}, wait)
		t.Refused("the same record again", submissions.ErrRepeated, err)

		s.server.Inject(imednettest.Fault{Method: "POST", Reset: true, AfterApply: true})
		receipt, err = d.CreateOrUpdateRecords(ctx, s.study.Key(), []imednet.Submission{newEvent("01-001", "Trial fever")}, submissions.Options{})
		t.Refused("a submission whose answer is lost", submissions.ErrUnknownOutcome, err)
		_, err = d.CreateOrUpdateRecords(ctx, s.study.Key(), []imednet.Submission{newEvent("01-001", "Trial fever")}, submissions.Options{})
		t.Refused("the same record again while nobody knows", submissions.ErrInDoubt, err)
		_, err = d.Resend(ctx, s.study.Key(), receipt.SubmissionID, nil, submissions.Options{})
		t.Refused("sending again what nobody knows", submissions.ErrNotSendable, err)
		s.study.FinishJobs()
		resumed, err := d.Resume(ctx, s.study.Key(), submissions.ResumeOptions{SubmissionID: receipt.SubmissionID, Wait: true, Poll: wait.Poll})
		if err != nil {
			return err
		}
		t.Equal("what is known after the study was searched", `{"standing":1}`, states(resumed[0].Receipt))
		stored, err := terms(ctx, s, "Trial headache", "Trial nausea", "Trial fever")
		if err != nil {
			return err
		}
		t.Equal("adverse events that the server has", `{"Trial fever":1,"Trial headache":1,"Trial nausea":0}`, stored)
		return t.Evidence("requests.txt", requests(s.server))
	},
}

// submitUntilKilled submits one record in another process: the server's address, the journal's file, the
// term, and the seconds of the clock.
func submitUntilKilled(ctx context.Context, args []string, _ *bufio.Scanner, say func(string)) error {
	client, err := rest.New(imednettest.APIKey, imednettest.SecurityKey, rest.WithBaseURL(args[0]))
	if err != nil {
		return err
	}
	seconds, err := strconv.ParseInt(args[3], 10, 64)
	if err != nil {
		return err
	}
	d, err := openDesk(ctx, client, args[1], imednettest.NewClock(time.Unix(seconds, 0)))
	if err != nil {
		return err
	}
	say("begins")
	_, err = d.CreateOrUpdateRecords(ctx, "DEMO", []imednet.Submission{newEvent("01-001", args[2])}, submissions.Options{})
	return errors.Join(err, d.journal.Close())
}

var submitKilled = qualification.Scenario{
	ID: "OQ-SUB-2", Title: "A process that is killed while it submits doubles nothing and loses nothing",
	Requirements: []string{"SUB-01", "SUB-02", "SUB-04", "SUB-11"},
	Run: func(ctx context.Context, t *qualification.Trial) (err error) {
		s, err := generated(ctx, t, 300)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, s.close()) }()
		path := t.Path("journal.sqlite3")
		if err := killAtPost(ctx, t, s, path, "Trial taken", true); err != nil {
			return err
		}
		if err := killAtPost(ctx, t, s, path, "Trial lost", false); err != nil {
			return err
		}
		s.study.FinishJobs()
		clock := imednettest.NewClock(t.Clock.Now().Add(time.Hour))
		d, err := openDesk(ctx, s.client, path, clock)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, d.journal.Close()) }()
		return settle(ctx, t, s, d)
	},
}

// killAtPost kills a process whose POST has reached the server, which takes it or not.
func killAtPost(ctx context.Context, t *qualification.Trial, s *site, path, term string, applied bool) error {
	s.server.ResetRequests()
	taken := len(s.study.Submissions())
	s.server.Inject(imednettest.Fault{Method: "POST", Hang: true, AfterApply: applied})
	seconds := strconv.FormatInt(t.Clock.Now().Unix(), 10)
	process, err := qualification.Start(ctx, t.Executable, qualification.Task{Name: "submit", Args: []string{s.url, path, term, seconds}})
	if err != nil {
		return err
	}
	t.Equal("the process that is killed", "begins", process.Next())
	reached := func() bool {
		return s.server.CountRequests(isPost) > 0 && (!applied || len(s.study.Submissions()) > taken)
	}
	for tick := time.NewTicker(time.Millisecond); !reached(); {
		select {
		case <-tick.C:
		case <-process.Ended():
			return errors.Join(errors.New("the process ended before it was killed"), process.End())
		}
	}
	err = errors.Join(process.Kill(), context.Cause(ctx))
	s.server.ClearFaults()
	return err
}

func isPost(r imednettest.Request) bool { return r.Method == "POST" }

// settle is what a person does after a crash: find out what became of every record, send nothing while that is
// not known, and say so of the one that is not in the study.
func settle(ctx context.Context, t *qualification.Trial, s *site, d *desk) error {
	poll := imednet.PollOptions{Interval: time.Second, Timeout: time.Minute}
	resumed, err := d.Resume(ctx, s.study.Key(), submissions.ResumeOptions{Wait: true, Poll: poll})
	t.Refused("finding out what became of both records", submissions.ErrUnknownOutcome, err)
	known := map[string]string{}
	for _, r := range resumed {
		known[strconv.Itoa(len(known)+1)] = states(r.Receipt)
	}
	t.Equal("what is known of the one that the server took, and of the one that it did not", `{"1":"{\"standing\":1}","2":"{\"unknown\":1}"}`, asJSON(known))
	lost := []imednet.Submission{newEvent("01-001", "Trial lost")}
	_, err = d.CreateOrUpdateRecords(ctx, s.study.Key(), lost, submissions.Options{})
	t.Refused("sending the second once more while nobody has looked", submissions.ErrInDoubt, err)
	if len(resumed) == 2 {
		if _, err := d.Discard(ctx, s.study.Key(), resumed[1].SubmissionID, nil, "looked: it is not in the study"); err != nil {
			return err
		}
	}
	if _, err := d.CreateOrUpdateRecords(ctx, s.study.Key(), lost, submissions.Options{AllowRepeat: true, Wait: true, Poll: poll}); err != nil {
		return err
	}
	stored, err := terms(ctx, s, "Trial taken", "Trial lost")
	t.Equal("records that the server has", `{"Trial lost":1,"Trial taken":1}`, stored)
	return err
}

var submitRefused = qualification.Scenario{
	ID: "OQ-SUB-3", Title: "What is wrong is refused as a whole before anything is sent",
	Requirements: []string{"SUB-06", "SUB-07", "SUB-08"},
	Run: func(ctx context.Context, t *qualification.Trial) (err error) {
		s, err := generated(ctx, t, 300)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, s.close()) }()
		d, err := openDesk(ctx, s.client, t.Path("journal.sqlite3"), imednettest.NewClock(s.study.Now()))
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, d.journal.Close()) }()
		good := newEvent("01-001", "Trial headache")
		wrong := []imednet.Submission{good,
			{Kind: imednet.NewRecord, FormKey: "AE", SubjectKey: "01-001", Data: map[string]any{"NOSUCH": "x"}},
			{Kind: imednet.NewRecord, FormKey: "NOFORM", SubjectKey: "01-001", Data: map[string]any{"AETERM": "x"}},
			{Kind: imednet.ScheduledRecord, FormKey: "VS", SubjectKey: "01-001", IntervalName: "Day 1", Data: map[string]any{"SYSBP": "high"}},
			{Kind: imednet.ScheduledRecord, FormKey: "VS", SubjectKey: "01-001", IntervalName: " ", Data: map[string]any{"SYSBP": 120}},
		}
		_, err = d.CreateOrUpdateRecords(ctx, s.study.Key(), wrong, submissions.Options{})
		var invalid *submissions.InvalidRecordsError
		t.RefusedAs("a submission with four wrong records", &invalid, err)
		named := map[int]bool{}
		if invalid != nil {
			for _, p := range invalid.Problems {
				named[p.Index] = true
			}
		}
		t.Equal("records that are named as wrong", 4, len(named))
		t.Holds("the right one is not among them", !named[0])
		planned, err := d.DryRun(ctx, s.study.Key(), []imednet.Submission{good}, submissions.Options{})
		if err != nil {
			return err
		}
		t.Equal("batches that a dry run shows", 1, len(planned))
		t.Equal("POSTs that the server received", 0, s.server.CountRequests(isPost))
		return nil
	},
}
