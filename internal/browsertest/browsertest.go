// Package browsertest opens pages in a headless Chromium, for tests of pages. Tests are skipped where
// Chromium, or axe-core, is not installed.
package browsertest

import (
	"bytes"
	"context"
	"encoding/json"
	"html"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Seen is what a browser saw of a page.
type Seen struct {
	Console  []string // lines that the page logged
	Requests []string // URLs that the page itself asked for
}

// Open opens a page without network and draws it into a file. What the browser asks for of its own accord
// has no page as its origin and does not count.
func Open(t *testing.T, page, screenshot string) Seen {
	t.Helper()
	dir := t.TempDir()
	netLog := filepath.Join(dir, "net.json")
	_, log := run(t, dir, page, "", "--enable-logging=stderr", "--log-net-log="+netLog, "--window-size=1200,1600", "--screenshot="+screenshot)
	var seen Seen
	for line := range strings.Lines(log) {
		if strings.Contains(line, ":CONSOLE:") {
			seen.Console = append(seen.Console, line)
		}
	}
	text, err := os.ReadFile(netLog)
	require.NoError(t, err)
	var events struct {
		Events []struct {
			Params struct{ Initiator, URL string }
		}
	}
	require.NoError(t, json.Unmarshal(text, &events))
	for _, e := range events.Events {
		if e.Params.URL != "" && e.Params.Initiator != "" && e.Params.Initiator != "not an origin" {
			seen.Requests = append(seen.Requests, e.Params.URL)
		}
	}
	return seen
}

// run opens a page, with a fragment, and returns what the browser printed.
func run(t *testing.T, dir, page, fragment string, flags ...string) (out, log string) {
	t.Helper()
	path, err := exec.LookPath("chromium")
	if err != nil {
		t.Skip("chromium is not installed: the page was not opened in a browser")
	}
	file := filepath.Join(dir, "page.html")
	require.NoError(t, os.WriteFile(file, []byte(page), 0o600))
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Second)
	defer cancel()
	all := append([]string{"--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
		"--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
		"--host-resolver-rules=MAP * ~NOTFOUND", "--user-data-dir=" + filepath.Join(dir, "user")}, flags...)
	browser := exec.CommandContext(ctx, path, append(all, "file://"+file+fragment)...)
	var stdout, stderr bytes.Buffer
	browser.Stdout, browser.Stderr = &stdout, &stderr
	require.NoError(t, browser.Run(), stderr.String())
	return stdout.String(), stderr.String()
}

var policy = regexp.MustCompile(`<meta http-equiv="Content-Security-Policy"[^>]*>`)

const result = "browsertest-result"

// Run runs a script in a page, at a fragment such as "#rows", and returns what it passes to done, as JSON.
// The page's content security policy is taken away, because it forbids the script.
func Run(t *testing.T, page, fragment, script string, into any, flags ...string) {
	t.Helper()
	page = policy.ReplaceAllLiteralString(page, "")
	require.Contains(t, page, "</body>")
	page = strings.Replace(page, "</body>", `<script>function done(v) { var e = document.createElement('template'); e.id = '`+result+`'; e.setAttribute('data-json', JSON.stringify(v)); document.body.appendChild(e); }`+
		strings.ReplaceAll(script, "</script", `<\/script`)+`</script></body>`, 1)
	dom, log := run(t, t.TempDir(), page, fragment, append([]string{"--virtual-time-budget=60000", "--dump-dom", "--enable-logging=stderr"}, flags...)...)
	found := regexp.MustCompile(`id="` + result + `" data-json="([^"]*)"`).FindStringSubmatch(dom)
	require.NotNil(t, found, "the script did not end: %s", log)
	require.NoError(t, json.Unmarshal([]byte(html.UnescapeString(found[1])), into))
}

// Violation is a rule of accessibility that a page breaks, and where.
type Violation struct {
	ID    string   `json:"id"`
	Where []string `json:"where"`
}

// Violations checks a page with axe-core by the rules of WCAG 2.1 A and AA. IMEDNET_AXE names the file
// axe.min.js; without it the test is skipped.
func Violations(t *testing.T, page, fragment string, flags ...string) []Violation {
	t.Helper()
	path := os.Getenv("IMEDNET_AXE")
	if path == "" {
		t.Skip("IMEDNET_AXE names no axe.min.js: the page's accessibility was not checked")
	}
	axe, err := os.ReadFile(path)
	require.NoError(t, err)
	var found []Violation
	Run(t, page, fragment, string(axe)+`
;axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa']}).then(function (r) {
  done(r.violations.map(function (v) { return {id: v.id, where: v.nodes.map(function (n) { return n.target.join(' ') + ' ' + n.html.slice(0, 120) + ' ' + (n.failureSummary || ''); })}; }));
}, function (e) { done([{id: 'axe failed', where: [String(e)]}]); });`, &found, flags...)
	return found
}
