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

// verdictOf is the outcome of a stored record, whose surroundings are known.
func verdictOf(t *testing.T, condition, own string) dictionary.Outcome {
	t.Helper()
	x := ruleExport(condition)
	x[dictionary.FormsFile] = "Form Key,Form Name\nF,Form\nO,Other\nL,Log\nP,Parent\n"
	x[dictionary.QuestionsFile] += "O,Number,X,Soft\nO,Text,Z,Soft\nP,Number,X,Soft\n"
	design := read(t, x.dir(t), "S")
	around, r := family(t, design, own)
	checker, err := dictionary.NewChecker(design, dictionary.WithClock(imednettest.NewClock(today)), dictionary.WithSurroundings(around), dictionary.WithRole("Monitor"))
	require.NoError(t, err)
	form, _ := design.Form("F")
	return checker.Check(form, r)[0]
}

// What a word holds beside what is known of it may mean anything: neither the condition nor its negation is decided.
func TestWhatAWordHoldsBesideWhatIsKnownDecidesNothing(t *testing.T) {
	const keyword = "<keyword>own</keyword>"
	for _, c := range []string{
		`<equals negate="yes"><question>N</question><value>1</value></equals>`,
		"<equals>text<question>N</question><value>1</value></equals>",
		"<equals><question>N</question>text<value>1</value></equals>",
		"<equals><question>N</question><value>1</value><!-- why -->text</equals>",
		"<and><true/>or not</and>",
		"<equals><hidden><question>N</question>text</hidden><value>No</value></equals>",
		"<equals><external><form>Parent</form>text<question>X</question><parent/></external><value>7</value></equals>",
		"<equals><question>N<part/></question><value>1</value></equals>",
		"<equals><question>N</question><value>1<question>N</question></value></equals>",
		`<equals><question form="O">N</question><value>1</value></equals>`,
		"<gt><current_date><add><value>1</value></add></current_date><value>2024-01-01</value></gt>",
		"<gt><current_date>30</current_date><value>2024-01-01</value></gt>",
		"<equals><current_record_status><form>Other</form></current_record_status><value>Record Complete</value></equals>",
		"<equals><new_record><form>Other</form></new_record><value>No</value></equals>",
		"<true><match/></true>",
		"<true>0</true>",
		"<and/>", "<or/>", "<not/>",
		"<not><true/><blank><question>N</question></blank></not>",
		"<exists><keyword_status_record>" + keyword + "<form>Other</form></keyword_status_record></exists>",
		"<exists><keyword_status_record>" + keyword + "<keyword>other</keyword></keyword_status_record></exists>",
		"<exists><keyword_status_patient><keyword>subject</keyword><form>Other</form></keyword_status_patient></exists>",
		"<equals><hidden><question>N</question><question>M</question></hidden><value>No</value></equals>",
		"<equals><disabled><form>Other</form><question>N</question></disabled><value>No</value></equals>",
		"<equals><number_of_child_log_records><form>Log</form><match/></number_of_child_log_records><value>2</value></equals>",
		"<equals><number_of_child_log_records><form>Log</form><form>Other</form></number_of_child_log_records><value>2</value></equals>",
		"<equals><number_of_sibling_records><form>Log</form><equals/></number_of_sibling_records><value>1</value></equals>",
		"<equals><external><form>Parent</form><question>X</question><parent>2</parent></external><value>7</value></equals>",
		"<equals><external><form>Parent</form><question>X</question><question>X</question></external><value>7</value></equals>",
		"<equals><current_interval><form>Other</form></current_interval><value>Screening</value></equals>",
		"<equals><user_role>1</user_role><value>Monitor</value></equals>",
	} {
		for _, condition := range []string{c, "<not>" + c + "</not>"} {
			o := verdictOf(t, condition, `{"N":1}`)
			require.Equal(t, imednet.Unknown, o.Acts, condition)
			require.NotEmpty(t, o.Why, condition)
		}
	}
	require.Equal(t, imednet.Yes, verdictOf(t, "<or><true>0</true><true/></or>", `{}`).Acts, "it decides nothing where another part does")
	require.Equal(t, imednet.No, verdictOf(t, "<not><true/><equals><question>N</question><value>1</value></equals></not>", `{"N":1}`).Acts, "whether all or any")
	require.Equal(t, imednet.Yes, verdictOf(t, "<not><blank><question>N</question></blank><blank><question>N</question></blank></not>", `{"N":1}`).Acts)
}

// A keyword is known by its key or its name. What differs from both in case or in marks may be it.
func TestAKeywordInAnotherSpellingIsUndecided(t *testing.T) {
	for keyword, want := range map[string]imednet.YesNo{
		"own": imednet.Yes, " own ": imednet.Yes, "Own": imednet.Unknown, "o_wn": imednet.Unknown, "O-W N": imednet.Unknown, "owned": imednet.No, "child": imednet.No,
	} {
		exists := "<exists><keyword_status_record><keyword>" + keyword + "</keyword></keyword_status_record></exists>"
		for _, condition := range []string{exists, "<not><not>" + exists + "</not></not>"} {
			o := verdictOf(t, condition, `{"N":1}`)
			require.Equal(t, want, o.Acts, condition)
			require.Equal(t, want == imednet.Unknown, o.Why == "keyword_status_record names a keyword in another spelling", o.Why)
		}
	}
}

// Nor is it known whether a keyword with other accents, or with the same in other characters, is the same.
func TestAKeywordWithOtherAccentsIsUndecided(t *testing.T) {
	for _, c := range []struct {
		keyword, of string
		want        imednet.YesNo
	}{
		{"caf\u00e9", "caf\u00e9", imednet.Yes},
		{"cafe\u0301", "caf\u00e9", imednet.Unknown},
		{"caf\u00e9", "cafe\u0301", imednet.Unknown},
		{"cafe", "caf\u00e9", imednet.Unknown},
		{"CAF\u00c9", "cafe", imednet.Unknown},
		{"\uff43afe", "cafe", imednet.Unknown},
		{"stra\u00dfe", "STRASSE", imednet.Unknown},
		{"coffee", "caf\u00e9", imednet.No},
		{"\u65e5", "\u672c", imednet.No},
	} {
		d := read(t, ruleExport("<exists><keyword_status_record><keyword>"+c.keyword+"</keyword></keyword_status_record></exists>").dir(t), "S")
		r := &imednet.Record{RecordID: 1, RecordData: data(t, `{}`), Keywords: []imednet.Keyword{{KeywordName: imednet.Some(c.of)}}}
		require.Equal(t, c.want, checkerOf(t, d).Check(d.Forms[0], r)[0].Acts, "%s %s", c.keyword, c.of)
	}
}

// A rule that does not say once when it acts is undecided; one with an empty element never acts.
func TestLogicWithoutItsConditionsIsUndecided(t *testing.T) {
	for logic, want := range map[string]imednet.YesNo{
		`<BusinessLogic xmlns:b="urn:b"><Conditions><true/></Conditions></BusinessLogic>`:                            imednet.Yes,
		"<BusinessLogic><Conditions/><Actions/></BusinessLogic>":                                                     imednet.No,
		"<BusinessLogic><Actions/></BusinessLogic>":                                                                  imednet.Unknown,
		"<BusinessLogic><conditions><true/></conditions></BusinessLogic>":                                            imednet.Unknown,
		"<Conditions><true/></Conditions>":                                                                           imednet.Unknown,
		"<BusinessLogic><Conditions><true/></Conditions><Conditions><true/></Conditions></BusinessLogic>":            imednet.Unknown,
		`<BusinessLogic disabled="1"><Conditions><true/></Conditions></BusinessLogic>`:                               imednet.Unknown,
		"<BusinessLogic><system_generated/><Conditions><true/></Conditions><Actions/></BusinessLogic>":               imednet.Yes,
		"<BusinessLogic><Conditions><?never?></Conditions><Actions/></BusinessLogic>":                                imednet.Unknown,
		"<BusinessLogic><system_generated><?no?></system_generated><Conditions/><Actions/></BusinessLogic>":          imednet.Unknown,
		"<BusinessLogic><Conditions>never<true/></Conditions><Actions/></BusinessLogic>":                             imednet.Unknown,
		"<BusinessLogic><Conditions><not><true/></not></Conditions><Conditions><true/></Conditions></BusinessLogic>": imednet.Unknown,
	} {
		design := read(t, ruleExport("<true/>", logic).dir(t), "S")
		checker, err := dictionary.NewChecker(design)
		require.NoError(t, err)
		o := checker.CheckData(design.Forms[0], data(t, `{}`))[1]
		require.Equal(t, want, o.Acts, logic)
		require.Equal(t, want == imednet.Unknown, o.Why != "", logic)
	}
}

// like is about text that somebody wrote: how a calculated number, a checkbox or the clock would be spelled is not known.
func TestLikeIsAboutWrittenText(t *testing.T) {
	for _, c := range []struct {
		operand, pattern, data string
		want                   imednet.YesNo
	}{
		{"<add><question>N</question><value>1</value></add>", "2", `{}`, imednet.Unknown},
		{"<add><question>N</question><value>1</value></add>", "2", `{"N":1}`, imednet.Unknown},
		{"<div><value>1</value><value>3</value></div>", "/", `{}`, imednet.Unknown},
		{"<question>C</question>", "^1$", `{"C":true}`, imednet.Unknown},
		{"<question>C</question>", "^true$", `{"C":true}`, imednet.Unknown},
		{"<question>C</question>", "^$", `{}`, imednet.Yes},
		{"<new_record/>", "^Yes$", `{}`, imednet.Unknown},
		{"<current_date_only/>", "^2026", `{}`, imednet.Unknown},
		{"<trunc_date><question>D</question></trunc_date>", "^2026", `{"D":"2026-01-02"}`, imednet.Unknown},
		{"<question>N</question>", `^\d+$`, `{"N":12}`, imednet.Yes},
		{"<question>T</question>", "^x$", `{"T":"x "}`, imednet.Unknown},
		{"<question>T</question>", "^$", `{"T":"  "}`, imednet.Unknown},
		{"<question>T</question>", `\s`, `{"T":" x"}`, imednet.Unknown},
		{"<question>T</question>", "x", `{"T":" x "}`, imednet.Yes},
		{"<question>T</question>", "y", `{"T":" x "}`, imednet.No},
		{"<question>R</question>", "^Mild$", `{"R":"1"}`, imednet.Yes},
		{"<question>D</question>", "^2026", `{"D":"2026-01-02"}`, imednet.Yes},
	} {
		like := "<like>" + c.operand + "<value>" + c.pattern + "</value></like>"
		o := verdict(t, ruleExport(like), c.data)
		require.Equal(t, c.want, o.Acts, "%s %s: %s", like, c.data, o.Why)
	}
	for _, pattern := range []string{"<question>R</question>", "<value/>"} {
		require.Equal(t, imednet.Unknown, verdict(t, ruleExport("<like><question>T</question>"+pattern+"</like>"), `{"T":"2"}`).Acts, "a blank is no regular expression")
	}
	o := verdict(t, ruleExport("<like><question>T</question><add><question>N</question><value>1</value></add></like>"), `{"T":"2"}`)
	require.Equal(t, imednet.Unknown, o.Acts, "nor as a pattern")
}

// Whether a question is hidden is known of questions that the form has, by rules that can be read.
func TestWhetherAQuestionIsHiddenIsNotGuessed(t *testing.T) {
	const hides = "<BusinessLogic><Conditions>%s</Conditions><Actions><hide_field><question>%s</question></hide_field></Actions></BusinessLogic>"
	asks := func(name string) string {
		return "<equals><hidden><question>" + name + "</question></hidden><value>Yes</value></equals>"
	}
	for _, c := range []struct {
		what, asked string
		more        []string
		want        imednet.YesNo
	}{
		{"no rule hides it", "N", nil, imednet.No},
		{"no question has this name", "GONE", nil, imednet.Unknown},
		{"no name", "", nil, imednet.Unknown},
		{"a name in another case", "n", nil, imednet.Unknown},
		{"a rule hides a name in another case", "N", []string{fmt.Sprintf(hides, "<true/>", "n")}, imednet.Unknown},
		{"a rule would hide a name in another case", "N", []string{fmt.Sprintf(hides, "<not><true/></not>", "n")}, imednet.No},
		{"a rule that cannot be read may hide it", "N", []string{"<BusinessLogic><Conditions>"}, imednet.Unknown},
		{"another rule hides it anyway", "N", []string{"<BusinessLogic><Conditions>", fmt.Sprintf(hides, "<true/>", "N")}, imednet.Yes},
	} {
		require.Equal(t, c.want, verdict(t, ruleExport(asks(c.asked), c.more...), `{}`).Acts, c.what)
	}
	twins := ruleExport(asks("N"), fmt.Sprintf(hides, "<true/>", "n"))
	twins[dictionary.QuestionsFile] += "F,Number,n,Soft\n"
	require.Equal(t, imednet.No, verdict(t, twins, `{}`).Acts, "it is the other question that is hidden")
}

// Rules that ask each other twice are bounded like all others.
func TestRulesThatAskEachOtherAreBounded(t *testing.T) {
	asks := func(i int) string {
		return fmt.Sprintf("<equals><hidden><question>Q%d</question></hidden><value>Yes</value></equals>", i)
	}
	logic := func(condition string, i int) string {
		return fmt.Sprintf("<BusinessLogic><Conditions>%s</Conditions><Actions><hide_field><question>Q%d</question></hide_field></Actions></BusinessLogic>", condition, i)
	}
	rules := []string{logic("<true/>", 0)}
	for i := range 40 {
		rules = append(rules, logic(strings.Repeat(asks(i), 2), i+1))
	}
	x := ruleExport(asks(40), rules...)
	for i := range 41 {
		x[dictionary.QuestionsFile] += fmt.Sprintf("F,Checkbox,Q%d,Optional\n", i)
	}
	require.Equal(t, imednet.Unknown, verdict(t, x, `{}`).Acts)
}

// An operand about the record's own form may be about the record itself or about another one.
func TestExternalOfTheRecordsOwnForm(t *testing.T) {
	o := verdictOf(t, "<equals><external><form>Form</form><question>N</question><last/></external><value>1</value></equals>", `{"N":1}`)
	require.Equal(t, imednet.Unknown, o.Acts)
	require.Equal(t, "whether external is about the record itself is not known", o.Why)
}

// A role is compared with roles by name: what may be an id, or the same name in another spelling, decides nothing.
func TestRolesAreComparedByName(t *testing.T) {
	for value, want := range map[string]imednet.YesNo{"Monitor": imednet.Yes, "Investigator": imednet.No, "12": imednet.Unknown, "monitor": imednet.Unknown} {
		require.Equal(t, want, verdictOf(t, "<equals><role/><value>"+value+"</value></equals>", `{}`).Acts, value)
		require.Equal(t, want, verdictOf(t, "<equals><value>"+value+"</value><user_role/></equals>", `{}`).Acts, value)
	}
}

// An answer changed if it is another one; one in another spelling decides nothing, where a spelling means nothing.
func TestAnAnswerInAnotherSpelling(t *testing.T) {
	for _, c := range []struct {
		question, before, after string
		want                    imednet.YesNo
	}{
		{"C", `{"C":true}`, `{"C":"1"}`, imednet.No},
		{"C", `{"C":true}`, `{"C":"no"}`, imednet.Yes},
		{"C", `{"C":true}`, `{"C":"perhaps"}`, imednet.Unknown},
		{"C", `{"C":true}`, `{}`, imednet.Yes},
		{"R", `{"R":"1"}`, `{"R":"Mild"}`, imednet.No},
		{"R", `{"R":"1"}`, `{"R":"2"}`, imednet.Yes},
		{"N", `{"N":5}`, `{"N":"5.0"}`, imednet.Unknown},
		{"N", `{"N":5}`, `{"N":"5"}`, imednet.No},
		{"N", `{"N":5}`, `{"N":6}`, imednet.Yes},
		{"D", `{"D":"2024-05-01T10:00"}`, `{"D":"2024-05-01 10:00"}`, imednet.Unknown},
		{"D", `{"D":"2024-05-01"}`, `{"D":"2024-05-02"}`, imednet.Yes},
		{"T", `{"T":"5"}`, `{"T":"5.0"}`, imednet.Yes},
		{"T", `{"T":"a"}`, `{"T":" a"}`, imednet.Unknown},
		{"T", `{"T":null}`, `{}`, imednet.No},
	} {
		design := read(t, ruleExport("<field_changed><question>"+c.question+"</question></field_changed>").dir(t), "S")
		checker, err := dictionary.NewChecker(design)
		require.NoError(t, err)
		before, after := &imednet.Record{RecordData: data(t, c.before)}, &imednet.Record{RecordData: data(t, c.after)}
		o := checker.CheckChange(design.Forms[0], before, after)[0]
		require.Equal(t, c.want, o.Acts, "%s %s %s", c.question, c.before, c.after)
	}
}

// A rule is of one form. Where none has its key, those whose key has the same letters may be meant.
func TestARuleOfAFormInAnotherSpellingIsUndecided(t *testing.T) {
	const hides = "<BusinessLogic><Conditions><true/></Conditions><Actions><hide_field><question>N</question></hide_field></Actions></BusinessLogic>"
	x := ruleExport("<equals><hidden><question>N</question></hidden><value>No</value></equals>", hides)
	x[dictionary.RulesFile] = strings.Replace(x[dictionary.RulesFile], "Form,State,Active,2,F,", "Form,State,Active,2,f,", 1)
	outcomes := func(x export) []dictionary.Outcome {
		design := read(t, x.dir(t), "S")
		checker, err := dictionary.NewChecker(design)
		require.NoError(t, err)
		return checker.CheckData(design.Forms[0], data(t, `{}`))
	}
	all := outcomes(x)
	require.Len(t, all, 2)
	require.Equal(t, imednet.Unknown, all[0].Acts, "the other rule may hide the question")
	require.Equal(t, imednet.Unknown, all[1].Acts)
	require.NotEmpty(t, all[1].Why)
	x[dictionary.FormsFile] += "f,Twin\n"
	all = outcomes(x)
	require.Len(t, all, 1, "the rule is the twin's")
	require.Equal(t, imednet.Yes, all[0].Acts)
}

// What several elements named Actions do is not known: such a rule may hide a question, or not.
func TestSeveralElementsNamedActionsAreUndecided(t *testing.T) {
	const hides = "<BusinessLogic><Conditions><true/></Conditions><Actions><message><message>m</message></message></Actions><Actions><hide_field><question>N</question></hide_field></Actions></BusinessLogic>"
	x := ruleExport("<equals><hidden><question>N</question></hidden><value>Yes</value></equals>", hides)
	require.Equal(t, imednet.Unknown, verdict(t, x, `{}`).Acts)
}

// What a list or an object of answers means to a rule is not known: no rule reads its JSON as text.
func TestAListOrObjectAsAnAnswerDecidesNothing(t *testing.T) {
	for _, answer := range []string{`[]`, `["x"]`, `["Mild"]`, `[1]`, `{}`, `{"a":1}`, `[true]`, `["2024-01-05"]`} {
		for _, name := range []string{"N", "T", "R", "C", "D", "H"} {
			asked := "<question>" + name + "</question>"
			for _, condition := range []string{
				"<blank>" + asked + "</blank>", "<not><blank>" + asked + "</blank></not>", "<equals>" + asked + "<value>x</value></equals>",
				"<equals>" + asked + "<value></value></equals>", "<checked>" + asked + "</checked>", "<like>" + asked + "<value>.</value></like>", "<gt>" + asked + "<value>1</value></gt>",
			} {
				o := verdict(t, ruleExport(condition), `{"`+name+`":`+answer+`}`)
				require.Equal(t, imednet.Unknown, o.Acts, "%s %s", condition, answer)
				require.Equal(t, "the answer to "+name+" is a list or an object", o.Why)
			}
		}
	}
	require.Equal(t, imednet.Yes, verdict(t, ruleExport("<or><true/><blank><question>T</question></blank></or>"), `{"T":[]}`).Acts)
}
