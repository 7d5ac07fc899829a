// Package phi reads lists of the variables that identify a person, so that one list protects the
// same variables in exports, profiles and extractions.
package phi

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/imednetgo/imednet/internal/answers"
)

// Name is the form in which names of variables are compared: whatever their case, blanks, hyphens
// and underscores, of any script. DateOfBirth, date_of_birth and DATE OF BIRTH are one name. A
// list so protects rather too much than too little.
func Name(name string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || unicode.In(r, unicode.Pd, unicode.Pc) {
			return -1
		}
		return r
	}, answers.Fold(name))
}

// Names returns the two names under which a list can have a variable, the one with its form first,
// because it says more: FORM.VARIABLE and VARIABLE.
func Names(form, variable string) [2]string {
	return [2]string{Name(form + "." + variable), Name(variable)}
}

// listed is the name that an entry of a list means: a NAME may be written as rules name an answer, recordData.NAME.
func listed(entry string) string { return strings.Replace(Name(entry), "RECORDDATA.", "", 1) }

// Set is a list of identifying variables: NAME on any form, or FORM.NAME.
type Set map[string]bool

// Of returns the set of the names.
func Of(names ...string) Set {
	s := Set{}
	for _, name := range names {
		s[listed(name)] = true
	}
	return s
}

// Has reports whether the variable of the form is in the set.
func (s Set) Has(form, variable string) bool {
	var memory [64]byte
	name, ascii := appendASCII(memory[:0], form)
	name = append(name, '.')
	own := len(name)
	if ascii {
		name, ascii = appendASCII(name, variable)
	}
	if ascii {
		return s[string(name)] || s[string(name[own:])]
	}
	names := Names(form, variable)
	return s[names[0]] || s[names[1]]
}

// appendASCII appends the [Name] of a text that is ASCII only, as nearly all are, without making a string.
func appendASCII(to []byte, name string) (appended []byte, ascii bool) {
	for i := range len(name) {
		switch c := name[i]; {
		case c >= utf8.RuneSelf:
			return to, false
		case c == '-' || c == '_' || c == ' ' || c >= '\t' && c <= '\r':
		case c >= 'a' && c <= 'z':
			to = append(to, c-'a'+'A')
		default:
			to = append(to, c)
		}
	}
	return to, true
}

// AddVariable enters a variable under both of its names, for sets of what a study has.
func (s Set) AddVariable(form, variable string) {
	for _, name := range Names(form, variable) {
		s[name] = true
	}
}

// Unmatched returns the names of a list that a study does not have, in their order: they may be
// misspelt, and protect nothing.
func (s Set) Unmatched(list []string) []string {
	var unmatched []string
	for _, name := range list {
		if !s[listed(name)] {
			unmatched = append(unmatched, name)
		}
	}
	return unmatched
}
