package expression

import (
	"errors"

	"go.starlark.net/starlark"
)

// Runner runs programs one after the other, each within its own bounds. It must not be used by several
// goroutines at once.
type Runner struct {
	thread *starlark.Thread
	steps  uint64 // limit of one expression
	spent  *budget
}

// NewRunner returns a runner with the bounds of the package.
func NewRunner() *Runner { return newRunner(maxSteps) }

func newRunner(steps uint64) *Runner {
	r := &Runner{thread: &starlark.Thread{Print: func(*starlark.Thread, string) {}}, steps: steps, spent: &budget{}}
	r.thread.SetLocal(budgetKey, r.spent)
	r.thread.SetMaxExecutionSteps(steps)
	return r
}

// Run evaluates a program with the values that lookup gives for its names. The error is an [*Error].
func (r *Runner) Run(p *Program, lookup func(name string) (Value, error)) (Value, error) {
	args := make(starlark.Tuple, len(p.names))
	for i, name := range p.names {
		v, err := lookup(name)
		if err != nil {
			return Value{}, &Error{Line: 1, Column: 1, Reason: err.Error(), Err: err}
		}
		args[i] = v.starlark()
	}
	r.thread.Steps, *r.spent = 0, budget{}
	v, err := starlark.Call(r.thread, p.fn, args, nil)
	if err == nil {
		return Value{v}, nil
	}
	failure := &Error{Line: 1, Column: 1, Reason: "stopped after too many steps"}
	if r.thread.Steps >= r.steps {
		r.thread.Uncancel()
		return Value{}, failure
	}
	var inside *starlark.EvalError
	if errors.As(err, &inside) {
		failure.Reason, failure.Err = inside.Msg, inside.Unwrap()
		failure.Line, failure.Column = lastPlace(inside.CallStack)
	}
	return Value{}, failure
}

// LeftOpen reports whether the last run called study_day or treatment_emergent and the dates that it
// gave could not be told apart for certain, so that the function gave None.
func (r *Runner) LeftOpen() bool { return r.spent.open }

// lastPlace is the innermost place of the expression itself.
func lastPlace(stack starlark.CallStack) (line, column int) {
	for i := range stack {
		if pos := stack.At(i).Pos; pos.Line > 0 {
			return int(pos.Line), int(pos.Col)
		}
	}
	return 1, 1
}
