package extraction

import (
	"errors"
	"fmt"

	"go.starlark.net/starlark"
	"go.starlark.net/syntax"
)

// expression is a compiled rule expression: a function of the names that it uses.
type expression struct {
	source string
	names  []string
	refs   []reference
	fn     *starlark.Function
}

// compiler compiles expressions; its helpers serve all of them.
type compiler struct{ predeclared starlark.StringDict }

func newCompiler() *compiler {
	c := &compiler{predeclared: helpers()}
	c.predeclared.Freeze()
	return c
}

const ruleFunction = "%rule"

// compile reads, checks and compiles. The error is a *sourceError with the place.
func (c *compiler) compile(source string) (*expression, error) {
	p, tree, err := parseExpression(source)
	if err != nil {
		return nil, err
	}
	lambda := &syntax.LambdaExpr{Lambda: p.position(place{1, 1}), Body: tree}
	for _, name := range p.names {
		lambda.Params = append(lambda.Params, p.ident(name, place{1, 1}))
	}
	assign := &syntax.AssignStmt{OpPos: lambda.Lambda, Op: syntax.EQ, LHS: p.ident(ruleFunction, place{1, 1}), RHS: lambda}
	file := &syntax.File{Path: p.file, Stmts: []syntax.Stmt{assign}, Options: &syntax.FileOptions{}}
	program, err := starlark.FileProgram(file, c.predeclared.Has)
	if err != nil {
		return nil, refuse(place{1, 1}, "cannot be compiled")
	}
	globals, err := program.Init(&starlark.Thread{}, c.predeclared)
	if err != nil {
		return nil, refuse(place{1, 1}, "cannot be compiled")
	}
	globals.Freeze() // several runs may call the function at once
	return &expression{source: source, names: p.names, refs: p.refs, fn: globals[ruleFunction].(*starlark.Function)}, nil
}

// CheckExpression compiles a businessLogic expression without running it. The error names line,
// column, what is wrong and, for Python that is not supported, what to write instead.
func CheckExpression(source string) error {
	_, err := newCompiler().compile(source)
	return err
}

// evaluator runs expressions one after the other, each within its own bounds.
type evaluator struct {
	thread *starlark.Thread
	steps  uint64 // limit of one expression
	spent  *budget
}

func newEvaluator(steps uint64) *evaluator {
	e := &evaluator{thread: &starlark.Thread{Print: func(*starlark.Thread, string) {}}, steps: steps, spent: &budget{}}
	e.thread.SetLocal(budgetKey, e.spent)
	e.thread.SetMaxExecutionSteps(steps)
	return e
}

// evaluationError is a failure while an expression ran. Its reason holds no value of a record.
type evaluationError struct {
	pos    place
	reason string
}

func (e *evaluationError) Error() string {
	return fmt.Sprintf("line %d, column %d: %s", e.pos.line, e.pos.col, e.reason)
}

// run evaluates x with the values that lookup gives for its names.
func (e *evaluator) run(x *expression, lookup func(name string) (starlark.Value, error)) (starlark.Value, error) {
	args := make(starlark.Tuple, len(x.names))
	for i, name := range x.names {
		v, err := lookup(name)
		if err != nil {
			return nil, &evaluationError{place{1, 1}, err.Error()}
		}
		args[i] = v
	}
	e.thread.Steps, e.spent.spent = 0, 0
	v, err := starlark.Call(e.thread, x.fn, args, nil)
	if err == nil {
		return v, nil
	}
	failure := &evaluationError{place{1, 1}, "stopped after too many steps"}
	if e.thread.Steps >= e.steps {
		e.thread.Uncancel()
		return nil, failure
	}
	var inside *starlark.EvalError
	if errors.As(err, &inside) {
		failure.reason = inside.Msg
		failure.pos = lastPlace(inside.CallStack)
	}
	return nil, failure
}

// lastPlace is the innermost place of the expression itself.
func lastPlace(stack starlark.CallStack) place {
	for i := range stack {
		if pos := stack.At(i).Pos; pos.Line > 0 {
			return place{int(pos.Line), int(pos.Col)}
		}
	}
	return place{1, 1}
}
