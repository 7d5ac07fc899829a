package report

import (
	_ "embed"
	"errors"
	"fmt"
	"html/template"
	"io"
	"net/url"
	"strconv"

	"github.com/imednetgo/imednet/internal/argument"
	"github.com/imednetgo/imednet/internal/page"
)

var (
	//go:embed page.html
	pageText string
	//go:embed page.js
	pageScript string
)

// PageOptions configures [Report.WriteHTML].
type PageOptions struct {
	// Title is the title of the page; the default is "Study report".
	Title string
	// HighContrast uses black on white without greys. By default the page follows the reader's
	// settings, including dark mode and increased contrast.
	HighContrast bool
}

// WriteHTML writes the report as one self-contained HTML page. Its content security policy allows its
// own script, by hash, and forbids every request. Each number links to the rows behind it, which are
// drawn when it is followed. The page is readable on a phone, in dark mode, in print, by keyboard and
// with a screen reader, and without scripts but for sorting and rows. It shows subjects' data only if the
// report holds them ([Options.ShowValues]).
func (r *Report) WriteHTML(w io.Writer, opts PageOptions) error {
	if err := errors.Join(argument.Required("report.WriteHTML", "r", r), argument.Required("report.WriteHTML", "w", w)); err != nil {
		return err
	}
	layout, err := page.Parse("report", pageText)
	if err != nil {
		return failed("write a page", err)
	}
	view, err := newPageView(r, opts)
	if err != nil {
		return failed("write a page", err)
	}
	if err := page.Execute(w, layout, view); err != nil {
		return failed("write a page", err)
	}
	return nil
}

// pageView is what the page shows, ready to print.
type pageView struct {
	Title, StudyKey, AsOf, MadeAt, Program, Privacy string
	Policy                                          string
	HighContrast                                    bool
	Facts, Definitions                              []pair
	Gaps                                            []string
	Tiles                                           []tile
	Sections                                        []section

	SitesLead     string
	Sites         []siteView
	EnrolmentLead string
	Enrolment     *enrolmentView
	VisitsLead    string
	Intervals     []intervalView
	QueriesLead   string
	Ages          []countView
	QueryForms    []queryView
	VarsLead      string
	QueryVars     []queryView
	EntryLead     string
	Entry         []entryView
	MissingTitle  string
	MissingLead   string
	Required      bool
	Missing       []missingView
	EventsKnown   bool
	EventsLead    string
	Events        []eventView
	ReviewKnown   bool
	ReviewLead    string
	Review        []countView
	DesignKnown   bool
	DesignLead    string
	Design        []countView

	Data, Script template.JS
}

type pair struct{ Name, Value string }

type section struct{ Anchor, Name string }

type tile struct {
	Num        num
	Name, More string
	Alert      bool
}

// num is a number, with the link to its rows and the value that a table sorts by.
type num struct {
	Text, Href, Value string
	Few, Bad          bool
}

// countView is a line of a table of counts.
type countView struct {
	Name, Kind string
	Count      num
	Meter      page.Meter
}

// plain is a number without rows.
func plain(n int64) num { return num{Text: page.Number(n), Value: strconv.FormatInt(n, 10)} }

// linked is a number that leads to the rows of a table which have these values, given as column and
// value in turn; a column that is given twice has either.
func linked(n int64, table string, filters ...string) num {
	v := plain(n)
	if n == 0 {
		return v
	}
	v.Href = rowsLink(table, n, filters...)
	return v
}

func rowsLink(table string, n int64, filters ...string) string {
	values := url.Values{"n": {strconv.FormatInt(n, 10)}}
	for i := 0; i < len(filters); i += 2 {
		values.Add(filters[i], filters[i+1])
	}
	return "#rows/" + table + "?" + values.Encode()
}

// warned marks a number that is not 0.
func (n num) warned() num {
	n.Bad = n.Text != "0"
	return n
}

// daysText is a median or percentile; nil is one of too few subjects, or of none.
func daysText(d Days, of *float64, href string) num {
	switch {
	case d.Count == 0:
		return num{Text: "–", Value: "-2"}
	case of == nil:
		return num{Text: "too few", Value: "-1", Few: true}
	}
	text := strconv.FormatFloat(*of, 'f', 1, 64)
	if d.Approximate {
		text = "≈ " + text
	}
	return num{Text: text, Value: strconv.FormatFloat(*of, 'f', 4, 64), Href: href}
}

// rateText is the share of answers, with a link to the blank ones.
func rateText(c Cells, filters ...string) num {
	rate, some := c.Rate()
	if !some {
		return num{Text: "–", Value: "-1"}
	}
	return num{Text: page.Rate(rate), Value: fmt.Sprintf("%.6f", rate), Href: rowsLink("cells", c.Blank, filters...)}
}
