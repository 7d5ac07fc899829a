package dictionary

import (
	"html"
	"regexp"
	"strings"
)

var tag = regexp.MustCompile(`</?[a-zA-Z][^<>]*>`)

// plain is a cell with HTML in it as a reader sees it. A "<" that begins no tag stays.
func plain(text string) string {
	return strings.Join(strings.Fields(html.UnescapeString(tag.ReplaceAllString(text, " "))), " ")
}
