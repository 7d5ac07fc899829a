package dictionary

import (
	"regexp/syntax"
	"slices"
	"strings"
)

// patternsOf are texts that match the regular expressions of a rule, the shortest of each.
func patternsOf(logic *Element) []string {
	var all []string
	logic.All(func(x, parent *Element) {
		if x.Name != "value" || parent == nil || parent.Name != "like" {
			return
		}
		pattern, err := syntax.Parse(x.Trimmed(), syntax.Perl)
		if text := ""; err == nil {
			if text = matching(pattern); text != "" && !slices.Contains(all, text) {
				all = append(all, text)
			}
		}
	})
	return all
}

// maxMatching bounds a text that is made for a pattern.
const maxMatching = 1000

// matching makes a text that a pattern matches, as far as one part of it does not exclude another.
func matching(p *syntax.Regexp) string {
	switch p.Op {
	case syntax.OpLiteral:
		return string(p.Rune)
	case syntax.OpCharClass:
		return oneOf(p.Rune)
	case syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		return "a"
	case syntax.OpCapture, syntax.OpPlus, syntax.OpAlternate:
		return matching(p.Sub[0])
	case syntax.OpRepeat:
		text := matching(p.Sub[0])
		return strings.Repeat(text, min(p.Min, maxMatching/max(1, len(text))))
	case syntax.OpConcat:
		var b strings.Builder
		for _, sub := range p.Sub {
			if b.Len() < maxMatching {
				b.WriteString(matching(sub))
			}
		}
		return b.String()
	}
	return "" // may be left out, or stands for a place
}

// oneOf is a letter or digit of a class where it has one, else its first character.
func oneOf(ranges []rune) string {
	for _, r := range "a0A1 " {
		for i := 0; i+1 < len(ranges); i += 2 {
			if ranges[i] <= r && r <= ranges[i+1] {
				return string(r)
			}
		}
	}
	if len(ranges) == 0 {
		return ""
	}
	return string(ranges[0])
}
