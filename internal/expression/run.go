package expression

import "go.starlark.net/starlark"

// Source gives a program the values that it asks for.
type Source interface {
	// Name gives the value of a name that expressions use.
	Name(name string) (Value, error)
	// Answer gives what record.record_data has under one of the keys of [Program.Answers]; found is false where it
	// has none.
	Answer(place int) (v Value, found bool, err error)
}

// Runner runs programs one after the other, each within its own bounds. It must not be used by several
// goroutines at once.
type Runner struct {
	frame frame
	spent *budget
}

// NewRunner returns a runner with the bounds of the package.
func NewRunner() *Runner {
	r := &Runner{frame: frame{thread: &starlark.Thread{}}, spent: &budget{}}
	r.frame.thread.SetLocal(budgetKey, r.spent)
	return r
}

// Run evaluates a program with the values of a source. The error is an [*Error].
func (r *Runner) Run(p *Program, from Source) (Value, error) {
	f := &r.frame
	f.from, f.given, f.args = from, f.given[:0], f.args[:0]
	for i, name := range p.names {
		if !p.needed[i] {
			f.given = append(f.given, nil)
			continue
		}
		v, err := from.Name(name)
		if err != nil {
			return Value{}, &Error{Line: 1, Column: 1, Reason: err.Error(), Err: err}
		}
		f.given = append(f.given, v.starlark())
	}
	*r.spent = budget{}
	v, err := p.run.value(f)
	if err != nil {
		return Value{}, err
	}
	return Value{v}, nil
}

// LeftOpen reports whether the last run called study_day or treatment_emergent and the dates that it
// gave could not be told apart for certain, so that the function gave None.
func (r *Runner) LeftOpen() bool { return r.spent.open }
