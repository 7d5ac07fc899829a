package extraction

import (
	"encoding/json"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.starlark.net/starlark"

	"github.com/imednetgo/imednet"
)

const expressionRecord = `{"studyKey":"S","formKey":"AE","siteId":3,"recordId":7,"recordStatus":"Record Complete","deleted":false,
	"dateCreated":"2024-03-02 10:00:00","subjectId":1,"subjectKey":"101","visitId":null,
	"recordData":{"AESER":"Y","AESEV":"3","X":"","N":null,"DOSE":54,"WT":70.5,"TERM":"Häm 1","FLAG":true,"AGE":"61","LIST":[1,2,3],"OBJ":{"a":1},
	"D":"2024-03-05","M":"2024-03","AMB":1,"amb":2}}`

// expressionScope is what the expressions of these tests see.
func expressionScope(tb testing.TB) *scope {
	tb.Helper()
	record, err := imednet.Decode[imednet.Record]([]byte(expressionRecord))
	require.NoError(tb, err)
	run := &subjectRun{
		state: map[string]stateEntry{
			"AE.aeTerm": {value: TextValue("HEADACHE")}, "ADSL.AGE": {value: TextValue("61")}, "ADLB.AVAL": {value: NumberValue("40.0")},
			"AE.aeSerious": {value: FlagValue(Yes)}, "AE.failed": {failedOn: 5},
		},
		baseline: map[string]stateEntry{"ADLB.AVAL": {value: NumberValue("40.0")}},
	}
	return &scope{
		run: run, view: &recordView{record: &record, answers: newAnswers(record.RecordData)}, value: TextValue("12"),
		payload: map[string]stateEntry{"aeTerm": {value: TextValue("HEADACHE")}, "aeSeverity": {}},
	}
}

// evaluate compiles and runs one expression.
func evaluate(tb testing.TB, source string) (Value, error) {
	tb.Helper()
	x, err := newCompiler().compile(source)
	if err != nil {
		return Value{}, err
	}
	s := expressionScope(tb)
	result, err := newEvaluator(maxExpressionSteps).run(x, s.lookup)
	if err != nil {
		return Value{}, err
	}
	return fromStarlark(result, s.value)
}

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
	kinds := map[Kind]string{KindNull: "none", KindText: "text", KindNumber: "number", KindBool: "bool"}
	for _, c := range cases {
		got, err := evaluate(t, c.Expression)
		if reason, ok := stricter[c.Expression]; ok {
			require.Error(t, err, "%s: %s", c.Expression, reason)
			continue
		}
		if c.Kind == "error" {
			require.Error(t, err, c.Expression)
			continue
		}
		require.NoError(t, err, c.Expression)
		require.Equal(t, c.Kind+" "+c.Text, kinds[got.Kind()]+" "+got.String(), c.Expression)
	}
}

func TestExpressionDates(t *testing.T) {
	cases := map[string]string{
		`date("2024-03-05") - date("2024-03-01")`:                             "4",
		`(date("2024-03-05") - date("2024-03-01")).days`:                      "4",
		`date(record.record_data["D"]) - record.date_created`:                 "3",
		`date("2024-02-28") + 2`:                                              "2024-03-01",
		`2 + date("2024-02-28")`:                                              "2024-03-01",
		`date("2024-03-01") - 1`:                                              "2024-02-29",
		`date("2024-03") < date("2024-04-01")`:                                "true",
		`date("2024-03-05") == date("2024-03-05")`:                            "true",
		`date("2024-03-05") == None`:                                          "false",
		`date("") is None`:                                                    "true",
		`date(None)`:                                                          "",
		`date("2024-03").complete`:                                            "false",
		`date("2024-03").day is None`:                                         "true",
		`date("2024-03").year * 100 + date("2024-03").month`:                  "202403",
		`date("2024-03").precision`:                                           "month",
		`min(date("2024-03-05"), date("2024-03-01"))`:                         "2024-03-01",
		`"Y" if date(record.record_data["D"]) > record.date_created else "N"`: "Y",
		`record.date_created.isoformat()`:                                     "2024-03-02T10:00:00",
		`record.dateCreated.year`:                                             "2024",
		`study_day("2024-03-05", "2024-03-05")`:                               "1",
		`study_day("2024-03-04", "2024-03-05")`:                               "-1",
		`study_day("2024-03", "2024-03-05")`:                                  "",
		`treatment_emergent("2024-03", "2024-03-05")`:                         "",
		`treatment_emergent("2024-04", "2024-03-05")`:                         "true",
		`treatment_emergent("2024-04", "2024-03-05", "2024-03-10", 5)`:        "false",
		`bool(date("2024"))`:                                                  "true",
	}
	for source, want := range cases {
		got, err := evaluate(t, source)
		require.NoError(t, err, source)
		require.Equal(t, want, got.String(), source)
	}
	for source, reason := range map[string]string{
		`date("2024-03") < date("2024-03-05")`: "overlap",
		`date("2024-03") == date("2024-03")`:   "overlap",
		`date("2024-03") - date("2024-03-05")`: "day is not known",
		`date("2024-02-30")`:                   "calendar",
		`date("05/03/2024")`:                   "ISO 8601",
		`date(20240305)`:                       "works for text",
		`date("2024-03-05") > "2024-03-01"`:    "write date(",
		`date("2024-03-05") == "2024-03-05"`:   "write date(",
		`date("2024-03-05") > None`:            "None",
		`date("2024-03-05") + 1.5`:             "whole days",
		`date("2024-03-05") * 2`:               "does not work",
		`date("9999-12-31") + 400000`:          "ISO 8601",
		`record.record_data["AMb"]`:            "only in case",
		`state["AE.failed"]`:                   "could not be derived on record 5",
		`state.get("AE.failed")`:               "could not be derived",
	} {
		_, err := evaluate(t, source)
		require.ErrorContains(t, err, reason, source)
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
		err := CheckExpression(source)
		require.ErrorContains(t, err, want, source)
		require.ErrorContains(t, err, "line 1, column", source)
	}
	require.ErrorContains(t, CheckExpression("1 +\n  lambda"), "line 2, column 3")
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
		_, err := evaluate(t, source)
		require.Error(t, err, source[:min(60, len(source))])
	}
	var after runtime.MemStats
	runtime.ReadMemStats(&after)
	require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(256<<20), "bytes made by all of them together")
	require.Less(t, time.Since(start), 20*time.Second, "far more than they need")

	long := strings.Repeat("1+", 2000) + "1"
	got, err := evaluate(t, long)
	require.NoError(t, err, "long but harmless")
	require.Equal(t, "2001", got.String())
	deep := strings.Repeat("(", 55) + "1,)" + strings.Repeat(",)", 54)
	_, err = evaluate(t, deep)
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
		_, err := evaluate(t, source)
		require.Error(t, err, source)
		require.NotContains(t, err.Error(), "Häm", source)
	}
}

func TestEvaluatorRecoversAfterTooManySteps(t *testing.T) {
	e, s := newEvaluator(300), expressionScope(t)
	c := newCompiler()
	long, err := c.compile(strings.Repeat("1+", 100) + "1")
	require.NoError(t, err)
	short, err := c.compile("1+1")
	require.NoError(t, err)
	_, err = e.run(long, s.lookup)
	require.ErrorContains(t, err, "too many steps")
	v, err := e.run(short, s.lookup)
	require.NoError(t, err)
	require.Equal(t, starlark.MakeInt(2), v)
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
		x, err := newCompiler().compile(source)
		if err != nil {
			return
		}
		s := expressionScope(t)
		e := newEvaluator(maxExpressionSteps)
		first, err := e.run(x, s.lookup)
		if err != nil {
			return
		}
		again, err := e.run(x, s.lookup)
		require.NoError(t, err)
		a, errA := fromStarlark(first, s.value)
		b, errB := fromStarlark(again, s.value)
		require.Equal(t, errA == nil, errB == nil)
		require.Equal(t, a, b, "an expression means the same every time")
	})
}
