package dictionary

import (
	"fmt"
	"strings"

	"github.com/imednetgo/imednet/internal/answers"
)

// Difference is one thing in which a dictionary and the study as the API shows it differ.
type Difference struct {
	What       Disagreement `json:"what"`
	Form       string       `json:"form"`
	Variable   string       `json:"variable,omitempty"`
	API        string       `json:"api,omitempty"`
	Dictionary string       `json:"dictionary,omitempty"`
}

// Disagreement is the kind of a [Difference].
type Disagreement string

// The kinds, in the order in which they are counted.
const (
	JoinedByCase     Disagreement = "joined by another case" // a form's key or a variable's name is spelled otherwise
	JoinedByID       Disagreement = "joined by id alone"     // a form whose key is another
	OtherName        Disagreement = "other name"             // of a form
	OtherLabel       Disagreement = "other label"
	OtherType        Disagreement = "other type"
	OnlyInAPI        Disagreement = "only in the API"
	OnlyInDictionary Disagreement = "only in the dictionary"
)

// Differences are all of a join: conflicts, what is joined by case or id, and what is left on either side.
type Differences []Difference

// Differences lists how the two sides differ: the conflicts first, then what is only in the API, then what is only in
// the dictionary.
func (j *Joined) Differences() Differences {
	all := make(Differences, 0, len(j.Conflicts)+len(j.left))
	for _, c := range j.Conflicts {
		all = append(all, Difference{c.disagreement(), c.Form, c.Variable, c.API, c.Dictionary})
	}
	return append(all, j.left...)
}

func (c Conflict) disagreement() Disagreement {
	switch {
	case c.What == "label":
		return OtherLabel
	case c.What == "type":
		return OtherType
	case c.What == "name" && c.Variable == "":
		return OtherName
	case answers.Fold(c.API) == answers.Fold(c.Dictionary):
		return JoinedByCase
	}
	return JoinedByID
}

// String counts them, such as "1 joined by another case, 3 only in the API"; "none" if there are none.
func (d Differences) String() string {
	var counts []string
	for _, what := range []Disagreement{JoinedByCase, JoinedByID, OtherName, OtherLabel, OtherType, OnlyInAPI, OnlyInDictionary} {
		n := 0
		for _, one := range d {
			if one.What == what {
				n++
			}
		}
		if n > 0 {
			counts = append(counts, fmt.Sprintf("%d %s", n, what))
		}
	}
	if len(counts) == 0 {
		return "none"
	}
	return strings.Join(counts, ", ")
}

// leftovers lists what is only on one side.
func (j *Joined) leftovers() {
	for _, api := range j.index.Forms() {
		if j.forms[api] == nil {
			j.leave(OnlyInAPI, api.Key(), "")
			continue
		}
		for i := range api.Variables {
			if v := &api.Variables[i]; j.matches[v] == nil {
				j.leave(OnlyInAPI, api.Key(), v.VariableName.Or(""))
			}
		}
	}
	joined := map[*Question]bool{}
	for _, q := range j.matches {
		joined[q] = true
	}
	for _, f := range j.Dictionary.Forms {
		if j.byForm[f] == nil {
			j.leave(OnlyInDictionary, f.Key, "")
			continue
		}
		for _, q := range f.distinct() {
			if !joined[q] {
				j.leave(OnlyInDictionary, f.Key, q.Name)
			}
		}
	}
}

func (j *Joined) leave(where Disagreement, form, variable string) {
	j.left = append(j.left, Difference{What: where, Form: form, Variable: variable})
	list := &j.OnlyInAPI
	if where == OnlyInDictionary {
		list = &j.OnlyInDictionary
	}
	name := form
	if variable != "" {
		name += "." + variable
	}
	*list = append(*list, name)
}
