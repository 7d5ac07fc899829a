package extraction

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/answers"
	"github.com/imednetgo/imednet/internal/expression"
)

// recordAnswer is what a record says for one name. It is found once, however many rules read it.
type recordAnswer struct {
	name    string // that was asked for
	asked   bool   // it was looked for in the record at hand
	found   answers.Found
	counts  bool  // there is one that counts
	err     error // why there is none: the name is ambiguous, or the text no Unicode
	value   CanonicalValue
	noticed bool     // that the record gives it more than once, if it does
	reading *reading // as rules read it; nil until one does
	cell    *cell    // as an input of expressions; nil until one reads it
	// expressed is the value for expressions, or why it has none, once one reads it.
	expressed   expression.Value
	unexpressed error
	isExpressed bool
}

// expression is the answer's value for expressions.
func (a *recordAnswer) expression() (expression.Value, error) {
	if !a.isExpressed {
		a.expressed, a.unexpressed = toExpression(a.value)
		a.isExpressed = true
	}
	return a.expressed, a.unexpressed
}

// recordAnswers are the answers of a record that rules have read: by their place, where it is known before, and
// otherwise by name.
type recordAnswers struct {
	asked  *askedAnswers  // of the record's form; nil for none
	placed []recordAnswer // by place
	byName map[string]*recordAnswer
	spare  []*recordAnswer // of records before
}

// forget makes room for those of another record, of a form whose places are given.
func (r *recordAnswers) forget(of *askedAnswers) {
	for _, a := range r.byName {
		r.spare = append(r.spare, a)
	}
	clear(r.byName)
	if r.asked = of; of == nil {
		return
	}
	if len(of.names) > len(r.placed) {
		r.placed = make([]recordAnswer, len(of.names))
	}
	for i := range r.placed[:len(of.names)] {
		r.placed[i].asked = false
	}
}

// add enters an empty one.
func (r *recordAnswers) add(name string) *recordAnswer {
	if r.byName == nil {
		r.byName = map[string]*recordAnswer{}
	}
	if len(r.spare) == 0 {
		r.spare = append(r.spare, &recordAnswer{})
	}
	last := len(r.spare) - 1
	a := r.spare[last]
	r.spare = r.spare[:last]
	r.byName[name] = a
	return a
}

// answer finds what the record says for a name.
func (v *recordView) answer(name string) *recordAnswer {
	if v.known.asked != nil {
		if i, ok := v.known.asked.placed[name]; ok {
			return v.answerAt(i)
		}
	}
	if known := v.known.byName[name]; known != nil {
		return known
	}
	a := v.known.add(name)
	v.find(name, a)
	return a
}

// answerAt finds what the record says for the name of a place.
func (v *recordView) answerAt(place int) *recordAnswer {
	a := &v.known.placed[place]
	if !a.asked {
		v.find(v.known.asked.names[place], a)
	}
	return a
}

// find looks for an answer for the first time.
func (v *recordView) find(name string, a *recordAnswer) {
	*a = recordAnswer{name: name, asked: true, found: v.answers.Find(name)}
	var value imednet.Value
	if value, a.counts, a.err = decided(a.found, name); a.counts {
		a.value = valueOf(value)
	}
}

// reading is an answer as rules read it.
func (s *subjectRun) reading(view *recordView, a *recordAnswer) *reading {
	if a.reading != nil {
		return a.reading
	}
	a.reading = &s.readings.take(1)[:1][0]
	*a.reading = reading{origin: view.origin, raw: a.value, variable: s.spelling(view, a.name, a.found)}
	if a.err == nil {
		a.reading.held = view.heldBehind(a.value, func(own *recordView) (CanonicalValue, error) {
			answer := own.answer(a.name)
			return answer.value, answer.err
		})
	}
	return a.reading
}

// errNotUnicode is text that no table can hold.
var errNotUnicode = errors.New("the answer is not valid Unicode text")

// findAnswer finds the answer of an object that counts for a name.
func findAnswer(index *answers.Index, name string) (v imednet.Value, found bool, err error) {
	return decided(index.Find(name), name)
}

// decided is the answer that counts of what was found for a name. err is an ambiguous name, which is never
// decided by chance, or text that is no Unicode.
func decided(f answers.Found, name string) (v imednet.Value, found bool, err error) {
	if f.Ambiguous() {
		return v, false, fmt.Errorf("%d answers differ from %s only in case", f.Spellings, name)
	}
	if f.Spellings == 0 {
		return v, false, nil
	}
	v = imednet.NewValue(f.Raw)
	if !v.IsUnicode() {
		return v, false, errNotUnicode
	}
	return v, true, nil
}

// notice reports an answer of the record itself that it gives more than once.
func (s *subjectRun) notice(view *recordView, a *recordAnswer) {
	if !a.noticed {
		a.noticed = true
		s.checkRepeated(view, view.answers, a.found, a.name)
	}
}

// checkRepeated reports an answer that a record gives more than once, and differently: of one spelling the
// last counts, of several the exact one.
func (s *subjectRun) checkRepeated(view *recordView, in *answers.Index, found answers.Found, path ...string) {
	if !in.Contested(found) {
		return
	}
	name := strings.Join(append(slices.Clone(path[:len(path)-1]), string(found.Key)), ".")
	if slices.ContainsFunc(view.repeated, func(known string) bool { return in.Declared.Same(known, name) }) {
		return
	}
	view.repeated = append(view.repeated, name)
	s.find(Finding{Code: FindingRepeated, Field: name, Message: "the record gives this answer more than once, and differently; the exact spelling counts, and of it the last"}, view.origin)
}
