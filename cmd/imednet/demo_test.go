package main

import (
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
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
	out, _ := user.run(exitOK, "queries", "counts", "DEMO")
	require.NotEmpty(t, out, "a handshake that was broken off is tried again")
}
