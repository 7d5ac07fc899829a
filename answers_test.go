package imednet_test

import (
	"cmp"
	"os"
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/answers/examples"
)

// TestValuesMeanWhatTheTableSays runs the shared table through Value.
func TestValuesMeanWhatTheTableSays(t *testing.T) {
	for _, e := range examples.Answers() {
		v := imednet.NewValue(jsontext.Value(e.JSON))
		require.Equal(t, e.JSON, string(v.Raw()))
		require.Equal(t, e.Missing, v.Missing(), e.JSON)
		require.Equal(t, e.Text, v.Text(), e.JSON)
		require.Equal(t, !e.NotUnicode, v.IsUnicode(), e.JSON)
		flag, understood := v.YesNo()
		require.Equal(t, e.Flag, flag.String(), e.JSON)
		require.Equal(t, !e.Maybe, understood, e.JSON)
		checkNumber(t, e, v)
	}
}

func checkNumber(t *testing.T, e examples.Answer, v imednet.Value) {
	t.Helper()
	n, ok := v.Number()
	require.Equal(t, e.Number != "", ok, e.JSON)
	require.Equal(t, e.Number, n.Canonical(), e.JSON)
	i, whole := v.Int64()
	require.Equal(t, e.Whole, whole, e.JSON)
	f, finite := v.Float64()
	require.Equal(t, e.Float64 == "exact" || e.Float64 == "rounded", finite, e.JSON)
	if !ok {
		require.Zero(t, i)
		require.Zero(t, f)
		return
	}
	require.Equal(t, e.Padded, n.Padded(), e.JSON)
	_, accuracy := n.Float64()
	require.Equal(t, e.Float64, accuracy.String(), e.JSON)
}

func TestKeysMeanWhatTheTableSays(t *testing.T) {
	for _, e := range examples.Keys() {
		d := data(t, e.Object)
		v, n := d.Lookup("AETERM")
		require.Equal(t, e.Raw, string(v.Raw()), e.Object)
		require.Equal(t, e.Spellings, n, e.Object)
		if e.Spellings < 2 {
			require.Equal(t, e.Repeats > 0, len(d.Repeated()) > 0, e.Object)
		}
	}
	require.Equal(t, []string{"b", "a"}, data(t, `{"a":1,"b":2,"b":3,"a":4,"b":5,"A":6}`).Repeated())
	for _, raw := range []string{`null`, `[]`, `"x"`} {
		_, n := data(t, raw).Lookup("x")
		require.Zero(t, n)
	}
}

// TestTwinsMeanWhatTheTableSays: of variables that differ only in case, each has its own answer. A name in a
// third spelling fits both.
func TestTwinsMeanWhatTheTableSays(t *testing.T) {
	form := formWith(t, "AESER", "aeser")
	for _, e := range examples.Twins() {
		d := data(t, e.Object)
		for name, want := range map[string]struct {
			raw     string
			unclear bool
		}{"AESER": {e.Upper, e.UpperUnclear}, "aeser": {e.Lower, e.LowerUnclear}} {
			v, n := form.Answer(d, name)
			require.Equal(t, want.raw, string(v.Raw()), "%s %s", name, e.Object)
			require.Equal(t, want.unclear, n > 1, "%s %s", name, e.Object)
			require.Equal(t, want.raw != "", n == 1, "%s %s", name, e.Object)
		}
		_, n := form.Answer(d, "aESer")
		given := e.Upper != "" || e.Lower != "" || e.UpperUnclear
		require.Equal(t, given, n == 2, e.Object)
		require.Equal(t, !given, n == 0, e.Object)
	}
}

// TestANameInAnotherCaseIsThatOfTheVariable, whatever keys the record has beside it.
func TestANameInAnotherCaseIsThatOfTheVariable(t *testing.T) {
	form := formWith(t, "AESER")
	v, n := form.Answer(data(t, `{"aeser":"N","AESER":"Y"}`), "aeser")
	require.Equal(t, 1, n)
	require.Equal(t, `"Y"`, string(v.Raw()), "as the table of the form has it")
	v, n = form.Answer(data(t, `{"other":"N"}`), "OTHER")
	require.Equal(t, 1, n)
	require.Equal(t, `"N"`, string(v.Raw()))
}

func formWith(t *testing.T, names ...string) *imednet.IndexedForm {
	t.Helper()
	var variables []imednet.Variable
	for i, name := range names {
		variables = append(variables, imednet.Variable{VariableID: int64(i + 1), FormID: imednet.Some(int64(1)), VariableName: imednet.Some(name)})
	}
	form, _ := imednet.NewFormIndex([]imednet.Form{{FormID: 1, FormKey: imednet.Some("AE")}}, variables).Of(1, "")
	require.NotNil(t, form)
	return form
}

func TestYesNo(t *testing.T) {
	for text, want := range map[string]imednet.YesNo{
		"": imednet.Unknown, " \u00a0": imednet.Unknown, "TRUE": imednet.Yes, " y ": imednet.Yes, "1": imednet.Yes, "T": imednet.Yes, "yes": imednet.Yes,
		"false": imednet.No, "N\u00a0": imednet.No, "0": imednet.No, "f": imednet.No, "No": imednet.No,
	} {
		flag, understood := imednet.ParseYesNo(text)
		require.True(t, understood, "%q", text)
		require.Equal(t, want, flag, "%q", text)
	}
	for _, text := range []string{"maybe", "1.0", "01", "-1", "on", "yess", "ye", "5.9", "yeſ"} {
		flag, understood := imednet.ParseYesNo(text)
		require.False(t, understood, text)
		require.Equal(t, imednet.Unknown, flag, text)
	}
	for flag, want := range map[imednet.YesNo][3]any{imednet.Unknown: {"", "null", false}, imednet.No: {"N", "false", true}, imednet.Yes: {"Y", "true", true}} {
		require.Equal(t, want[0], flag.String())
		raw, err := flag.MarshalJSON()
		require.NoError(t, err)
		require.Equal(t, want[1], string(raw))
		var again imednet.YesNo
		require.NoError(t, again.UnmarshalJSON(raw))
		require.Equal(t, flag, again)
		require.Error(t, again.UnmarshalJSON([]byte(`1`)), "a number is no flag here")
		value, answered := flag.Bool()
		require.Equal(t, want[2], answered)
		require.Equal(t, flag == imednet.Yes, value)
		if answered {
			require.Equal(t, flag, imednet.YesNoOf(value))
		}
	}
	_, answered := imednet.YesNo(7).Bool()
	require.False(t, answered)
}

func TestDatesMeanWhatTheTableSays(t *testing.T) {
	for _, e := range examples.Answers() {
		if e.Declared != "DATE" || e.Missing {
			continue
		}
		d, err := imednet.ParsePartialDate(e.Text)
		require.Equal(t, e.Date != "", err == nil, e.JSON)
		require.Equal(t, e.Date, d.String(), e.JSON)
		if err == nil {
			require.Equal(t, e.Precision, string(d.Precision()), e.JSON)
		}
	}
}

// TestTheManualsTableIsTrue reads the table of the package comment.
func TestTheManualsTableIsTrue(t *testing.T) {
	text, err := os.ReadFile("doc.go")
	require.NoError(t, err)
	_, table, found := strings.Cut(string(text), "//\tanswer                   number      flag  date\n")
	require.True(t, found)
	rows := 0
	shown := func(text string) string { return cmp.Or(text, "-") }
	for line := range strings.Lines(table) {
		line, inside := strings.CutPrefix(line, "//\t")
		if !inside {
			break
		}
		rows++
		answer := strings.TrimSpace(line[:25])
		v := imednet.NewValue(jsontext.Value(answer))
		number, _ := v.Number()
		flag, _ := v.YesNo()
		var date imednet.PartialDate
		if v.Kind() == '"' {
			date, _ = imednet.ParsePartialDate(v.Text())
		}
		require.Equal(t, strings.Fields(line[25:]), []string{shown(number.Canonical()), shown(flag.String()), shown(date.String())}, answer)
	}
	require.Equal(t, 17, rows)
}

func TestFormsMeanWhatTheTableSays(t *testing.T) {
	index := imednet.NewFormIndex([]imednet.Form{{FormID: 1, FormKey: imednet.Some("AE")}, {FormID: 2, FormKey: imednet.Some("VS")}}, nil)
	for _, e := range examples.Forms() {
		form, contradiction := index.Of(e.ID, e.Key)
		require.Equal(t, e.Form == "", form == nil, "%+v", e)
		require.Equal(t, e.Contradicts, !contradiction.IsZero(), "%+v", e)
		if form != nil {
			require.Equal(t, e.Form, form.Key(), "%+v", e)
		}
	}
}
