package page

import (
	"html/template"
	"io"
	"strings"
	"unicode"
)

// Execute writes a page. Control characters of somebody else's texts, which no page may hold, are written as "·", which
// shows that something was there. What turns the direction of writing stays: pages isolate the texts that may have it.
func Execute(w io.Writer, layout *template.Template, view any) error {
	return layout.Execute(visible{w}, view)
}

// visible writes texts of whole characters, as templates do.
type visible struct{ w io.Writer }

func (v visible) Write(text []byte) (int, error) {
	if _, err := io.WriteString(v.w, strings.Map(shown, string(text))); err != nil {
		return 0, err
	}
	return len(text), nil
}

func shown(r rune) rune {
	if r == '\n' || r == '\t' || r == '\r' || !unicode.IsControl(r) {
		return r
	}
	return '·'
}
