package dictionary_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet/dictionary"
)

// TestBuildsThatReadOtherQuestionsAreFound has builds that read a question of the form which the rule does not read, and builds that
// differ for numbers and texts which no constant of the rule suggests.
func TestBuildsThatReadOtherQuestionsAreFound(t *testing.T) {
	q := func(name string) string { return "<question>" + name + "</question>" }
	v := func(text string) string { return "<value>" + text + "</value>" }
	in := func(name string, parts ...string) string {
		return "<" + name + ">" + strings.Join(parts, "") + "</" + name + ">"
	}
	for name, c := range map[string]struct{ meant, from, to string }{
		"a number":      {in("or", in("lt", q("N"), q("M")), in("lt", q("N"), v("34")), in("gte", q("N"), v("16"))), in("lt", q("N"), q("M")), in("lt", q("P"), q("M"))},
		"a date":        {in("and", in("blank", q("D")), in("not", in("gt", q("D"), v("2024-05-01")))), in("gt", q("D"), v("2024-05-01")), in("gt", q("X"), v("2024-05-01"))},
		"a time of day": {in("and", in("blank", q("H")), in("not", in("gt", q("H"), v("12:59")))), in("gt", q("H"), v("12:59")), in("gt", q("I"), v("12:59"))},
		"a fraction":    {in("or", in("checked", q("C")), in("lt", q("N"), in("sub", q("N"), v("0.5")))), in("lt", q("N"), in("sub", q("N"), v("0.5"))), in("lt", in("floor", q("N")), in("sub", q("N"), v("0.5")))},
		"a bound": {
			in("or", in("not", in("equals", q("R"), v("Mild"))), in("not", in("gt", in("mul", q("N"), q("W")), v("59900")))),
			in("or", in("not", in("equals", q("R"), v("Mild"))), in("not", in("gt", in("mul", q("N"), q("W")), v("59900")))),
			in("not", in("gt", in("mul", q("N"), q("W")), v("59900"))),
		},
		"another class": {in("like", q("T"), v(`^([^0-9]{2,4}\w{1,3}|[^0-9])`)), `^([^0-9]{2,4}`, `^(\d{2,4}`},
	} {
		t.Run(name, func(t *testing.T) {
			require.Contains(t, c.meant, c.from)
			meant, built := parseNode(t, c.meant), parseNode(t, strings.Replace(c.meant, c.from, c.to, 1))
			result := acceptanceOfExport(t, withBounds(randomExport("<BusinessLogic><Conditions>"+meant.String()+"</Conditions><Actions><message><message>m</message></message></Actions></BusinessLogic>")))
			require.Empty(t, result.Uncovered)
			shows := func(one dictionary.CaseResult) bool { return showsApart(meant, built, answersOf(one.Data)) }
			require.True(t, slices.ContainsFunc(result.Cases, shows), "%v", result.Cases)
		})
	}
}

// TestWhatNoRecordDecidesIsNotToldApart has a rule with a part that no record decides: how the study has built that part is not known.
func TestWhatNoRecordDecidesIsNotToldApart(t *testing.T) {
	const over = "<gt><question>W</question><value>5</value></gt>"
	for _, part := range []string{
		"<gt><question>T</question><value>5</value></gt>", "<lte><question>T</question><question>U</question></lte>",
	} {
		result := acceptanceOf(t, parseNode(t, "<or>"+over+part+"</or>"))
		require.Empty(t, result.Uncovered, part)
		require.Len(t, result.Untold, 1, part)
		require.NotZero(t, result.Untold[0].Number)
		for _, build := range result.Untold[0].Builds {
			require.Contains(t, build, "gt(question W, value 5)", "only the part that nothing decides is otherwise")
		}
	}
	require.Empty(t, acceptanceOf(t, parseNode(t, over)).Untold)
}

// withBounds lets the question N take the numbers from 1 to 60 only.
func withBounds(e export) export {
	questions := strings.Replace(e[dictionary.QuestionsFile], "Precision Time\n", "Precision Time,Minimum Value,Maximum Value\n", 1)
	e[dictionary.QuestionsFile] = strings.Replace(questions, "F,Number,N,Optional,No,,\n", "F,Number,N,Optional,No,,,1,60\n", 1)
	return e
}
