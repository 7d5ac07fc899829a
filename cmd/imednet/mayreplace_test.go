package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet/imednettest"
)

// A command that writes a file again never takes the place of a store, a key or a file of another kind, whatever the
// policy says of it.
func TestAFileOfAnotherKindIsNotReplaced(t *testing.T) {
	s := newShell(t)
	s.write("found.json", twoFindings)
	s.ok("sync", "DEMO")
	s.ok("export", "DEMO", "--cached", "--dir", "out")
	s.ok("triage", "report", "S1", "found.json", "--store", "queue.sqlite3")
	s.ok("state", "set", "-l", "ledger.json", "-s", "S1", "-m", "records", "-t", "2026-01-01")
	s.keyPair("anna.pem", "anna.pub", 3)
	require.NoError(t, os.Mkdir(filepath.Join(s.dir, "folder"), 0o700))
	s.write("define.xml", "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\n<ODM xmlns=\"http://www.cdisc.org/ns/odm/v1.3\" xmlns:def=\"http://www.cdisc.org/ns/def/v2.1\" ODMVersion=\"1.3.2\">")
	const begun = "{\n  \"studyKey\": \"DEMO\",\n  "
	s.write("configuration.json", begun+"\"version\": \"1.0.0\",\n  \"mappings\": []\n}\n")
	s.write("capabilities.json", begun+"\"maxPageSize\": 500\n}\n")
	s.write("mine.json", begun+"\"points\": [{\"id\": \"a\"}],\n  \"mine\": 1\n}\n")
	s.write("cut.json", begun)
	before := hashesBelow(t, s.dir)
	for _, path := range []string{"configuration.json", "capabilities.json", "mine.json", "cut.json", "queue.sqlite3", "ledger.json", "ledger.json.history.jsonl", "anna.pem", "found.json", "define.xml", "folder"} {
		for _, line := range [][]string{
			{"probe", "DEMO", "--pause", "0s", "--out", path},
			{"formats", "odm", "out", "--accept-rejected", "--escape-controls", "--to", path},
			{"formats", "odm-audit", "DEMO", "--accept-rejected", "--escape-controls", "--to", path},
			{"report", "DEMO", "--replace", "--out", path},
		} {
			_, problem := s.run(exitUsage, line...)
			require.Contains(t, problem, path, line)
			require.Equal(t, before, hashesBelow(t, s.dir), line)
		}
	}
	require.NoError(t, os.WriteFile(filepath.Join(s.dir, "again"), nil, 0o600))
	for range 2 { // an empty file, and what the command wrote
		s.ok("formats", "odm", "out", "--accept-rejected", "--escape-controls", "--to", "again")
		s.ok("formats", "odm", "out", "--accept-rejected", "--escape-controls", "--odm-version", "2.0", "--to", "again2")
		s.ok("report", "DEMO", "--replace", "--out", "page.html")
		s.ok("probe", "DEMO", "--pause", "0s", "--out", "probed.json")
	}
}

// The design of a demo takes the place of no other design: a real study's files have the same names.
func TestADemoReplacesNoDesign(t *testing.T) {
	s := newShell(t)
	study := imednettest.Generate(imednettest.GenerateOptions{StudyKey: "DEMO", Records: 20})
	for name, text := range study.DesignExport() {
		for _, other := range []string{"mine", string(text[:len(text)-1]), string(text) + "more"} {
			o := demoOptions{export: filepath.Join(t.TempDir(), "export")}
			require.NoError(t, os.MkdirAll(o.export, 0o700))
			require.NoError(t, os.WriteFile(filepath.Join(o.export, name), []byte(other), 0o600))
			before := hashesBelow(t, o.export)
			require.ErrorContains(t, o.design(t.Context(), &app{}, study), name)
			require.Equal(t, before, hashesBelow(t, o.export), "nothing was written")
		}
	}
	o := demoOptions{export: filepath.Join(s.dir, "new", "export")}
	for range 2 {
		require.NoError(t, o.design(t.Context(), &app{}, study), "its own may be written again")
	}
}
