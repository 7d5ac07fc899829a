package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet/dictionary"
)

// Every command that applies an export says once on standard error how it and the study differ, where all is listed, and
// nothing if they do not differ.
func TestEveryCommandSaysHowDictionaryAndStudyDiffer(t *testing.T) {
	s := newShell(t)
	writeExport(s, "same", "DEMO")
	writeExport(s, "export", "DEMO")
	edit := func(file, old, now string) {
		text := s.read("export/" + file)
		require.Contains(t, text, old)
		s.write("export/"+file, strings.Replace(text, old, now, 1))
	}
	edit(dictionary.QuestionsFile, ",AETERM,", ",aeterm,")
	edit(dictionary.FormsFile, "Form ID,Form Key,Form Type,Form Name\n", "Form ID,Form Key,Form Type,Form Name\n999,ZZ,Patient,Gone\n")
	s.write("export/"+dictionary.RulesFile, s.read("export/"+dictionary.RulesFile)+
		"Form,outside,Active,99,ZZ,10,<BusinessLogic><Conditions><true/></Conditions><Actions><message><message>m</message></message></Actions></BusinessLogic>\n")
	s.demoConfiguration()
	s.ok("sync", "DEMO")
	s.write("new.json", `[{"formKey": "AE", "subjectKey": "DEMO-01-0001", "data": {"AETERM": "Headache"}}]`)
	const note = "The dictionary and the study differ: 1 joined by another case, 1 only in the dictionary; `imednet dictionary join` lists them\n"

	for _, args := range [][]string{
		{"export", "DEMO", "--dir", "out", "--dictionary"},
		{"export", "DEMO", "--dir", "out2", "--json", "--dictionary"},
		{"profile", "DEMO", "--json", "--dictionary"},
		{"report", "DEMO", "--json", "--dictionary"},
		{"extract", "--configuration", "demo.json", "--json", "--dictionary"},
		{"submit", "records", "DEMO", "new.json", "--dry-run", "--dictionary"},
		{"dictionary", "check", "DEMO", "--json", "--dictionary"},
		{"dictionary", "survey", "DEMO", "--cached", "--json", "--dictionary"},
		{"dictionary", "uat", "--submit", "DEMO", "--test-study", "DEMO", "--site", "Site 01", "--rule", "99"},
	} {
		code := exitOK
		switch args[0] + " " + args[1] {
		case "extract --configuration", "dictionary uat":
			code = exitInvalid // of some records; no such rule can be tried
		}
		out, problem := s.run(code, append(args[:len(args):len(args)], "export")...)
		require.Equal(t, 1, strings.Count(problem, note), "%v: %s", args, problem)
		require.NotContains(t, out, "differ:", args)
		if args[1] != "uat" {
			_, problem = s.run(code, append(args[:len(args):len(args)], "same")...)
			require.NotContains(t, problem, "differ:", args)
		}
	}

	var differences dictionary.Differences
	s.json(&differences, "dictionary", "join", "DEMO", "--dictionary", "export")
	require.Equal(t, dictionary.Differences{
		{What: dictionary.JoinedByCase, Form: "AE", Variable: "AETERM", API: "AETERM", Dictionary: "aeterm"},
		{What: dictionary.OnlyInDictionary, Form: "ZZ"},
	}, differences)
	listed, problem := s.run(exitOK, "dictionary", "join", "DEMO", "--cached", "--dictionary", "export")
	require.Regexp(t, `joined by another case +AE +AETERM +AETERM +aeterm\nonly in the dictionary +ZZ\n`, listed)
	require.Empty(t, problem)
	require.Equal(t, "[]\n", s.ok("dictionary", "join", "DEMO", "--json", "--dictionary", "same"))

	require.Contains(t, s.ok("dictionary", "check", "DEMO", "--dictionary", "export"), "not in the study: rule 99 is of the form ZZ\n")
	require.NotContains(t, s.ok("dictionary", "check", "DEMO", "--dictionary", "same"), "not in the study")
}

// Rules that were not read are tried nowhere, and no test of none passes.
func TestRulesThatWereNotReadAreNotTried(t *testing.T) {
	s := newShell(t)
	writeExport(s, "export", "DEMO")
	require.NoError(t, os.Remove(filepath.Join(s.dir, "export", dictionary.RulesFile)))
	for _, more := range [][]string{nil, {"--against", "export"}, {"--submit", "DEMO", "--test-study", "DEMO", "--site", "Site 01"}} {
		out, problem := s.run(exitInvalid, append([]string{"dictionary", "uat", "export", "--may-miss", dictionary.RulesFile}, more...)...)
		require.Empty(t, out)
		require.Contains(t, problem, dictionary.RulesFile+": "+dictionary.ErrNotRead.Error())
	}
}
