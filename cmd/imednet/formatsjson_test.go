package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet/cdisc"
)

// A file that says two things, or more than is read, would be followed in part.
func TestFilesOfFormatsAreReadWhole(t *testing.T) {
	read := func(document string) (names cdisc.Names, err error) {
		path := filepath.Join(t.TempDir(), "names.json")
		require.NoError(t, os.WriteFile(path, []byte(document), 0o600))
		return names, readJSONFile(path, &names)
	}
	names, err := read(` {"AE": {"name": "AX", "label": "Events", "variables": {"aeTerm": {"name": "TERM"}}}} ` + "\n")
	require.NoError(t, err)
	require.Equal(t, cdisc.Names{"AE": {Name: "AX", Label: "Events", Variables: map[string]cdisc.VariableNames{"aeTerm": {Name: "TERM"}}}}, names)

	for name, document := range map[string]string{
		"a dataset twice":      `{"AE": {"variables": {"a": {"name": "B"}}}, "AE": {"name": "X"}}`,
		"a variable twice":     `{"AE": {"variables": {"a": {"name": "B"}, "a": {"name": "C"}}}}`,
		"a member twice":       `{"AE": {"name": "B", "name": "C"}}`,
		"text behind":          `{"AE": {"name": "B"}}x`,
		"a document behind":    `{"AE": {"name": "B"}} {"DM": {"name": "C"}}`,
		"an unknown member":    `{"AE": {"nmae": "B"}}`,
		"a member in capitals": `{"AE": {"NAME": "B"}}`,
		"another type":         `{"AE": {"name": 5}}`,
		"nothing":              ``,
		"cut off":              `{"AE": {"name": "B"}`,
	} {
		_, err := read(document)
		require.ErrorContains(t, err, "names.json", name)
		require.ErrorAs(t, err, new(*usageError), name)
	}
}
