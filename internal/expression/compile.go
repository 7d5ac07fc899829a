package expression

import (
	"fmt"
	"slices"

	"go.starlark.net/syntax"
)

// Error is a mistake in an expression, found when it is compiled, or a failure while it ran. Line
// and Column count from 1, in characters. Reason holds no value of a record.
type Error struct {
	Line, Column int
	Reason       string
	// Err is what failed: [ErrUnknowable], or what the host returned; nil for a mistake in the
	// expression.
	Err error
}

// Unwrap returns Err.
func (e *Error) Unwrap() error { return e.Err }

// Error names the place, then the reason.
func (e *Error) Error() string {
	return fmt.Sprintf("line %d, column %d: %s", e.Line, e.Column, e.Reason)
}

// Host answers what expressions need to know of whoever runs them. Every function must be set; a nil
// [Date] is no date.
type Host struct {
	// IsField reports whether a record has a member of this name, in the spelling of the expression.
	IsField func(name string) bool
	// ParseDate is date(text); blank text is no date.
	ParseDate func(text string) (Date, error)
	// StudyDay is study_day(date, reference); ok is false where the result is None.
	StudyDay func(d, reference Date) (day int, ok bool)
	// Emergent is treatment_emergent(start, treatment start, treatment end, days); the last two may be
	// nil. answered is false where the result is None.
	Emergent func(start, treatmentStart, treatmentEnd Date, withinDays *int) (emergent, answered bool)
}

// Program is a compiled expression. It is safe for concurrent use.
type Program struct {
	names   []string
	needed  []bool   // names that are asked for as such, and not only for an answer of the record
	answers []string // constant keys of record.record_data
	refs    []Reference
	run     node
}

// Reference is what an expression asks an object for: a constant key, as in state["AE.aeTerm"], a
// member, as in record.subject_key, or anything at all, as in payload[value].
type Reference struct {
	Object string // state, baseline, payload, record_data, record or subject_key
	Key    string // constant key, or the member of record
	// Any says that the key is not known before the expression runs.
	Any          bool
	Line, Column int // of the key; 0 with Any
}

// String returns the reference as it is written in an expression.
func (r Reference) String() string { return fmt.Sprintf("%s[%q]", r.Object, r.Key) }

// References lists everything that the expression can ask its objects for: constant keys and members
// in order, then the objects that it asks for keys known only when it runs.
func (p *Program) References() []Reference { return p.refs }

// Uses reports whether the expression reads the name, such as value.
func (p *Program) Uses(name string) bool { return slices.Contains(p.names, name) }

// Answers lists the constant keys under which the expression asks for record.record_data, each once.
func (p *Program) Answers() []string { return p.answers }

// Compiler compiles expressions for one host. It is safe for concurrent use.
type Compiler struct {
	host    Host
	helpers map[string]helper
}

// NewCompiler returns a compiler.
func NewCompiler(host Host) *Compiler { return &Compiler{host, helpers(host)} }

// Compile reads, checks and compiles. The error is an [*Error].
func (c *Compiler) Compile(source string) (*Program, error) {
	p, tree, err := parse(source, c.host.IsField)
	if err != nil {
		return nil, err
	}
	return newProgram(&builder{helpers: c.helpers, names: p.names, needed: make([]bool, len(p.names))}, p, tree), nil
}

func newProgram(b *builder, p *parser, tree syntax.Expr) *Program {
	run := b.node(tree)
	return &Program{names: p.names, needed: b.needed, answers: b.answers, refs: p.references(), run: run}
}
