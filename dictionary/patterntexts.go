package dictionary

import (
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"
	"unicode"
)

const (
	maxMatching = 1000 // bytes of a text that is made for a pattern
	maxTexts    = 600  // texts that are tried for a pattern
)

// textsFor are texts that tell a regular expression from others with one change: first one that it matches, if one is
// found, then one that it does not, then what tells more of the others apart.
func textsFor(pattern string) []string {
	own, err := regexp.Compile(pattern)
	parsed, errParsed := syntax.Parse(pattern, syntax.Perl)
	if err != nil || errParsed != nil {
		return nil
	}
	texts := textsOf(parsed)
	for _, junk := range []string{"x", "0", " "} {
		texts = append(texts, texts[0]+junk, junk+texts[0])
	}
	texts = slices.DeleteFunc(texts, func(text string) bool { return strings.ContainsFunc(text, doubtful) })
	slices.SortStableFunc(texts, func(a, b string) int { return spaceAround(a) - spaceAround(b) })
	var kept []string
	for _, matches := range []bool{true, false} {
		if i := slices.IndexFunc(texts, func(text string) bool { return text != "" && own.MatchString(text) == matches }); i >= 0 {
			kept = append(kept, texts[i])
		}
	}
	for _, other := range otherPatterns(pattern, parsed) {
		built, err := regexp.Compile(other)
		if err != nil {
			continue
		}
		tells := func(text string) bool { return text != "" && own.MatchString(text) != built.MatchString(text) }
		if slices.ContainsFunc(kept, tells) {
			continue
		}
		if i := slices.IndexFunc(texts, tells); i >= 0 {
			kept = append(kept, texts[i])
		} else if text, ok := firstText(other, tells); ok {
			kept = append(kept, text)
		}
	}
	return kept
}

// firstText is the first of the texts that another pattern suggests which tells it apart.
func firstText(other string, tells func(string) bool) (string, bool) {
	parsed, err := syntax.Parse(other, syntax.Perl)
	if err != nil {
		return "", false
	}
	texts := textsOf(parsed)
	i := slices.IndexFunc(texts, func(text string) bool { return tells(text) && !strings.ContainsFunc(text, doubtful) })
	if i < 0 {
		return "", false
	}
	return texts[i], true
}

// doubtful reports whether a character is no part of an answer, or a letter that some regular expressions take for one of ASCII in the
// other case, and others do not: the long s, the Kelvin sign, and i with or without its dot.
func doubtful(r rune) bool {
	return unicode.IsControl(r) || strings.ContainsRune("\u017F\u212A\u0130\u0131", r)
}

// spaceAround is 1 for a text with white space around it, of which less is decided, and 0 for others.
func spaceAround(text string) int {
	if strings.TrimSpace(text) != text {
		return 1
	}
	return 0
}

// textsOf are a text that a pattern matches, as far as one part of it does not exclude another, and texts in each of
// which one part is a little otherwise.
func textsOf(p *syntax.Regexp) []string {
	switch p.Op {
	case syntax.OpLiteral:
		return literalTexts(p.Rune)
	case syntax.OpCharClass:
		return classTexts(p.Rune)
	case syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		return append([]string{"a", "0", ".", ""}, usualCharacters...)
	case syntax.OpCapture:
		return textsOf(p.Sub[0])
	case syntax.OpStar, syntax.OpPlus, syntax.OpQuest, syntax.OpRepeat:
		return repeatedTexts(p)
	case syntax.OpConcat:
		return joinedTexts(p.Sub)
	case syntax.OpAlternate:
		var all []string
		for _, sub := range p.Sub {
			all = append(all, textsOf(sub)...)
		}
		return bounded(all)
	}
	return []string{"", "x", "0", "-"} // stands for a place
}

// bounded keeps each text once, no more than are tried, and none that is too long.
func bounded(texts []string) []string {
	all := texts[:1:1]
	for _, text := range texts[1:] {
		if len(all) < maxTexts && len(text) <= maxMatching {
			all = appendNew(all, text)
		}
	}
	return all
}

// literalTexts are a literal, and it in the other case, with a character more, less, or the next one in its place.
func literalTexts(literal []rune) []string {
	text := string(literal)
	all := []string{text, otherCase(text), strings.ToUpper(text), ""}
	for i := range literal {
		for _, other := range []string{"", string(literal[i] + 1), otherCase(string(literal[i])), string(literal[i]) + string(literal[i])} {
			all = append(all, string(literal[:i])+other+string(literal[i+1:]))
		}
	}
	return bounded(all)
}

// usualCharacters tell the usual classes apart: of any two, one holds a character that the other does not.
var usualCharacters = []string{"a", "A", "0", "_", "-", " "}

// classTexts are one of a class, the ends of its ranges and their neighbors, and what tells it from the usual classes.
func classTexts(ranges []rune) []string {
	one := oneOf(ranges)
	all := []string{one, "", otherCase(one)}
	for i := 0; i+1 < len(ranges); i += 2 {
		for _, r := range []rune{ranges[i], ranges[i+1], ranges[i] - 1, ranges[i+1] + 1} {
			if r > 0 && r <= '\uFFFD' {
				all = append(all, string(r), otherCase(string(r)))
			}
		}
	}
	return bounded(append(all, usualCharacters...))
}

// repeatedTexts are as many copies as a repetition needs at least, and the numbers around its bounds, also with one of
// the copies a little otherwise.
func repeatedTexts(p *syntax.Regexp) []string {
	least, most := boundsOf(p)
	subs := textsOf(p.Sub[0])
	times := func(n int) string { return strings.Repeat(subs[0], min(n, maxMatching/max(1, len(subs[0])))) }
	all := []string{times(least)}
	for _, n := range []int{least - 1, least + 1, least + 2, most - 1, most, most + 1, least + severalMore} {
		if n >= 0 {
			all = append(all, times(n))
		}
	}
	for _, sub := range subs[1:] {
		all = append(all, sub+times(max(0, least-1)), times(max(0, least-1))+sub)
		if inner := max(1, least-2); most < 0 || inner+2 <= most {
			all = append(all, times(inner)+sub+times(1))
		}
	}
	return bounded(all)
}

// joinedTexts are one text of each part in turn, also with one of the parts a little otherwise.
func joinedTexts(parts []*syntax.Regexp) []string {
	texts := make([][]string, len(parts))
	base := make([]string, len(parts))
	for i, part := range parts {
		texts[i] = textsOf(part)
		base[i] = texts[i][0]
	}
	all := []string{strings.Join(base, "")}
	for i := range parts {
		for _, other := range append(texts[i][1:], "") {
			changed := slices.Clone(base)
			changed[i] = other
			all = append(all, strings.Join(changed, ""))
		}
	}
	return bounded(all)
}

// boundsOf are how often a repetition repeats; most is -1 where there is no limit.
func boundsOf(p *syntax.Regexp) (least, most int) {
	switch p.Op {
	case syntax.OpStar:
		return 0, -1
	case syntax.OpPlus:
		return 1, -1
	case syntax.OpQuest:
		return 0, 1
	}
	return p.Min, p.Max
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
