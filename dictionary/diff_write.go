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
		before, after := cellTexts(c.Old, c.New)
		if _, err := fmt.Fprintf(w, "| %s | %s | %s | %s | %s | %s |\n", c.Action, c.Effect, cellText(c.Path), before, after, c.Note); err != nil {
			return err
		}
	}
	return nil
}

const (
	cellRunes   = 120 // the most that a cell of a Markdown table shows
	cellContext = 30  // shown before a difference
)

// cellText is a text that stays in one cell of a Markdown table.
func cellText(s string) string { return inMarkdown(window(cellLine(s), 0)) }

// cellTexts are two texts as cells. Of long ones they begin shortly before the difference.
func cellTexts(before, after string) (string, string) {
	a, b := cellLine(before), cellLine(after)
	from := 0
	if n := commonPrefix(a, b); max(len(a), len(b)) > cellRunes && n < max(len(a), len(b)) {
		from = max(0, n-cellContext)
	}
	return inMarkdown(window(a, from)), inMarkdown(window(b, from))
}

func cellLine(s string) []rune { return []rune(plaintext.Line(oneLine(s))) }

// window is what a cell shows of a text from a place on.
func window(text []rune, from int) string {
	shown, before, behind := text[from:], "", ""
	if from > 0 {
		before = "…"
	}
	if len(shown) > cellRunes {
		shown, behind = shown[:cellRunes-1], "…"
	}
	return before + string(shown) + behind
}

func commonPrefix(a, b []rune) int {
	n := 0
	for n < min(len(a), len(b)) && a[n] == b[n] {
		n++
	}
	return n
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
