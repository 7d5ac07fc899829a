// Package page is the common home of the pages that workflows write: their styles (light, dark, high
// contrast, phone, print), their plots, and how they write numbers and times.
package page

import (
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"html/template"
)

//go:embed shared.html
var shared string

// Parse returns the template of a page, which may use the shared templates "head" (what a page's head
// begins with; its argument is [Policy] of the page's script, or "") and "meter" (of a [Meter]).
func Parse(name, text string) (*template.Template, error) {
	t, err := template.New(name).Parse(shared)
	if err != nil {
		return nil, err
	}
	return t.Parse(text)
}

// Policy is what the content security policy of a page adds to run this script, and no other. Without
// it a page runs none. No page may send or fetch anything.
func Policy(script string) string {
	sum := sha256.Sum256([]byte(script))
	return "; script-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}
