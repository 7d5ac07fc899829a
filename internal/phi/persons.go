package phi

import (
	_ "embed"
	"strings"
	"unicode"
)

// personsList is the list by which variables that identify a person are recognised. It is data: what
// a house adds to it, it adds there, or to the PHIFields of a study's configuration.
//
//go:embed persons.txt
var personsList string

// persons is the list, read once.
var persons = readPersons(personsList)

type personRules struct {
	names   map[string]bool
	phrases []string // with a blank on either side of each word
}

func readPersons(list string) personRules {
	rules := personRules{names: map[string]bool{}}
	for line := range strings.Lines(list) {
		kind, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		switch kind {
		case "name":
			rules.names[Name(rest)] = true
		case "words":
			rules.phrases = append(rules.phrases, words(rest))
		}
	}
	return rules
}

// Person reports whether a variable's name, label or OID tells that its answers identify a person,
// whatever any configuration says: its birth date, name, address and the like.
func Person(name, label, oid string) bool {
	oid = oid[strings.LastIndexByte(oid, '.')+1:]
	return persons.named(name) || persons.named(oid) || persons.says(name) || persons.says(oid) || persons.says(label) || persons.names[Name(label)]
}

// named looks the whole name up, what follows an underscore or a dot, and the name without a
// domain's prefix of two letters.
func (r personRules) named(name string) bool {
	folded := Name(name)
	if r.names[folded] {
		return true
	}
	if at := strings.IndexAny(name, "_."); at > 0 && r.names[Name(name[at+1:])] {
		return true
	}
	return len(folded) > 4 && r.names[folded[2:]] && !endsWords[folded[2:]]
}

// endsWords are names so short that they end ordinary names too.
var endsWords = map[string]bool{Name("TEL"): true, Name("FAX"): true, Name("ZIP"): true, Name("PLZ"): true, Name("SSN"): true, Name("MRN"): true, Name("INIT"): true, Name("CITY"): true, Name("NAME"): true, Name("ADDR"): true}

func (r personRules) says(text string) bool {
	spoken := words(text)
	for _, p := range r.phrases {
		if strings.Contains(spoken, p) {
			return true
		}
	}
	return false
}

// words returns the words of a text in lower case with a blank on either side of each, and parts
// names such as dateOfBirth and DATE_OF_BIRTH2 into theirs.
func words(text string) string {
	var b strings.Builder
	b.WriteByte(' ')
	var before rune
	for _, r := range text {
		if unicode.IsUpper(r) && unicode.IsLower(before) {
			b.WriteByte(' ')
		}
		if unicode.IsLetter(r) {
			b.WriteRune(unicode.ToLower(r))
		} else if !strings.HasSuffix(b.String(), " ") {
			b.WriteByte(' ')
		}
		before = r
	}
	return strings.TrimRight(b.String(), " ") + " "
}
