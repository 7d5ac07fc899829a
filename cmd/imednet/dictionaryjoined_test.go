package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet/dictionary"
)

// joinedDesign writes a design export of form F of choiceShell, whose key, id and question are spelled as they are given.
func joinedDesign(s *shell, dir, key, question, required string, texts ...string) {
	s.t.Helper()
	choices := "Form,Variable Type,Variable Name,Choice Text,Choice Value,Position\n"
	for i, text := range texts {
		choices += key + ",Radio," + question + "," + text + "," + number(i+1) + ",\n"
	}
	for name, text := range map[string]string{
		dictionary.FormsFile:     "Form ID,Form Key\n1," + key + "\n",
		dictionary.QuestionsFile: "Form,Variable Type,Variable Name,Required Field\n" + key + ",Radio," + question + "," + required + "\n",
		dictionary.ChoicesFile:   choices, dictionary.RulesFile: "Type,Name\n",
	} {
		s.write(filepath.Join(dir, name), text)
	}
}

// TestEveryCommandJoinsAlike: which question a variable is joined with does not depend on who asks.
func TestEveryCommandJoinsAlike(t *testing.T) {
	s := choiceShell(t, severity[:1], `{"SEV":"Mild"}`, `{"SEV":"Severe"}`, `{"SEV":"Severe"}`, `{"SEV":""}`, `{"SEV":"1"}`, `{}`)
	s.write("design.json", s.ok("structure", "show", "OWN", "--json"))
	s.ok("export", "OWN", "--dir", "out", "--where", "SEV!=1")
	for _, spelling := range [][2]string{{"F", "SEV"}, {"f", "SEV"}, {"F", "sev"}, {"f", "Sev"}} {
		joinedDesign(s, "old", spelling[0], spelling[1], "Optional", "Mild", "Severe")
		joinedDesign(s, "new", spelling[0], spelling[1], "Hard", "Mild", "Moderate")
		var impacts []struct {
			FormKey, Variable, Member string
			Records                   int
		}
		text, _ := s.run(exitDiffers, "structure", "compare", "design.json", "OWN", "--dictionaries", "old,new", "--impact", "--json")
		require.NoError(t, json.Unmarshal([]byte(text), &impacts))
		records := map[string]int{}
		for _, i := range impacts {
			require.Equal(t, [2]string{"F", "SEV"}, [2]string{i.FormKey, i.Variable}, "the API's names, for %v", spelling)
			records[i.Member] = i.Records
		}
		require.Equal(t, map[string]int{"dictionary required": 1, "dictionary choices[2].text": 2}, records, spelling)

		s.ok("formats", "export", "out", "--to", "agency", "--formats", "json", "--dictionary", "old")
		define, err := os.ReadFile(filepath.Join(s.dir, "agency", "define.xml"))
		require.NoError(t, err)
		require.Contains(t, string(define), `<CodeListRef CodeListOID="CL.F.SEV"/>`, spelling)
		var survey surveyJSON
		s.json(&survey, "dictionary", "survey", "OWN", "--dictionary", "old")
		require.EqualValues(t, 1, survey.Forms[0].Questions[0].ByCode, spelling)
	}
	// A question that only the older export has is named as the older design has it.
	joinedDesign(s, "old", "f", "sev", "Optional", "Mild", "Severe")
	joinedDesign(s, "new", "f", "OTHER", "Optional", "Mild", "Severe")
	text, _ := s.run(exitDiffers, "structure", "compare", "design.json", "OWN", "--dictionaries", "old,new", "--impact", "--columns", "form,variable,records")
	require.Contains(t, text, "SEV")
	require.NotContains(t, text, "sev")
}

// TestADictionaryOfAnotherStudyIsRefusedEverywhere: by the keys of its forms, whatever their ids.
func TestADictionaryOfAnotherStudyIsRefusedEverywhere(t *testing.T) {
	s := choiceShell(t, severity[:1], `{"SEV":"1"}`, `{}`)
	s.write("design.json", s.ok("structure", "show", "OWN", "--json"))
	s.ok("export", "OWN", "--dir", "out")
	joinedDesign(s, "own", "F", "SEV", "Optional", "Mild", "Severe")
	joinedDesign(s, "foreign", "P", "SEV", "Optional", "wrong meaning", "other") // its form has the id of F
	for _, command := range []string{
		"export OWN --dir no --dictionary foreign", "structure compare design.json OWN --dictionaries foreign,own", "structure compare design.json design.json --dictionaries own,foreign",
		"structure compare design.json OWN --impact --dictionaries foreign,foreign", "formats export out --to no --dictionary foreign", "formats odm out --to no.xml --dictionary foreign",
		"profile OWN --dictionary foreign", "dictionary survey OWN --dictionary foreign", "dictionary check OWN --dictionary foreign",
	} {
		_, problem := s.run(exitInvalid, strings.Fields(command)...)
		require.Contains(t, problem, "the dictionary belongs to another study: 0 of its 1 forms are the study's", command)
	}
	require.NoDirExists(t, filepath.Join(s.dir, "no"))
	s.ok("dictionary", "survey", "OWN", "--dictionary", "foreign", "--any-study")
}

// TestACodeListDecodesNoCodeOfSeveralChoices: it would say of an answer that it is another.
func TestACodeListDecodesNoCodeOfSeveralChoices(t *testing.T) {
	lists := []listed{{"C:RADIO", []string{"Alpha=1", "Beta=1"}}, {"T:RADIO", []string{"Other=7", "Other=9"}}, {"M:RADIO", []string{"1=", "Yes=1"}}, {"N:RADIO", []string{"No=0", "Yes=1"}}}
	s := choiceShell(t, lists, `{"C":"Alpha","T":"7","M":"1","N":"0"}`, `{"C":"Beta","T":"9","M":"Yes","N":"1"}`, `{}`)
	codeLists := func(to string, export ...string) (define, warned string) {
		t.Helper()
		s.ok(append([]string{"export", "OWN", "--dir", to}, export...)...)
		_, warned = s.run(exitOK, "formats", "export", to, "--to", to+"-agency", "--formats", "json", "--dictionary", "design")
		text, err := os.ReadFile(filepath.Join(s.dir, to+"-agency", "define.xml"))
		require.NoError(t, err)
		return string(text), warned
	}
	define, warned := codeLists("coded", "--dictionary", "design", "--choices", "code")
	require.Empty(t, warned)
	for _, item := range []string{`<EnumeratedItem CodedValue="Alpha"`, `<EnumeratedItem CodedValue="Beta"`, `<EnumeratedItem CodedValue="Yes"`, `<CodeListItem CodedValue="7"`, `<CodeListItem CodedValue="9"`, `<CodeListItem CodedValue="0"`} {
		require.Contains(t, define, item)
	}

	s = choiceShell(t, lists, `{"C":"1","N":"0"}`, `{"C":"1","N":"1"}`, `{}`)
	define, warned = codeLists("received")
	require.Equal(t, "Warning: F.C has no code list, because a code is that of several choices, or the text of another\n", warned)
	require.NotContains(t, define, "Alpha")
	require.Contains(t, define, `<CodeListItem CodedValue="1"`)
}

// A choice without a code is shown by its text among codes, and so it is in the code list.
func TestACodeListOfCodesHasChoicesWithoutOne(t *testing.T) {
	s := choiceShell(t, []listed{{"M:RADIO", []string{"No=0", "Yes=1", "Unknown="}}}, `{"M":"No"}`, `{"M":"Yes"}`, `{"M":"Unknown"}`)
	s.ok("export", "OWN", "--dir", "coded", "--dictionary", "design", "--choices", "code")
	s.ok("formats", "export", "coded", "--to", "agency", "--formats", "json", "--dictionary", "design")
	define, err := os.ReadFile(filepath.Join(s.dir, "agency", "define.xml"))
	require.NoError(t, err)
	for _, item := range []string{`<CodeListItem CodedValue="0"`, `<CodeListItem CodedValue="1"`, `<CodeListItem CodedValue="Unknown"`} {
		require.Contains(t, string(define), item)
	}
}
