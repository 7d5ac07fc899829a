package extraction

import "github.com/imednetgo/imednet/internal/expression"

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
