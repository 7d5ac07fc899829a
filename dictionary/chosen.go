package dictionary

import (
	"iter"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"

	"github.com/imednetgo/imednet"
)

// maxTried bounds the combinations of answers that are tried: of few all, of many some from all over.
const maxTried = 5_000

// chosen are questions and the values that are tried for each.
type chosen struct {
	questions []*Question
	values    [][]string
	own       []int               // number of the values of each that the rule suggests; those of its rivals are behind
	flips     map[*Element][]flip // by the comparison
}

// flip is an answer beside a place at which a comparison turns.
type flip struct{ question, value string }

// choose lists the questions that decide whether a rule acts, and values for each. Questions that only matter for
// whether others are hidden or disabled are blank first. Conditions of other rules may suggest answers too.
func (c *Checker) choose(form *Form, r *Rule, beside ...*Element) chosen {
	questions, own, conditions := c.readBy(form, r)
	all := chosen{questions: questions}
	from := suggestionsOf(append(conditions, beside...))
	for i, q := range questions {
		values := c.candidates(q, from)
		if i >= own {
			slices.Reverse(values)
		}
		all.values = append(all.values, values)
	}
	c.addBoundaries(form, r, &all)
	for _, values := range all.values {
		all.own = append(all.own, len(values))
	}
	return all
}

// value is the place of a value among those of a question, to which it is added if it is not there.
func (all *chosen) value(question int, value string) int {
	if at := slices.Index(all.values[question], value); at >= 0 {
		return at
	}
	all.values[question] = append(all.values[question], value)
	return len(all.values[question]) - 1
}

// readBy lists the questions of the form that a rule reads, and behind them those that the rules read which hide, disable
// or clear them, with the conditions of all these rules. own is the number of the first.
func (c *Checker) readBy(form *Form, r *Rule) (all []*Question, own int, conditions []*Element) {
	seen := map[string]bool{}
	conditions = []*Element{r.conditions()}
	for n := 0; n < len(conditions); n++ {
		conditions[n].All(func(x, parent *Element) {
			name := x.Trimmed()
			q, ok := form.Question(name)
			if x.Name != "question" || !ok || seen[name] || parent != nil && foreignForms[parent.Name] {
				return
			}
			seen[name] = true
			all = append(all, q)
			for _, s := range c.states[stateKey(form.Key, name)] {
				if !slices.Contains(conditions, s.rule.conditions()) {
					conditions = append(conditions, s.rule.conditions())
				}
			}
		})
		if n == 0 {
			own = len(all)
		}
	}
	return all, own, conditions
}

// with adds the questions and values of another build.
func (all chosen) with(other chosen) chosen {
	for i, q := range other.questions {
		at := slices.IndexFunc(all.questions, func(own *Question) bool { return own.Name == q.Name })
		if at < 0 {
			all.questions, all.values, all.own = append(all.questions, q), append(all.values, other.values[i]), append(all.own, len(other.values[i]))
			continue
		}
		for _, v := range other.values[i] {
			all.values[at] = appendNew(all.values[at], v)
		}
	}
	return all
}

// pick is the place of each question's answer among the values for it.
type pick []int

// picks are all combinations of answers, or, of more than are tried, the first and some from all over.
func (all chosen) picks() iter.Seq[pick] { return all.some(maxTried) }

// some are all combinations of answers, or, of more than a number, the first and some from all over.
func (all chosen) some(most int) iter.Seq[pick] {
	return func(yield func(pick) bool) {
		random := newRandom()
		total := all.total()
		for n := range min(total, most) {
			if total > most && n%2 == 1 {
				if !yield(all.anyPick(random)) {
					return
				}
				continue
			}
			if !yield(all.nth(n)) {
				return
			}
		}
	}
}

// total is the number of combinations, or one more than are tried.
func (all chosen) total() int {
	total := 1
	for _, values := range all.values {
		total = min(total*len(values), maxTried+1)
	}
	return total
}

// newRandom gives the same numbers each time.
func newRandom() *rand.Rand { return rand.New(rand.NewPCG(1, 1)) }

func (all chosen) nth(n int) pick {
	p := make(pick, len(all.values))
	for i, values := range all.values {
		p[i] = n % len(values)
		n /= len(values)
	}
	return p
}

func (all chosen) anyPick(random *rand.Rand) pick {
	p := make(pick, len(all.values))
	for i, values := range all.values {
		p[i] = random.IntN(len(values))
	}
	return p
}

// data writes the answers of a combination.
func (all chosen) data(p pick) (imednet.RecordData, error) {
	var b strings.Builder
	b.WriteByte('{')
	for i, q := range all.questions {
		name, err := json.Marshal(q.Name)
		if err != nil {
			return imednet.RecordData{}, err
		}
		if i > 0 {
			b.WriteByte(',')
		}
		b.Write(name)
		b.WriteString(":" + all.values[i][p[i]])
	}
	b.WriteByte('}')
	return imednet.NewRecordData([]byte(b.String()))
}

// first is the first combination of answers, of those that are tried, that f finds good.
func (all chosen) first(f func(imednet.RecordData) bool) imednet.RecordData {
	for p := range all.picks() {
		if data, err := all.data(p); err == nil && f(data) {
			return data
		}
	}
	return noData
}
