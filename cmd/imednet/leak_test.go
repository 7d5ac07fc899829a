package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/internal/leaktest"
)

// hostile is a shell in this process, beside a server that says what a test likes.
type hostile struct {
	t      *testing.T
	study  *imednettest.Study
	server *imednettest.Server
	dir    string
}

func newHostile(t *testing.T) *hostile {
	study := imednettest.Generate(imednettest.GenerateOptions{StudyKey: "OWN", Records: 60})
	server := imednettest.NewServer(study)
	dir := t.TempDir()
	for name, value := range map[string]string{
		"HOME": dir, "IMEDNET_BASE_URL": imednettest.Start(t, server), "IMEDNET_API_KEY": imednettest.APIKey, "IMEDNET_SECURITY_KEY": imednettest.SecurityKey,
	} {
		t.Setenv(name, value)
	}
	return &hostile{t: t, study: study, server: server, dir: dir}
}

// run runs a command as text and as JSON, and looks for the needle in all that it prints.
func (h *hostile) run(needle string, args ...string) (outs [2]string, codes [2]int) {
	h.t.Helper()
	for i, more := range [][]string{nil, {"--json"}} {
		outs[i], codes[i] = h.once(needle, append(args, more...)...)
	}
	return outs, codes
}

func (h *hostile) once(needle string, args ...string) (printed string, code int) {
	h.t.Helper()
	var out, problems bytes.Buffer
	code = run(args, &out, &problems)
	printed = out.String() + problems.String()
	require.Empty(h.t, leaktest.In(printed, needle), "%v\n%s", args, printed)
	return printed, code
}

func (h *hostile) write(text string) string {
	path := filepath.Join(h.dir, "in.json")
	require.NoError(h.t, os.WriteFile(path, []byte(text), 0o600))
	return path
}

// slippedFiles are inputs in which data of a subject stand where names belong.
func slippedFiles(needle string) map[string]string {
	text, _ := json.Marshal(needle)
	n := string(text)
	return map[string]string{
		"text": n, "object": `{` + n + `:` + n + `}`, "list": `[` + n + `]`, "item": `[{` + n + `:` + n + `}]`,
		"form key":        `[{"formKey":` + n + `,"subjectKey":"01-001","data":{"AETERM":"x"}}]`,
		"variable":        `[{"formKey":"AE","subjectKey":"01-001","data":{"AETERM":"x",` + n + `:"y"}}]`,
		"data":            `[{"formKey":"AE","subjectKey":"01-001","data":` + n + `}]`,
		"kind":            `[{"formKey":"AE","subjectKey":"01-001","kind":` + n + `,"data":{}}]`,
		"listed answer":   `[{"formKey":"AE","subjectKey":"01-001","data":{"AETERM":[` + n + `]}}]`,
		"number":          `[{"formKey":"DM","subjectKey":"01-001","data":{"AGE":` + n + `}}]`,
		"form id":         `[{"formId":` + n + `,"subjectKey":` + n + `,"data":{}}]`,
		"site name":       `[{"formKey":"DM","siteName":` + n + `,"data":{"AGE":5}}]`,
		"record id":       `[{"formKey":"AE","recordId":` + n + `}]`,
		"repeated member": `[{"formKey":"AE","data":{` + n + `:1,` + n + `:2}}]`,
		"cut":             `[{"formKey":"AE","subjectKey":"01-001","data":{"AETERM":"` + strings.Trim(n, `"`),
		"after an item":   `[{"formKey":"AE","intentKey":7,"data":{}}` + needle,
		"no JSON":         needle + "!",
		"third line":      strings.Repeat("\n", 3) + `[{"formKey":"AE",` + "\n" + n + `:"x"}]`,
	}
}

// TestNamesInAnInputAreNotRepeated gives `submit` files in which data of a subject stand where names
// belong: rows that have slipped, keys as headers, broken lines.
func TestNamesInAnInputAreNotRepeated(t *testing.T) {
	h := newHostile(t)
	leaktest.Sweep(slippedFiles, func(name, needle, file string) {
		path := h.write(file)
		for _, command := range [][]string{{"submit", "records", "OWN", path, "--dry-run"}, {"submit", "register", "OWN", path, "--dry-run"}, {"submit", "records", "OWN", path}, {"submit", "register", "OWN", path}} {
			if name == "site name" && command[1] == "records" {
				continue // a registration in good order, but for its site
			}
			_, codes := h.run(needle, command...)
			require.NotEqual(t, exitOK, codes[0], "%v %s", command, file)
		}
	})
	require.Empty(t, h.study.Submissions())
	path := h.write("[\n{\"formKey\": \"AE\", \"subjectKey\": \"01-001\",\n \"data\": {\n  \"AETERM\": \"x\",\n  \"AESER1\": \"y\"}},\n{\"formKy\": \"AE\"}]")
	outs, _ := h.run("AESER1", "submit", "records", "OWN", path)
	require.Contains(t, outs[0], "line 6, item 2: member 1 of the record is unknown; did you mean formKey or formId?")
	path = h.write("[\n{\"formKey\": \"AE\", \"subjectKey\": \"01-001\",\n \"data\": {\n  \"AETERM\": \"x\",\n  \"AESER1\": \"y\"}}]")
	outs, _ = h.run("AESER1", "submit", "records", "OWN", path)
	require.Contains(t, outs[0], "item 1 (line 2), form AE, member 2 of data, on line 5: unknown variable; did you mean AESER")
}

// TestAHostileServerIsNotShown runs every command that sends or follows against a server that says needles
// wherever it can, and looks for them in everything that is printed, unless they are asked for.
func TestAHostileServerIsNotShown(t *testing.T) {
	h := newHostile(t)
	asked := 0
	leaktest.Sweep(h.hostilities, func(what, needle string, set func()) {
		h.server.ClearFaults()
		h.study.SetJobPlan(imednettest.JobPlan{})
		require.NoError(t, os.RemoveAll(filepath.Join(h.dir, ".imednet")))
		text, _ := json.Marshal(needle)
		path := h.write(`[{"formKey":"AE","subjectKey":"01-001","data":{"AETERM":` + string(text) + `}},{"formKey":"AE","subjectKey":"01-001","data":{"AETERM":"more"}}]`)
		set()
		quick := []string{"--wait", "--interval", "1ms", "--timeout", "4ms", "--settle-delay", "1ms"}
		h.run(needle, append([]string{"submit", "records", "OWN", path}, quick...)...)
		outs, _ := h.run(needle, "submit", "list", "OWN")
		var listed []struct{ SubmissionID string }
		require.NoError(t, json.Unmarshal([]byte(outs[1]), &listed))
		h.run(needle, append([]string{"submit", "resume", "OWN"}, quick...)...)
		for _, s := range listed {
			outs, _ := h.run(needle, "submit", "show", "OWN", s.SubmissionID)
			if strings.Contains(outs[0], reasonHidden) {
				var out, problems bytes.Buffer
				run([]string{"submit", "show", "OWN", s.SubmissionID, "--show-server-messages"}, &out, &problems)
				require.NotEmpty(t, leaktest.In(out.String(), needle), "%s\n%s", what, &out)
				require.NotContains(t, out.String(), "\x1b")
				require.NotContains(t, out.String(), "\u202e")
				asked++
			}
			h.run(needle, append([]string{"submit", "settle", "OWN", s.SubmissionID}, quick...)...)
			h.run(needle, append([]string{"submit", "resend", "OWN", s.SubmissionID, "--refused"}, quick...)...)
			h.run(needle, "submit", "discard", "OWN", s.SubmissionID, "--reason", "dealt with")
		}
		for _, sub := range h.study.Submissions()[max(0, len(h.study.Submissions())-1):] {
			h.run(needle, "jobs", "wait", "OWN", sub.BatchID, "--results", "--interval", "1ms", "--timeout", "4ms")
		}
		h.run(needle, "jobs", "wait", "OWN", "x"+needle, "--results", "--interval", "1ms", "--timeout", "4ms")
		h.run(needle, "submit", "verify")
		h.study.FinishJobs()
	})
	require.Positive(t, asked, "what is hidden can be asked for")
}

// hostilities make the server hostile, each in its way.
func (h *hostile) hostilities(needle string) map[string]func() {
	text, _ := json.Marshal(needle)
	n := string(text)
	envelope := `{"metadata":{"status":` + n + `,"error":{"code":` + n + `,"description":` + n + `,"field":{"attribute":` + n + `,"value":` + n + `}}}}`
	polls := func(r imednettest.Request) bool { return strings.Contains(r.Path, "/jobs/") }
	posts := func(r imednettest.Request) bool { return r.Method == http.MethodPost }
	fault := func(match func(imednettest.Request) bool, status int, body string) func() {
		return func() {
			h.server.Inject(imednettest.Fault{Match: match, Times: -1, Status: status, Body: &body, Header: map[string]string{"Content-Type": "text/plain", "X-Note": "SMITH"}})
		}
	}
	plan := func(p imednettest.JobPlan) func() {
		return func() { h.study.SetJobPlan(p) }
	}
	all := map[string]func(){
		"refused one by one":    plan(imednettest.JobPlan{ShowResults: true, Reject: map[int]string{0: needle, 1: needle + " is unknown"}}),
		"a state":               plan(imednettest.JobPlan{States: []string{needle, "failed"}}),
		"a hanging state":       plan(imednettest.JobPlan{States: []string{needle}}),
		"results elsewhere":     plan(imednettest.JobPlan{ResultURL: "https://example.invalid/" + needle}),
		"results nowhere":       plan(imednettest.JobPlan{ResultURL: "/api/v1/edc/studies/SMITH/jobs/" + needle}),
		"strange results":       plan(imednettest.JobPlan{ShowResults: true, ResultText: `[{"index":0,"status":` + n + `,"message":` + n + `},{"index":1,"status":"FAILED","error":` + n + `}]`}),
		"a strange job":         fault(posts, 200, `{"jobId":`+n+`,"batchId":`+n+`,"state":`+n+`}`),
		"a strange poll":        fault(polls, 200, `{"batchId":`+n+`,"state":`+n+`}`),
		"a failed job":          fault(polls, 200, `{"state":"failed","message":`+n+`}`),
		"a refusal of a poll":   fault(polls, 400, envelope),
		"a page in place of it": fault(polls, 403, "<title>"+needle+"</title>"),
	}
	for _, status := range []int{200, 400, 404, 500} {
		all[fmt.Sprint("POST ", status)] = fault(posts, status, envelope)
		all[fmt.Sprint("POST as text ", status)] = fault(posts, status, needle)
	}
	return all
}

// TestAHostileServerIsNotShownByOtherCommands: whatever is asked of a server that only refuses.
func TestAHostileServerIsNotShownByOtherCommands(t *testing.T) {
	h := newHostile(t)
	shown := regexp.MustCompile(`--show-server-messages shows it`)
	leaktest.Sweep(refusals, func(what, needle string, r refusal) {
		h.server.ClearFaults()
		h.server.Inject(imednettest.Fault{Times: -1, Status: r.status, Body: &r.body})
		for _, args := range [][]string{
			{"studies"}, {"records", "list", "OWN", "--form", "AE"}, {"queries", "list", "OWN"}, {"queries", "counts", "OWN"}, {"structure", "show", "OWN"}, {"subject", "OWN", "01-001"},
			{"sync", "OWN"}, {"export", "OWN", "--dir", filepath.Join(h.dir, "out")}, {"profile", "OWN"}, {"warehouse", "ingest", "OWN"},
		} {
			if r.status == 200 { // the client asks again with pauses
				if args[0] == "studies" {
					out, code := h.once(needle, args...)
					require.NotContains(t, []int{exitOK, exitUsage}, code, "%s %s", what, out)
				}
				continue
			}
			if r.status != 400 && args[0] == "warehouse" && os.Getenv("IMEDNET_LONG") == "" {
				continue // a database is opened for each
			}
			outs, codes := h.run(needle, args...)
			require.NotContains(t, []int{exitOK, exitUsage}, codes[0], "%v %s %s", args, what, outs[0])
			if r.status == 400 && !strings.HasPrefix(r.body, `{"`) {
				require.Regexp(t, shown, outs[0], "%v", args)
				var out, problems bytes.Buffer
				run(append(args, "--show-server-messages"), &out, &problems)
				require.NotEmpty(t, leaktest.In(problems.String(), needle), "%v\n%s", args, &problems)
				require.NotContains(t, problems.String(), "\x1b")
			}
		}
	})
}

// refusal is the one answer of a server that only refuses.
type refusal struct {
	status int
	body   string
}

func refusals(needle string) map[string]refusal {
	text, _ := json.Marshal(needle)
	n := string(text)
	all := map[string]refusal{}
	for name, body := range map[string]string{
		"error": `{"metadata":{"status":` + n + `,"error":{"code":` + n + `,"description":` + n + `,"field":{"attribute":` + n + `,"value":` + n + `}}}}`,
		"row":   `{"metadata":{"timestamp":` + n + `},"pagination":{"totalElements":1,"size":500},"data":[{"recordId":` + n + `,"studyId":` + n + `,"siteId":` + n + `,"formId":` + n + `,"subjectId":` + n + `,"annotationId":` + n + `}]}`,
		"data":  `{"data":` + n + `}`,
		"text":  needle,
	} {
		for _, status := range []int{200, 400, 403, 404} {
			all[fmt.Sprint(name, status)] = refusal{status, body}
		}
	}
	return all
}
