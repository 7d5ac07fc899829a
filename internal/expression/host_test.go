package expression

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// day is a full date for these tests: what a date is belongs to the host.
type day struct{ time.Time }

func (d day) String() string                { return d.Format(time.DateOnly) }
func (d day) Precision() string             { return "day" }
func (d day) Parts() (year, month, day int) { return d.Year(), int(d.Month()), d.Day() }
func (d day) Complete() bool                { return true }
func (d day) Compare(other Date) (int, bool) {
	return d.Time.Compare(other.(day).Time), true
}

func (d day) DaysSince(other Date) (int, bool) {
	return int(d.Sub(other.(day).Time).Hours() / 24), true
}

func (d day) AddDays(n int) (Date, error) { return day{d.AddDate(0, 0, n)}, nil }

var testHost = Host{
	IsField: func(name string) bool { _, ok := recordMembers[name]; return ok },
	ParseDate: func(text string) (Date, error) {
		if strings.TrimSpace(text) == "" {
			return nil, nil
		}
		t, err := time.Parse(time.DateOnly, text)
		if err != nil {
			return nil, errors.New("not a date")
		}
		return day{t}, nil
	},
	StudyDay: func(d, reference Date) (int, bool) { return 0, false },
	Emergent: func(start, from, until Date, withinDays *int) (bool, bool) { return false, false },
}

// recordMembers are the members of the record that the expressions of these tests see.
var recordMembers = map[string]Value{
	"record_id": whole("7"), "subject_key": Text("101"), "visit_id": {}, "deleted": Bool(false), "record_status": Text("Record Complete"),
	"date_created": Day(day{time.Date(2024, 3, 2, 0, 0, 0, 0, time.UTC)}),
}

func whole(text string) Value {
	v, ok := Whole(text)
	if !ok {
		panic(text)
	}
	return v
}

// entries is a map in the order of its keys.
func entries(name string, values map[string]Value) Value {
	return Map(name, func(key string) (Value, bool, error) {
		v, found := values[key]
		return v, found, nil
	}, func() []string { return slices.Sorted(maps.Keys(values)) })
}

// testNames gives the names that the expressions of these tests use.
func testNames() map[string]Value {
	names := map[string]Value{"value": Text("12"), "subject_key": Text("101")}
	answers := entries("record_data", map[string]Value{
		"AESER": Text("Y"), "AESEV": Text("3"), "X": Text(""), "N": {}, "DOSE": whole("54"), "WT": Float(70.5), "TERM": Text("Häm 1"),
		"FLAG": Bool(true), "AGE": Text("61"), "LIST": List([]Value{whole("1"), whole("2"), whole("3")}),
		"OBJ": Dict([]string{"a"}, []Value{whole("1")}), "D": Text("2024-03-05"), "M": Text("2024-03"), "AMB": whole("1"), "amb": whole("2"),
	})
	names["record"] = Object("record", func(name string) (Value, error) {
		if name == "record_data" {
			return answers, nil
		}
		return recordMembers[name], nil
	})
	names["payload"] = entries("payload", map[string]Value{"aeTerm": Text("HEADACHE"), "aeSeverity": {}})
	names["state"] = entries("state", map[string]Value{
		"AE.aeTerm": Text("HEADACHE"), "ADSL.AGE": Text("61"), "ADLB.AVAL": Float(40), "AE.aeSerious": Bool(true),
	})
	names["baseline"] = entries("baseline", map[string]Value{"ADLB.AVAL": Float(40)})
	names["context"] = Object("context", func(name string) (Value, error) { return names[name], nil })
	return names
}

func lookup(name string) (Value, error) { return testNames()[name], nil }

// names is a source of a program's names that finds answers as members of the record, one after the other.
type names struct {
	program *Program
	of      func(name string) (Value, error)
}

func (n names) Name(name string) (Value, error) { return n.of(name) }

func (n names) Answer(place int) (Value, bool, error) {
	record, err := n.of("record")
	if err != nil {
		return Value{}, false, err
	}
	data, err := attribute(record.starlark(), "record_data")
	if err != nil {
		return Value{}, false, err
	}
	v, found, err := data.(keyed).Get(Text(n.program.Answers()[place]).starlark())
	return Value{v}, found, err
}

// evaluate compiles and runs one expression.
func evaluate(source string) (any, error) {
	program, err := NewCompiler(testHost).Compile(source)
	if err != nil {
		return nil, err
	}
	v, err := NewRunner().Run(program, names{program, lookup})
	if err != nil {
		return nil, err
	}
	return v.Scalar()
}

// describe names kind and text of a result, as the cases of CPython do.
func describe(result any) string {
	switch result := result.(type) {
	case nil:
		return "none "
	case string:
		return "text " + result
	case bool:
		return fmt.Sprintf("bool %t", result)
	case Number:
		return "number " + string(result)
	case Date:
		return "date " + result.String()
	}
	return fmt.Sprintf("%T", result)
}
