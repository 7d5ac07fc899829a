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
	s.ok("export", "DEMO", "--dir", "plain")
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

	for source, times := range map[string]int{"same": 0, "export": 1} {
		_, problem := s.run(exitInvalid, "formats", "export", "plain", "--to", "agency-"+source, "--dictionary", source)
		require.Equal(t, times, strings.Count(problem, note), source)
	}
	s.write("design.json", s.ok("structure", "show", "DEMO", "--json"))
	for sources, times := range map[string]int{"same,export": 1, "export,export": 2, "same,same": 0} {
		for _, format := range []string{"--json", "--html"} {
			_, problem := s.run(map[bool]int{true: exitOK, false: exitDiffers}[times != 1], "structure", "compare", "design.json", "DEMO", "--dictionaries", sources, format)
			require.Equal(t, times, strings.Count(problem, note), sources)
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

// A file without which both exports were read may differ: every form of the result says that it was not compared, and
// the exit code does not say that they are the same.
func TestWhatWasNotComparedIsInEveryResult(t *testing.T) {
	s := newShell(t)
	writeExport(s, "old", "DEMO")
	writeExport(s, "new", "DEMO")
	for _, dir := range []string{"old", "new"} {
		require.NoError(t, os.Remove(filepath.Join(s.dir, dir, dictionary.ChoicesFile)))
	}
	diff := []string{"dictionary", "diff", "old", "new", "--may-miss", dictionary.ChoicesFile}
	const why = "neither export was read with this file"
	require.Equal(t, "not compared (unknown) CHOICES.csv ("+why+")\n", s.ok(diff...))
	require.Contains(t, s.ok(append(diff, "--format", "md")...), "| not compared | unknown | CHOICES.csv |  |  | "+why+" |")
	html := s.ok(append(diff, "--format", "html")...)
	require.Contains(t, html, "not compared")
	require.Contains(t, html, why)
	var changes []dictionary.Change
	s.json(&changes, diff...)
	require.Equal(t, []dictionary.Change{{Action: dictionary.NotCompared, Effect: dictionary.UnknownEffect, Path: "CHOICES.csv", Note: why}}, changes)
	_, problem := s.run(exitDiffers, append(diff, "--exit-code")...)
	require.Contains(t, problem, "not compared as a whole")

	s.write("design.json", s.ok("structure", "show", "DEMO", "--json"))
	compare := []string{"structure", "compare", "design.json", "DEMO", "--dictionaries", "old,new", "--may-miss", dictionary.ChoicesFile}
	out, _ := s.run(exitDiffers, compare...)
	require.Equal(t, "dictionary CHOICES.csv not compared\n", out)
	out, _ = s.run(exitDiffers, append(compare, "--html")...)
	require.Contains(t, out, "dictionary CHOICES.csv")
	out, _ = s.run(exitDiffers, append(compare, "--impact")...)
	require.Regexp(t, `not compared +dictionary +CHOICES.csv +0`, out)
}

// A document that was made without a file is no whole export to any command, without being told.
func TestADocumentMadeWithoutRulesHasNoneToCheck(t *testing.T) {
	s := newShell(t)
	writeExport(s, "export", "DEMO")
	require.NoError(t, os.Remove(filepath.Join(s.dir, "export", dictionary.RulesFile)))
	out, problem := s.run(exitOK, "dictionary", "read", "export", "--toolkit", "--may-miss", dictionary.RulesFile)
	const note = "Note: BUSINESS_LOGIC.csv was not read: nothing is known, nor said, of what it holds\n"
	require.Contains(t, problem, note)
	s.write("made.json", out)
	for _, args := range [][]string{{"dictionary", "check", "DEMO", "--dictionary", "made.json"}, {"dictionary", "uat", "made.json"}} {
		out, problem := s.run(exitInvalid, args...)
		require.Empty(t, out)
		require.Contains(t, problem, dictionary.RulesFile+": "+dictionary.ErrNotRead.Error())
	}
	_, problem = s.run(exitOK, "dictionary", "validate", "made.json")
	require.Contains(t, problem, note)
}
