package criteria

import (
	"errors"

	"github.com/imednetgo/imednet"
)

// filterProblems checks a filter of the caller before anything is sent.
func filterProblems(name string, f imednet.Filter, resource imednet.Resource) []imednet.Problem {
	problems := problemsUnder(name, f.Validate(resource))
	if filterNames(f, "studyKey") {
		problems = append(problems, imednet.Problem{Path: name + ".studyKey", Message: "the study is an argument of its own"})
	}
	return problems
}

func problemsUnder(name string, err error) []imednet.Problem {
	var invalid *imednet.ValidationError
	if !errors.As(err, &invalid) {
		return nil
	}
	problems := make([]imednet.Problem, len(invalid.Problems))
	for i, p := range invalid.Problems {
		problems[i] = imednet.Problem{Path: name + "." + p.Path, Message: p.Message}
	}
	return problems
}

func filterNames(f imednet.Filter, attribute string) bool {
	for _, c := range f.Conditions() {
		if c.Attribute == attribute {
			return true
		}
	}
	return false
}
