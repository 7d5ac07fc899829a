package dictionary_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet/dictionary"
)

// samples is the folder with exports and what other programs made of them, or skips the test. It
// stands beside the pilot study.
func samples(t *testing.T) string {
	t.Helper()
	pilot := os.Getenv("IMEDNET_PILOT")
	if pilot == "" {
		t.Skip("IMEDNET_PILOT names no folder")
	}
	dir := filepath.Join(filepath.Dir(filepath.Clean(pilot)), "dictionary")
	if _, err := os.Stat(dir); err != nil {
		t.Skip("no exports beside the pilot study")
	}
	return dir
}

func read(t *testing.T, name, study string) *dictionary.Dictionary {
	t.Helper()
	d, err := dictionary.Read(t.Context(), name, dictionary.ReadOptions{StudyKey: study})
	require.NoError(t, err)
	return d
}

var generatedAt = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

func toolkitBytes(t *testing.T, d *dictionary.Dictionary) string {
	t.Helper()
	var b bytes.Buffer
	_, err := d.Toolkit(dictionary.ToolkitOptions{GeneratedAt: generatedAt}).WriteTo(&b)
	require.NoError(t, err)
	return b.String()
}

// TestTheToolkitsDocumentIsWrittenByteForByte compares with what the Python toolkit wrote.
func TestTheToolkitsDocumentIsWrittenByteForByte(t *testing.T) {
	dir := samples(t)
	for _, c := range []struct{ export, study, oracle string }{
		{"sample", "LANTERN", "sample/canonical.json"},
		{"sample.zip", "LANTERN", "sample/canonical.json"},
		{"sample_v2", "LANTERN", "sample_v2/canonical.json"},
		{"pilot", "CDISCPILOT01", "pilot/canonical.json.gz"},
	} {
		want := oracle(t, filepath.Join(dir, filepath.FromSlash(c.oracle)))
		got := toolkitBytes(t, read(t, filepath.Join(dir, c.export), c.study))
		if got != want {
			require.Equal(t, strings.Split(want, "\n"), strings.Split(got, "\n"), c.export)
		}
	}
}

func oracle(t *testing.T, name string) string {
	t.Helper()
	f, err := os.Open(name)
	require.NoError(t, err)
	defer f.Close()
	var r io.Reader = f
	if strings.HasSuffix(name, ".gz") {
		r, err = gzip.NewReader(f)
		require.NoError(t, err)
	}
	text, err := io.ReadAll(r)
	require.NoError(t, err)
	return string(text)
}

// TestTablesAreWrittenAsTheyWere reads every file and writes it again.
func TestTablesAreWrittenAsTheyWere(t *testing.T) {
	dir := samples(t)
	for _, export := range []string{"sample", "sample_v2", "pilot"} {
		d := read(t, filepath.Join(dir, export), "S")
		for _, name := range []string{dictionary.FormsFile, dictionary.QuestionsFile, dictionary.ChoicesFile, dictionary.RulesFile} {
			want, err := os.ReadFile(filepath.Join(dir, export, name))
			require.NoError(t, err)
			require.Equal(t, string(want), string(d.Table(name).AppendTo(nil)), "%s/%s", export, name)
		}
	}
}

// TestTheToolkitsDocumentSurvivesReading reads what the Python toolkit wrote and writes it again.
func TestTheToolkitsDocumentSurvivesReading(t *testing.T) {
	dir := samples(t)
	for _, name := range []string{"sample/canonical.json", "sample_v2/canonical.json", "pilot/canonical.json.gz"} {
		want := oracle(t, filepath.Join(dir, filepath.FromSlash(name)))
		doc, err := dictionary.ReadToolkit(strings.NewReader(want))
		require.NoError(t, err)
		var b bytes.Buffer
		_, err = doc.WriteTo(&b)
		require.NoError(t, err)
		require.Equal(t, want, b.String(), name)
	}
}
