package main

import (
	"archive/zip"
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet/dictionary"
)

// archive is an export as a ZIP archive.
func archive(t *testing.T, dir string) []byte {
	t.Helper()
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	require.NoError(t, w.AddFS(os.DirFS(dir)))
	require.NoError(t, w.Close())
	return out.Bytes()
}

// What holds no export, whoever reads it, is a problem of the input to each command, and nothing of its content is told.
func TestWhatHoldsNoExportIsInvalid(t *testing.T) {
	s := newShell(t)
	writeExport(s, "export", "DEMO")
	whole := archive(t, filepath.Join(s.dir, "export"))
	s.write("whole.zip", string(whole))
	s.ok("dictionary", "validate", "whole.zip")

	entry := bytes.LastIndex(whole, []byte("PK\x01\x02"))
	changed := func(at int, mask byte) string {
		data := bytes.Clone(whole)
		data[at] ^= mask
		return string(data)
	}
	for name, content := range map[string]string{
		"none.zip":       "Smithson, Zyx",
		"cut.zip":        string(whole[:len(whole)/2]),
		"encrypted.zip":  changed(entry+8, 1),
		"sum.zip":        changed(entry+16, 1),
		"method.zip":     changed(entry+10, 7),
		"document.json":  `{"forms": [{"formKey": ["Smithson"]}]}`,
		"cut.json":       `{"forms": [{"formKey": "Smithson`,
		"own.json":       s.ok("dictionary", "read", "export"),
		"nothing.json":   "",
		"emptiness.zip":  "",
		"studies.csv":    "Smithson,Zyx\n",
		"repeated.json":  `[]`,
		"characters.zip": "PK\x03\x04",
	} {
		s.write(name, content)
		for _, command := range []string{"validate", "list", "read"} {
			out, problem := s.run(exitInvalid, "dictionary", command, name)
			require.Empty(t, out, name)
			require.Contains(t, problem, "Invalid: ", name)
			require.NotContains(t, problem, "Smithson", name)
		}
	}
	require.NoError(t, os.Remove(filepath.Join(s.dir, "export", dictionary.ChoicesFile)))
	require.NoError(t, os.Symlink(os.DevNull, filepath.Join(s.dir, "export", dictionary.ChoicesFile)))
	for _, path := range []string{"export", os.DevNull} {
		_, problem := s.run(exitInvalid, "dictionary", "validate", path)
		require.Contains(t, problem, "it is neither a file nor a link to one", path)
	}
	s.run(exitNotFound, "dictionary", "validate", "absent")
}
