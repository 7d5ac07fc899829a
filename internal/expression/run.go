package expression

import "go.starlark.net/starlark"

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

// Run evaluates a program with the values that lookup gives for its names. The error is an [*Error].
func (r *Runner) Run(p *Program, lookup func(name string) (Value, error)) (Value, error) {
	f := &r.frame
	f.given, f.args = f.given[:0], f.args[:0]
	for _, name := range p.names {
		v, err := lookup(name)
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
