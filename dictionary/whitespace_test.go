package dictionary_test

import (
	"bytes"
	"encoding/csv"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet/dictionary"
	"github.com/imednetgo/imednet/imednettest"
)

// The Python toolkit trims cells: what differs from its document by outer white space alone changes no answer's meaning.
func TestOuterWhiteSpaceBreaksNothing(t *testing.T) {
	study := imednettest.Generate(imednettest.GenerateOptions{Records: 1})
	files := study.DesignExport()
	plain, err := dictionary.ReadFiles(files, dictionary.ReadOptions{StudyKey: study.Key()})
	require.NoError(t, err)
	for _, space := range []string{" ", "\t", "\u00a0", "\n", "\u001f"} {
		padded := map[string][]byte{}
		for name, data := range files {
			rows, err := csv.NewReader(bytes.NewReader(data)).ReadAll()
			require.NoError(t, err)
			for _, row := range rows[1:] {
				for i, cell := range row {
					if header := rows[0][i]; cell != "" && !strings.HasPrefix(cell, "<") && header != "Form" && header != "Form Key" && header != "Variable Name" && header != "ID" {
						row[i] = space + cell + space
					}
				}
			}
			var out bytes.Buffer
			require.NoError(t, csv.NewWriter(&out).WriteAll(rows))
			padded[name] = out.Bytes()
		}
		d, err := dictionary.ReadFiles(padded, dictionary.ReadOptions{StudyKey: study.Key()})
		require.NoError(t, err)
		var text bytes.Buffer
		_, err = d.Toolkit(dictionary.ToolkitOptions{}).WriteTo(&text)
		require.NoError(t, err)
		document, err := dictionary.ReadFiles(map[string][]byte{dictionary.ToolkitFile: text.Bytes()}, dictionary.ReadOptions{})
		require.NoError(t, err)
		for _, pair := range [][2]*dictionary.Dictionary{{d, document}, {document, d}, {plain, d}, {d, plain}} {
			changes, err := dictionary.Diff(pair[0], pair[1])
			require.NoError(t, err)
			for _, c := range changes {
				require.Equal(t, dictionary.Cosmetic, c.Effect, "%q: %v", space, c)
				require.Contains(t, []dictionary.Action{dictionary.Modified, dictionary.Moved}, c.Action, "%q: %v", space, c)
			}
		}
	}
}

// The document of our own is recognized, and its reader is told what can be read; one without forms is no dictionary.
func TestADocumentThatHoldsNoDictionary(t *testing.T) {
	d := read(t, filepath.Join(samples(t), "sample"), "LANTERN")
	var own bytes.Buffer
	require.NoError(t, d.WriteJSON(&own))
	_, err := dictionary.ReadFiles(map[string][]byte{dictionary.ToolkitFile: own.Bytes()}, dictionary.ReadOptions{})
	require.ErrorIs(t, err, dictionary.ErrUnreadable)
	require.ErrorContains(t, err, "give the directory or ZIP of the export itself")

	for _, text := range []string{"{}", `{"metadata":{"studyKey":"A"}}`, `{"forms":[]}`} {
		d, err := dictionary.ReadFiles(map[string][]byte{dictionary.ToolkitFile: []byte(text)}, dictionary.ReadOptions{})
		require.NoError(t, err)
		require.ErrorContains(t, d.Strict(), "there is no form", text)
	}
}
