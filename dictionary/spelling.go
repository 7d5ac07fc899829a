package dictionary

import (
	"encoding/binary"
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"
	"unicode"

	"github.com/imednetgo/imednet"
)

const (
	maxSpelled  = 3_000 // beginnings of texts that are tried for some patterns
	longestText = 40    // characters of such a text
	maxSpellers = 8     // patterns of a question that are regarded at once
	maxKinds    = 16    // combinations of patterns for which a text is looked for
)

// spelling are texts for the questions that decide the parts in which a rule and a rival differ: of all that the patterns and
// texts of both say of a question, one text for each combination that is found.
func (g *riddle) spelling() map[int][]string {
	all := map[int][]string{}
	for _, place := range g.placesOf(g.part, g.other) {
		q := g.all.questions[place]
		if q.Kind() != imednet.TextVariable {
			continue
		}
		alone := !g.part.joins() && !g.other.joins() && !slices.Equal(patternsFor(q, g.part), patternsFor(q, g.other))
		if patterns := patternsFor(q, g.other, g.part, g.own); len(patterns) > 1 {
			texts, _ := spelled(q, patterns, alone, maxKinds)
			for _, text := range texts {
				all[place] = appendText(all[place], text)
			}
		}
	}
	return all
}

// patternsFor are the regular expressions of conditions about a question, with those for the texts to which it may be equal.
func patternsFor(q *Question, conditions ...*Element) (all []string) {
	for _, c := range conditions {
		c.All(func(x, _ *Element) {
			if len(x.Children) != 2 || !x.asks(q) || x.Children[1].Name != "value" {
				return
			}
			switch text := x.Children[1].Trimmed(); {
			case x.Name == "like":
				all = appendNew(all, text)
			case x.Name == "equals" && text != "":
				all = appendNew(all, "^"+regexp.QuoteMeta(text)+"$")
			}
		})
	}
	return all[:min(len(all), maxSpellers)]
}

// spelled are short texts, one for each combination of patterns that match it and do not that is found; if so desired, of those
// only that tell the first two apart. all is whether there are no others than those found, of letters that are written alike
// everywhere.
func spelled(q *Question, patterns []string, apart bool, most int) (texts []string, every bool) {
	var all []*speller
	for _, pattern := range patterns {
		parsed, err := syntax.Parse(pattern, syntax.Perl)
		if err != nil {
			return nil, false
		}
		program, err := syntax.Compile(parsed.Simplify())
		if err != nil {
			return nil, false
		}
		all = append(all, &speller{program})
	}
	letters := lettersOf(all)
	start := beginning{last: -1, at: make([]reading, len(all))}
	waiting, seen, kinds := []beginning{start}, map[string]bool{}, map[string]bool{}
	every = true
	for len(waiting) > 0 && len(seen) < maxSpelled && len(texts) < most {
		b := waiting[0]
		waiting = waiting[1:]
		if b.last >= 0 && !unicode.IsSpace(b.last) {
			if kind := b.kind(all); (!apart || kind[0] != kind[1]) && !kinds[kind] {
				kinds[kind] = true
				texts = append(texts, b.text)
			}
		}
		for _, letter := range letters {
			next := b.with(letter, all)
			if b.last < 0 && unicode.IsSpace(letter) || !q.hasRoomFor(next.text) {
				continue
			}
			if len(next.text) > longestText {
				every = false
				continue
			}
			if key := next.key(); !seen[key] {
				seen[key] = true
				waiting = append(waiting, next)
			}
		}
	}
	return texts, every && len(waiting) == 0
}

// speller is a regular expression that reads texts letter by letter.
type speller struct{ *syntax.Prog }

// reading is how far a regular expression has come: the instructions that wait for a letter, and whether it has matched.
type reading struct {
	waits   []uint32
	matched bool
}

// beginning is the beginning of a text, and how far each regular expression has come with it.
type beginning struct {
	text string
	last rune // -1 for none
	at   []reading
}

func (b beginning) with(letter rune, all []*speller) beginning {
	next := beginning{b.text + string(letter), letter, make([]reading, len(all))}
	for i, s := range all {
		next.at[i] = s.read(b.at[i], b.last, letter)
	}
	return next
}

// kind is which regular expressions match the text as it is.
func (b beginning) kind(all []*speller) string {
	kind := make([]byte, len(all))
	for i, s := range all {
		_, matched := s.open(b.at[i], b.last, -1)
		kind[i] = '0'
		if matched {
			kind[i] = '1'
		}
	}
	return string(kind)
}

// key is the same for two beginnings with which the same endings match.
func (b beginning) key() string {
	key := []byte{class(b.last)}
	for _, at := range b.at {
		if at.matched {
			key = append(key, 1)
			continue
		}
		key = append(key, 0)
		for _, w := range at.waits {
			key = binary.BigEndian.AppendUint32(key, w+1)
		}
		key = binary.BigEndian.AppendUint32(key, 0)
	}
	return string(key)
}

// class tells the letters apart that are read otherwise as the last of a text.
func class(letter rune) byte {
	switch {
	case letter < 0:
		return 0
	case syntax.IsWordChar(letter):
		return 1
	case unicode.IsSpace(letter):
		return 2
	}
	return 3
}

// read is how far a regular expression has come after one letter more.
func (s *speller) read(at reading, last, letter rune) reading {
	open, matched := s.open(at, last, letter)
	next := reading{matched: matched}
	if matched {
		return next
	}
	for _, pc := range open {
		if i := s.Inst[pc]; i.MatchRune(letter) && !slices.Contains(next.waits, i.Out) {
			next.waits = append(next.waits, i.Out)
		}
	}
	slices.Sort(next.waits)
	return next
}

// open are the instructions that may read the next letter, and whether the expression has matched before it. A match may begin
// at each place.
func (s *speller) open(at reading, last, next rune) (open []uint32, matched bool) {
	if at.matched {
		return nil, true
	}
	here := syntax.EmptyOpContext(last, next)
	seen := make([]bool, len(s.Inst))
	var visit func(pc uint32)
	visit = func(pc uint32) {
		if seen[pc] {
			return
		}
		seen[pc] = true
		switch i := s.Inst[pc]; i.Op {
		case syntax.InstAlt, syntax.InstAltMatch:
			visit(i.Out)
			visit(i.Arg)
		case syntax.InstCapture, syntax.InstNop:
			visit(i.Out)
		case syntax.InstEmptyWidth:
			if syntax.EmptyOp(i.Arg)&^here == 0 {
				visit(i.Out)
			}
		case syntax.InstMatch:
			matched = true
		case syntax.InstRune, syntax.InstRune1, syntax.InstRuneAny, syntax.InstRuneAnyNotNL:
			open = append(open, pc)
		}
	}
	visit(uint32(s.Start))
	for _, pc := range at.waits {
		visit(pc)
	}
	return open, matched
}

// lettersOf are letters of which some regular expressions tell each from the others.
func lettersOf(all []*speller) (letters []rune) {
	candidates := []rune("a0A-_ xZ9é\u00A0")
	for _, s := range all {
		for _, i := range s.Inst {
			for _, r := range i.Rune {
				candidates = append(candidates, r, r-1, r+1, unicode.SimpleFold(r))
			}
		}
	}
	seen := map[string]bool{}
	for _, letter := range candidates {
		if letter != ' ' && (!unicode.IsPrint(letter) || letter > unicode.MaxLatin1) {
			continue
		}
		var sign strings.Builder
		sign.WriteByte(class(letter))
		for _, s := range all {
			for _, i := range s.Inst {
				reads := i.Op == syntax.InstRune || i.Op == syntax.InstRune1 || i.Op == syntax.InstRuneAny || i.Op == syntax.InstRuneAnyNotNL
				if reads && i.MatchRune(letter) {
					sign.WriteByte('1')
				} else {
					sign.WriteByte('0')
				}
			}
		}
		if !seen[sign.String()] {
			seen[sign.String()] = true
			letters = append(letters, letter)
		}
	}
	return letters
}
