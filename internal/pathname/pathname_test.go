package pathname

import (
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestDirectory(t *testing.T) {
	for key, want := range map[string]string{
		"AE": "AE", "A E": "A E", "a.b_c-d": "a.b_c-d", "Étude 1/2": "%C3%89tude 1%2F2",
		"": "__HIVE_DEFAULT_PARTITION__", ".": "%2E", "..": "%2E%2E", "_x": "%5Fx", " x ": "%20x%20", "nul": "%6Eul", "COM1.txt": "%43OM1.txt",
		"a=b%c": "a%3Db%25c", "x\x00y": "x%00y", `"#'*:?\{}[]^<>|`: "%22%23%27%2A%3A%3F%5C%7B%7D%5B%5D%5E%3C%3E%7C",
	} {
		require.Equal(t, want, Directory(key), "%q", key)
		require.Equal(t, "formKey="+want, Partition("formKey", key))
	}
}

// A reader gets the key back, and no name leads out of its directory.
func FuzzDirectory(f *testing.F) {
	for _, key := range []string{"AE", "..", "a/b", `C:\x`, "%41", "é"} {
		f.Add(key)
	}
	f.Fuzz(func(t *testing.T, key string) {
		if key == "" || key == "__HIVE_DEFAULT_PARTITION__" {
			t.Skip()
		}
		name := Directory(key)
		back, err := url.PathUnescape(name)
		require.NoError(t, err)
		require.Equal(t, key, back)
		require.False(t, strings.ContainsAny(name, "/\\:=\x00") || name == "." || name == ".." || IsDevice(name), name)
	})
}
