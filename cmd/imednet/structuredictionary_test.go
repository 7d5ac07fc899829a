package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet/dictionary"
	"github.com/imednetgo/imednet/workflows/structure"
)

// A change of a choice concerns the records that hold it, and one of Required those with a blank.
func TestImpactOfDictionaries(t *testing.T) {
	s := newShell(t)
	writeExport(s, "old", "DEMO")
	writeExport(s, "new", "DEMO")
	answers := map[string]int64{}
	for _, row := range s.csv("records", "list", "DEMO", "--form", "AE", "--columns", "record,AESEV") {
		answers[row["AESEV"]]++
	}
	require.Greater(t, len(answers), 2, "several answers, and blanks")
	choices := "Form,Variable Type,Variable Name,Choice Text,Choice Value,Position\n"
	for _, text := range []string{"Mild", "Moderate", "Severe"} {
		choices += "AE,RADIO,AESEV," + text + ",,\n"
	}
	impact := func() structure.Impact {
		t.Helper()
		var impacts []structure.Impact
		text, _ := s.run(exitDiffers, "structure", "compare", "design.json", "DEMO", "--dictionaries", "old,new", "--impact", "--json")
		require.NoError(t, json.Unmarshal([]byte(text), &impacts))
		require.Len(t, impacts, 1)
		return impacts[0]
	}
	s.write("design.json", s.ok("structure", "show", "DEMO", "--json"))
	s.write("old/"+dictionary.ChoicesFile, choices)
	for _, text := range []string{"Mild", "Moderate", "Severe"} {
		s.write("new/"+dictionary.ChoicesFile, strings.Replace(choices, "AE,RADIO,AESEV,"+text+",,\n", "", 1))
		require.Equal(t, answers[text], impact().Records, text)
	}
	s.write("new/"+dictionary.ChoicesFile, choices)
	questions, err := os.ReadFile(filepath.Join(s.dir, "new", dictionary.QuestionsFile))
	require.NoError(t, err)
	s.write("new/"+dictionary.QuestionsFile, regexp.MustCompile(`(AE,RADIO,AESEV,.*),Soft\n`).ReplaceAllString(string(questions), "$1,Hard\n"))
	require.Equal(t, answers[""], impact().Records, "the blanks")
}

// What only the exports say is beside what the API says, with the records that it concerns.
func TestStructureCompareWithDictionaries(t *testing.T) {
	s := newShell(t)
	writeExport(s, "old", "DEMO")
	writeExport(s, "new", "DEMO")
	s.write("new/"+dictionary.ChoicesFile, "Form,Variable Type,Variable Name,Choice Text,Choice Value,Position\nAE,RADIO,AESEV,Mild,1,1\nAE,RADIO,AESEV,Severe,3,2\n")
	s.write("design.json", s.ok("structure", "show", "DEMO", "--json"))
	s.ok("dictionary", "commit", "DEMO", "old", "--author", "anna", "-m", "as built")
	compare := []string{"structure", "compare", "design.json", "DEMO"}
	require.Equal(t, "No changes.\n", s.ok(append(compare, "--dictionaries", "old,store:DEMO@1")...))
	out, _ := s.run(exitDiffers, append(compare, "--dictionaries", "store:DEMO@1,new")...)
	require.Equal(t, "AE.AESEV dictionary choices[3] changed: (none) → Severe\n", out)
	out, _ = s.run(exitDiffers, "structure", "compare", "design.json", "design.json", "--dictionaries", "store:DEMO@1,new", "--html")
	require.Contains(t, out, "dictionary choices[3] changed")
	var impacts []structure.Impact
	text, _ := s.run(exitDiffers, append(compare, "--dictionaries", "old,new", "--impact", "--json")...)
	require.NoError(t, json.Unmarshal([]byte(text), &impacts))
	require.Len(t, impacts, 1)
	require.Equal(t, structure.Change{Kind: structure.MemberChanged, Part: structure.VariablePart, FormKey: "AE", Variable: "AESEV", Member: "dictionary choices[3]", After: "Severe"}, impacts[0].Change)
	require.NotZero(t, impacts[0].Records)
	require.False(t, impacts[0].ChangesShape())

	rules := "Type,Name,Status,ID,Form,Sequence,Logic\nForm,No term,Disabled,7,AE,10,\n"
	s.write("new/"+dictionary.RulesFile, rules)
	out, _ = s.run(exitDiffers, append(compare, "--dictionaries", "old,new", "--columns", "form,variable,member,before,after")...)
	require.Contains(t, out, "dictionary rules[7].status")
	s.run(exitUsage, append(compare, "--dictionaries", "old")...)
	s.run(exitNotFound, append(compare, "--dictionaries", "old,store:DEMO@2")...)
}
