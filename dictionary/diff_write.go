package dictionary

import (
	"fmt"
	"html/template"
	"io"
	"strings"

	"github.com/imednetgo/imednet/internal/argument"
)

// WriteMarkdown writes changes as a Markdown table.
func WriteMarkdown(w io.Writer, changes []Change) error {
	if err := argument.Required("dictionary.WriteMarkdown", "w", w); err != nil {
		return err
	}
	if _, err := fmt.Fprint(w, "| action | effect | where | before | after | note |\n| --- | --- | --- | --- | --- | --- |\n"); err != nil {
		return err
	}
	for _, c := range changes {
		if _, err := fmt.Fprintf(w, "| %s | %s | %s | %s | %s | %s |\n", c.Action, c.Effect, cellText(c.Path), cellText(c.Old), cellText(c.New), c.Note); err != nil {
			return err
		}
	}
	return nil
}

// cellText is a text that stays in one cell of a Markdown table.
func cellText(s string) string {
	s = oneLine(s)
	if runes := []rune(s); len(runes) > 120 {
		s = string(runes[:119]) + "…"
	}
	return strings.NewReplacer("|", `\|`, "<", "&lt;").Replace(s)
}

var diffPage = template.Must(template.New("diff").Parse(`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>Design changes</title>
<style>
body{font:16px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:72rem;padding:0 1rem;color:#1a1a1a;background:#fff}
table{border-collapse:collapse;width:100%}caption{text-align:left;font-weight:600;padding:.5rem 0}
th,td{border-bottom:1px solid #ccc;padding:.4rem;text-align:left;vertical-align:top;overflow-wrap:anywhere}
.breaking{font-weight:700}pre{margin:0;white-space:pre-wrap;font:13px/1.4 ui-monospace,monospace}
@media(prefers-color-scheme:dark){body{color:#eee;background:#161616}th,td{border-color:#555}}
</style></head><body><main><h1>Design changes</h1>
{{if not .}}<p>No changes.</p>{{else}}<table><caption>{{len .}} changes</caption>
<thead><tr><th scope="col">Action</th><th scope="col">Effect</th><th scope="col">Where</th><th scope="col">Before</th><th scope="col">After</th></tr></thead><tbody>
{{range .}}<tr class="{{.Effect}}"><td>{{.Action}}</td><td>{{.Effect}}{{if .Note}} ({{.Note}}){{end}}</td><td>{{.Path}}</td><td><pre>{{.Old}}</pre></td><td><pre>{{.New}}</pre></td></tr>
{{end}}</tbody></table>{{end}}</main></body></html>
`))

// WriteHTML writes changes as one HTML page without scripts or external requests.
func WriteHTML(w io.Writer, changes []Change) error {
	if err := argument.Required("dictionary.WriteHTML", "w", w); err != nil {
		return err
	}
	return diffPage.Execute(w, changes)
}
