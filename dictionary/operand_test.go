package dictionary_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/dictionary"
)

// answered asks each comparison of two operands, in both orders, for one record.
func answered(t *testing.T, a, b, data string) map[string]imednet.YesNo {
	t.Helper()
	all := map[string]imednet.YesNo{}
	for _, operator := range []string{"equals", "gt", "lt", "gte", "lte"} {
		o := verdict(t, ruleExport(about(operator, a+b)), data)
		all[operator] = o.Acts
		require.Equal(t, o.Acts == imednet.Unknown, o.Why != "", operator)
		negated := verdict(t, ruleExport("<not>"+about(operator, a+b)+"</not>"), data)
		require.Equal(t, map[imednet.YesNo]imednet.YesNo{imednet.Yes: imednet.No, imednet.No: imednet.Yes}[o.Acts], negated.Acts, "not %s", operator)
		turned := verdict(t, ruleExport(about(map[string]string{"equals": "equals", "gt": "lt", "lt": "gt", "gte": "lte", "lte": "gte"}[operator], b+a)), data)
		require.Equal(t, o.Acts, turned.Acts, "%s in the other order", operator)
	}
	return all
}

func value(text string) string    { return "<value>" + text + "</value>" }
func question(name string) string { return "<question>" + name + "</question>" }

// What cannot be read as the type that a comparison needs decides nothing: neither that it is equal, nor that it is not.
func TestAnOperandThatCannotBeReadDecidesNothing(t *testing.T) {
	for _, c := range []struct{ a, b, data string }{
		{question("D"), value("05 Jan 2024"), `{"D":"2024-01-06"}`},
		{question("D"), value("2024"), `{"D":"2023-05-01"}`},
		{question("D"), value("20240105"), `{"D":"2024-01-05"}`},
		{question("D"), value("today"), `{"D":"2024-01-05"}`},
		{question("D"), value("10:30"), `{"D":"2024-01-05"}`},
		{question("D"), question("T"), `{"D":"2024-01-05","T":"5/1/2024"}`},
		{question("D"), question("N"), `{"D":"2024-01-05","N":2024}`},
		{question("D"), question("H"), `{"D":"2024-01-05","H":"10:30"}`},
		{question("D"), value("2024-01-05"), `{"D":"UNK"}`},
		{question("D"), value("2024-01-05"), `{"D":" "}`},
		{"<current_date_only/>", value("1 March"), `{}`},
		{"<trunc_date><question>D</question></trunc_date>", value("1 March"), `{"D":"2024-01-05"}`},
		{question("H"), value("later"), `{"H":"08:01"}`},
		{question("H"), value("8:01"), `{"H":"08:01"}`},
		{question("H"), value("08:01"), `{"H":"eight"}`},
		{question("N"), value("5,0"), `{"N":5}`},
		{question("N"), value("1,000"), `{"N":1000}`},
		{question("N"), value("Yes"), `{"N":1}`},
		{question("N"), value("5"), `{"N":"many"}`},
		{question("N"), value("many"), `{"N":"many"}`},
		{question("N"), value("5"), `{"N":" "}`},
		{question("N"), question("T"), `{"N":5,"T":"5 mg"}`},
		{question("N"), question("R"), `{"N":1,"R":"Mild"}`},
		{question("C"), value("Ticked"), `{"C":true}`},
		{question("C"), value("Yes"), `{"C":"ticked"}`},
		{question("C"), value("ticked"), `{"C":"ticked"}`},
		{question("C"), value("maybe"), `{"C":"perhaps"}`},
		{about("add", question("N")+value("1")), value("six"), `{"N":5}`},
		{about("add", question("T")+value("1")), value("6"), `{"T":"five"}`},
		// A blank beside it changes nothing: what cannot be read may be one.
		{question("N"), question("T"), `{"N":"many"}`},
		{question("N"), value(""), `{"N":"many"}`},
		{about("add", question("N")+value("1")), value("six"), `{}`},
		{question("D"), value(""), `{"D":"UN-UNK-2024"}`},
		{question("D"), value("1 March"), `{}`},
		{question("H"), question("T"), `{"H":"eight"}`},
		{question("C"), value(""), `{"C":"perhaps"}`},
	} {
		for operator, acts := range answered(t, c.a, c.b, c.data) {
			require.Equal(t, imednet.Unknown, acts, "%s of %s and %s over %s", operator, c.a, c.b, c.data)
		}
	}
}

// TestABlankEqualsABlankOnly has answers that can be read beside blanks: none of them is equal, less or greater.
func TestABlankEqualsABlankOnly(t *testing.T) {
	for _, c := range []struct{ a, b, data string }{
		{question("N"), question("T"), `{"N":5}`},
		{question("N"), value("5"), `{}`},
		{about("add", question("N")+value("1")), value("1"), `{}`},
		{question("D"), value("2024-01-05"), `{"D":null}`},
		{question("D"), value("2024-01-05"), `{"D":""}`},
		{question("H"), question("T"), `{"H":"08:01"}`},
		{question("T"), value("a"), `{}`},
		{question("R"), value("Mild"), `{}`},
	} {
		acts := answered(t, c.a, c.b, c.data)
		for _, operator := range []string{"equals", "gt", "gte", "lt", "lte"} {
			require.Equal(t, imednet.No, acts[operator], "%s of %s and %s over %s", operator, c.a, c.b, c.data)
		}
	}
	require.Equal(t, imednet.Yes, answered(t, question("N"), question("T"), `{"T":null}`)["equals"])
}

// Codes and texts are text: only the answer to a question for a number is one.
func TestTextsAreNoNumbers(t *testing.T) {
	x := export{
		dictionary.FormsFile:     "Form Key,Form Name\nF,Form\n",
		dictionary.QuestionsFile: "Form,Variable Type,Variable Name\nF,Radio,R\nF,Text,T\nF,Memo,M\nF,Number,N\nF,Dropdown,O\nF,Unseen,U\n",
		dictionary.ChoicesFile:   "Form,Variable Type,Variable Name,Choice Text,Choice Value,Position\nF,Radio,R,1,a,1\nF,Radio,R,01,b,2\nF,Radio,R,1.0,c,3\nF,Radio,R,x,d,4\nF,Radio,R,y,d,5\n",
	}
	acts := func(condition, data string) imednet.YesNo {
		x[dictionary.RulesFile] = ruleExport(condition)[dictionary.RulesFile]
		return verdict(t, x, data).Acts
	}
	spellings := []string{"1", "01", "1.0", "+1", "1e0"}
	for _, name := range []string{"R", "T", "M", "O"} {
		for _, answer := range spellings {
			for _, compared := range spellings {
				data := fmt.Sprintf(`{%q:%q,"T2":1}`, name, answer)
				want := imednet.YesNoOf(answer == compared)
				require.Equal(t, want, acts("<equals>"+question(name)+value(compared)+"</equals>", data), "%s: %s and %s", name, answer, compared)
				require.Equal(t, want, acts("<equals>"+value(compared)+question(name)+"</equals>", data), "%s: %s and %s", name, answer, compared)
				require.Equal(t, imednet.Yes, acts("<equals>"+question("N")+value(compared)+"</equals>", `{"N":"`+answer+`"}`), "a number: %s and %s", answer, compared)
			}
		}
	}
	require.Equal(t, imednet.No, acts("<equals>"+question("T")+value("7")+"</equals>", `{"T":"007"}`))
	require.Equal(t, imednet.No, acts("<equals>"+question("T")+question("R")+"</equals>", `{"T":"01","R":"1"}`))
	require.Equal(t, imednet.Yes, acts("<equals>"+question("R")+value("01")+"</equals>", `{"R":"b"}`), "a code stands for its text")
	require.Equal(t, imednet.Yes, acts("<equals>"+question("N")+question("T")+"</equals>", `{"T":"007","N":7}`), "a number needs numbers")
	require.Equal(t, imednet.Unknown, acts("<equals>"+question("R")+value("x")+"</equals>", `{"R":"d"}`), "a code of two choices")
	require.Equal(t, imednet.Yes, acts("<equals>"+question("U")+value("1")+"</equals>", `{"U":"1"}`), "the same text is equal, of whatever type")
	require.Equal(t, imednet.Unknown, acts("<equals>"+question("U")+value("1")+"</equals>", `{"U":"01"}`), "of a type that is not known it may be a number")
	for _, name := range []string{"R", "T", "M", "U"} {
		require.Equal(t, imednet.Unknown, acts("<gt>"+question(name)+value("10")+"</gt>", fmt.Sprintf(`{%q:"9"}`, name)), "texts have no order")
	}
	require.Equal(t, imednet.Yes, acts("<lt>"+question("T")+question("N")+"</lt>", `{"T":"9","N":10}`))
}

// White space around an answer is text that somebody entered, or is dropped: where that matters nothing is decided.
func TestWhiteSpaceAroundATextDecidesNothing(t *testing.T) {
	for _, c := range []struct {
		a, b, data string
		want       imednet.YesNo
	}{
		{question("T"), value("A"), `{"T":"A "}`, imednet.Unknown},
		{question("T"), value("A"), `{"T":"\u00a0A"}`, imednet.Unknown},
		{question("T"), value(" A "), `{"T":" A "}`, imednet.Yes},
		{question("T"), value(" A "), `{"T":"A  "}`, imednet.Unknown},
		{question("T"), value(" A "), `{"T":"A"}`, imednet.Unknown},
		{question("T"), value("\n\t A\n"), `{"T":"A"}`, imednet.Yes},
		{question("T"), value("A&#160;"), `{"T":"A"}`, imednet.Unknown},
		{question("T"), value("<![CDATA[A ]]>"), `{"T":"A"}`, imednet.Unknown},
		{question("T"), value("<![CDATA[A ]]>"), `{"T":"A "}`, imednet.Yes},
		{question("T"), value("B"), `{"T":"A "}`, imednet.No},
		{question("T"), question("U"), `{"T":" A","U":" A"}`, imednet.Yes},
		{question("T"), question("U"), `{"T":" A","U":"A"}`, imednet.Unknown},
		{question("T"), question("U"), `{"T":" ","U":"  "}`, imednet.Unknown},
		{question("R"), value("Mild"), `{"R":" Mild "}`, imednet.Yes},
		{question("R"), value("Else"), `{"R":"Else "}`, imednet.Unknown},
		{question("N"), value("1"), `{"N":" 1 "}`, imednet.Yes},
	} {
		x := ruleExport(about("equals", c.a+c.b))
		x[dictionary.QuestionsFile] += "F,Text,U,Soft\n"
		require.Equal(t, c.want, verdict(t, x, c.data).Acts, "%s and %s over %s", c.a, c.b, c.data)
	}
}

// White space around a choice is layout, also of a rule that names the choice as it stands in the export.
func TestWhiteSpaceAroundAChoiceIsLayout(t *testing.T) {
	for _, c := range []struct {
		word, value, data string
		want              imednet.YesNo
	}{
		{"equals", " Mild", `{"R":" Mild"}`, imednet.Yes}, {"equals", " Mild", `{"R":"Mild"}`, imednet.Yes}, {"equals", " Mild", `{"R":"1"}`, imednet.Yes},
		{"equals", "Mild", `{"R":" Mild"}`, imednet.Yes}, {"equals", "\n Mild\n", `{"R":" Mild"}`, imednet.Yes},
		{"equals", "Mild ", `{"R":" Mild"}`, imednet.Unknown}, {"equals", "  Mild", `{"R":" Mild"}`, imednet.Unknown},
		{"equals", " Severe", `{"R":" Mild"}`, imednet.No}, {"equals", " Severe", `{"R":"Severe"}`, imednet.Unknown},
		{"like", "^Mild", `{"R":" Mild"}`, imednet.Unknown}, {"like", "^[ ]Mild", `{"R":"1"}`, imednet.Unknown}, {"like", "Mild", `{"R":"1"}`, imednet.Yes},
	} {
		x := ruleExport(about(c.word, question("R")+value(c.value)))
		x[dictionary.ChoicesFile] = "Form,Variable Type,Variable Name,Choice Text,Choice Value,Position\nF,Radio,R, Mild,1,1\nF,Radio,R,Severe,2,2\n"
		require.Equal(t, c.want, verdict(t, x, c.data).Acts, "%s %q over %s", c.word, c.value, c.data)
	}
}

// TestBlanksOfARegularExpression decide nothing where they matter, and everything else is decided.
func TestBlanksOfARegularExpression(t *testing.T) {
	for _, c := range []struct {
		pattern, data string
		want          imednet.YesNo
	}{
		{"AB ", `{"T":"AB1"}`, imednet.Unknown}, {" AB", `{"T":"AB1"}`, imednet.Unknown}, {"AB&#160;", `{"T":"AB1"}`, imednet.Unknown},
		{"AB&#32;", `{"T":"AB1"}`, imednet.Unknown}, {"<![CDATA[AB ]]>", `{"T":"AB1"}`, imednet.Unknown}, {"AB ", `{"T":"AB 1"}`, imednet.Yes},
		{"AB ", `{"T":"CD"}`, imednet.No}, {"AB[ ]", `{"T":"AB1"}`, imednet.No}, {"\n AB\n", `{"T":"AB1"}`, imednet.Yes},
	} {
		require.Equal(t, c.want, verdict(t, ruleExport(about("like", question("T")+value(c.pattern))), c.data).Acts, "%q over %s", c.pattern, c.data)
	}
}

// A day is no moment: on the same day nothing is decided, and on others everything.
func TestADayAndAMomentOfIt(t *testing.T) {
	requireOrders(t, []ordered{
		{question("D"), question("E"), `{"D":"2024-05-01","E":"2024-05-01T10:30"}`, 9},
		{question("D"), value("2024-05-01 10:30"), `{"D":"2024-05-01"}`, 9},
		{question("D"), value("2024-05-01"), `{"D":"2024-05-01T00:00"}`, 9},
		{question("D"), "<current_date/>", `{"D":"2026-03-01"}`, 9},
		{question("D"), "<current_date_only/>", `{"D":"2026-03-01"}`, 0},
		{question("D"), question("E"), `{"D":"2024-05-01","E":"2024-05-02T00:00"}`, -1},
		{question("D"), question("E"), `{"D":"2024-05-02","E":"2024-05-01T23:59"}`, 1},
		{question("D"), question("E"), `{"D":"2024-05-01","E":"2024-05-01"}`, 0},
		{question("D"), question("E"), `{"D":"2024-05-01T10:30","E":"2024-05-01T10:30"}`, 0},
		{question("D"), question("E"), `{"D":"2024-05-01T10:30","E":"2024-05-01T10:30:15"}`, 9},
		{question("D"), question("E"), `{"D":"2024-05-01T10:30","E":"2024-05-01T10:31:15"}`, -1},
		{question("D"), question("E"), `{"D":"2024-05-01T10","E":"2024-05-01T10"}`, 9},
		{question("D"), question("E"), `{"D":"2024-05","E":"2024-05"}`, 9},
		{question("D"), question("E"), `{"D":"2024-05","E":"2024-06-01"}`, -1},
		{question("D"), question("E"), `{"D":"2024-05-01T10:30:00","E":"2024-05-01T10:30:00"}`, 0},
		{question("H"), question("I"), `{"H":"10:30","I":"10:30"}`, 0},
		{question("H"), question("I"), `{"H":"10:30","I":"10:30:15"}`, 9},
		{question("H"), value("10:31"), `{"H":"10:30:59"}`, -1},
	})
}

// A moment with an offset is on the day that is written, whatever day it is in UTC, and two are compared by
// the clock. Beside one without an offset only what holds in every zone is decided.
func TestAMomentWithAnOffsetIsOnItsWrittenDay(t *testing.T) {
	const west, east = "2024-05-01T23:30:00-05:00", "2024-05-02T00:30:00+14:00" // in UTC the 2nd at 04:30, and the 1st at 10:30
	requireOrders(t, []ordered{
		{question("D"), value("2024-05-02"), `{"D":"` + west + `"}`, -1},
		{question("D"), value("2024-04-30"), `{"D":"` + west + `"}`, 1},
		{question("D"), value("2024-05-01"), `{"D":"` + west + `"}`, 9},
		{question("D"), value("2024-05-01"), `{"D":"` + east + `"}`, 1},
		{"<trunc_date>" + question("D") + "</trunc_date>", value("2024-05-01"), `{"D":"` + west + `"}`, 0},
		{"<trunc_date>" + question("D") + "</trunc_date>", value("2024-05-02"), `{"D":"` + east + `"}`, 0},
		{question("D"), question("E"), `{"D":"` + west + `","E":"` + east + `"}`, 1},
		{question("D"), question("E"), `{"D":"` + west + `","E":"2024-05-02T04:30:00Z"}`, 0},
		{question("D"), question("E"), `{"D":"` + west + `","E":"2024-05-02T04:30:00"}`, 9},
		{question("D"), question("E"), `{"D":"` + west + `","E":"2024-05-04T04:30:00"}`, -1},
	})
}

// ordered is two operands over a record with their order; 9 is one that is not certain.
type ordered struct {
	a, b, data string
	order      int
}

func requireOrders(t *testing.T, all []ordered) {
	t.Helper()
	for _, c := range all {
		want := map[string]imednet.YesNo{}
		for operator, holds := range map[string]bool{"equals": c.order == 0, "gt": c.order == 1, "lt": c.order == -1, "gte": c.order == 0 || c.order == 1, "lte": c.order == 0 || c.order == -1} {
			want[operator] = imednet.YesNoOf(holds)
			if c.order == 9 {
				want[operator] = imednet.Unknown
			}
		}
		require.Equal(t, want, answered(t, c.a, c.b, c.data), "%s and %s over %s", c.a, c.b, c.data)
	}
}

// Calculation is exact, and ends before it costs too much.
func TestCalculationIsExact(t *testing.T) {
	third := func(x string) string { return about("mul", about("div", x+value("3"))+value("3")) }
	for _, c := range []struct {
		condition, data string
		want            imednet.YesNo
	}{
		{about("lt", third(question("N"))+question("N")), `{"N":1}`, imednet.No},
		{about("equals", third(question("N"))+question("N")), `{"N":"1e30"}`, imednet.Yes},
		{about("equals", about("floor", about("mul", about("div", value("4")+value("3"))+value("3")))+value("4")), `{}`, imednet.Yes},
		{about("equals", about("floor", about("sub", value("0")+value("0.0000000000000000000000000000000000001")))+value("-1")), `{}`, imednet.Yes},
		{about("gt", about("div", value("1")+value("3"))+value("0.333333333333333333333333333333333333333")), `{}`, imednet.Yes},
		{about("equals", about("div", about("div", value("22")+value("7"))+about("div", value("22")+value("7")))+value("1")), `{}`, imednet.Yes},
		{about("gt", about("div", question("N")+value("3"))+question("M")), `{"N":1,"M":"1e-9000"}`, imednet.Unknown}, // too many places
		{about("gt", question("N")+question("M")), `{"N":1,"M":"1e-9000"}`, imednet.Yes},
		{about("gt", about("mul", strings.Repeat(question("N"), 9))+value("1")), `{"N":"1e4000"}`, imednet.Unknown},
		{about("lt", about("div", strings.Repeat(question("N"), 9))+value("1")), `{"N":"1e4000"}`, imednet.Unknown},
		{about("equals", about("sub", question("N"))+value("5")), `{"N":5}`, imednet.Unknown},
		{about("equals", about("div", question("N"))+value("5")), `{"N":5}`, imednet.Unknown},
		{about("equals", about("floor", question("N")+question("N"))+value("5")), `{"N":5}`, imednet.Unknown},
		// Whatever cannot be read is undecided, wherever a blank stands beside it.
		{about("blank", about("add", question("T")+question("N"))), `{"T":"abc"}`, imednet.Unknown},
		{about("blank", about("add", question("N")+question("T"))), `{"T":"abc"}`, imednet.Unknown},
		{about("blank", about("div", question("N")+value("0"))), `{}`, imednet.Unknown},
		{about("blank", about("add", question("N")+question("M"))), `{"M":1}`, imednet.Yes},
	} {
		o := verdict(t, ruleExport(c.condition), c.data)
		require.Equal(t, c.want, o.Acts, "%s over %s: %s", c.condition, c.data, o.Why)
	}
}

// Only an answer that is absent, null or "" is blank, and only a word for it says that a box is checked or is not.
func TestBlankAndChecked(t *testing.T) {
	for answer, blank := range map[string]imednet.YesNo{
		"": imednet.Yes, "null": imednet.Yes, `""`: imednet.Yes, `" "`: imednet.No, `"\u00a0"`: imednet.No, `"\t"`: imednet.No, `"x"`: imednet.No, "0": imednet.No, "false": imednet.No,
	} {
		for _, name := range []string{"T", "N", "R", "C", "D", "H"} {
			data := `{}`
			if answer != "" {
				data = fmt.Sprintf(`{%q:%s}`, name, answer)
			}
			require.Equal(t, blank, verdict(t, ruleExport(about("blank", question(name))), data).Acts, data)
		}
	}
	for answer, checked := range map[string]imednet.YesNo{
		"null": imednet.No, "true": imednet.Yes, "false": imednet.No, `"checked"`: imednet.Yes, `"No"`: imednet.No, `"maybe"`: imednet.Unknown, `" "`: imednet.Unknown, "2": imednet.Unknown, `"unchecked?"`: imednet.Unknown,
	} {
		require.Equal(t, checked, verdict(t, ruleExport(about("checked", question("C"))), `{"C":`+answer+`}`).Acts, answer)
		require.Equal(t, map[imednet.YesNo]imednet.YesNo{imednet.Yes: imednet.No, imednet.No: imednet.Yes}[checked],
			verdict(t, ruleExport("<not>"+about("checked", question("C"))+"</not>"), `{"C":`+answer+`}`).Acts, answer)
	}
}
