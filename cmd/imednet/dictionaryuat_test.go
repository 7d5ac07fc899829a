package main

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet/dictionary"
)

// What a rule as built does otherwise is listed with what was specified, and fails the command, whether or not the rule
// acts on the same records.
func TestDictionaryUATAgainstAnotherBuild(t *testing.T) {
	s := newShell(t)
	writeExport(s, "meant", "DEMO")
	writeExport(s, "built", "DEMO")
	const actions = "<message><message>Wrong.</message><error_field>AETERM</error_field><hard_edit/></message>" +
		"<open_query><query_field><question>AETERM</question></query_field><query_text>Why?</query_text></open_query>" +
		"<set_keyword><keyword>late</keyword><target><record/></target></set_keyword>" +
		"<disable_and_clear_field><question>AESEV</question></disable_and_clear_field>"
	rules := func(actions string) string {
		return "Type,Name,Status,ID,Form,Sequence,Logic\n" +
			`Form,No term,Active,7,AE,10,"<BusinessLogic><Conditions><blank><question>AETERM</question></blank></Conditions><Actions>` + actions + `</Actions></BusinessLogic>"` + "\n"
	}
	s.write("meant/"+dictionary.RulesFile, rules(actions))
	for _, c := range []struct{ from, to, row string }{
		{"<hard_edit/>", "", "message(message Wrong., error_field AETERM, hard_edit)  message(message Wrong., error_field AETERM)"},
		{">late<", ">early<", "set_keyword(keyword late, target(record))  set_keyword(keyword early, target(record))"},
		{"<question>AETERM</question></query_field>", "<question>AESEV</question></query_field>", `open_query(query_field(question AETERM), query_text "Why?")  open_query(query_field(question AESEV), query_text "Why?")`},
		{"disable_and_clear_field>", "hide_field>", "disable_and_clear_field(question AESEV)"},
	} {
		changed := strings.ReplaceAll(actions, c.from, c.to)
		require.NotEqual(t, actions, changed)
		s.write("built/"+dictionary.RulesFile, rules(changed))
		out, problem := s.run(exitInvalid, "dictionary", "uat", "meant", "--against", "built")
		require.Contains(t, problem, "some checks behave differently from the export")
		require.Regexp(t, `(?m)^7 +AE +effect +`, out)
		require.Contains(t, strings.Join(strings.Fields(out), " "), strings.Join(strings.Fields(c.row), " "))
		require.Contains(t, out, "; 1 rules differ\n")
		require.NotContains(t, out, " 0 with different results")

		var result dictionary.Acceptance
		text, _ := s.run(exitInvalid, "dictionary", "uat", "meant", "--against", "built", "--json")
		require.NoError(t, json.Unmarshal([]byte(text), &result))
		require.NotEmpty(t, result.Differences)
		require.JSONEq(t, `{"AETERM": null}`, string(result.Differences[0].Data.Raw()), "the record on which it acts")
	}
	s.write("built/"+dictionary.RulesFile, rules(actions))
	require.Contains(t, s.ok("dictionary", "uat", "meant", "--against", "built"), " 0 with different results; 0 checks not covered; 0 not told from every other build; 0 rules differ\n")
}

// Without another export to compare with, checks whose records may miss another build are no success. Checks that no record can test
// are listed with the reason, and each check has a status.
func TestDictionaryUATSaysWhatItsRecordsMiss(t *testing.T) {
	s := newShell(t)
	writeExport(s, "export", "DEMO")
	rule := func(id, condition string) string {
		return `Form,Rule,Active,` + id + `,AE,10,"<BusinessLogic><Conditions>` + condition + `</Conditions><Actions><message><message>Wrong.</message></message></Actions></BusinessLogic>"` + "\n"
	}
	const header = "Type,Name,Status,ID,Form,Sequence,Logic\n"
	blank := rule("7", "<blank><question>AETERM</question></blank>")
	ordered := rule("8", "<or><blank><question>AETERM</question></blank><and><equals><question>AETERM</question><value>Late</value></equals><not><gt><question>AETERM</question><value>M</value></gt></not></and><equals><question>AETERM</question><value>None</value></equals></or>")
	never := rule("9", "<exists><keyword_status_record><keyword>late</keyword></keyword_status_record></exists>")
	for _, c := range []struct {
		rules    string
		statuses []dictionary.TestStatus
	}{
		{blank, []dictionary.TestStatus{dictionary.RuleTested}},
		{blank + ordered, []dictionary.TestStatus{dictionary.RuleTested, dictionary.RuleOpen}},
		{blank + never, []dictionary.TestStatus{dictionary.RuleTested, dictionary.RuleNotCovered}},
	} {
		s.write("export/"+dictionary.RulesFile, header+c.rules)
		code := exitOK
		if slices.Contains(c.statuses, dictionary.RuleOpen) {
			code = exitInvalid
		}
		text, problem := s.run(code, "dictionary", "uat", "export", "--json")
		var result dictionary.Acceptance
		require.NoError(t, json.Unmarshal([]byte(text), &result))
		var statuses []dictionary.TestStatus
		for _, r := range result.Rules {
			statuses = append(statuses, r.Status)
			require.Equal(t, r.Status == dictionary.RuleOpen, r.Open > 0)
		}
		require.Equal(t, c.statuses, statuses)
		if code != exitOK {
			require.Contains(t, problem, "the records may miss such a build")
		}
		s.ok("dictionary", "uat", "export", "--against", "export")
	}
}
