package report_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/browsertest"
	"github.com/imednetgo/imednet/workflows/report"
)

// dark makes Chromium prefer dark pages.
const dark = "--blink-settings=preferredColorScheme=0"

func TestThePageOpensInABrowser(t *testing.T) {
	shot := filepath.Join(t.TempDir(), "page.png")
	seen := browsertest.Open(t, `<img src="http://page.invalid/x.png"><script>console.error("control")</script>`, shot)
	require.Len(t, seen.Console, 1, "the check sees what a page logs")
	require.Equal(t, []string{"http://page.invalid/x.png"}, seen.Requests, "the check sees what a page asks for")

	seen = browsertest.Open(t, pageOf(t, generated(t, report.Options{AdverseEvents: []report.AdverseEventForm{{FormKey: "AE"}}})), shot)
	assert.Empty(t, seen.Console, "the policy allows the page's own script")
	assert.Empty(t, seen.Requests)
	picture, err := os.Stat(shot)
	require.NoError(t, err)
	assert.Greater(t, picture.Size(), int64(20_000), "the page was drawn")
}

// TestThePageIsAccessible checks the page, and the rows behind a number, by the rules of WCAG 2.1 AA.
func TestThePageIsAccessible(t *testing.T) {
	control := browsertest.Violations(t, `<!DOCTYPE html><html><body><img src="data:,"></body></html>`, "")
	require.NotEmpty(t, control, "the check finds what is wrong")
	page := pageOf(t, generated(t, report.Options{AdverseEvents: []report.AdverseEventForm{{FormKey: "AE"}}}))
	for name, flags := range map[string][]string{"light": nil, "dark": {dark}, "phone": {"--window-size=500,900"}} {
		assert.Empty(t, browsertest.Violations(t, page, "", flags...), name)
		assert.Empty(t, browsertest.Violations(t, page, "#rows/queries?state=open&n=10", flags...), "rows, %s", name)
	}
	assert.Empty(t, browsertest.Violations(t, pageOf(t, build(t, &fake{}, "S", now, report.Options{})), ""), "empty study")
}

// TestRowsAndSortingWork follows a number and sorts tables, with the page's own script.
func TestRowsAndSortingWork(t *testing.T) {
	built := generated(t, report.Options{MaxRows: 50})
	var got struct {
		Open, Closed   bool
		About, More    string
		Rows           int
		First, Last    string
		Sort           string
		Before, After  []string
		Bad            bool
		FocusInDialog  bool
		FocusAfter     bool
		ButtonsInHeads int
	}
	browsertest.Run(t, pageOf(t, built), "", `
	var sites = document.querySelector('table.sites');
	var names = function () { return Array.prototype.map.call(sites.tBodies[0].rows, function (r) { return r.cells[0].textContent; }); };
	var out = {Before: names()};
	var button = sites.tHead.rows[0].cells[0].querySelector('button');
	button.click(); button.click();
	out.After = names();
	out.Sort = sites.tHead.rows[0].cells[0].getAttribute('aria-sort');
	out.ButtonsInHeads = sites.tHead.querySelectorAll('button').length;
	var link = document.querySelector('a[href*="#rows/queries?"][href*="state=open"]');
	link.focus(); link.click();
	var dialog = document.getElementById('rows'), table = document.getElementById('rows-table');
	out.Open = dialog.open;
	out.FocusInDialog = dialog.contains(document.activeElement);
	out.About = document.getElementById('rows-about').textContent;
	out.Rows = table.tBodies[0].rows.length;
	document.getElementById('rows-close').click();
	out.Closed = !dialog.open;
	out.FocusAfter = document.activeElement === link;
	location.hash = '#rows/constructor?n=1';
	out.Bad = dialog.open;
	done(out);`, &got)
	assert.True(t, got.Open)
	assert.True(t, got.FocusInDialog)
	assert.True(t, got.Closed)
	assert.True(t, got.FocusAfter, "the focus returns to the number")
	assert.False(t, got.Bad, "a link to no table opens nothing")
	assert.Equal(t, 50, got.Rows)
	assert.Regexp(t, `^State: open — 50 queries in 50 rows\. \d+ more are not listed: this page keeps up to 50 rows a table`, got.About)
	assert.Equal(t, "descending", got.Sort)
	assert.Equal(t, 12, got.ButtonsInHeads)
	require.Len(t, got.After, len(got.Before))
	for i, name := range got.Before {
		assert.Equal(t, name, got.After[len(got.After)-1-i])
	}
}

// TestNamesCannotRunInABrowser opens a page of hostile names and its rows: nothing of them runs, and they are
// shown as they are.
func TestNamesCannotRunInABrowser(t *testing.T) {
	name := `</script><script>window.ran = 1</script><img src=x onerror="window.ran = 2">` + "\u202e'\"&"
	f := small()
	f.sites[0].SiteName, f.forms[0].FormName, f.variables[0].Label = imednet.Some(name), imednet.Some(name), imednet.Some(name)
	q := openQuery(1, "2024-01-01 00:00:00")
	q.Description = imednet.Some(name)
	f.queries = []imednet.Query{q}
	f.records = []imednet.Record{event(1, `{}`)}
	var got struct {
		Ran        any
		Site, Text string
	}
	browsertest.Run(t, pageOf(t, build(t, f, "S", now, report.Options{ShowValues: true})), "#rows/queries?state=open&n=1", `
	var cells = Array.prototype.map.call(document.querySelectorAll('#rows-table tbody td'), function (c) { return c.textContent; });
	done({Ran: window.ran, Site: document.querySelector('.sites tbody th').textContent, Text: cells[cells.length - 2]});`, &got)
	assert.Nil(t, got.Ran)
	assert.Equal(t, name, got.Site)
	assert.Equal(t, name, got.Text)
}
