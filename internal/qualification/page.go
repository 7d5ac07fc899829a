package qualification

import (
	"bytes"
	_ "embed"

	"github.com/imednetgo/imednet/internal/page"
)

//go:embed page.html
var pageText string

// view is what the page shows of a report.
type view struct {
	*Report
	Started, Ended string
	Shown          int
	Parts          []part
}

// part is a section of results.
type part struct {
	Anchor, Title string
	Results       []Result
}

// page is the report for people.
func (r *Report) page() ([]byte, error) {
	t, err := page.Parse("qualification", pageText)
	if err != nil {
		return nil, err
	}
	var text bytes.Buffer
	err = page.Execute(&text, t, view{r, page.Time(r.StartedAt), page.Time(r.EndedAt), r.count(Passed), []part{
		{"installation", "Installation", r.Installation}, {"operation", "Operation", r.Operation}}})
	return text.Bytes(), err
}
