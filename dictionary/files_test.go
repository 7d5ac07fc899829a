package dictionary_test

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/dictionary"
)

// The files of an export are its bytes under standard names, whatever holds them, and identify it.
func TestFilesAreTheBytesUnderStandardNames(t *testing.T) {
	odd := small().with(dictionary.ChoicesFile, "Form,\"Variable Name\",\"Choice Text\"\r\nAE,AESEV,\"Caf\xe9\"\r\n")
	dir := odd.dir(t)
	require.NoError(t, os.Rename(filepath.Join(dir, dictionary.FormsFile), filepath.Join(dir, "forms.CSV")))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "README.txt"), []byte("x"), 0o600))
	archive := filepath.Join(t.TempDir(), "export.zip")
	zipped, err := io.ReadAll(odd.zip(t, func(name string) []string { return []string{"a/b/" + strings.ToLower(name), "__MACOSX/" + name} }))
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(archive, zipped, 0o600))
	want := map[string][]byte{}
	for name, text := range odd {
		want[name] = []byte(text)
	}
	for _, path := range []string{dir, archive, strings.TrimSuffix(archive, ".zip")} {
		files, err := dictionary.Files(t.Context(), path, dictionary.ReadOptions{})
		require.NoError(t, err)
		require.Equal(t, want, files)
		d, err := dictionary.ReadFiles(files, dictionary.ReadOptions{Windows1252: true})
		require.NoError(t, err)
		direct, err := dictionary.Read(t.Context(), path, dictionary.ReadOptions{Windows1252: true})
		require.NoError(t, err)
		require.Equal(t, direct.Hash(), d.Hash())
		require.Equal(t, "Café", d.Forms[0].Questions[1].Choices[0].Text)
	}
	_, err = dictionary.Files(t.Context(), dir, dictionary.ReadOptions{MaxBytes: 10})
	require.ErrorIs(t, err, dictionary.ErrTooLarge)
	require.NoError(t, os.WriteFile(archive, must(io.ReadAll(odd.zip(t, func(name string) []string { return []string{"a/" + name, "b/" + name} }))), 0o600))
	_, err = dictionary.Files(t.Context(), archive, dictionary.ReadOptions{})
	require.ErrorAs(t, err, new(*dictionary.InvalidError), "which of the two is it?")
}

func must(data []byte, err error) []byte {
	if err != nil {
		panic(err)
	}
	return data
}

// The hash is that of sha256sum over the files' names and hashes; every byte and every file counts.
func TestTheHashIdentifiesTheFiles(t *testing.T) {
	read := func(files map[string][]byte) string {
		d, err := dictionary.ReadFiles(files, dictionary.ReadOptions{MayMiss: []string{dictionary.QuestionsFile, dictionary.ChoicesFile, dictionary.RulesFile}})
		require.NoError(t, err)
		return d.Hash()
	}
	// printf 'Form Key\n' > FORMS.csv; sha256sum FORMS.csv | sha256sum
	require.Equal(t, "82ac86e6c5c9363cfa7ed318bdaba1aadf389b9f2a4d8063bdd85d5658bf3844", read(map[string][]byte{"forms.csv": []byte("Form Key\n")}))
	require.NotEqual(t, read(map[string][]byte{"FORMS.csv": []byte("Form Key\n")}), read(map[string][]byte{"FORMS.csv": []byte("Form Key\r\n")}))
	forms, choices := []byte("Form Key\n"), []byte("Form,Variable Name,Choice Text\n")
	require.NotEqual(t, read(map[string][]byte{"FORMS.csv": forms}), read(map[string][]byte{"FORMS.csv": forms, "CHOICES.csv": choices}))
	require.Empty(t, new(dictionary.Dictionary).Hash())
}

// A document of the Python toolkit is one file, and an export beside it comes first.
func TestADocumentIsAFile(t *testing.T) {
	d, err := dictionary.Read(t.Context(), small().dir(t), dictionary.ReadOptions{StudyKey: "S"})
	require.NoError(t, err)
	var text bytes.Buffer
	_, err = d.Toolkit(dictionary.ToolkitOptions{}).WriteTo(&text)
	require.NoError(t, err)
	path := filepath.Join(t.TempDir(), "any name.JSON")
	require.NoError(t, os.WriteFile(path, text.Bytes(), 0o600))
	files, err := dictionary.Files(t.Context(), path, dictionary.ReadOptions{})
	require.NoError(t, err)
	require.Equal(t, map[string][]byte{dictionary.ToolkitFile: text.Bytes()}, files)
	back, err := dictionary.ReadFiles(files, dictionary.ReadOptions{})
	require.NoError(t, err)
	require.Equal(t, "S", back.StudyKey, "the document names its study")
	require.Len(t, back.Hash(), 64)
	require.Len(t, back.Forms, 2)
	_, err = dictionary.ReadFiles(map[string][]byte{dictionary.ToolkitFile: []byte("{")}, dictionary.ReadOptions{})
	require.ErrorAs(t, err, new(*imednet.DecodeError))
	for name, content := range small() {
		files[name] = []byte(content)
	}
	both, err := dictionary.ReadFiles(files, dictionary.ReadOptions{})
	require.NoError(t, err)
	require.Equal(t, d.Hash(), both.Hash())
}
