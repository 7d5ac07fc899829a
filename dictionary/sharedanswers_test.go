package dictionary_test

import (
	"encoding/csv"
	"encoding/xml"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/dictionary"
	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/internal/answers"
	"github.com/imednetgo/imednet/internal/answers/examples"
)

// answerRule is a rule over one question, and when it acts.
type answerRule struct {
	name, conditions string
	acts             imednet.YesNo
}

// against compares a question with a value.
func against(operator, question, value string) string {
	var escaped strings.Builder
	_ = xml.EscapeText(&escaped, []byte(value))
	return "<" + operator + "><question>" + question + "</question><value>" + escaped.String() + "</value></" + operator + ">"
}

// rulesFor are rules whose outcome the meaning of an answer decides: T, N, D and C are questions for a text, a
// number, a date and a checkbox.
func rulesFor(t *testing.T, a examples.Answer) []answerRule {
	t.Helper()
	blank := !answers.Populated([]byte(a.JSON))       // to rules white space is text
	given := func(acts imednet.YesNo) imednet.YesNo { // a blank is neither equal, greater nor less
		if blank {
			return imednet.No
		}
		return acts
	}
	checked := map[string]imednet.YesNo{"Y": imednet.Yes, "N": imednet.No}[a.Flag]
	rules := []answerRule{{"checked", "<checked><question>C</question></checked>", given(checked)}}
	for _, question := range []string{"T", "N", "C", "D"} {
		rules = append(rules, answerRule{"blank " + question, "<blank><question>" + question + "</question></blank>", imednet.YesNoOf(blank)})
	}
	number, isNumber := imednet.ParseNumber(a.Number)
	atLeast, more, five := imednet.Unknown, imednet.Unknown, imednet.Unknown
	if isNumber {
		atLeast, more, five = imednet.Yes, imednet.No, imednet.YesNoOf(number.Compare(imednet.NewNumber(5)) > 0)
	}
	rules = append(rules, answerRule{"more than five", against("gt", "N", "5"), given(five)})
	if isNumber {
		rules = append(rules, answerRule{"at least itself", against("gte", "N", a.Number), atLeast}, answerRule{"more than itself", against("gt", "N", a.Number), more},
			answerRule{"equals itself", against("equals", "N", a.Number), imednet.Yes})
	}
	date, err := imednet.ParsePartialDate(a.Date)
	require.NoError(t, err)
	for _, bound := range []string{"2014-02-02", "2014-02-04", "1706-06-30"} {
		day, err := imednet.ParsePartialDate(bound)
		require.NoError(t, err)
		after := imednet.Unknown
		if order := date.CompareDay(day); order != imednet.NotCertain && (order != imednet.Same || date == day) { // no moment of that day
			after = imednet.YesNoOf(order == imednet.After)
		}
		rules = append(rules, answerRule{"after " + bound, against("gt", "D", bound), given(after)})
	}
	if a.Date == "" && !a.Missing {
		rules = append(rules, answerRule{"equals its text", against("equals", "T", a.Text), imednet.Yes}, answerRule{"equals another text", against("equals", "T", a.Text+"?"), imednet.No})
	}
	if strings.HasPrefix(a.JSON, "[") || strings.HasPrefix(a.JSON, "{") { // what it means to a rule is not known
		for i := range rules {
			rules[i].acts = imednet.Unknown
		}
	}
	return rules
}

// TestRulesReadTheSharedAnswers: whether an edit check acts follows from what the table of the whole library
// says of the answer.
func TestRulesReadTheSharedAnswers(t *testing.T) {
	for _, a := range examples.Answers() {
		rules := rulesFor(t, a)
		x := export{
			dictionary.FormsFile:     "Form Key,Form Name\nAE,Event\n",
			dictionary.QuestionsFile: "Form,Variable Type,Variable Name\nAE,Text,T\nAE,Number,N\nAE,Date,D\nAE,Checkbox,C\n",
			dictionary.ChoicesFile:   "Form,Variable Type,Variable Name,Choice Text,Choice Value,Position\n",
			dictionary.RulesFile:     rulesFile(t, rules),
		}
		d := read(t, x.dir(t), "S")
		checker, err := dictionary.NewChecker(d, dictionary.WithClock(imednettest.NewClock(today)))
		require.NoError(t, err)
		joined, err := d.Join(eventForm, twinVariables("T", "N", "D", "C"), dictionary.JoinOptions{})
		require.NoError(t, err)
		object := `{}`
		if a.JSON != "" {
			object = `{"T":` + a.JSON + `,"N":` + a.JSON + `,"D":` + a.JSON + `,"C":` + a.JSON + `}`
		}
		r := event(t, object)
		var acting, want []string
		for i, outcome := range checker.Check(d.Forms[0], &r) {
			require.Equal(t, rules[i].acts, outcome.Acts, "%q %s: %s", a.JSON, rules[i].name, outcome.Why)
			if rules[i].acts == imednet.Yes {
				want = append(want, rules[i].name)
			}
		}
		for b, err := range checker.Study(t.Context(), joined, one(r), nil).Breaches() {
			require.NoError(t, err)
			acting = append(acting, b.Outcome.Rule)
		}
		require.Equal(t, want, acting, "%q", a.JSON)
	}
}

func rulesFile(t *testing.T, rules []answerRule) string {
	t.Helper()
	var b strings.Builder
	w := csv.NewWriter(&b)
	require.NoError(t, w.Write([]string{"Type", "Name", "Status", "ID", "Form", "Sequence", "Logic"}))
	for _, r := range rules {
		logic := "<BusinessLogic><Conditions>" + r.conditions + "</Conditions><Actions><message><message>m</message></message></Actions></BusinessLogic>"
		require.NoError(t, w.Write([]string{"Form", r.name, "Active", r.name, "AE", "10", logic}))
	}
	w.Flush()
	return b.String()
}
