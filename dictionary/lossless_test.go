package dictionary_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet/dictionary"
)

// Every cell of an export is in the JSON document that is made of it, whatever its column, but for the names of staff.
func TestEveryCellIsInTheJSON(t *testing.T) {
	x := small()
	for file, header := range map[string]string{dictionary.FormsFile: "Colour", dictionary.QuestionsFile: "Colour", dictionary.ChoicesFile: "Colour", dictionary.RulesFile: "Colour"} {
		lines := strings.Split(strings.TrimSuffix(x[file], "\n"), "\n")
		for i := range lines {
			if i == 0 {
				lines[i] += "," + header
			} else {
				lines[i] += ",cell-" + file + "-" + string(rune('a'+i))
			}
		}
		x[file] = strings.Join(lines, "\n") + "\n"
	}
	d := read(t, x.dir(t), "S")
	var text bytes.Buffer
	require.NoError(t, d.WriteJSON(&text))
	for file := range x {
		for i := range d.Table(file).Rows {
			require.Contains(t, text.String(), "cell-"+file+"-"+string(rune('b'+i)))
		}
	}
	require.Equal(t, "cell-CHOICES.csv-b", d.Forms[0].Questions[1].Choices[0].Option("COLOUR"))
	other := x.with(dictionary.ChoicesFile, strings.Replace(x[dictionary.ChoicesFile], "cell-CHOICES.csv-b", "red", 1))
	changes := diff(t, d, read(t, other.dir(t), "S"))
	require.Len(t, changes, 1)
	require.Equal(t, "modified (cosmetic) forms[AE].questions[AESEV].choices[1].colour: cell-CHOICES.csv-b → red", changes[0].String())
}

// Cells that no field has room for are in the JSON too: beyond the header, of a second column of the same meaning, and the
// variable type that a choice gives where it is not its question's. They are compared, and with themselves they are equal.
func TestCellsWithoutAFieldAreInTheJSON(t *testing.T) {
	x := small()
	add := func(file, header string, rows ...string) {
		lines := strings.Split(strings.TrimSuffix(x[file], "\n"), "\n")
		require.Len(t, rows, len(lines)-1, file)
		lines[0] += header
		for i, row := range rows {
			lines[i+1] += row
		}
		x[file] = strings.Join(lines, "\n") + "\n"
	}
	add(dictionary.FormsFile, ",Form", ",ALIAS,surplus1,,surplus2", ",DM")
	add(dictionary.QuestionsFile, ",Required,Colour,Colour", ",Soft,red,blue", ",,,green,surplus3", ",Soft", ",Optional")
	add(dictionary.ChoicesFile, ",Variable Type,Form Key", ",Slider,OTHER,surplus4", ",Radio,AE")
	add(dictionary.RulesFile, ",XML,Created By,created_by", ",<second/>,A. Builder,B. Builder,surplus5")
	x[dictionary.ChoicesFile] = strings.Replace(x[dictionary.ChoicesFile], "AE,Radio,AESEV,Severe", "AE,radio ,AESEV,Severe", 1)
	d := read(t, x.dir(t), "S")

	type options = []dictionary.Option
	form := d.Forms[0]
	require.Equal(t, options{{Header: "Form", Text: "ALIAS"}, {Header: "column 6", Text: "surplus1"}, {Header: "column 8", Text: "surplus2"}}, form.Options)
	require.Equal(t, options{{Header: "Form", Text: "DM"}}, d.Forms[1].Options)
	require.Equal(t, options{{Header: "Required", Text: "Soft"}, {Header: "Colour", Text: "red"}, {Header: "Colour", Text: "blue"}}, form.Questions[0].Options)
	require.Equal(t, options{{Header: "Colour", Text: "green"}, {Header: "column 10", Text: "surplus3"}}, form.Questions[1].Options)
	require.Equal(t, options{{Header: "Variable Type", Text: "Slider"}, {Header: "Form Key", Text: "OTHER"}, {Header: "column 9", Text: "surplus4"}}, form.Questions[1].Choices[0].Options)
	require.Equal(t, options{{Header: "Variable Type", Text: "radio "}, {Header: "Variable Type", Text: "Radio"}, {Header: "Form Key", Text: "AE"}}, form.Questions[1].Choices[1].Options)
	require.Equal(t, options{{Header: "XML", Text: "<second/>"}, {Header: "Created By", Text: "A. Builder"}, {Header: "created_by", Text: "B. Builder"}, {Header: "column 11", Text: "surplus5"}}, d.Rules[0].Options)
	require.Contains(t, d.Rules[0].XML, "BusinessLogic")
	require.Equal(t, "red", form.Questions[0].Option("Colour"))

	var text bytes.Buffer
	require.NoError(t, d.WriteJSON(&text))
	for _, cell := range []string{"ALIAS", "surplus1", "surplus2", "red", "blue", "green", "surplus3", "Slider", "OTHER", "radio ", "surplus4", "second", "surplus5"} {
		require.Contains(t, text.String(), cell)
	}
	require.NotContains(t, text.String(), "Builder")

	require.Empty(t, diff(t, d, read(t, x.dir(t), "S")))
	for old, now := range map[string]string{"surplus2": "forms[AE].column8", "blue": "forms[AE].questions[AETERM].colour", "Slider": "forms[AE].questions[AESEV].choices[1].variableType", "<second/>": "rules[7].xml"} {
		changed := x
		for file, content := range x {
			changed = changed.with(file, strings.Replace(content, old, "new", 1))
		}
		changes := diff(t, d, read(t, changed.dir(t), "S"))
		require.Len(t, changes, 1, old)
		require.Equal(t, "modified (cosmetic) "+now+": "+old+" → new", changes[0].String())
	}
}

// A column that comes again with a limit limits nothing: only the first cell that is not blank counts.
func TestAColumnThatComesAgainHasNoEffect(t *testing.T) {
	x := small()
	x[dictionary.QuestionsFile] = "Form,Variable Type,Variable Name,Length,Length\nAE,Text,AETERM,5,9\nAE,Text,AESEV,,9\n"
	before := read(t, x.dir(t), "S")
	x[dictionary.QuestionsFile] = "Form,Variable Type,Variable Name,Length,Length\nAE,Text,AETERM,5,3\nAE,Text,AESEV,,3\n"
	var lines []string
	for _, c := range diff(t, before, read(t, x.dir(t), "S")) {
		lines = append(lines, c.String())
	}
	require.Equal(t, []string{"modified (cosmetic) forms[AE].questions[AETERM].length: 9 → 3", "modified (tightening) forms[AE].questions[AESEV].length: 9 → 3"}, lines)
}

// What a document holds beside what either tool knows is kept or found, wherever it stands.
func TestNoMemberOfADocumentIsLostSilently(t *testing.T) {
	const text = `{"new1":"v1","metadata":{"new2":"v2","extraAttributes":{"new3":"v3"}},"forms":[{"formKey":"F","new4":"v4","extraAttributes":{"new5":"v5"},
		"variables":[{"variableName":"Q","format":"v6","precision":"v7","new8":{"a":"v8"},"extraAttributes":{"new9":"v9"},"choices":[{"choiceText":"A","choiceValue":"1","new10":"v10","extraAttributes":{"new11":"v11"}}]}],
		"businessLogic":[{"id":"1","type":"Form","status":"Disabled","new12":"v12","extraAttributes":{"new13":"v13"}}]}],"unassignedBusinessLogic":[{"id":"2","new14":"v14"}]}`
	d := document(t, text)
	var written bytes.Buffer
	require.NoError(t, d.WriteJSON(&written))
	for _, member := range []string{"new1", "new2", "new3"} {
		require.True(t, slicesHas(d, member), member)
	}
	for _, member := range []string{"v4", "v5", "v6", "v7", "v8", "v9", "v10", "v11", "v12", "v13", "v14"} {
		require.Contains(t, written.String(), `"text": "`+strings.Replace(member, "v8", `{\"a\":\"v8`, 1), member)
	}
	for _, member := range []string{"new4", "new8", "new10", "new12", "new14"} {
		require.True(t, slicesHas(d, member), member)
	}
	require.NoError(t, d.Strict(), "they are notes")
	twice := document(t, `{"forms":[{"formKey":"F","formName":"one","formName":"two"}]}`)
	require.Equal(t, "two", twice.Forms[0].Name)
	require.True(t, slicesHas(twice, "/forms/0/formName"))
	require.Error(t, twice.Strict())
}

func slicesHas(d *dictionary.Dictionary, column string) bool {
	for _, f := range d.Findings {
		if f.Code == dictionary.MemberUnknown && strings.HasSuffix(f.Column, column) {
			return true
		}
	}
	return false
}

// A row of one cell remains a row when the cell becomes blank, so that the rows behind it keep their numbers.
func TestARowOfOneBlankCellIsARow(t *testing.T) {
	const text = "Form,Variable Name\r\nA\r\n\r\nA,X\r\n"
	table := readTable(t, text)
	table.SetCell(0, 0, "")
	written := string(table.AppendTo(nil))
	require.Equal(t, "Form,Variable Name\r\n\"\"\r\nA,X\r\n", written)
	again := readTable(t, written)
	again.SetCell(0, 2, "")
	require.Equal(t, "Form,Variable Name\r\n,,\r\nA,X\r\n", string(again.AppendTo(nil)), "cells up to the one that is set")
	again = readTable(t, written)
	require.Equal(t, [][]string{{""}, {"A", "X"}}, [][]string{again.Rows[0].Cells, again.Rows[1].Cells})
}

func readTable(t *testing.T, questions string) *dictionary.Table {
	t.Helper()
	return read(t, small().with(dictionary.QuestionsFile, questions).dir(t), "S").Table(dictionary.QuestionsFile)
}
