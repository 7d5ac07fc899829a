package submissions_test

import (
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/internal/leaktest"
	"github.com/imednetgo/imednet/rest"
	"github.com/imednetgo/imednet/workflows/submissions"
)

// requireSilent prints values in every way and looks for a needle.
func requireSilent(t testing.TB, needle, what string, values ...any) {
	t.Helper()
	for _, v := range values {
		require.Empty(t, leaktest.In(leaktest.Printed(v), needle), "%s: %T", what, v)
	}
}

// slipped are records in which a needle stands where a name belongs, or an answer that does not fit.
func slipped(needle string) map[string]imednet.Submission {
	data := map[string]any{"AETERM": "x"}
	return map[string]imednet.Submission{
		"form":            {Kind: imednet.NewRecord, FormKey: needle, SubjectKey: "1", Data: data},
		"variable":        {Kind: imednet.NewRecord, FormKey: "AE", SubjectKey: "1", Data: map[string]any{"AETERM": "x", needle: "y"}},
		"variable's case": {Kind: imednet.NewRecord, FormKey: "AE", SubjectKey: "1", Data: map[string]any{"AETERM": "x", needle + "aeterm": "y"}},
		"answer":          {Kind: imednet.NewRecord, FormKey: "DM", SubjectKey: "1", Data: map[string]any{"AGE": needle, "SEX": 5}},
		"no scalar":       {Kind: imednet.NewRecord, FormKey: "AE", SubjectKey: "1", Data: map[string]any{"AETERM": []string{needle}, "AESEV": math.NaN()}},
		"no number":       {Kind: imednet.NewRecord, FormKey: "DM", SubjectKey: "1", Data: map[string]any{"AGE": json.Number(needle)}},
		"kind":            {Kind: imednet.SubmissionKind(needle), FormKey: "AE", SubjectKey: "1", Data: data},
		"subject":         {FormKey: "AE", SubjectKey: needle, SubjectOID: needle, Data: data},
		"site":            {FormKey: "DM", SiteName: needle, Data: map[string]any{"AGE": 5}},
		"interval":        {Kind: imednet.NewRecord, FormKey: "AE", SubjectKey: "1", IntervalName: needle, Data: data},
		"record":          {Kind: imednet.NewRecord, FormKey: "AE", RecordOID: needle, SiteName: needle, Data: data},
		"all":             {Kind: imednet.SubmissionKind(needle), FormKey: needle, SubjectKey: needle, SiteName: needle, IntervalName: needle, RecordOID: needle, IntentKey: needle, Data: map[string]any{needle: needle}},
	}
}

// TestWhatSlippedIntoANameIsNotRepeated gives every entry point records in which data stand where names
// belong, and prints what comes back.
func TestWhatSlippedIntoANameIsNotRepeated(t *testing.T) {
	d := newDesk(t)
	schemas := newCache(t, d.client)
	register, err := submissions.NewRegisterSubjects(d.client, submissions.WithJournal(d.journal, "anna"), submissions.WithClock(d.clock))
	require.NoError(t, err)
	ctx, study := t.Context(), d.study.Key()
	for _, needle := range leaktest.Needles {
		for what, record := range slipped(needle) {
			records := []imednet.Submission{record, record}
			err := schemas.Validate(ctx, study, records)
			if what != "site" && what != "no number" { // which may be in order
				require.Error(t, err, what)
			}
			ready, readyErr := schemas.Readiness(ctx, study, record)
			dry, dryErr := d.update.DryRun(ctx, study, records, submissions.Options{EmailNotify: "x\n@" + needle})
			receipt, sendErr := d.update.CreateOrUpdateRecords(ctx, study, records, submissions.Options{AllowRepeat: true})
			planned, planErr := register.DryRun(ctx, study, records, submissions.Options{})
			requireSilent(t, needle, what, err, ready, readyErr, dry, dryErr, sendErr, receipt, planned, planErr, record, records)
		}
		form, subject, interval, site := submissions.FormByKey(needle), submissions.SubjectByKey(needle), submissions.IntervalByName(needle), submissions.SiteByName(needle)
		_, newErr := d.update.CreateNewRecord(ctx, study, form, subject, map[string]any{needle: needle}, wait)
		_, updateErr := d.update.UpdateScheduledRecord(ctx, study, form, subject, submissions.IntervalByName(" "), map[string]any{needle: needle}, wait)
		_, registerErr := d.update.RegisterSubject(ctx, study, form, site, map[string]any{needle: needle}, wait)
		for _, err := range []error{newErr, updateErr, registerErr} {
			require.Error(t, err)
		}
		requireSilent(t, needle, "references", form, subject, submissions.SubjectByOID(needle), interval, site, newErr, updateErr, registerErr)
	}
	require.Empty(t, leaktest.In(fmt.Sprint(schemas.Validate(ctx, study, []imednet.Submission{{Kind: imednet.NewRecord, FormKey: "AE", SubjectKey: "1", Data: map[string]any{"AETREM": "x"}}}))))
	require.ErrorContains(t, schemas.Validate(ctx, study, []imednet.Submission{{Kind: imednet.NewRecord, FormKey: "AEE", SubjectKey: "1"}}), "Form key not found; did you mean AE?")
}

// hostility is what a server does to one submission.
type hostility struct {
	faults []imednettest.Fault
	plan   imednettest.JobPlan
}

func hostilities(needle string) map[string]hostility {
	text, _ := json.Marshal(needle)
	n := string(text)
	said := func(status int, body string) imednettest.Fault { return imednettest.Fault{Status: status, Body: &body} }
	post := func(f imednettest.Fault) hostility {
		f.Method = http.MethodPost
		return hostility{faults: []imednettest.Fault{f}}
	}
	poll := func(f imednettest.Fault) hostility {
		f.Method, f.Times = http.MethodGet, -1
		f.Match = func(r imednettest.Request) bool { return strings.Contains(r.Path, "/jobs/") }
		return hostility{faults: []imednettest.Fault{f}}
	}
	envelope := `{"metadata":{"status":` + n + `,"error":{"code":` + n + `,"description":` + n + `,"field":{"attribute":` + n + `,"value":` + n + `}}}}`
	known := `{"metadata":{"status":"BAD_REQUEST","error":{"code":"1000","description":` + n + `,"field":{"attribute":"formKey","value":` + n + `}}}}`
	results := func(body string) hostility {
		return hostility{plan: imednettest.JobPlan{ShowResults: true, Results: []byte(body)}}
	}
	all := map[string]hostility{
		"a job of strange words":     post(said(200, `{"jobId":`+n+`,"batchId":`+n+`,"state":`+n+`,"message":`+n+`}`)),
		"the job of another batch":   poll(said(200, `{"jobId":`+n+`,"batchId":`+n+`,"state":"completed"}`)),
		"a poll of strange words":    poll(said(200, `{"state":`+n+`}`)),
		"a failed job":               poll(said(200, `{"state":"failed","message":`+n+`,"error":`+n+`}`)),
		"states":                     {plan: imednettest.JobPlan{States: []string{needle, "failed"}}},
		"a hanging state":            {plan: imednettest.JobPlan{States: []string{needle}}},
		"results elsewhere":          {plan: imednettest.JobPlan{ResultURL: "https://example.invalid/" + needle}},
		"results nowhere":            {plan: imednettest.JobPlan{ResultURL: "/api/v1/edc/studies/SMITH/jobs/" + strings.NewReplacer("\n", "", "\x1b", "", "[", "").Replace(needle)}},
		"refused one by one":         {plan: imednettest.JobPlan{ShowResults: true, Reject: map[int]string{0: needle, 1: "Subject " + needle + " is unknown"}}},
		"results with a message":     results(`[{"index":0,"status":"FAILED","message":` + n + `},{"index":1,"status":"ERROR","error":` + n + `}]`),
		"results of strange members": results(`[{"index":0,"status":` + n + `,` + n + `:` + n + `},{"index":1,"status":"FAIL","message":"variable ` + strings.Trim(n, `"`) + ` is not on the form"}]`),
		"results of strange kinds":   results(`[{"index":` + n + `,"recordId":` + n + `}]`),
		"results that are text":      results(needle),
		"results in all places":      results(`{"total":` + n + `,"message":` + n + `}`),
	}
	for _, status := range []int{200, 400, 401, 403, 404, 409, 429, 499, 500, 503} {
		for kind, body := range map[string]string{"envelope": envelope, "known envelope": known, "gateway": `{"message":` + n + `}`, "text": needle, "page": "<title>" + needle + "</title>"} {
			all[fmt.Sprintf("POST %d %s", status, kind)] = post(said(status, body))
			if kind != "page" {
				all[fmt.Sprintf("poll %d %s", status, kind)] = poll(said(status, body))
			}
		}
	}
	all["POST redirect"] = post(imednettest.Fault{Status: 302, Redirect: "https://example.invalid/" + strings.NewReplacer("\n", "", "\x1b", "").Replace(needle)})
	return all
}

// TestAHostileServerLeavesNoWords submits to a server that says needles wherever it can, settles, sends
// again, discards, and prints whatever comes back.
func TestAHostileServerLeavesNoWords(t *testing.T) {
	d := newDesk(t)
	client, err := rest.New(imednettest.APIKey, imednettest.SecurityKey, rest.WithBaseURL(imednettest.Start(t, d.server)), rest.WithClock(d.clock),
		rest.WithRetry(rest.RetryPolicy{MaxAttempts: 1}))
	require.NoError(t, err)
	ctx, study, kept := t.Context(), d.study.Key(), 0
	leaktest.Sweep(hostilities, func(what, needle string, h hostility) {
		journal, err := submissions.NewMemoryJournal(d.clock)
		require.NoError(t, err)
		d.journal = journal
		u := d.process(client)
		d.server.ClearFaults()
		d.server.Inject(h.faults...)
		d.study.SetJobPlan(h.plan)
		file := d.events(needle, "another")
		file[0].IntentKey = needle
		options := submissions.Options{Wait: true, Poll: imednet.PollOptions{Interval: time.Second, Timeout: 5 * time.Second, Tolerance: -1, OnProgress: func(p imednet.JobProgress) {
			requireSilent(t, needle, what, p)
		}}}
		receipt, sendErr := u.CreateOrUpdateRecords(ctx, study, file, options)
		_, againErr := u.CreateOrUpdateRecords(ctx, study, file, options)
		resumed, resumeErr := u.Resume(ctx, study, submissions.ResumeOptions{Wait: true, Poll: options.Poll})
		resent, resendErr := u.Resend(ctx, study, receipt.SubmissionID, nil, options)
		discarded, discardErr := u.Discard(ctx, study, receipt.SubmissionID, nil, "dealt with")
		items, _ := journal.Items(ctx, submissions.Query{})
		entries, _ := journal.Entries(ctx, submissions.Query{})
		requireSilent(t, needle, what, receipt, sendErr, againErr, resumed, resumeErr, resent, resendErr, discarded, discardErr, items, entries)
		for i := range items {
			requireSilent(t, needle, what, items[i].Reason, items[i].ShowableMessage())
			if len(leaktest.In(items[i].ServerMessage, needle)) > 0 {
				kept++
			}
		}
		d.study.SetJobPlan(imednettest.JobPlan{})
		d.study.FinishJobs()
	})
	require.Greater(t, kept, 20, "what is not shown is kept for who asks")
}
