package dictionary_test

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/dictionary"
	"github.com/imednetgo/imednet/imednettest"
)

// written is what the toolkit's document of an export holds of it.
func written(t *testing.T, d *dictionary.Dictionary, withoutXML bool) *dictionary.Dictionary {
	t.Helper()
	var text bytes.Buffer
	_, err := d.Toolkit(dictionary.ToolkitOptions{WithoutXML: withoutXML}).WriteTo(&text)
	require.NoError(t, err)
	return document(t, text.String())
}

func document(t *testing.T, text string) *dictionary.Dictionary {
	t.Helper()
	doc, err := dictionary.ReadToolkit(strings.NewReader(text))
	require.NoError(t, err)
	return doc.Dictionary()
}

// answerOf is what a checker's rule with the id of a case answers.
func answerOf(t *testing.T, d *dictionary.Dictionary, checker *dictionary.Checker, c dictionary.Case) imednet.YesNo {
	t.Helper()
	form, ok := d.Form(c.Form)
	require.True(t, ok)
	for _, o := range checker.CheckData(form, c.Data) {
		if o.RuleID == c.RuleID {
			return o.Acts
		}
	}
	return imednet.Unknown
}

// A document without the XML of its rules decides what the export decides, rule by rule and record by record.
func TestADocumentWithoutXMLHoldsTheSameRules(t *testing.T) {
	for _, name := range []string{"pilot", "sample", "sample_v2"} {
		d, err := dictionary.Read(t.Context(), filepath.Join(samples(t), name), dictionary.ReadOptions{})
		if err != nil {
			require.ErrorAs(t, err, new(*dictionary.InvalidError))
		}
		with, without := written(t, d, false), written(t, d, true)
		var active, found int
		for _, r := range with.Rules {
			if r.Active() && strings.EqualFold(r.Type, "form") && strings.TrimSpace(r.XML) != "" {
				active++
			}
		}
		clock := dictionary.WithClock(imednettest.NewClock(today))
		one, err := dictionary.NewChecker(with, clock)
		require.NoError(t, err)
		two, err := dictionary.NewChecker(without, clock)
		require.NoError(t, err)
		cases, _ := one.Cases()
		require.NotEmpty(t, cases)
		for _, c := range cases {
			require.Equal(t, c.Acts, answerOf(t, without, two, c), "%s: rule %s", name, c.RuleID)
		}
		for _, f := range without.Findings {
			if f.Code == dictionary.LogicLost {
				found++
			}
		}
		require.GreaterOrEqual(t, found, active, "each is reported")
		changes := diff(t, with, without)
		for _, c := range changes {
			if strings.HasSuffix(c.Path, ".logic") && c.Effect != dictionary.Cosmetic {
				require.Empty(t, c.New, c.Path)
			}
		}
	}
}

// Each condition of a real export means the same in a document without XML.
func TestEveryKindMeansTheSameWithoutXML(t *testing.T) {
	for _, k := range kinds {
		x := ruleExport(k.condition, active+"<hide_field>"+n+"</hide_field></Actions></BusinessLogic>", active+"<disable_field>"+n+"</disable_field></Actions></BusinessLogic>")
		var outcomes [2]dictionary.Outcome
		for i, withoutXML := range []bool{false, true} {
			d := written(t, read(t, x.dir(t), "S"), withoutXML)
			outcomes[i] = checkerOf(t, d).Check(d.Forms[0], record(t, k.data))[0]
		}
		require.Equal(t, outcomes[0], outcomes[1], k.word)
	}
}

func record(t *testing.T, object string) *imednet.Record {
	t.Helper()
	data, err := imednet.NewRecordData([]byte(object))
	require.NoError(t, err)
	return &imednet.Record{RecordData: data, RecordStatus: imednet.Some("Record Complete"), Keywords: []imednet.Keyword{{KeywordKey: imednet.Some("k")}}}
}

// What a document has lost is undecided: the order of operands, and logic that it left out or that was malformed.
func TestWhatADocumentHasLostIsUndecided(t *testing.T) {
	of := func(rule string, more ...string) *dictionary.Dictionary {
		return document(t, `{"forms":[{"formKey":"F","variables":[{"variableName":"N","variableType":"Number","choices":[]},{"variableName":"M","variableType":"Number","choices":[]}],"businessLogic":[`+
			strings.Join(append([]string{`{"id":"1","name":"r","type":"Form","status":"Active","form":"F"` + rule + `}`}, more...), ",")+`]}]}`)
	}
	for _, c := range []struct {
		rule string
		want imednet.YesNo
		why  string
	}{
		{``, imednet.Unknown, "its logic cannot be read"},
		{`,"logic":null`, imednet.Unknown, "its logic cannot be read"},
		{`,"logicRawXml":"  "`, imednet.Unknown, "its logic cannot be read"},
		{`,"logic":{"conditions":{"gt":[1]}}`, imednet.Unknown, "its logic cannot be read"},
		{`,"logic":{"conditions":{"gt":{"question":"N","value":5}}}`, imednet.Unknown, "its logic cannot be read"},
		{`,"logic":"conditions"`, imednet.Unknown, "its logic cannot be read"},
		{`,"logic":{"conditions":` + strings.Repeat(`{"and":`, 300) + `true` + strings.Repeat(`}`, 300) + `}`, imednet.Unknown, "its logic cannot be read"},
		{`,"logic":{"conditions":{"gt":{"question":"N","value":"5"}}}`, imednet.Yes, ""},
		{`,"logic":{"conditions":{"gt":{"value":"5","question":"N"}}}`, imednet.No, ""},
		{`,"logic":{"conditions":{"gt":{"question":["N","M"]}}}`, imednet.Yes, ""},
		{`,"logic":{"conditions":{"gt":{"question":["M","N"]}}}`, imednet.No, ""},
		{`,"logic":{"conditions":{"equals":{"sub":{"question":["N","M"],"value":"1"},"value":"4"}}}`, imednet.Unknown, "the document has lost the order of what sub calculates with"},
		{`,"logic":{"conditions":{"equals":{"add":{"question":["N","M"],"value":"1"},"value":"10"}}}`, imednet.Yes, ""},
		{`,"logic":{"conditions":{"equals":{"case":{"when":[{"gt":{"question":"N","value":"9"}},{"true":true}],"then":[{"value":"high"},{"value":"low"}]},"value":"low"}}}`, imednet.Yes, ""},
		{`,"logic":{"conditions":true}`, imednet.No, ""},
	} {
		d := of(c.rule)
		checker := checkerOf(t, d)
		outcomes := checker.CheckData(d.Forms[0], data(t, `{"N":6,"M":3}`))
		require.Len(t, outcomes, 1, c.rule)
		require.Equal(t, c.want, outcomes[0].Acts, "%s: %s", c.rule, outcomes[0].Why)
		require.Equal(t, c.why, outcomes[0].Why, c.rule)
		require.True(t, hasCode(d, dictionary.LogicLost), c.rule)
	}
	xml := `{"id":"2","name":"x","type":"Form","status":"Active","logicRawXml":"<BusinessLogic><Conditions><true/></Conditions></BusinessLogic>"}`
	d := of(``, xml)
	require.Len(t, checkerOf(t, d).CheckData(d.Forms[0], imednet.RecordData{}), 1, "beside rules with XML, no logic is a state")
	require.False(t, hasCode(d, dictionary.LogicLost))
	same := of(`,"logic":{"conditions":{"true":true}}`, `{"id":"1","name":"r","type":"Form","status":"Active","form":"F","logic":{"conditions":{"not":{"true":true}}}}`)
	require.Len(t, checkerOf(t, same).CheckData(same.Forms[0], imednet.RecordData{}), 2, "rules of one id and other logic are two")
	require.True(t, hasCode(same, dictionary.RuleIDShared))
}

func data(t *testing.T, object string) imednet.RecordData {
	t.Helper()
	answers, err := imednet.NewRecordData([]byte(object))
	require.NoError(t, err)
	return answers
}

func hasCode(d *dictionary.Dictionary, code dictionary.Code) bool {
	for _, f := range d.Findings {
		if f.Code == code {
			return true
		}
	}
	return false
}

// A change of logic is found between documents without XML, and between one without and one with it.
func TestDiffOfDocumentsWithoutXML(t *testing.T) {
	export := func(limit string) *dictionary.Dictionary {
		return read(t, ruleExport("<gt>"+n+"<value>"+limit+"</value></gt>").dir(t), "S")
	}
	for _, withoutXML := range [][2]bool{{true, true}, {false, true}, {true, false}} {
		same := diff(t, written(t, export("10"), withoutXML[0]), written(t, export("10"), withoutXML[1]))
		for _, c := range same {
			require.Equal(t, dictionary.Cosmetic, c.Effect)
			require.Equal(t, "layout only", c.Note)
		}
		changed := diff(t, written(t, export("10"), withoutXML[0]), written(t, export("11"), withoutXML[1]))
		require.Len(t, changed, 1)
		require.Equal(t, "rules[1].logic", changed[0].Path)
		require.Equal(t, dictionary.Tightening, changed[0].Effect)
		require.Contains(t, changed[0].Old+changed[0].New, "11")
		require.Contains(t, changed[0].Old+changed[0].New, "10")
	}
}
