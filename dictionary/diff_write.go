package dictionary

import (
	"fmt"
	"io"
	"strings"
	"unicode"

	"github.com/imednetgo/imednet/internal/argument"
	"github.com/imednetgo/imednet/internal/changepage"
	"github.com/imednetgo/imednet/internal/plaintext"
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
	s = plaintext.Line(oneLine(s))
	if runes := []rune(s); len(runes) > 120 {
		s = string(runes[:119]) + "…"
	}
	return inMarkdown(s)
}

// marks are what Markdown, or a program that shows it, reads as more than text.
var marks = strings.NewReplacer(`\`, `\\`, "|", `\|`, "<", "&lt;", "&", "&amp;", "`", "\\`", "*", `\*`, "~", `\~`, "$", `\$`, "](", `]\(`)

// inMarkdown is a text that Markdown shows as it is. An underscore within a word is no mark.
func inMarkdown(s string) string {
	var b strings.Builder
	runes := []rune(marks.Replace(s))
	for i, r := range runes {
		if r == '_' && !(i > 0 && i < len(runes)-1 && inWord(runes[i-1]) && inWord(runes[i+1])) {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}

func inWord(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

// WriteHTML writes changes as one HTML page without scripts or external requests.
func WriteHTML(w io.Writer, changes []Change) error {
	if err := argument.Required("dictionary.WriteHTML", "w", w); err != nil {
		return err
	}
	page := changepage.Page{Title: "Design changes", Header: []string{"Action", "Effect", "Where"}}
	for _, c := range changes {
		effect := string(c.Effect)
		if c.Note != "" {
			effect += " (" + c.Note + ")"
		}
		page.Rows = append(page.Rows, changepage.Row{
			Breaking: c.Effect == Breaking, Cells: []string{string(c.Action), effect, c.Path}, Before: c.Old, After: c.New,
		})
	}
	return page.Write(w)
}
