package dictionary

import (
	"regexp/syntax"
	"slices"
	"strings"
)

// otherPatterns are a regular expression with one change: the bounds of a repetition, the ends of a range, a character, the
// case, an anchor, or a part left out.
func otherPatterns(pattern string, parsed *syntax.Regexp) []string {
	all := []string{"^(?:" + pattern + ")", "(?:" + pattern + ")$", "^(?:" + pattern + ")$", "(?i:" + pattern + ")"}
	if without := strings.ReplaceAll(pattern, "(?i)", ""); without != pattern {
		all = append(all, without)
	}
	for _, other := range changedParts(parsed) {
		all = append(all, other.String())
	}
	return all
}

func changedParts(p *syntax.Regexp) []*syntax.Regexp {
	all := changedPart(p)
	for i, sub := range p.Sub {
		for _, other := range changedParts(sub) {
			all = append(all, withSub(p, i, other))
		}
		if len(p.Sub) > 1 {
			changed := *p
			changed.Sub = slices.Delete(slices.Clone(p.Sub), i, i+1)
			all = append(all, &changed)
		}
	}
	return all
}

func withSub(p *syntax.Regexp, i int, sub *syntax.Regexp) *syntax.Regexp {
	changed := *p
	changed.Sub = slices.Clone(p.Sub)
	changed.Sub[i] = sub
	return &changed
}

// changedPart changes a part itself.
func changedPart(p *syntax.Regexp) []*syntax.Regexp {
	switch p.Op {
	case syntax.OpLiteral:
		return changedLiteral(p)
	case syntax.OpCharClass:
		return append(changedClass(p), otherClasses(p)...)
	case syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		return append(otherClasses(p), &syntax.Regexp{Op: syntax.OpLiteral, Rune: []rune{'.'}})
	case syntax.OpStar, syntax.OpPlus, syntax.OpQuest, syntax.OpRepeat:
		return changedRepeat(p)
	}
	return nil
}

func changedLiteral(p *syntax.Regexp) (all []*syntax.Regexp) {
	turned := *p
	turned.Flags ^= syntax.FoldCase
	all = append(all, &turned)
	for i, r := range p.Rune {
		if other := (&syntax.Regexp{Op: syntax.OpAnyCharNotNL}); r == '.' {
			all = append(all, &syntax.Regexp{Op: syntax.OpConcat, Sub: []*syntax.Regexp{literal(p, p.Rune[:i]), other, literal(p, p.Rune[i+1:])}})
		}
		next := slices.Clone(p.Rune)
		next[i]++
		all = append(all, literal(p, next), literal(p, slices.Delete(slices.Clone(p.Rune), i, i+1)))
	}
	return all
}

// literal is a literal like another.
func literal(like *syntax.Regexp, text []rune) *syntax.Regexp {
	if len(text) == 0 {
		return &syntax.Regexp{Op: syntax.OpEmptyMatch}
	}
	return &syntax.Regexp{Op: syntax.OpLiteral, Flags: like.Flags, Rune: text}
}

func changedClass(p *syntax.Regexp) (all []*syntax.Regexp) {
	for i := 0; i+1 < len(p.Rune) && len(p.Rune) > 2; i += 2 {
		all = append(all, &syntax.Regexp{Op: syntax.OpCharClass, Flags: p.Flags, Rune: slices.Delete(slices.Clone(p.Rune), i, i+2)})
	}
	for i := 0; i+1 < len(p.Rune); i += 2 {
		if low, high := p.Rune[i], p.Rune[i+1]; low < high {
			ends := slices.Concat(p.Rune[:i], []rune{low, low, high, high}, p.Rune[i+2:])
			all = append(all, &syntax.Regexp{Op: syntax.OpCharClass, Flags: p.Flags, Rune: ends})
		}
	}
	for i := 1; i+1 < len(p.Rune) && p.Rune[0] == 0; i += 2 { // of a class that is written as all others
		if low, high := p.Rune[i]+2, p.Rune[i+1]-2; low <= high {
			ends := slices.Concat(p.Rune[:i+1], []rune{low, high}, p.Rune[i+1:])
			all = append(all, &syntax.Regexp{Op: syntax.OpCharClass, Flags: p.Flags, Rune: ends})
		}
	}
	for i, end := range p.Rune {
		for _, by := range []rune{-1, 1} {
			ends := slices.Clone(p.Rune)
			ends[i] = end + by
			if slices.IsSorted(ends) && ends[i] >= 0 && ends[i] <= '\U0010FFFF' {
				all = append(all, &syntax.Regexp{Op: syntax.OpCharClass, Flags: p.Flags, Rune: ends})
			}
		}
	}
	return all
}

// usualClasses are the classes that people write, each of which is easily taken for another.
var usualClasses = func() (all []*syntax.Regexp) {
	for _, class := range []string{`\d`, `\w`, `\s`, `\D`, `\W`, `\S`, `.`, `[A-Z]`, `[a-z]`, `[A-Za-z]`, `[A-Z0-9]`, `[a-z0-9]`, `[A-Za-z0-9]`} {
		if parsed, err := syntax.Parse(class, syntax.Perl); err == nil {
			all = append(all, parsed)
		}
	}
	return all
}()

// otherClasses are the usual classes in the stead of one.
func otherClasses(p *syntax.Regexp) (all []*syntax.Regexp) {
	for _, class := range usualClasses {
		if !class.Equal(p) {
			all = append(all, class)
		}
	}
	return all
}

const (
	maxRepeat   = 1000 // how often a regular expression may repeat a part
	severalMore = 8    // copies by which a repetition without a limit is told from one with a limit
)

func changedRepeat(p *syntax.Regexp) (all []*syntax.Regexp) {
	least, most := boundsOf(p)
	for _, bounds := range [][2]int{
		{least - 1, most}, {least + 1, most}, {least, most - 1}, {least, most + 1}, {least, -1},
		{least, least}, {least - 1, least - 1}, {least + 1, least + 1}, {least, least + 1}, {least, least + severalMore - 1},
	} {
		same := bounds == [2]int{least, most}
		limited := bounds[1] >= 0
		if same || bounds[0] < 0 || bounds[0] > maxRepeat || bounds[1] < -1 || bounds[1] > maxRepeat || limited && bounds[1] < bounds[0] {
			continue
		}
		all = append(all, &syntax.Regexp{Op: syntax.OpRepeat, Flags: p.Flags, Min: bounds[0], Max: bounds[1], Sub: p.Sub})
	}
	return all
}
