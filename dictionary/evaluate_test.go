package dictionary_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/dictionary"
	"github.com/imednetgo/imednet/imednettest"
)

// ruleExport is an export of one form with a question of each class, and one rule with a condition.
func ruleExport(condition string, more ...string) export {
	quote := func(s string) string { return `"` + strings.ReplaceAll(s, `"`, `""`) + `"` }
	rules := "Type,Name,Status,ID,Form,Sequence,Logic\n" +
		"Form,Rule,Active,1,F,10," + quote("<BusinessLogic><Conditions>"+condition+"</Conditions><Actions><message><message>m</message><error_field>N</error_field></message></Actions></BusinessLogic>") + "\n"
	for _, logic := range more {
		rules += "Form,State,Active,2,F,20," + quote(logic) + "\n"
	}
	return export{
		dictionary.FormsFile: "Form Key,Form Name\nF,Form\n",
		dictionary.QuestionsFile: "Form,Variable Type,Variable Name,Required Field\nF,Number,N,Soft\nF,Number,M,Soft\nF,Text,T,Soft\nF,Radio,R,Soft\nF,Checkbox,C,Optional\n" +
			"F,Date/Time Precision,D,Soft\nF,Date/Time Precision,E,Soft\nF,Time,H,Soft\nF,Time,I,Soft\n",
		dictionary.ChoicesFile: "Form,Variable Type,Variable Name,Choice Text,Choice Value,Position\nF,Radio,R,Mild,1,1\nF,Radio,R,Severe,2,2\n",
		dictionary.RulesFile:   rules,
	}
}

var today = time.Date(2026, 3, 1, 9, 30, 0, 0, time.UTC)

func verdict(t *testing.T, x export, data string) dictionary.Outcome {
	t.Helper()
	d := read(t, x.dir(t), "S")
	checker, err := dictionary.NewChecker(d, dictionary.WithClock(imednettest.NewClock(today)))
	require.NoError(t, err)
	answers, err := imednet.NewRecordData([]byte(data))
	require.NoError(t, err)
	return checker.CheckData(d.Forms[0], answers)[0]
}

func TestConditions(t *testing.T) {
	const q, v = "<question>", "</question><value>"
	for _, c := range []struct {
		condition, data string
		want            imednet.YesNo
	}{
		{"<true/>", `{}`, imednet.Yes},
		{"", `{}`, imednet.No},
		{"<gt>" + q + "N" + v + "10</value></gt>", `{"N":11}`, imednet.Yes},
		{"<gt>" + q + "N" + v + "10</value></gt>", `{"N":" 10.0 "}`, imednet.No},
		{"<gt>" + q + "N" + v + "10</value></gt>", `{"N":"9"}`, imednet.No},
		{"<gt>" + q + "N" + v + "10</value></gt>", `{}`, imednet.No},
		{"<gt>" + q + "N" + v + "10</value></gt>", `{"N":"many"}`, imednet.Unknown},
		{"<gte>" + q + "N" + v + "10</value></gte>", `{"n":10}`, imednet.Yes},
		{"<gt><question>N</question><question>M</question></gt>", `{"N":2,"M":1}`, imednet.Yes},
		{"<gt><question>N</question><question>M</question></gt>", `{"N":1,"M":2}`, imednet.No},
		{"<equals>" + q + "R" + v + "Severe</value></equals>", `{"R":"Severe"}`, imednet.Yes},
		{"<equals>" + q + "R" + v + "Severe</value></equals>", `{"R":"2"}`, imednet.Yes}, // by code: the same choice
		{"<equals>" + q + "R" + v + "2</value></equals>", `{"R":"2"}`, imednet.No},       // rules never test codes
		{"<equals>" + q + "R" + v + "</value></equals>", `{}`, imednet.Yes},
		{"<equals>" + q + "C" + v + "1</value></equals>", `{"C":true}`, imednet.Yes},
		{"<equals>" + q + "C" + v + "Yes</value></equals>", `{"C":"Checked"}`, imednet.Yes}, // words of one class
		{"<equals>" + q + "C" + v + "checked</value></equals>", `{"C":true}`, imednet.Yes},
		{"<equals>" + q + "C" + v + "Checked</value></equals>", `{"C":"0"}`, imednet.No},
		{"<equals>" + q + "C" + v + "Ticked</value></equals>", `{"C":true}`, imednet.Unknown}, // a word of no class
		{"<equals>" + q + "C" + v + "Yes</value></equals>", `{"C":"ticked"}`, imednet.Unknown},
		{"<equals>" + q + "C" + v + "ticked</value></equals>", `{"C":"ticked"}`, imednet.Unknown},
		{"<equals>" + q + "T" + v + "Yes</value></equals>", `{"T":"y"}`, imednet.No}, // words of a class only for a checkbox
		{"<equals>" + q + "T" + v + "true</value></equals>", `{"T":"1"}`, imednet.No},
		{"<equals>" + q + "N" + v + "Yes</value></equals>", `{"N":1}`, imednet.Unknown},
		{"<equals>" + q + "N" + v + "1</value></equals>", `{"N":"1.0"}`, imednet.Yes},
		{"<equals><question>T</question><question>C</question></equals>", `{"T":"yes","C":true}`, imednet.Yes},
		{"<checked><question>C</question></checked>", `{"C":"true"}`, imednet.Yes},
		{"<checked><question>C</question></checked>", `{"C":false}`, imednet.No},
		{"<checked><question>C</question></checked>", `{}`, imednet.No},
		{"<blank><question>T</question></blank>", `{"T":" \u00a0"}`, imednet.No},
		{"<blank><question>T</question></blank>", `{"T":0}`, imednet.No},
		{"<not><blank><question>T</question></blank></not>", `{"T":"x"}`, imednet.Yes},
		{"<like>" + q + "T" + v + "^[A-Z]{3}$</value></like>", `{"T":"ABC"}`, imednet.Yes},
		{"<like>" + q + "T" + v + "(?=x)</value></like>", `{"T":"ABC"}`, imednet.Unknown},
		{"<lt><question>E</question><question>D</question></lt>", `{"D":"2024-05-02","E":"2024-05-01"}`, imednet.Yes},
		{"<lt><question>E</question><question>D</question></lt>", `{"D":"2024-05","E":"2024-05-01"}`, imednet.Unknown},
		{"<lt><question>E</question><question>D</question></lt>", `{"D":"2024-05","E":"2024-04-30"}`, imednet.Yes},
		{"<lt><question>E</question><question>D</question></lt>", `{"D":"2024-05-01","E":"2024-05-01T10:00"}`, imednet.Unknown},
		{"<gt><question>D</question><current_date_only/></gt>", `{"D":"2026-03-02"}`, imednet.Yes},
		{"<gt><question>D</question><current_date_only/></gt>", `{"D":"2026-03-01"}`, imednet.No},
		{"<gt><question>D</question><current_date_only/></gt>", `{"D":"UN-UNK-2026"}`, imednet.Unknown},
		{"<gt>" + q + "H" + v + "14:30</value></gt>", `{"H":"14:31"}`, imednet.Yes},
		{"<gt>" + q + "H" + v + "14:30</value></gt>", `{"H":"14:30:59"}`, imednet.Unknown}, // in that minute
		{"<gt>" + q + "H" + v + "14:30:58</value></gt>", `{"H":"14:30:59"}`, imednet.Yes},
		{"<gt>" + q + "H" + v + "14:30</value></gt>", `{"H":"14"}`, imednet.Unknown},
		{"<gt>" + q + "H" + v + "14:30</value></gt>", `{"H":"9:30"}`, imednet.Unknown},
		{"<gt>" + q + "H" + v + "14</value></gt>", `{"H":"15:00"}`, imednet.Yes}, // an hour, not a number
		{"<gt>" + q + "H" + v + "14:30</value></gt>", `{"H":"2024-05-02"}`, imednet.Unknown},
		{"<gt>" + q + "H" + v + "14:30</value></gt>", `{"H":"2024"}`, imednet.Unknown},
		{"<lt><question>H</question><question>I</question></lt>", `{"H":"08:00","I":"09:00"}`, imednet.Yes},
		{"<lt><question>H</question><question>D</question></lt>", `{"H":"08:00","D":"2024-05-02"}`, imednet.Unknown},
		{"<equals>" + q + "H" + v + "08:00</value></equals>", `{"H":" 08:00 "}`, imednet.Yes},
		{"<equals>" + q + "H" + v + "08:00</value></equals>", `{"H":"08:01"}`, imednet.No},
		{"<equals>" + q + "H" + v + "later</value></equals>", `{"H":"08:01"}`, imednet.Unknown},
		{"<equals>" + q + "T" + v + "08:00</value></equals>", `{"T":"08:00:00"}`, imednet.No}, // texts
		{"<equals><add><question>N</question><question>M</question></add><value>0.3</value></equals>", `{"N":0.1,"M":0.2}`, imednet.Yes},
		{"<equals><div><question>N</question><question>M</question></div><value>2</value></equals>", `{"N":1,"M":0}`, imednet.Unknown},
		{"<equals><floor><question>N</question></floor><value>-2</value></equals>", `{"N":-1.5}`, imednet.Yes},
		{"<and><true/><match/></and>", `{}`, imednet.Unknown},
		{"<and><not><true/></not><match/></and>", `{}`, imednet.No}, // decided whatever match says
		{"<or><true/><match/></or>", `{}`, imednet.Yes},
		{"<or><not><true/></not><field_changed/></or>", `{}`, imednet.Unknown},
		{"<equals><external><form>F</form><question>N</question></external><value>1</value></equals>", `{"N":1}`, imednet.Unknown},
		{"<exists><keyword_status_record><keyword>k</keyword></keyword_status_record></exists>", `{}`, imednet.Unknown},
		{"<gt>" + q + "GONE" + v + "1</value></gt>", `{}`, imednet.Unknown},
	} {
		o := verdict(t, ruleExport(c.condition), c.data)
		require.Equal(t, c.want, o.Acts, "%s %s: %s", c.condition, c.data, o.Why)
		require.Equal(t, c.want == imednet.Unknown, o.Why != "", c.condition)
	}
}

// TestHiddenAndDisabledQuestions follows other rules of the form.
func TestHiddenAndDisabledQuestions(t *testing.T) {
	const asks = "<equals><disabled><question>N</question></disabled><value>Yes</value></equals>"
	const disables = "<BusinessLogic><Conditions><checked><question>C</question></checked></Conditions><Actions><disable_and_clear_field><question>N</question></disable_and_clear_field></Actions></BusinessLogic>"
	require.Equal(t, imednet.No, verdict(t, ruleExport(asks), `{"C":true}`).Acts, "no rule disables it")
	require.Equal(t, imednet.Yes, verdict(t, ruleExport(asks, disables), `{"C":true}`).Acts)
	require.Equal(t, imednet.No, verdict(t, ruleExport(asks, disables), `{"C":false}`).Acts)
	const circle = "<BusinessLogic><Conditions><equals><disabled><question>N</question></disabled><value>No</value></equals></Conditions><Actions><disable_field><question>N</question></disable_field></Actions></BusinessLogic>"
	require.Equal(t, imednet.Unknown, verdict(t, ruleExport(asks, circle), `{}`).Acts, "a rule that leads back to itself decides nothing")
}

func TestChoicesAreFoundByTextFirst(t *testing.T) {
	x := ruleExport("<true/>").with(dictionary.ChoicesFile, "Form,Variable Type,Variable Name,Choice Text,Choice Value,Position\nF,Radio,R,2,1,1\nF,Radio,R,1,2,2\nF,Radio,R, Attic ,A,3\n")
	q, _ := read(t, x.dir(t), "S").Forms[0].Question("R")
	for answer, want := range map[string]struct {
		text      string
		match     dictionary.Match
		ambiguous bool
	}{
		`"1"`: {"1", dictionary.ByText, true}, `2`: {"2", dictionary.ByText, true}, `"attic"`: {" Attic ", dictionary.ByText, false},
		`"a"`: {" Attic ", dictionary.ByCode, false}, `"Cellar"`: {"", dictionary.Unlisted, false}, `null`: {"", dictionary.NoAnswer, false},
	} {
		choice, match, ambiguous := q.Choice(imednet.NewValue([]byte(answer)))
		require.Equal(t, want.match, match, answer)
		require.Equal(t, want.ambiguous, ambiguous, answer)
		if want.text != "" {
			require.Equal(t, want.text, choice.Text, answer)
		}
	}
	require.True(t, q.CodesAmbiguous())
}

// TestAmbiguityDoesNotDependOnTheOrderOfChoices: an answer that is the text of one choice and the code of another is ambiguous, also if it is
// the code of the first as well.
func TestAmbiguityDoesNotDependOnTheOrderOfChoices(t *testing.T) {
	const head = "Form,Variable Type,Variable Name,Choice Text,Choice Value,Position\n"
	for _, rows := range []string{"F,Radio,R,2,2,1\nF,Radio,R,A,2,2\n", "F,Radio,R,A,2,1\nF,Radio,R,2,2,2\n"} {
		x := ruleExport("<true/>").with(dictionary.ChoicesFile, head+rows)
		q, _ := read(t, x.dir(t), "S").Forms[0].Question("R")
		choice, match, ambiguous := q.Choice(imednet.NewValue([]byte(`"2"`)))
		require.Equal(t, "2", choice.Text, rows)
		require.Equal(t, dictionary.ByText, match, rows)
		require.True(t, ambiguous, rows)
		require.True(t, q.CodesAmbiguous(), rows)
	}
}

// TestARuleWhoseLogicCannotBeReadIsUndecided: it is one of the checks, and what a survey or an acceptance test does
// not know of it is said.
func TestARuleWhoseLogicCannotBeReadIsUndecided(t *testing.T) {
	for _, logic := range []string{"<BusinessLogic><Conditions>", "no XML", "<BusinessLogic></Other>"} {
		x := ruleExport("<true/>", logic)
		d := read(t, x.dir(t), "S")
		checker, err := dictionary.NewChecker(d, dictionary.WithClock(imednettest.NewClock(today)))
		require.NoError(t, err)
		answers, err := imednet.NewRecordData([]byte(`{"N":1}`))
		require.NoError(t, err)
		outcomes := checker.CheckData(d.Forms[0], answers)
		require.Len(t, outcomes, 2, logic)
		require.Equal(t, imednet.Unknown, outcomes[1].Acts)
		require.Equal(t, "its logic cannot be read", outcomes[1].Why)
		_, uncovered := checker.Cases()
		require.Contains(t, uncovered, dictionary.Uncovered{RuleID: "2", Rule: "State", Why: "its logic cannot be read"})
	}
	d := read(t, ruleExport("<true/>", "").dir(t), "S")
	checker, err := dictionary.NewChecker(d)
	require.NoError(t, err)
	require.Len(t, checker.CheckData(d.Forms[0], imednet.RecordData{}), 1, "no logic is a state, not an error")
}
