package dictionary

import (
	"slices"
	"time"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/answers"
)

// Concerns reports whether a change of a question concerns a record with this answer to it, which may be
// absent, at a moment that gives the current date:
//
//   - of a choice, if the answer denotes that choice, before or after the change;
//   - of Required, or of a new question that is Hard, if the answer is blank: absent, null or "";
//   - of what the question takes, such as its length, if the answer is taken on one side only;
//   - any other, if there is an answer.
//
// It is false for changes of forms and rules.
func (c *Change) Concerns(answer imednet.Value, at time.Time) bool {
	before, after := c.questions[0], c.questions[1]
	blank := !answers.Populated(answer.Raw())
	switch {
	case before == nil && after == nil:
		return false
	case c.choices != [2]*Choice{}:
		return before.holds(answer, c.choices[0]) || after.holds(answer, c.choices[1])
	case c.Member == "required", before == nil && after.Required.IsHard():
		return blank && after.Kind() != imednet.FlagVariable
	case before != nil && after != nil && c.narrows():
		return !blank && before.takes(answer, at) != after.takes(answer, at)
	}
	return !answer.Missing()
}

// holds reports whether an answer denotes a choice of the question.
func (q *Question) holds(answer imednet.Value, choice *Choice) bool {
	if q == nil || choice == nil {
		return false
	}
	found, _, _ := q.Choice(answer)
	return found == choice
}

// narrows reports whether the change is of what the question takes.
func (c *Change) narrows() bool {
	member := foldHeader(c.Member)
	_, limit := limits[member]
	return limit && member != "maximumfiles" || bars[member] != nil && member != "specialhidden"
}

// takes reports whether nothing about an answer is an error.
func (q *Question) takes(answer imednet.Value, at time.Time) bool {
	e := &entryCheck{form: &Form{Key: q.Form, Questions: []*Question{q}}, checker: &Checker{clock: stopped(at)}, find: func(string) (imednet.Value, int) { return answer, 1 }}
	if !answer.Missing() {
		e.question(q)
	}
	return !slices.ContainsFunc(e.problems, func(p EntryProblem) bool { return !p.Warning })
}
