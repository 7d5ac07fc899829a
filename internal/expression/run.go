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
			return Value{}, &Error{1, 1, err.Error()}
		}
		args[i] = v.starlark()
	}
	r.thread.Steps, r.spent.spent = 0, 0
	v, err := starlark.Call(r.thread, p.fn, args, nil)
	if err == nil {
		return Value{v}, nil
	}
	failure := &Error{1, 1, "stopped after too many steps"}
	if r.thread.Steps >= r.steps {
		r.thread.Uncancel()
		return Value{}, failure
	}
	var inside *starlark.EvalError
	if errors.As(err, &inside) {
		failure.Reason = inside.Msg
		failure.Line, failure.Column = lastPlace(inside.CallStack)
	}
	return Value{}, failure
}

// lastPlace is the innermost place of the expression itself.
func lastPlace(stack starlark.CallStack) (line, column int) {
	for i := range stack {
		if pos := stack.At(i).Pos; pos.Line > 0 {
			return int(pos.Line), int(pos.Col)
		}
	}
	return 1, 1
}
