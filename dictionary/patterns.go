package dictionary

import (
	"regexp"
	"sync"
)

// maxPatterns bounds the regular expressions that are kept.
const maxPatterns = 256

// patterns are regular expressions that were read before.
type patterns struct {
	mu    sync.Mutex
	known map[string]*regexp.Regexp // nil for one that cannot be read
}

// compiled is a regular expression; ok is false for one that RE2 does not know.
func (p *patterns) compiled(text string) (r *regexp.Regexp, ok bool) {
	if p == nil {
		r, err := regexp.Compile(text)
		return r, err == nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	r, known := p.known[text]
	if !known {
		r, _ = regexp.Compile(text)
		if p.known == nil || len(p.known) == maxPatterns {
			p.known = map[string]*regexp.Regexp{}
		}
		p.known[text] = r
	}
	return r, r != nil
}
