package dictionary_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/dictionary"
	"github.com/imednetgo/imednet/imednettest"
)

// The oddities of a real export are read as they are, and are no reason to refuse it. Those not here have tests of
// their own: bytes, quotes and headers in TestOddFiles, archives in TestArchives, what is unusual in TestEveryFinding, the
// words of logic in TestEveryKindOfConditionEvaluatesOrSaysWhy, and what the toolkit makes of all in TestTheToolkitsDocumentIsWrittenByteForByte.
func TestOddities(t *testing.T) {
	for what, c := range map[string]struct {
		export export
		check  func(t *testing.T, d *dictionary.Dictionary)
	}{
		"most choices have no code": {small().with(dictionary.ChoicesFile, choicesOf("Mild,,1", "Severe,,2")), func(t *testing.T, d *dictionary.Dictionary) {
			q := d.Forms[0].Questions[1]
			require.Equal(t, []string{"Mild", "Severe"}, q.Texts())
			choice, match, _ := q.Choice(imednet.NewValue([]byte(`"Severe"`)))
			require.Equal(t, "Severe", choice.Text)
			require.Equal(t, dictionary.ByText, match)
			require.NoError(t, d.Strict())
		}},
		"a change of one of two choices without a code is found": {small().with(dictionary.ChoicesFile, choicesOf("Mild,,1", "Severe,,2")), func(t *testing.T, d *dictionary.Dictionary) {
			later := read(t, small().with(dictionary.ChoicesFile, choicesOf("Mild,,1", "Grave,,2")).dir(t), "S")
			changes, err := dictionary.Diff(d, later)
			require.NoError(t, err)
			require.NotEmpty(t, changes)
			require.Equal(t, dictionary.Breaking, changes[0].Effect)
		}},
		"codes and ids keep their zeros": {small().with(dictionary.ChoicesFile, choicesOf("Mild,01,1", "Severe,1,2")).with(dictionary.FormsFile, "Form ID,Form Key,Form Type,Form Name\n007,AE,Patient,Adverse Event\n2,DM,Patient,Demographics\n"), func(t *testing.T, d *dictionary.Dictionary) {
			require.Equal(t, "007", d.Forms[0].ID)
			choice, _, ambiguous := d.Forms[0].Questions[1].Choice(imednet.NewValue([]byte(`"01"`)))
			require.Equal(t, "Mild", choice.Text)
			require.False(t, ambiguous)
		}},
		"the same text has different codes in different lists": {small().with(dictionary.QuestionsFile, "Form,Variable Type,Variable Name\nAE,Radio,A\nAE,Radio,B\n").
			with(dictionary.ChoicesFile, "Form,Variable Type,Variable Name,Choice Text,Choice Value,Position\nAE,Radio,A,Yes,1,1\nAE,Radio,A,No,0,2\nAE,Radio,B,Yes,1,1\nAE,Radio,B,No,2,2\n").with(dictionary.RulesFile, ruleHeader), func(t *testing.T, d *dictionary.Dictionary) {
			for i, code := range []string{"0", "2"} {
				choice, _, _ := d.Forms[0].Questions[i].Choice(imednet.NewValue([]byte(`"No"`)))
				require.Equal(t, code, choice.Code)
			}
		}},
		"a repeated rule is kept, and checked once": {small().with(dictionary.RulesFile, small()[dictionary.RulesFile]+small()[dictionary.RulesFile][len(ruleHeader):]), func(t *testing.T, d *dictionary.Dictionary) {
			require.Len(t, d.Rules, 2)
			require.Len(t, outcomes(t, d, `{"AEDUR":-1}`), 1)
			require.NoError(t, d.Strict())
		}},
		"names of rules and sequences are no keys": {small().with(dictionary.RulesFile, ruleHeader+strings.Replace(ruleRow("Form", "Same", "Active", "1", "AE", always), ",10,", ",8999,", 1)+strings.Replace(ruleRow("Form", "Same", "Active", "2", "AE", always), ",10,", ",8999,", 1)), func(t *testing.T, d *dictionary.Dictionary) {
			require.Len(t, outcomes(t, d, `{}`), 2)
			require.NoError(t, d.Strict())
		}},
		"no logic is a state": {small().with(dictionary.RulesFile, ruleHeader+ruleRow("Required", "n", "Active", "1", "", "")+ruleRow("Form", "n", "Disabled", "2", "AE", "")), func(t *testing.T, d *dictionary.Dictionary) {
			require.Empty(t, d.Findings)
			require.Nil(t, d.Rules[0].Logic)
			require.Empty(t, outcomes(t, d, `{}`))
		}},
		"only active rules of forms run": {small().with(dictionary.RulesFile, ruleHeader+ruleRow("Form", "a", "Disabled", "1", "AE", always)+ruleRow("Form", "b", "In Error", "2", "AE", always)+ruleRow("Workflow", "c", "Active", "3", "", always)+ruleRow("form", "d", " active ", "4", "AE", always)), func(t *testing.T, d *dictionary.Dictionary) {
			found := outcomes(t, d, `{}`)
			require.Len(t, found, 1)
			require.Equal(t, "4", found[0].RuleID)
		}},
		"empty conditions never hold": {small().with(dictionary.RulesFile, ruleHeader+ruleRow("Form", "n", "Active", "1", "AE", "<BusinessLogic><Conditions/><Actions/></BusinessLogic>")), func(t *testing.T, d *dictionary.Dictionary) {
			require.Equal(t, imednet.No, outcomes(t, d, `{}`)[0].Acts)
		}},
		"system_generated stands before conditions": {small().with(dictionary.RulesFile, ruleHeader+ruleRow("Form", "n", "Active", "1", "AE", "<BusinessLogic><system_generated /><Conditions><true/></Conditions><Actions/></BusinessLogic>")), func(t *testing.T, d *dictionary.Dictionary) {
			require.Equal(t, imednet.Yes, outcomes(t, d, `{}`)[0].Acts)
		}},
		"two conditions both hold": {small().with(dictionary.RulesFile, ruleHeader+ruleRow("Form", "n", "Active", "1", "AE", logicOf("<true/><blank><question>AETERM</question></blank>", ""))), func(t *testing.T, d *dictionary.Dictionary) {
			require.Equal(t, imednet.No, outcomes(t, d, `{"AETERM":"x"}`)[0].Acts)
			require.Equal(t, imednet.Yes, outcomes(t, d, `{}`)[0].Acts)
		}},
		"logic on several lines, in both notations of empty elements, is the same": {small().with(dictionary.RulesFile, ruleHeader+ruleRow("Form", "n", "Active", "1", "AE", "<BusinessLogic>\r\n    <Conditions>\n        <true />\n    </Conditions><Actions/>\n</BusinessLogic>")), func(t *testing.T, d *dictionary.Dictionary) {
			plain := read(t, small().with(dictionary.RulesFile, ruleHeader+ruleRow("Form", "n", "Active", "1", "AE", always)).dir(t), "S")
			require.Equal(t, plain.Rules[0].Logic.AppendCanonical(nil), d.Rules[0].Logic.AppendCanonical(nil))
			require.Contains(t, d.Rules[0].XML, "\r\n", "but verbatim")
			changes, err := dictionary.Diff(plain, d)
			require.NoError(t, err)
			require.Len(t, changes, 1)
			require.Equal(t, []any{dictionary.Cosmetic, "layout only"}, []any{changes[0].Effect, changes[0].Note})
		}},
		"one name on several forms, of different types": {small().with(dictionary.QuestionsFile, "Form,Variable Type,Variable Name\nAE,Number,SAME\nDM,Text,SAME\nDM,Text,same2\nAE,Text,SAME2\n").with(dictionary.ChoicesFile, "Form,Variable Name,Choice Text\n").with(dictionary.RulesFile, ruleHeader), func(t *testing.T, d *dictionary.Dictionary) {
			require.NoError(t, d.Strict())
			a, _ := d.Forms[0].Question("SAME")
			b, _ := d.Forms[1].Question("SAME")
			require.True(t, a.Kind().IsNumber())
			require.False(t, b.Kind().IsNumber())
		}},
		"times of day are dates without a date control": {small().with(dictionary.QuestionsFile, "Form,Variable Type,Variable Name,Date Control,Time Control\nAE,Date/Time,CLOCK,No,Yes\nAE,Date/Time,MOMENT,Yes,Yes\nAE,Date/Time,DAY,Yes,No\nAE,Date/Time,NEITHER,No,No\nAE,Date/Time,UNTOLD,,\n").with(dictionary.ChoicesFile, "Form,Variable Name,Choice Text\n").with(dictionary.RulesFile, ruleHeader), func(t *testing.T, d *dictionary.Dictionary) {
			kinds := map[string]imednet.VariableKind{}
			for _, q := range d.Forms[0].Questions {
				kinds[q.Name] = q.Kind()
			}
			require.Equal(t, map[string]imednet.VariableKind{
				"CLOCK": imednet.TimeVariable, "MOMENT": imednet.DateVariable, "DAY": imednet.DateVariable, "NEITHER": imednet.DateVariable, "UNTOLD": imednet.DateVariable,
			}, kinds)
		}},
		"a form without questions, and keys in lower case": {small().with(dictionary.FormsFile, small()[dictionary.FormsFile]+"3,econ,eConsent,Consent\n"), func(t *testing.T, d *dictionary.Dictionary) {
			require.Empty(t, d.Forms[2].Questions)
			require.NoError(t, d.Strict())
		}},
		"the order of the file is not that of the sequence": {small().with(dictionary.QuestionsFile, "Form,Variable Type,Variable Name,Sequence\nAE,Text,LAST,30\nAE,Text,FIRST,10\n").with(dictionary.ChoicesFile, "Form,Variable Name,Choice Text\n").with(dictionary.RulesFile, ruleHeader), func(t *testing.T, d *dictionary.Dictionary) {
			require.Equal(t, []string{"LAST", "FIRST"}, []string{d.Forms[0].Questions[0].Name, d.Forms[0].Questions[1].Name})
			require.NoError(t, d.Strict())
		}},
		"a dropdown without choices is an open list": {small().with(dictionary.QuestionsFile, "Form,Variable Type,Variable Name\nAE,Dropdown,OPEN\n").with(dictionary.ChoicesFile, "Form,Variable Name,Choice Text\n").with(dictionary.RulesFile, ruleHeader), func(t *testing.T, d *dictionary.Dictionary) {
			_, match, _ := d.Forms[0].Questions[0].Choice(imednet.NewValue([]byte(`"anything"`)))
			require.Equal(t, dictionary.NoList, match)
		}},
		"labels have tags, entities and line breaks": {small().with(dictionary.QuestionsFile, "Form,Variable Type,Variable Name,Label\nAE,Text,A,\"<p>Dose &nbsp;&gt; 5 &rsquo;mg&rsquo;  \nper <em>day</em></p>\"\n").with(dictionary.ChoicesFile, "Form,Variable Name,Choice Text\n").with(dictionary.RulesFile, ruleHeader), func(t *testing.T, d *dictionary.Dictionary) {
			require.Equal(t, "Dose > 5 ’mg’ per day", d.Forms[0].Questions[0].PlainLabel())
			require.Contains(t, d.Forms[0].Questions[0].Label, "&nbsp;", "but verbatim")
		}},
		"staff are in no JSON": {small().with(dictionary.RulesFile, "Type,Name,Status,ID,Form,Created By,Modified By\nForm,n,Active,1,AE,Jane Roe,John Doe\n"), func(t *testing.T, d *dictionary.Dictionary) {
			var text strings.Builder
			require.NoError(t, d.WriteJSON(&text))
			require.NotContains(t, text.String(), "Roe")
			require.NotContains(t, text.String(), "Doe")
			require.Contains(t, string(d.Table(dictionary.RulesFile).AppendTo(nil)), "Jane Roe,John Doe")
		}},
		"words of all vocabularies in any case": {small().with(dictionary.QuestionsFile, "Form,Variable Type,Variable Name,Required Field\nAE,RADIO,A,AUTO QUERY\nAE,date/time precision,B, soft \nAE,Checkbox,C,confirm\n").with(dictionary.ChoicesFile, "Form,Variable Name,Choice Text\nAE,A,Yes\n").with(dictionary.RulesFile, ruleHeader), func(t *testing.T, d *dictionary.Dictionary) {
			require.NotContains(t, codes(d.Findings), dictionary.WordUnknown)
			for _, q := range d.Forms[0].Questions {
				queried, known := q.Required.Queried()
				require.True(t, queried && known, q.Name)
			}
		}},
	} {
		t.Run(what, func(t *testing.T) { c.check(t, read(t, c.export.dir(t), "S")) })
	}
}

// outcomes are those of the rules of the first form on a new record.
func outcomes(t *testing.T, d *dictionary.Dictionary, data string) []dictionary.Outcome {
	t.Helper()
	checker, err := dictionary.NewChecker(d, dictionary.WithClock(imednettest.NewClock(today)))
	require.NoError(t, err)
	answers, err := imednet.NewRecordData([]byte(data))
	require.NoError(t, err)
	return checker.CheckData(d.Forms[0], answers)
}

// The order of elements with different tags has a meaning and is kept.
func TestTheOrderOfLogicIsKept(t *testing.T) {
	const mixed = "<and><not><true/></not><question>A</question><not><true/></not><value>B</value></and>"
	d := read(t, small().with(dictionary.RulesFile, ruleHeader+ruleRow("Form", "n", "Disabled", "1", "AE", logicOf(mixed, ""))).dir(t), "S")
	var names []string
	for _, e := range d.Rules[0].Logic.Child("Conditions").Child("and").Children {
		names = append(names, e.Name+e.Trimmed())
	}
	require.Equal(t, "[not questionA not valueB]", fmt.Sprint(names))
}
