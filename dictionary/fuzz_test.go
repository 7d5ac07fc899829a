package dictionary_test

import (
	"bytes"
	"encoding/csv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet/dictionary"
)

// FuzzReadTables reads any four files: it never panics, keeps every byte, and reads what it wrote the
// same way again.
func FuzzReadTables(f *testing.F) {
	x := small()
	f.Add(x[dictionary.FormsFile], x[dictionary.QuestionsFile], x[dictionary.ChoicesFile], x[dictionary.RulesFile])
	f.Add("\ufeff\"Form Key\"\r\n\"a\"\"b\r\n", "Form,Variable Name\n,", "\n\n\r", "Type,Logic\nForm,<a><b></a>")
	f.Fuzz(func(t *testing.T, forms, questions, choices, rules string) {
		files := export{dictionary.FormsFile: forms, dictionary.QuestionsFile: questions, dictionary.ChoicesFile: choices, dictionary.RulesFile: rules}
		r := files.zip(t, func(n string) []string { return []string{n} })
		d, _ := dictionary.ReadZIP(t.Context(), r, r.Size(), dictionary.ReadOptions{})
		if d == nil {
			return
		}
		for name, text := range files {
			table := d.Table(name)
			if len(table.Header) > 0 && string(table.AppendTo(nil)) != text {
				t.Fatalf("%s was not kept", name)
			}
		}
		var first, second bytes.Buffer
		_, err := d.Toolkit(dictionary.ToolkitOptions{}).WriteTo(&first)
		require.NoError(t, err)
		doc, err := dictionary.ReadToolkit(bytes.NewReader(first.Bytes()))
		require.NoError(t, err)
		_, err = doc.WriteTo(&second)
		require.NoError(t, err)
		require.Equal(t, first.String(), second.String())
		_, err = dictionary.Diff(d, doc.Dictionary())
		require.NoError(t, err)
	})
}

// FuzzCells compares cells with the standard library's reader on whatever that reader accepts.
func FuzzCells(f *testing.F) {
	f.Add("a,b\n\"c\"\"d\",e\n")
	f.Add("x\n\"1\n2\"\n")
	f.Fuzz(func(t *testing.T, text string) {
		if strings.ContainsAny(text, "\r\ufeff") || strings.HasPrefix(text, " ") {
			return // read differently on purpose
		}
		want, err := csv.NewReader(strings.NewReader(text)).ReadAll()
		if err != nil || len(want) == 0 {
			return
		}
		r := export{dictionary.FormsFile: text}.zip(t, func(n string) []string { return []string{n} })
		d, _ := dictionary.ReadZIP(t.Context(), r, r.Size(), dictionary.ReadOptions{MayMiss: []string{dictionary.QuestionsFile, dictionary.ChoicesFile, dictionary.RulesFile}})
		if d == nil || len(d.Table(dictionary.FormsFile).Header) == 0 {
			return
		}
		table := d.Table(dictionary.FormsFile)
		require.Equal(t, want[0], table.Header)
		require.Len(t, table.Rows, len(want)-1)
		for i, row := range want[1:] {
			require.Equal(t, row, table.Rows[i].Cells)
		}
	})
}
