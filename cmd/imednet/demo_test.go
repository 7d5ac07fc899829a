package main

import (
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/rest"
)

// A demo plays the failures of a file, and refuses a file with one that it does not know.
func TestDemoPlaysFaults(t *testing.T) {
	s := newShell(t)
	s.write("faults.json", `{"faults": [{"path": "records", "skip": 1, "times": 2, "status": 502, "body": "<html>"}, {"path": "forms", "times": -1, "status": 403}],
		"settings": {"unknownStudyStatus": 404}, "rights": {"sites": [701]}}`)
	demo, url, err := startDemo("--study", "HARD", "--records", "600", "--faults", filepath.Join(s.dir, "faults.json"))
	require.NoError(t, err)
	defer func() { require.NoError(t, stopDemo(demo)) }()
	hard := newShell(t, "IMEDNET_BASE_URL="+url)
	out, problem := hard.run(exitOK, "sync", "HARD")
	require.Contains(t, problem, "HARD: sync 232 of 232", "the records of one site, in spite of a gateway that failed twice")
	require.Contains(t, out, "forms: left out: the keys may not read it (403)")

	s.write("faults.json", `{"faults": [{"pathh": "records"}]}`)
	_, problem = s.run(exitUsage, "demo", "--faults", filepath.Join(s.dir, "faults.json"))
	require.Contains(t, problem, "pathh")
	s.write("unknown.json", `{"rights": {"forms": ["NOFORM"]}}`)
	_, unknown := s.run(exitUsage, "demo", "--faults", filepath.Join(s.dir, "unknown.json"))
	require.Contains(t, unknown, `no study has the form "NOFORM"`)
	require.False(t, strings.Contains(problem, "export"))
}

// What fails before a request reaches the server is what a plain client makes of it, and a command works
// once the handshakes do.
func TestDemoPlaysFailingConnections(t *testing.T) {
	s := newShell(t)
	for name, c := range map[string]struct{ connection, says string }{
		"unknown authority": {`{"tls": "unknownAuthority"}`, "unknown authority"},
		"wrong host":        {`{"tls": "wrongHost"}`, "certificate"},
		"expired":           {`{"tls": "expired"}`, "certificate has expired"},
		"aborted":           {`{"tls": "aborted"}`, "EOF"},
		"unresolvable":      {`{"address": "unresolvable"}`, "imednet-demo.invalid"},
		"refused":           {`{"address": "refused"}`, "connection refused"},
	} {
		s.write("faults.json", `{"connection": `+c.connection+`}`)
		demo, announced, err := announcedDemo("--records", "60", "--faults", filepath.Join(s.dir, "faults.json"))
		require.NoError(t, err, name)
		_, err = http.Get(announced.BaseURL)
		require.ErrorContains(t, err, c.says, name)
		require.NoError(t, stopDemo(demo), name)
		if announced.Authority != "" {
			require.NoFileExists(t, announced.Authority, name)
		}
	}

	s.write("faults.json", `{"connection": {"tls": "aborted", "handshakes": 1}}`)
	demo, announced, err := announcedDemo("--records", "60", "--faults", filepath.Join(s.dir, "faults.json"))
	require.NoError(t, err)
	defer func() { require.NoError(t, stopDemo(demo)) }()
	user := newShell(t, "IMEDNET_BASE_URL="+announced.BaseURL, "SSL_CERT_FILE="+announced.Authority)
	user.alone = false // a process reads the authorities that it trusts once
	out, _ := user.run(exitOK, "queries", "counts", "DEMO")
	require.NotEmpty(t, out, "a handshake that was broken off is tried again")
}

// A demo is as strict as the server of the tests: a job that nobody polls stores nothing, and one that
// ended shows no results.
func TestDemoStoresWhenItIsPolled(t *testing.T) {
	demo, url, err := startDemo("--records", "60")
	require.NoError(t, err)
	defer func() { require.NoError(t, stopDemo(demo)) }()
	client, err := rest.New(imednettest.APIKey, imednettest.SecurityKey, rest.WithBaseURL(url))
	require.NoError(t, err)
	total := func() int64 {
		probe, err := client.ProbeRecords(t.Context(), "DEMO", imednet.Filter{})
		require.NoError(t, err)
		return probe.Total
	}
	before := total()
	job, err := client.SubmitRecords(t.Context(), "DEMO", []imednet.Submission{{FormKey: "LOG", SubjectKey: "01-001", Data: map[string]any{"LOGTXT": "x"}}}, imednet.SubmitOptions{})
	require.NoError(t, err)
	for range 20 {
		require.Equal(t, before, total())
	}
	for !job.Terminal() {
		job, err = client.Job(t.Context(), "DEMO", job.BatchID.Or(""))
		require.NoError(t, err)
	}
	require.True(t, job.Succeeded())
	require.NotEmpty(t, job.ResultURL.Or(""), "the one thing that the API does not promise")
	require.Equal(t, before+1, total())
}
