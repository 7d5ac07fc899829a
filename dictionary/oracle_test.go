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

	"github.com/imednetgo/imednet"
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

// TestAReadDocumentIsWrittenAgain goes through the dictionary, as the command does.
func TestAReadDocumentIsWrittenAgain(t *testing.T) {
	dir := samples(t)
	for _, name := range []string{"sample/canonical.json", "sample_v2/canonical.json", "pilot/canonical.json.gz"} {
		want := oracle(t, filepath.Join(dir, filepath.FromSlash(name)))
		d, err := dictionary.ReadFiles(map[string][]byte{dictionary.ToolkitFile: []byte(want)}, dictionary.ReadOptions{})
		require.NoError(t, err)
		for _, c := range []struct {
			opts dictionary.ToolkitOptions
			want string
		}{
			{dictionary.ToolkitOptions{WithoutXML: true}, withoutLines(want, `"logicRawXml": `)},
			{dictionary.ToolkitOptions{}, want}, // neither option changed the document
			{dictionary.ToolkitOptions{GeneratedAt: generatedAt.AddDate(1, 0, 0)}, strings.Replace(want, "01-02-2026 03:04:05", "01-02-2027 03:04:05", 1)},
		} {
			var b bytes.Buffer
			_, err = d.Toolkit(c.opts).WriteTo(&b)
			require.NoError(t, err)
			if b.String() != c.want {
				require.Equal(t, strings.Split(c.want, "\n"), strings.Split(b.String(), "\n"), name)
			}
		}
	}
}

// withoutLines leaves out the lines of a member.
func withoutLines(text, member string) string {
	var kept []string
	for line := range strings.Lines(text) {
		if !strings.HasPrefix(strings.TrimSpace(line), member) {
			kept = append(kept, line)
		}
	}
	return strings.Join(kept, "")
}

// TestADocumentWithoutAStudyTakesTheCallers names the study that the document leaves out.
func TestADocumentWithoutAStudyTakesTheCallers(t *testing.T) {
	for document, want := range map[string]string{
		`{"forms":[{"formKey":"F"}]}`:                                 "GIVEN",
		`{"metadata":{"studyKey":"GIVEN"},"forms":[{"formKey":"F"}]}`: "GIVEN",
	} {
		d, err := dictionary.ReadFiles(map[string][]byte{dictionary.ToolkitFile: []byte(document)}, dictionary.ReadOptions{StudyKey: "GIVEN"})
		require.NoError(t, err)
		require.Equal(t, want, *d.Toolkit(dictionary.ToolkitOptions{}).Metadata.StudyKey)
	}
}

// TestARuleInAFormBelongsToIt evaluates rules of a document that leave out what the schema lets them leave out.
func TestARuleInAFormBelongsToIt(t *testing.T) {
	const logic = `"status":"Active","logicRawXml":"<BusinessLogic><Conditions><true/></Conditions></BusinessLogic>"`
	for members, want := range map[string]int{
		"":                         1,
		`"form":"F",`:              1,
		`"type":"Form",`:           1,
		`"form":null,"type":null,`: 1,
		`"form":"","type":" ",`:    1,
		`"type":"Workflow",`:       0,
		`"form":"G",`:              0,
	} {
		document := `{"forms":[{"formKey":"F","businessLogic":[{` + members + logic + `}]}]}`
		d, err := dictionary.ReadFiles(map[string][]byte{dictionary.ToolkitFile: []byte(document)}, dictionary.ReadOptions{})
		require.NoError(t, err)
		checker, err := dictionary.NewChecker(d)
		require.NoError(t, err)
		require.Len(t, checker.CheckData(d.Forms[0], imednet.RecordData{}), want, members)
	}
}
