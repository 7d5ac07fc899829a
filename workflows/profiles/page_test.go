package profiles_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/internal/browsertest"
	"github.com/imednetgo/imednet/internal/studytest"
	"github.com/imednetgo/imednet/workflows/profiles"
)

func reportOf(t *testing.T, profile *profiles.StudyProfile, opts profiles.PageOptions) string {
	t.Helper()
	var page bytes.Buffer
	require.NoError(t, profile.WriteHTML(&page, opts))
	return page.String()
}

func TestReportIsSelfContained(t *testing.T) {
	profile := profileOf(t, studytest.Generated(imednettest.GenerateOptions{Records: 500}).Client(), "DEMO", profiles.Options{})
	page := reportOf(t, profile, profiles.PageOptions{})
	assert.NotContains(t, page, "<script")
	assert.NotRegexp(t, regexp.MustCompile(`(?i)(src|href)="(https?:|//)`), page)
	assert.NotRegexp(t, regexp.MustCompile(`(?i)@import|url\(`), page)
	assert.NotContains(t, page, "ZgotmplZ", "no value that the template engine refused")
	assert.Contains(t, page, "Content-Security-Policy")
	for _, f := range profile.Forms {
		assert.Contains(t, page, ">"+f.FormKey+"<")
	}
}

func TestReportOfHighContrast(t *testing.T) {
	profile := profileOf(t, studytest.Generated(imednettest.GenerateOptions{Records: 50}).Client(), "DEMO", profiles.Options{})
	assert.Contains(t, reportOf(t, profile, profiles.PageOptions{HighContrast: true}), `<html lang="en" class="contrast">`)
	page := reportOf(t, profile, profiles.PageOptions{})
	assert.Contains(t, page, `<html lang="en">`)
	assert.Contains(t, page, "prefers-contrast", "a reader's own setting is heeded")
}

func TestReportEscapesWhatTheStudySays(t *testing.T) {
	field := `<img src=x onerror=alert(1)>`
	d := studytest.DesignClient{Design: studytest.Design{Forms: []imednet.Form{studytest.Form(1, "F")}, Variables: []imednet.Variable{studytest.Variable(1, field, "TEXT", "F", imednet.Some(int64(1)))}}}
	records := []imednet.Record{recordWith(t, 1, `{"<img src=x onerror=alert(1)>":"</style><script>alert(2)</script>"}`)}
	profile := profileOf(t, studytest.EmptySource{DesignClient: d}, "S", profiles.Options{Records: studytest.RowsOf(records), ShowValues: true})
	page := reportOf(t, profile, profiles.PageOptions{Title: "<b>Title</b>"})
	assert.NotContains(t, page, "<img")
	assert.NotContains(t, page, "<script")
	assert.NotContains(t, page, "<b>Title</b>")
	assert.Contains(t, page, "&lt;script&gt;alert(2)")
}

func TestReportOpensInABrowser(t *testing.T) {
	shot := filepath.Join(t.TempDir(), "report.png")
	seen := browsertest.Open(t, `<img src="http://page.invalid/x.png"><script>console.error("control")</script>`, shot)
	require.Len(t, seen.Console, 1, "the check sees what a page logs")
	require.Equal(t, []string{"http://page.invalid/x.png"}, seen.Requests, "the check sees what a page asks for")

	before := profileOf(t, studytest.Generated(imednettest.GenerateOptions{Records: 300}).Client(), "DEMO", profiles.Options{})
	profile := profileOf(t, studytest.Generated(imednettest.GenerateOptions{Records: 1000}).Client(), "DEMO", profiles.Options{ShowValues: true})
	drift, err := profiles.Compare(before, profile, profiles.DriftOptions{})
	require.NoError(t, err)
	seen = browsertest.Open(t, reportOf(t, profile, profiles.PageOptions{Drift: drift}), shot)
	assert.Empty(t, seen.Console)
	assert.Empty(t, seen.Requests)
	picture, err := os.Stat(shot)
	require.NoError(t, err)
	assert.Greater(t, picture.Size(), int64(20_000), "the page was drawn")
}

func TestThePageShowsEverySite(t *testing.T) {
	profile := profileOf(t, studytest.Generated(imednettest.GenerateOptions{Records: 9000, Sites: 83, Subjects: 800}).Client(), "DEMO", profiles.Options{})
	page := reportOf(t, profile, profiles.PageOptions{})
	heat := page[strings.Index(page, `<section id="sites">`):strings.Index(page, `<section id="f0">`)]
	for _, site := range profile.Sites {
		if site.SiteID != 0 && site.Records > 0 {
			assert.Equal(t, 1, strings.Count(heat, "<tr><th>"+site.SiteName+"</th>"), site.SiteName)
		}
	}
	assert.Contains(t, heat, "all 83 sites with records")
	assert.Regexp(t, `data-t="Site 0\d, DM: [\d.]+ % of \d+ records?"`, heat, "a cell says what it counts when it is touched")
	assert.Contains(t, heat, "rgba(200,90,10,0.00)", "the best site of a form is plain")
	assert.Contains(t, heat, "rgba(200,90,10,0.60)", "the shades reach from the best to the worst")
	assert.Contains(t, page, "no figure or date that stands for fewer than 11 subjects")
	assert.NotContains(t, page, "dd { margin: 0; text-align: right; font-variant-numeric: tabular-nums; overflow: hidden", "precisions are not cut")
}

// A study of many forms has several tables of sites, each as wide as a page.
func TestThePagePartsWideTablesOfSites(t *testing.T) {
	var d studytest.Design
	var records []imednet.Record
	for f := int64(1); f <= 45; f++ {
		key := fmt.Sprintf("F%02d", f)
		d.Forms = append(d.Forms, studytest.Form(f, key))
		d.Variables = append(d.Variables, studytest.Variable(f, "V", "TEXT", key, imednet.Some(f)))
		r := answer(f, f, `"x"`)
		r.FormID, r.FormKey = imednet.Some(f), imednet.Some(key)
		records = append(records, r)
	}
	profile := profileOf(t, studytest.EmptySource{DesignClient: studytest.DesignClient{Design: d}}, "S", profiles.Options{Records: studytest.RowsOf(records)})
	page := reportOf(t, profile, profiles.PageOptions{})
	tables := strings.Split(page, `<table class="heat">`)[1:]
	require.Len(t, tables, 3)
	for i, want := range []int{20, 20, 5} {
		head, _, _ := strings.Cut(tables[i], "</thead>")
		assert.Equal(t, want, strings.Count(head, "<th><span>"), "table %d", i)
	}
}

// TestAProfileIsAccessible checks the page by the rules of WCAG 2.1 AA.
func TestAProfileIsAccessible(t *testing.T) {
	profile := profileOf(t, studytest.Generated(imednettest.GenerateOptions{Records: 1000}).Client(), "DEMO", profiles.Options{})
	page := reportOf(t, profile, profiles.PageOptions{})
	assert.Empty(t, browsertest.Violations(t, page, ""))
	assert.Empty(t, browsertest.Violations(t, page, "", "--blink-settings=preferredColorScheme=0"), "dark")
}
