package criteria

import (
	"errors"
	"strconv"

	"github.com/imednetgo/imednet"
)

// deletedFilter is what a filter asks of the flag deleted. It is decided here, because no endpoint
// documents the attribute and a server may refuse it.
type deletedFilter struct{ imednet.Filter }

// splitDeleted takes the conditions on deleted out of a filter whose conditions must all hold. Of a filter
// whose conditions are alternatives the server decides.
func splitDeleted(f imednet.Filter) (asked imednet.Filter, deleted deletedFilter) {
	if f.IsOr() || !filterNames(f, "deleted") {
		return f, deletedFilter{}
	}
	for _, c := range f.Conditions() {
		if c.Attribute == "deleted" {
			deleted.Filter = deleted.And(c.Attribute, c.Operator, c.Value)
		} else {
			asked = asked.And(c.Attribute, c.Operator, c.Value)
		}
	}
	return asked, deleted
}

// matches applies the conditions to a row's flag.
func (f deletedFilter) matches(flag imednet.Opt[bool]) bool {
	return f.Match(func(string) (imednet.Value, bool) {
		deleted, ok := flag.Get()
		return imednet.NewValue(strconv.AppendBool(nil, deleted)), ok
	})
}

// filterProblems checks a filter of the caller before anything is sent.
func filterProblems(name string, f imednet.Filter, resource imednet.Resource) []imednet.Problem {
	problems := problemsUnder(name, f.ValidateLocal(resource))
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
		p.Path = name + "." + p.Path
		problems[i] = p
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
