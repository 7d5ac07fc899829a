// Package phi reads lists of the variables that identify a person, so that one list protects the
// same variables in exports, profiles and extractions.
package phi

import "strings"

// Name is the form in which names of variables are compared: DateOfBirth, date_of_birth and
// DATE OF BIRTH are one name. A list so protects rather too much than too little.
func Name(name string) string {
	return strings.NewReplacer("_", "", " ", "", "-", "").Replace(strings.ToLower(name))
}

// Set is a list of identifying variables: NAME on any form, or FORM.NAME.
type Set map[string]bool

// Of returns the set of the names.
func Of(names ...string) Set {
	s := Set{}
	for _, name := range names {
		s[Name(name)] = true
	}
	return s
}

// Has reports whether the variable of the form is in the set.
func (s Set) Has(form, variable string) bool {
	return s[Name(variable)] || s[Name(form+"."+variable)]
}
