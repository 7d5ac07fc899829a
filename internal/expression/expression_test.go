package expression

import (
	"encoding/json"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// stricter are the expressions that are refused although Python has a result for them.
var stricter = map[string]string{
	"int(\"12\", 10)": "int takes 1 argument",
	"10**5000":        "whole numbers are bounded",
	"int(\"٣\")":      "digits of other scripts are no numbers here",
	"\"aXbX\".swapcase() if False else \"z\"": "a method that is not offered",
}

// TestExpressionsMeanWhatPythonMeans compares with results of CPython 3, which
// testdata/python_expressions.json holds.
func TestExpressionsMeanWhatPythonMeans(t *testing.T) {
	var cases []struct{ Expression, Kind, Text string }
	document, err := os.ReadFile("testdata/python_expressions.json")
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(document, &cases))
	require.Greater(t, len(cases), 250)
	for _, c := range cases {
		got, err := evaluate(c.Expression)
		if reason, ok := stricter[c.Expression]; ok {
			require.Error(t, err, "%s: %s", c.Expression, reason)
			continue
		}
		if c.Kind == "error" {
			require.Error(t, err, c.Expression)
			continue
		}
		require.NoError(t, err, c.Expression)
		require.Equal(t, c.Kind+" "+c.Text, describe(got), c.Expression)
	}
}

// TestALineEndClosesNoText: only a text in three quotes goes on over it.
func TestALineEndClosesNoText(t *testing.T) {
	got, err := evaluate("'''a\nb''' + \"\"\"\nc\"\"\"")
	require.NoError(t, err)
	require.Equal(t, "text a\nb\nc", describe(got))
	for _, source := range []string{"\"a\nb\"", "'a\nb'", "r'a\n'", "\"\"\"a\nb\""} {
		_, err := evaluate(source)
		require.ErrorContains(t, err, "not closed", source)
	}
}

func TestExpressionsAreRefusedWithWhatToWriteInstead(t *testing.T) {
	for source, want := range map[string]string{
		``:                        "ends too early",
		`lambda x: x`:             "lambda",
		`[x for x in value]`:      "comprehensions",
		`f"{value}"`:              "str(value)",
		`value := 1`:              "repeat the expression",
		`value = 1`:               "==",
		`value & 1`:               "write and",
		`~1`:                      "write not",
		`1 << 100000`:             "multiply",
		`value is "12"`:           "write ==",
		`open("x")`:               "unknown name open",
		`__import__("os")`:        "unknown name",
		`value.__class__`:         "_",
		`record.__dict__`:         "_",
		`record.nope`:             "no attribute nope",
		`context.run`:             "state, baseline",
		`"{}".format(1)`:          "%.1f",
		`value.encode()`:          "not supported",
		`value.pop()`:             "available are",
		`(1).real`:                "no attribute",
		`round(value, ndigits=2)`: "by position",
		`value.split(sep=" ")`:    "by position",
		`max(*[1,2])`:             "name the elements",
		`{1,2}`:                   "only after in",
		`value; 1`:                "one expression",
		`import os`:               "import",
		`return 1`:                "leave return out",
		`1 +`:                     "too early",
		`(1`:                      "ends too early",
		`"abc`:                    "not closed",
		`value if True`:           "else is missing",
		`0x10`:                    "decimal",
		`1j`:                      "number",
		`012`:                     "start with 0",
		`value()`:                 "functions",
		`value!`:                  "operator",
		`value ? 1 : 2`:           "cannot stand here",
		strings.Repeat("(", 100) + "1" + strings.Repeat(")", 100): "nested",
		strings.Repeat("x", 5000):                                 "4096 bytes",
	} {
		_, err := NewCompiler(testHost).Compile(source)
		require.ErrorContains(t, err, want, source)
		require.ErrorContains(t, err, "line 1, column", source)
	}
	_, err := NewCompiler(testHost).Compile("1 +\n  lambda")
	require.ErrorContains(t, err, "line 2, column 3")
}

// TestHostileExpressionsEnd runs expressions that ask for endless time or memory.
func TestHostileExpressionsEnd(t *testing.T) {
	doubled := `"aaaaaaaaaaaaaaaa"`
	for range 30 {
		doubled = "(" + doubled + "*2)"
	}
	hostile := []string{
		doubled,
		`"a"*1000000000`, `1000000000*"a"`, `[0]*100000000`, `("a"*1000000)*1000000`, `[[0]*1000]*1000`,
		`9**9**9**9`, `(9**1000)**1000`, `10**100000`, `2**4000*2**4000`,
		`"a"*1000000 + "a"*1000000`, `("a"*1000).replace("a","b"*10000)`, `("a"*100000).join(["x"]*1000)`,
		`"%s%s%s%s" % ("a"*300000,"a"*300000,"a"*300000,"a"*300000)`, `"%1000000000d" % 1`, `"%.1000000000f" % 1.0`, `"x".zfill(1000000000)`,
		`("a "*400000).split()`, `[` + strings.Repeat(`"a"*1000000,`, 300) + `]`, strings.Repeat(`("a"*900000 in "b"*900000) or `, 100) + "1",
		`{}.get(` + strings.Repeat("[", 55) + strings.Repeat("]", 55) + `)`,
		`"abc"[0:10000000000]`, `[1,2,3][::10000000000]`, `record.record_data["LIST"]*100000000`,
		strings.Repeat("-", 70) + "x", `value.__class__.__mro__`, `record.record_data.__init__`, `"".join.__self__`,
	}
	var before runtime.MemStats
	runtime.ReadMemStats(&before)
	start := time.Now()
	for _, source := range hostile {
		_, err := evaluate(source)
		require.Error(t, err, source[:min(60, len(source))])
	}
	var after runtime.MemStats
	runtime.ReadMemStats(&after)
	require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(256<<20), "bytes made by all of them together")
	require.Less(t, time.Since(start), 20*time.Second, "far more than they need")

	long := strings.Repeat("1+", 2000) + "1"
	got, err := evaluate(long)
	require.NoError(t, err, "long but harmless")
	require.Equal(t, Number("2001"), got)
	deep := strings.Repeat("(", 55) + "1,)" + strings.Repeat(",)", 54)
	_, err = evaluate(deep)
	require.Error(t, err, "a tuple is no value of a rule")
}

// TestExpressionErrorsHoldNoData feeds answers into failures and looks for them in the text.
func TestExpressionErrorsHoldNoData(t *testing.T) {
	for _, source := range []string{
		`float(record.record_data["TERM"])`, `int(record.record_data["TERM"])`, `date(record.record_data["TERM"])`,
		`{"a":1}[record.record_data["TERM"]]`, `record.record_data["TERM"] + 1`, `"x".index(record.record_data["TERM"])`,
		`record.record_data[record.record_data["TERM"]]`, `-record.record_data["TERM"]`, `record.record_data["TERM"] < 1`,
		`record.record_data["TERM"].startswith(1)`, `"%d" % record.record_data["TERM"]`, `[1].index(record.record_data["TERM"])`,
		`abs(record.record_data["TERM"])`, `{record.record_data["OBJ"]: 1}`, `record.record_data["TERM"] % 5`, `round(record.record_data["TERM"])`,
	} {
		_, err := evaluate(source)
		require.Error(t, err, source)
		require.NotContains(t, err.Error(), "Häm", source)
	}
}

// TestRunnerRecoversAfterAFailure: calls that a failure left behind are no arguments of later ones.
func TestRunnerRecoversAfterAFailure(t *testing.T) {
	r, c := NewRunner(), NewCompiler(testHost)
	failing, err := c.Compile(`max(5, 6 + len("abc" * float("x")))`)
	require.NoError(t, err)
	good, err := c.Compile(`max(1, 1 + 1)`)
	require.NoError(t, err)
	for range 3 {
		_, err = r.Run(failing, names{failing, lookup})
		require.EqualError(t, err, "line 1, column 24: float of a text that is not a number")
		v, err := r.Run(good, names{good, lookup})
		require.NoError(t, err)
		require.Equal(t, whole("2"), v)
	}
}

// TestPartsRunOnceAndOnlyWhenNeeded counts what an expression asks its host for.
func TestPartsRunOnceAndOnlyWhenNeeded(t *testing.T) {
	for source, want := range map[string][]string{
		`record.a < record.b < record.c`:                            {"a", "b", "c"},
		`record.b < record.a < record.c`:                            {"b", "a"},
		`record.a if record.b else record.c`:                        {"b", "a"},
		`record.a and record.b or record.c`:                         {"a", "b"},
		`record.zero and record.b or record.c`:                      {"zero", "c"},
		`not record.zero and [record.a, (record.b, record.c)]`:      {"zero", "a", "b", "c"},
		`{record.a: record.b}.get(record.c)`:                        {"a", "b", "c"},
		`record.a in {record.b, record.c} or record.zero in {1, 2}`: {"a", "b", "c", "zero"},
	} {
		program, err := NewCompiler(Host{IsField: func(string) bool { return true }}).Compile(source)
		require.NoError(t, err, source)
		var asked []string
		members := map[string]Value{"zero": whole("0"), "a": whole("1"), "b": whole("2"), "c": whole("3")}
		record := Object("record", func(name string) (Value, error) {
			asked = append(asked, name)
			return members[name], nil
		})
		_, err = NewRunner().Run(program, names{program, func(string) (Value, error) { return record, nil }})
		require.NoError(t, err, source)
		require.Equal(t, want, asked, source)
	}
}

// TestAFailureStandsAtItsPlace: the call that failed is named, however deep it stands.
func TestAFailureStandsAtItsPlace(t *testing.T) {
	for source, want := range map[string]string{
		`1 < 2 < float("x")`:             "line 1, column 9: float of a text that is not a number",
		`1 < 2 < "x"`:                    "line 1, column 3: cannot order a number and text: write float(…) around text",
		"[1,\n len(2)]":                  "line 2, column 2: len works for text, lists and maps, not for a number",
		`"a".replace("b")`:               "line 1, column 5: replace takes the old and the new text",
		`"a".removeprefix(1)`:            "line 1, column 5: removeprefix: for parameter 1: got int, want string",
		`value and float()`:              "line 1, column 11: float takes 1 arguments",
		`1 in {[1]: 2} or 1 in {[2]}`:    "line 1, column 6: a list cannot be a key",
		`1 in {2} or 1 in {[2], "text"}`: "line 1, column 18: a list cannot be a key",
	} {
		_, err := evaluate(source)
		require.EqualError(t, err, want, source)
	}
}

// TestRunsAllocateLittle: what a run needs for itself it has from the runs before; texts and numbers are allocated
// once each.
func TestRunsAllocateLittle(t *testing.T) {
	for source, most := range map[string]float64{
		`"HIGH" if float(value) > 50 and record.record_data["AESER"] == "N" else "LOW"`: 1, // the float
		`value in {"11", "12"}`:          1, // its key
		`1 < 2 < 3 and not value == "x"`: 0,
		`max(1, 2, 3)`:                   0,
	} {
		program, err := NewCompiler(testHost).Compile(source)
		require.NoError(t, err)
		given, r := testNames(), NewRunner()
		var lookup Source = names{program, func(name string) (Value, error) { return given[name], nil }}
		require.LessOrEqual(t, testing.AllocsPerRun(100, func() { _, _ = r.Run(program, lookup) }), most, source)
	}
}

// TestReferencesNameTheirPlace lists the constant keys that a host can check before it runs anything.
func TestReferencesNameTheirPlace(t *testing.T) {
	program, err := NewCompiler(testHost).Compile(`state["AE.x"] or context.baseline.get("B") or record.record_data["C"] or {"d": 1}["d"]`)
	require.NoError(t, err)
	require.Equal(t, []Reference{{"state", "AE.x", false, 1, 7}, {"baseline", "B", false, 1, 39}, {"record_data", "C", false, 1, 66}}, program.References())
	require.Equal(t, `state["AE.x"]`, program.References()[0].String())
}

// TestDatesAreTheHosts runs what the package adds to a host's dates.
func TestDatesAreTheHosts(t *testing.T) {
	for source, want := range map[string]string{
		`date("2024-03-05") - date("2024-03-01")`:      "number 4",
		`2 + date("2024-02-28")`:                       "date 2024-03-01",
		`date("2024-03-05").month`:                     "number 3",
		`date("2024-03-05").complete`:                  "bool true",
		`date("") is None`:                             "bool true",
		`max(date("2024-03-05"), record.date_created)`: "date 2024-03-05",
		`study_day("2024-03-05", "2024-03-05")`:        "none ",
		`treatment_emergent("2024-03-05", None)`:       "none ",
	} {
		got, err := evaluate(source)
		require.NoError(t, err, source)
		require.Equal(t, want, describe(got), source)
	}
}

func FuzzExpression(f *testing.F) {
	var cases []struct{ Expression string }
	document, err := os.ReadFile("testdata/python_expressions.json")
	require.NoError(f, err)
	require.NoError(f, json.Unmarshal(document, &cases))
	for _, c := range cases {
		f.Add(c.Expression)
	}
	f.Fuzz(func(t *testing.T, source string) {
		program, err := NewCompiler(testHost).Compile(source)
		if err != nil {
			return
		}
		r := NewRunner()
		first, err := r.Run(program, names{program, lookup})
		if err != nil {
			return
		}
		again, err := r.Run(program, names{program, lookup})
		require.NoError(t, err)
		a, errA := first.Scalar()
		b, errB := again.Scalar()
		require.Equal(t, errA == nil, errB == nil)
		require.Equal(t, a, b, "an expression means the same every time")
	})
}

// TestReferencesNameWhateverCanBeRead is what keeps identifying variables masked: keys that are known
// only when an expression runs count as any key.
func TestReferencesNameWhateverCanBeRead(t *testing.T) {
	for source, want := range map[string][]string{
		`payload[value]`: {"payload any"},
		`(record.record_data if True else payload)["A"]`: {"record_data any", "payload any"},
		`record.subject_key + subject_key`:               {"record.subject_key", "subject_key any"},
		`record.record_data.get(value)`:                  {"record_data any"},
		`len(record.record_data.values())`:               {"record_data any"},
		`context.state.get("A") or [context] == []`:      {"state.A", "state any", "baseline any", "subject_key any"},
		`(state)["A"]`:   {"state.A"},
		`[record] == []`: {"record any"},
		`payload["A"] if "B" in payload else baseline["C"]`: {"payload.A", "baseline.C", "payload any"},
		`context.subject_key`:                               {"subject_key any"},
	} {
		program, err := NewCompiler(testHost).Compile(source)
		require.NoError(t, err, source)
		var got []string
		for _, r := range program.References() {
			if r.Any {
				got = append(got, r.Object+" any")
				continue
			}
			got = append(got, r.Object+"."+r.Key)
		}
		require.Equal(t, want, got, source)
	}
}

// TestLongExpressionsRunOrSayWhy: what fits into the source is no matter of Starlark's own limits.
func TestLongExpressionsRunOrSayWhy(t *testing.T) {
	pairs := strings.Repeat("1:2,", 600)
	got, err := evaluate("{" + pairs + "3:4}[3]")
	require.NoError(t, err)
	require.Equal(t, Number("4"), got)
	got, err = evaluate(strings.Repeat("1<=", 900) + "1")
	require.NoError(t, err)
	require.Equal(t, true, got)
	got, err = evaluate("3 in {" + strings.Repeat("1,", 900) + "3}")
	require.NoError(t, err)
	require.Equal(t, true, got)
	_, err = NewCompiler(testHost).Compile("1 + max(" + strings.Repeat("1,", 300) + "2)")
	require.EqualError(t, err, "line 1, column 5: more than 255 arguments: give max one list")
}

// TestWhatDatesLeaveOpenIsNoMistake of the expression: whoever runs it can tell both apart.
func TestWhatDatesLeaveOpenIsNoMistake(t *testing.T) {
	c, r := NewCompiler(testHost), NewRunner()
	run := func(source string) error {
		p, err := c.Compile(source)
		require.NoError(t, err)
		_, err = r.Run(p, names{p, lookup})
		return err
	}
	require.NoError(t, run(`study_day("2024-03-05", "2024-03-05")`))
	require.True(t, r.LeftOpen(), "this host knows no study days")
	require.NoError(t, run(`1 + 1`))
	require.False(t, r.LeftOpen())
	require.NotErrorIs(t, run(`1 + "a"`), ErrUnknowable)
	require.ErrorIs(t, errUndecided, ErrUnknowable)
	require.ErrorIs(t, errNeedsDay, ErrUnknowable)
}
