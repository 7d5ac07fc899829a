package expression

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

// compileGenerally compiles so that every answer is read as a member of the record's objects.
func compileGenerally(t *testing.T, source string) *Program {
	t.Helper()
	c := NewCompiler(testHost)
	p, tree, err := parse(source, c.host.IsField)
	require.NoError(t, err, source)
	program := newProgram(&builder{helpers: c.helpers, names: p.names, needed: make([]bool, len(p.names)), general: true}, p, tree)
	require.Empty(t, program.Answers(), source)
	return program
}

// run is the result or the failure of a program, and everything that it asked for, in order.
func run(program *Program) string {
	asked := ""
	of := testNames()
	answers := of["record"].v.(object)
	record := Object("record", func(name string) (Value, error) {
		v, err := answers.attr(name)
		if name != "record_data" {
			asked += " " + name
			return v, err
		}
		held := v.v.(keyed)
		return Map("record_data", func(key string) (Value, bool, error) {
			asked += " " + key
			if key == "BAD" {
				return Value{}, false, fmt.Errorf("two answers differ from %s only in case", key)
			}
			return held.get(key)
		}, held.keys), nil
	})
	v, err := NewRunner().Run(program, names{program, func(name string) (Value, error) {
		if name == "record" {
			return record, nil
		}
		return of[name], nil
	}})
	if err != nil {
		return fmt.Sprintf("%v; asked%s", err, asked)
	}
	result, err := v.Scalar()
	return fmt.Sprintf("%v %v %v %v; asked%s", v.Type(), describe(result), result, err, asked)
}

// piece makes up a piece of an expression.
func piece(r *rand.Rand, depth int) string {
	leaves := []string{
		`value`, `record.record_data["AESER"]`, `record.recordData["AGE"]`, `record.record_data["none"]`, `record.record_data["BAD"]`, `record.record_data["N"]`,
		`record.record_data["DOSE"]`, `record.record_data["WT"]`, `record.record_data["FLAG"]`, `record.record_data["D"]`, `record.record_data.get("X")`, `record.record_data.get("none")`,
		`record.record_data.get("BAD", 1)`, `record.record_data.get(value)`, `(record.record_data)["AGE"]`, `len(record.record_data)`, `record.record_id`, `record.date_created`,
		`subject_key`, `payload.get("aeTerm")`, `state["ADSL.AGE"]`, `None`, `True`, `1`, `54`, `70.5`, `0.0`, `"Y"`, `"3"`, `""`, `float("nan")`, `"AGE" in record.record_data`,
	}
	if depth == 0 {
		return leaves[r.IntN(len(leaves))]
	}
	a, b, c := piece(r, r.IntN(depth)), piece(r, depth-1), piece(r, r.IntN(depth))
	forms := []string{
		"(%s if %s else %s)", "(%s and %s or %s)", "(%s) == (%s) != (%s)", "(%s) < (%s) <= (%s)", "(%s) in [%s, %s]", "[%s, %s, %s][1]", "max(%s, %s, %s)", "(%s) > (%s) >= (%s)",
		"{%s: %s}.get(%s)", `record.record_data.get("none", %s) or not %s or (%s)`, `record.record_data.get("AGE", %s) or float(%s) > (%s)`, "float(%s) - float(%s) + int(%s)", "str(%s) + str(%s) + str(%s)",
	}
	return fmt.Sprintf(forms[r.IntN(len(forms))], a, b, c)
}

// TestAnswersByTheirPlace: an expression means the same, fails in the same way and asks for the same in the same
// order, whether it reads answers by their place or through the objects of the record.
func TestAnswersByTheirPlace(t *testing.T) {
	r, compiler, placed := rand.New(rand.NewPCG(7, 11)), NewCompiler(testHost), 0
	for range 5_000 {
		source := piece(r, r.IntN(4))
		program, err := compiler.Compile(source)
		require.NoError(t, err, source)
		general := compileGenerally(t, source)
		require.Equal(t, run(general), run(program), source)
		require.Equal(t, general.References(), program.References(), source)
		require.Equal(t, general.Uses("record"), program.Uses("record"), source)
		placed += len(program.Answers())
	}
	require.Greater(t, placed, 2_500)
}

func TestAnswersAreThoseOfConstantKeysOfTheRecord(t *testing.T) {
	for source, want := range map[string][]string{
		`record.record_data["A"] or record.recordData.get("B", record.record_data["A"])`:                 {"A", "B"},
		`record.record_data[value] or record.record_data.get(value) or "A" in record.record_data`:        nil,
		`payload["A"] or state["B"] or baseline.get("C") or value["D"] or record.record_id`:              nil,
		`(record.record_data)["A"] or {"A": 1}["A"] or record.record_data.keys()[0] or [1, 2][0] or "a"`: nil,
	} {
		program, err := NewCompiler(testHost).Compile(source)
		require.NoError(t, err, source)
		require.Equal(t, want, program.Answers(), source)
	}
}
