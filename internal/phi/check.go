package phi

import "github.com/imednetgo/imednet"

// RecordFields are the fields of a record that say whose it is. A configuration may list them among
// its identifying variables.
func RecordFields() Set { return Of("subjectKey", "subjectOid", "subjectId", "recordOid") }

// Check is an error that names every entry of a list that the set of a study's variables does not
// have: it may be misspelt, and would hide nothing.
func (s Set) Check(list []string) error {
	var problems []imednet.Problem
	for _, field := range s.Unmatched(list) {
		problems = append(problems, imednet.Problem{Path: field, Message: "the study has no such variable, so nothing would be hidden"})
	}
	if len(problems) > 0 {
		return &imednet.ValidationError{What: "phiFields", Problems: problems}
	}
	return nil
}
