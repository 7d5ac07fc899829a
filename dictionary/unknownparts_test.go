package dictionary_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/dictionary"
	"github.com/imednetgo/imednet/imednettest"
)

// without reads an export that lacks a file.
func (x export) without(t *testing.T, file string) *dictionary.Dictionary {
	t.Helper()
	dir := x.with(file, "").dir(t)
	require.NoError(t, os.Remove(filepath.Join(dir, file)))
	d, err := dictionary.Read(t.Context(), dir, dictionary.ReadOptions{StudyKey: "S", MayMiss: []string{file}})
	require.NoError(t, err)
	return d
}

// Rules that were not read may hide any question: a blank is neither missing nor an error.
func TestRulesThatWereNotReadMayExcuseAnything(t *testing.T) {
	d := askedExport().without(t, dictionary.RulesFile)
	joined := joinAsked(t, d)
	survey, err := joined.Survey(t.Context(), checkerOf(t, d), listed(stored(t, 1, `{"LIVE":""}`)))
	require.NoError(t, err)
	require.Equal(t, dictionary.QuestionSurvey{Question: "LIVE", Required: "Hard", Empty: 1, Undecided: 1}, survey.Forms[0].Questions[0])
	problems, err := joined.CheckSubmission(checkerOf(t, d), &imednet.Submission{Kind: imednet.NewRecord, FormKey: "F", SubjectKey: "1", Data: map[string]any{"LIVE": ""}})
	require.NoError(t, err)
	require.Equal(t, []dictionary.EntryProblem{{Form: "F", Variable: "LIVE", Reason: "the answer is required (Hard)", Warning: true}}, problems)
}

// Checks that are not known cannot be run, and none is reported as held.
func TestRulesThatWereNotReadCannotBeChecked(t *testing.T) {
	whole, d := read(t, askedExport().dir(t), "S"), askedExport().without(t, dictionary.RulesFile)
	require.ErrorIs(t, lastError(checkerOf(t, d).Study(t.Context(), joinAsked(t, d), listed(stored(t, 1, `{}`)), nil)), dictionary.ErrNotRead)
	require.ErrorContains(t, lastError(checkerOf(t, d).Study(t.Context(), joinAsked(t, d), listed(), nil)), "BUSINESS_LOGIC.csv")
	unasked := askedExport().without(t, dictionary.QuestionsFile)
	for _, pair := range [][2]*dictionary.Dictionary{{whole, d}, {d, whole}, {d, d}, {whole, unasked}, {unasked, whole}, {unasked, unasked}} {
		_, err := checkerOf(t, pair[0]).Against(checkerOf(t, pair[1]))
		require.ErrorIs(t, err, dictionary.ErrNotRead)
	}
	study, _, opts := testStudy(t)
	_, err := checkerOf(t, d).Try(t.Context(), imednettest.NewServer(study).Client(), opts)
	require.ErrorIs(t, err, dictionary.ErrNotRead)
}

func lastError(run *dictionary.CheckRun) (err error) {
	for _, err = range run.Breaches() {
	}
	return err
}

// Without the list of choices an answer may be the code of any text that a rule compares it with.
func TestChoicesThatWereNotReadDecideNothing(t *testing.T) {
	rule := func(id, conditions, action string) string {
		return "Form," + id + ",Active," + id + ",F,1,<BusinessLogic><Conditions>" + conditions + "</Conditions><Actions>" + action + "</Actions></BusinessLogic>\n"
	}
	const message = "<message><message>m</message><error_field>X</error_field><hard_edit/></message>"
	x := export{
		dictionary.FormsFile:     "Form Key,Form Name\nF,Form\n",
		dictionary.QuestionsFile: "Form,Variable Type,Variable Name,Required Field\nF,Radio,SHOW,\nF,Text,X,Hard\n",
		dictionary.ChoicesFile:   "Form,Variable Name,Choice Text,Choice Value\nF,SHOW,Yes,2\nF,SHOW,No,1\n",
		dictionary.RulesFile: "Type,Name,Status,ID,Form,Sequence,Logic\n" +
			rule("hide", "<equals><question>SHOW</question><value>No</value></equals>", "<hide_field><question>X</question></hide_field>") +
			rule("not", "<not><equals><question>SHOW</question><value>No</value></equals></not>", message) + rule("like", "<like><question>SHOW</question><value>^N</value></like>", message) +
			rule("blank", "<blank><question>SHOW</question></blank>", message),
	}
	whole, part := read(t, x.dir(t), "S"), x.without(t, dictionary.ChoicesFile)
	acts := func(d *dictionary.Dictionary, data string) (all []imednet.YesNo) {
		for _, o := range checkerOf(t, d).Check(d.Forms[0], record(t, data)) {
			all = append(all, o.Acts)
		}
		return all
	}
	yes, no, unknown := imednet.Yes, imednet.No, imednet.Unknown
	require.Equal(t, []imednet.YesNo{yes, no, yes, no}, acts(whole, `{"SHOW":"1"}`))
	require.Equal(t, []imednet.YesNo{unknown, unknown, unknown, no}, acts(part, `{"SHOW":"1"}`))
	require.Equal(t, []imednet.YesNo{yes, no, unknown, no}, acts(part, `{"SHOW":"No"}`))
	require.Equal(t, acts(whole, `{}`)[3:], acts(part, `{}`)[3:])
}

// What one side does not know has neither been added nor removed.
func TestDictionariesOfWhichOneWasNotReadWholeAreNotCompared(t *testing.T) {
	x := entryExport()
	whole := read(t, x.dir(t), "S")
	for _, file := range []string{dictionary.QuestionsFile, dictionary.ChoicesFile, dictionary.RulesFile} {
		part := x.without(t, file)
		for _, pair := range [][2]*dictionary.Dictionary{{whole, part}, {part, whole}} {
			_, err := dictionary.Diff(pair[0], pair[1])
			require.ErrorIs(t, err, dictionary.ErrNotRead, file)
			require.ErrorContains(t, err, file)
		}
	}
}

// Two exports that both lack a file may differ in it: that it was not compared is the first of the changes.
func TestAFileThatBothExportsLackIsNotCompared(t *testing.T) {
	x := entryExport()
	for _, file := range []string{dictionary.FormsFile, dictionary.QuestionsFile, dictionary.ChoicesFile, dictionary.RulesFile} {
		part := x.without(t, file)
		want := dictionary.Change{Action: dictionary.NotCompared, Effect: dictionary.UnknownEffect, Path: file, Note: "neither export was read with this file"}
		for _, other := range []*dictionary.Dictionary{x.without(t, file), written(t, part, false)} {
			changes, err := dictionary.Diff(part, other)
			require.NoError(t, err)
			require.Equal(t, want, changes[0])
			require.Equal(t, "not compared (unknown) "+file+" (neither export was read with this file)", changes[0].String())
		}
		changes, err := dictionary.Diff(part, part)
		require.NoError(t, err)
		require.Equal(t, []dictionary.Change{want}, changes)
		var md, html bytes.Buffer
		require.NoError(t, dictionary.WriteMarkdown(&md, changes))
		require.NoError(t, dictionary.WriteHTML(&html, changes))
		require.Contains(t, md.String(), "| not compared | unknown | "+file+" |  |  | neither export was read with this file |")
		require.Contains(t, html.String(), "not compared")
		require.Contains(t, html.String(), "neither export was read with this file")
	}
}

// A document of the Python toolkit of a whole export has everything, and so has a dictionary that a program makes.
func TestWhatHasNoFilesLacksNone(t *testing.T) {
	d := read(t, askedExport().dir(t), "S")
	document := written(t, d, false)
	made := &dictionary.Dictionary{StudyKey: "S", Forms: d.Forms, Rules: d.Rules}
	for _, other := range []*dictionary.Dictionary{document, made} {
		_, err := dictionary.Diff(d, other)
		require.NoError(t, err)
		require.NoError(t, lastError(checkerOf(t, other).Study(t.Context(), joinAsked(t, other), listed(stored(t, 1, `{}`)), nil)))
	}
}

// A document of the Python toolkit that was made without a file says so, to both tools, and what is made of it knows no
// more than the document did, however often it is written and read.
func TestADocumentMadeWithoutAFileSaysSo(t *testing.T) {
	x := askedExport()
	for _, file := range []string{dictionary.FormsFile, dictionary.QuestionsFile, dictionary.ChoicesFile, dictionary.RulesFile} {
		part := x.without(t, file)
		require.Equal(t, []string{file}, part.NotRead())
		document := part.Toolkit(dictionary.ToolkitOptions{}).Metadata
		require.Equal(t, []dictionary.Member{{Name: "filesNotRead", Value: []byte(`["` + file + `"]`)}}, document.Extra)
		require.Contains(t, document.Warnings, file+" was not read: nothing is known of what it holds")
		for _, d := range []*dictionary.Dictionary{written(t, part, false), written(t, part, true), written(t, written(t, part, true), false)} {
			require.Equal(t, []string{file}, d.NotRead())
			require.True(t, d.Lacks(file))
			require.False(t, hasCode(d, dictionary.MemberUnknown))
			_, err := dictionary.Diff(read(t, x.dir(t), "S"), d)
			require.ErrorIs(t, err, dictionary.ErrNotRead)
			var b bytes.Buffer
			require.NoError(t, d.WriteJSON(&b))
			require.Contains(t, b.String(), "\n  \"notRead\": [\n    \""+file+"\"\n  ],\n")
		}
	}
	var b bytes.Buffer
	whole := read(t, x.dir(t), "S")
	require.NoError(t, whole.WriteJSON(&b))
	require.NotContains(t, b.String(), "otRead")
	require.Empty(t, whole.Toolkit(dictionary.ToolkitOptions{}).Metadata.Extra)

	d := written(t, x.without(t, dictionary.RulesFile), false)
	require.ErrorIs(t, lastError(checkerOf(t, d).Study(t.Context(), joinAsked(t, d), listed(stored(t, 1, `{}`)), nil)), dictionary.ErrNotRead)
	survey, err := joinAsked(t, d).Survey(t.Context(), checkerOf(t, d), listed(stored(t, 1, `{"LIVE":""}`)))
	require.NoError(t, err)
	require.Equal(t, dictionary.QuestionSurvey{Question: "LIVE", Required: "Hard", Empty: 1, Undecided: 1}, survey.Forms[0].Questions[0])
}

// The Python toolkit's document from the API has neither choices nor rules, because the API has none; what one has that
// says so is known.
func TestADocumentFromTheAPILacksChoicesAndRules(t *testing.T) {
	for document, want := range map[string][]string{
		`{"metadata":{"source":"api"},"forms":[{"formKey":"F","variables":[{"variableName":"V"}]}]}`:                                                                 {dictionary.ChoicesFile, dictionary.RulesFile},
		`{"metadata":{"source":"csv"},"forms":[{"formKey":"F","variables":[{"variableName":"V"}]}]}`:                                                                 nil,
		`{"metadata":{"source":"api"},"forms":[{"formKey":"F","variables":[{"variableName":"V","choices":[{"choiceText":"Yes","choiceValue":""}]}]}]}`:               {dictionary.RulesFile},
		`{"metadata":{"source":"api"},"forms":[{"formKey":"F"}],"unassignedBusinessLogic":[{"id":"1"}]}`:                                                             {dictionary.ChoicesFile},
		`{"metadata":{"source":"csv","extraAttributes":{"filesNotRead":["other.csv",1,"BUSINESS_LOGIC.csv"]}},"forms":[{"formKey":"F","businessLogic":[{"id":1}]}]}`: {dictionary.RulesFile},
		`{"metadata":{"extraAttributes":{"filesNotRead":"business_logic.csv"}},"forms":[{"formKey":"F"}]}`:                                                           {dictionary.RulesFile},
	} {
		d, err := dictionary.ReadFiles(map[string][]byte{dictionary.ToolkitFile: []byte(document)}, dictionary.ReadOptions{})
		require.NoError(t, err)
		require.Equal(t, want, d.NotRead(), document)
		require.Equal(t, strings.Contains(document, "other.csv"), hasCode(d, dictionary.MemberUnknown), "what is not understood is said")
	}
}
