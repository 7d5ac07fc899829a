package extraction

import (
	"slices"

	"github.com/imednetgo/imednet/internal/expression"
)

// asked are the keys that the expressions of a configuration can ask an object for.
type asked struct {
	any  bool // one asks for a key that is known only when it runs
	keys map[string]bool
}

// has reports whether an expression can ask for a key, in the spelling of rules.
func (a asked) has(key string) bool { return a.any || a.keys[key] }

// findAsked finds the rules whose values expressions can ask payload or state for: no other value is kept there.
func (p *plan) findAsked() {
	payload, state := asked{keys: map[string]bool{}}, asked{keys: map[string]bool{}}
	objects := map[string]*asked{"payload": &payload, "state": &state}
	for _, program := range p.programs() {
		for _, ref := range program.References() {
			object := objects[ref.Object]
			switch {
			case object == nil:
			case ref.Any:
				object.any = true
			default:
				object.keys[ref.Key], object.keys[wireName(ref.Key)] = true, true
			}
		}
	}
	for _, r := range p.rules {
		r.inPayload, r.inState = payload.has(r.target), state.has(r.stateKey)
	}
}

// askedAnswers are the names of answers that are known to be asked for before a record of the form is read. Each has
// a place, so that none is looked up for each record.
type askedAnswers struct {
	names  []string
	spelt  []string // as the form spells its variable; "" where it has none of the name, or several
	placed map[string]int
}

// place is that of a name.
func (a *askedAnswers) place(name string) int {
	i, ok := a.placed[name]
	if !ok {
		i = len(a.names)
		a.names, a.placed[name] = append(a.names, name), i
	}
	return i
}

// settlePlaces gives a place to every answer that rules and conditions name.
func (p *plan) settlePlaces() {
	p.asked = map[string]*askedAnswers{}
	for form, domains := range p.forms {
		a := &askedAnswers{placed: map[string]int{}}
		for _, d := range domains {
			d.cells = len(d.rules) / max(1, len(d.params))
			d.index, d.asks = slices.Index(p.domains, d.domain), a.placesOf(d.condition)
			for _, r := range d.rules {
				r.place, r.asks = -1, a.placesOf(r.logic)
				if name := r.source.plain(); name != "" && name == r.mapping.SourceVariableName {
					r.place = a.place(name)
				}
				r.alone = r.domain != ADLB && r.spec.name != usubjidField
			}
		}
		for _, name := range a.names {
			spelt := ""
			if v, n := p.structure.variable(form, name); n == 1 {
				spelt = v.VariableName.Or(name)
			}
			a.spelt = append(a.spelt, spelt)
		}
		p.asked[form] = a
	}
}

func (a *askedAnswers) placesOf(program *expression.Program) []int {
	if program == nil {
		return nil
	}
	var places []int
	for _, name := range program.Answers() {
		places = append(places, a.place(name))
	}
	return places
}

// programs are the expressions of rules and conditions.
func (p *plan) programs() []*expression.Program {
	var list []*expression.Program
	for _, r := range p.rules {
		if r.logic != nil {
			list = append(list, r.logic)
		}
	}
	for _, domains := range p.forms {
		for _, d := range domains {
			if d.condition != nil {
				list = append(list, d.condition)
			}
		}
	}
	return list
}
