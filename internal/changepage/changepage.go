// Package changepage writes a list of changes as one HTML page, for every comparison of designs.
package changepage

import (
	"html/template"
	"io"

	"github.com/imednetgo/imednet/internal/plaintext"
)

// Page is a table of changes. The last two cells of a row are the values before and after, whose line breaks
// and blanks are kept. Controls, and marks that turn the direction of writing, are replaced.
type Page struct {
	Title  string
	Header []string
	Rows   []Row
}

// Row is one change. A breaking one is set apart.
type Row struct {
	Breaking      bool
	Cells         []string
	Before, After string
}

var page = template.Must(template.New("changes").Funcs(template.FuncMap{"line": plaintext.Line, "lines": plaintext.Lines}).Parse(`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>{{.Title}}</title>
<style>
body{font:16px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:72rem;padding:0 1rem;color:#1a1a1a;background:#fff}
table{border-collapse:collapse;width:100%}caption{text-align:left;font-weight:600;padding:.5rem 0}
th,td{border-bottom:1px solid #ccc;padding:.4rem;text-align:left;vertical-align:top;overflow-wrap:anywhere}
.breaking{font-weight:700}pre{margin:0;white-space:pre-wrap;font:13px/1.4 ui-monospace,monospace}
@media(prefers-color-scheme:dark){body{color:#eee;background:#161616}th,td{border-color:#555}}
</style></head><body><main><h1>{{.Title}}</h1>
{{if not .Rows}}<p>No changes.</p>{{else}}<table><caption>{{len .Rows}} changes</caption>
<thead><tr>{{range .Header}}<th scope="col">{{.}}</th>{{end}}<th scope="col">Before</th><th scope="col">After</th></tr></thead><tbody>
{{range .Rows}}<tr{{if .Breaking}} class="breaking"{{end}}>{{range .Cells}}<td>{{line .}}</td>{{end}}<td><pre>{{lines .Before}}</pre></td><td><pre>{{lines .After}}</pre></td></tr>
{{end}}</tbody></table>{{end}}</main></body></html>
`))

// Write writes the page, which has no scripts and asks for nothing.
func (p Page) Write(w io.Writer) error { return page.Execute(w, p) }
