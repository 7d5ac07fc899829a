package dictionary_test

import (
	"archive/zip"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet/dictionary"
)

// TestWhatHoldsNoFileOfAnExportIsNone refuses to save or commit what has none of the files, such as an archive of an archive.
func TestWhatHoldsNoFileOfAnExportIsNone(t *testing.T) {
	dir := t.TempDir()
	archive := filepath.Join(dir, "outer.zip")
	f, err := os.Create(archive)
	require.NoError(t, err)
	w := zip.NewWriter(f)
	_, err = w.Create("inner.zip")
	require.NoError(t, err)
	require.NoError(t, w.Close())
	require.NoError(t, f.Close())
	for _, path := range []string{archive, dir} {
		files, err := dictionary.Files(t.Context(), path, dictionary.ReadOptions{})
		require.ErrorIs(t, err, dictionary.ErrUnreadable)
		require.ErrorContains(t, err, "none of the files of an export")
		require.Nil(t, files)
	}
}

// TestFilesOfHalfAnExportAreNone refuses to save or commit what lacks a file, or has an empty one, in a directory, an archive and a document.
func TestFilesOfHalfAnExportAreNone(t *testing.T) {
	whole := map[string]string{
		dictionary.FormsFile: "Form Key\nA\n", dictionary.QuestionsFile: "Form,Variable Name\nA,Q\n",
		dictionary.ChoicesFile: "Form,Variable Name,Choice Text\n", dictionary.RulesFile: "Type\n",
	}
	for name, c := range map[string]struct {
		file, holds, says string
		mayMiss           []string
	}{
		"whole":             {file: dictionary.ChoicesFile, holds: whole[dictionary.ChoicesFile]},
		"missing":           {file: dictionary.ChoicesFile, says: "error file-missing: CHOICES.csv"},
		"missing, known":    {file: dictionary.ChoicesFile, mayMiss: []string{dictionary.ChoicesFile}},
		"missing, another":  {file: dictionary.ChoicesFile, mayMiss: []string{dictionary.RulesFile}, says: "error file-missing: CHOICES.csv"},
		"empty":             {file: dictionary.RulesFile, holds: "-", says: "error column-missing: BUSINESS_LOGIC.csv: the file is empty"},
		"empty, known":      {file: dictionary.RulesFile, holds: "-", mayMiss: []string{dictionary.RulesFile}, says: "the file is empty"},
		"blank lines":       {file: dictionary.FormsFile, holds: "\ufeff\r\n\r\n", says: "error column-missing: FORMS.csv: the file is empty"},
		"one character":     {file: dictionary.FormsFile, holds: " "},
		"no rows, a header": {file: dictionary.QuestionsFile, holds: "Form,Variable Name"},
	} {
		t.Run(name, func(t *testing.T) {
			files := maps.Clone(whole)
			delete(files, c.file)
			if c.holds != "" {
				files[c.file] = strings.TrimSuffix(c.holds, "-")
			}
			dir := t.TempDir()
			archive := filepath.Join(t.TempDir(), "export.zip")
			writeArchive(t, archive, files)
			for file, data := range files {
				require.NoError(t, os.WriteFile(filepath.Join(dir, file), []byte(data), 0o600))
			}
			for _, path := range []string{dir, archive} {
				got, err := dictionary.Files(t.Context(), path, dictionary.ReadOptions{MayMiss: c.mayMiss})
				if c.says == "" {
					require.NoError(t, err)
					require.Len(t, got, len(files))
					continue
				}
				require.ErrorAs(t, err, new(*dictionary.InvalidError))
				require.ErrorContains(t, err, c.says)
				require.Nil(t, got)
			}
		})
	}
	document := filepath.Join(t.TempDir(), "design.json")
	require.NoError(t, os.WriteFile(document, nil, 0o600))
	_, err := dictionary.Files(t.Context(), document, dictionary.ReadOptions{})
	require.ErrorIs(t, err, dictionary.ErrUnreadable)
}

func writeArchive(t *testing.T, path string, files map[string]string) {
	t.Helper()
	f, err := os.Create(path)
	require.NoError(t, err)
	w := zip.NewWriter(f)
	for name, data := range files {
		entry, err := w.Create("export/" + name)
		require.NoError(t, err)
		_, err = entry.Write([]byte(data))
		require.NoError(t, err)
	}
	require.NoError(t, w.Close())
	require.NoError(t, f.Close())
}
