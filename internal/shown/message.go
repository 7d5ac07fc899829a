package shown

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
)

// messages are what the API, its gateway and package imednettest are known to say (API contract,
// sections 1 and 8). A slot in braces is a word of the server's: of a {member} it is shown if a
// submission has it, of a {variable} if the caller knows it. Whatever a server says otherwise can
// be anybody's name.
var messages = []string{
	"Request contains an invalid value",
	"Not authorized to retrieve this data",
	"Resource not found",
	"Request limit exceeded",
	"Limit Exceeded",
	"Unknown error",
	"Endpoint request timed out",
	"Missing Authentication Token",

	"{member} is unknown",
	"{member} is missing",
	"the form is disabled",
	"a site form has no subject",
	"a site form registers no subject",
	"the site is closed",
	"the subject is deleted",
	"the record is deleted",
	"the record is of another form",
	"the record has another {member}",
	"an interval needs a subject",
	"neither subject nor site is given",
	"variable {variable} is not on the form",
	"variable {variable}: Value must be numeric",
	"variable {variable}: Value must be a boolean",
	"variable {variable}: Value must be a date of the form YYYY-MM-DD",
	"variable {variable}: Value must be a date, or the known part of one",
	"variable {variable}: Value must be text",
}

// message is one of them, ready to be compared.
type message struct {
	pattern *regexp.Regexp
	slots   []string
	format  string
}

var slot = regexp.MustCompile(`\{(\w+)\}`)

// catalogue is made when a message is first looked up: most programs never do.
var catalogue = sync.OnceValue(func() []message {
	var out []message
	texts := slices.Clone(messages)
	for status := 400; status < 600; status++ {
		if text := http.StatusText(status); text != "" {
			texts = append(texts, text)
		}
	}
	for _, text := range texts {
		m := message{format: slot.ReplaceAllString(text, "%s")}
		for _, found := range slot.FindAllStringSubmatch(text, -1) {
			m.slots = append(m.slots, found[1])
		}
		fixed := strings.Split(m.format, "%s")
		for i := range fixed {
			fixed[i] = regexp.QuoteMeta(fixed[i])
		}
		m.pattern = regexp.MustCompile(`(?is)\A` + strings.Join(fixed, `(.+)`) + `\.?\z`)
		out = append(out, m)
	}
	return out
})

// longestMessage is the length from which on nothing is looked up.
const longestMessage = 500

// Message is what a server said, if it is known to hold no data: one of the messages that are known,
// with every word in it that is not known replaced. isVariable says which names of variables are
// known; nil is none. ok is false of anything else, which is not shown.
func Message(text string, isVariable func(string) bool) (shown string, ok bool) {
	text = strings.TrimSpace(text)
	if len(text) > longestMessage {
		return "", false
	}
	for _, m := range catalogue() {
		found := m.pattern.FindStringSubmatch(text)
		if found == nil {
			continue
		}
		words := make([]any, len(m.slots))
		for i, kind := range m.slots {
			words[i] = slotWord(kind, found[i+1], isVariable)
		}
		return fmt.Sprintf(m.format, words...), true
	}
	return "", false
}

func slotWord(kind, text string, isVariable func(string) bool) string {
	if kind == "member" {
		return Parameter(text, nil)
	}
	if isVariable != nil && isVariable(text) {
		return text
	}
	return Hidden
}
