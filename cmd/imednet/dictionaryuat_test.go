package main

import (
	"encoding/json"
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
	require.Contains(t, s.ok("dictionary", "uat", "meant", "--against", "built"), " 0 with different results; 0 checks not covered; 0 rules differ\n")
}
