package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet/dictionary"
	"github.com/imednetgo/imednet/internal/storetest"
	"github.com/imednetgo/imednet/pipeline"
)

// setHash is the hash of an export as anybody can compute it.
func setHash(t *testing.T, dir string, names ...string) string {
	t.Helper()
	lines := ""
	for _, name := range names {
		data, err := os.ReadFile(filepath.Join(dir, name))
		require.NoError(t, err)
		lines += fmt.Sprintf("%x  %s\n", sha256.Sum256(data), name)
	}
	sum := sha256.Sum256([]byte(lines))
	return hex.EncodeToString(sum[:])
}

var byName = []string{dictionary.RulesFile, dictionary.ChoicesFile, dictionary.FormsFile, dictionary.QuestionsFile}

// Versions are kept byte for byte, found by number and by hash, and serve wherever an export does.
func TestStoredDictionaries(t *testing.T) {
	s := newShell(t)
	writeExport(s, "export", "DEMO")
	writeExport(s, "later", "DEMO")
	choices := filepath.Join(s.dir, "later", dictionary.ChoicesFile)
	require.NoError(t, os.WriteFile(choices, []byte("Form,Variable Type,Variable Name,Choice Text,Choice Value,Position\r\nAE,RADIO,AESEV,Mild,1,1\r\nAE,RADIO,AESEV,\"Caf\xe9\",2,2\r\n"), 0o600))
	first, second := setHash(t, filepath.Join(s.dir, "export"), byName...), setHash(t, filepath.Join(s.dir, "later"), byName...)

	_, problem := s.run(exitNotFound, "dictionary", "log", "DEMO")
	require.Contains(t, problem, "`imednet dictionary commit`")
	require.Equal(t, "Committed version 1 of the dictionary of study 'DEMO' as "+first+"\n", s.ok("dictionary", "commit", "DEMO", "export", "--author", "anna", "-m", "as built"))
	_, problem = s.run(exitInvalid, "dictionary", "commit", "DEMO", "later", "--author", "anna", "-m", "amendment 2")
	require.Contains(t, problem, "windows-1252")
	var entry entryJSON
	s.json(&entry, "dictionary", "commit", "DEMO", "later", "--windows-1252", "--author", "anna", "-m", "amendment 2")
	require.Equal(t, []string{"2", second, "DICTIONARY", "anna", "amendment 2"}, []string{entry.VersionTag, entry.CommitID, entry.Kind, entry.Author, entry.Reason})
	_, problem = s.run(exitBusy, "dictionary", "commit", "DEMO", "later", "--windows-1252", "--author", "anna", "-m", "again")
	require.Contains(t, problem, "the dictionary is the study's newest already, version 2")

	var log []entryJSON
	s.json(&log, "dictionary", "log", "DEMO")
	require.Len(t, log, 2)
	require.Equal(t, entry, log[0])
	require.Equal(t, dictionary.RulesFile, log[1].Files[0].Name)
	require.Contains(t, s.ok("dictionary", "log", "DEMO"), second)
	require.Contains(t, s.ok("config", "log", "DEMO"), "dictionary")
	require.Contains(t, s.ok("config", "verify"), "2 entries, 0 configurations, 5 files of dictionaries: intact")

	require.Equal(t, "4 files written to saved\n", s.ok("dictionary", "save", "store:DEMO@"+second, "saved"))
	for _, name := range byName {
		was, err := os.ReadFile(filepath.Join(s.dir, "later", name))
		require.NoError(t, err)
		is, err := os.ReadFile(filepath.Join(s.dir, "saved", name))
		require.NoError(t, err)
		require.True(t, bytes.Equal(was, is), name)
	}
	s.run(exitUsage, "dictionary", "save", "store:DEMO@1", "saved")

	require.Equal(t, s.ok("dictionary", "list", "export"), s.ok("dictionary", "list", "store:DEMO@1"))
	require.Equal(t, s.ok("dictionary", "list", "export"), s.ok("dictionary", "list", "store:DEMO@"+strings.ToUpper(first)))
	require.Equal(t, s.ok("dictionary", "list", "export"), s.ok("dictionary", "list", "store:DEMO@"+strings.ToUpper(first[:32])+first[32:]))
	require.Contains(t, s.ok("dictionary", "list", "store:DEMO@2", "--windows-1252"), "1=Mild, 2=Café")
	require.Contains(t, s.ok("dictionary", "diff", "store:DEMO@1", "store:DEMO@2", "--windows-1252"), "added (extending) forms[AE].questions[AESEV].choices[2]")
	var document struct{ Hash, StudyKey string }
	s.json(&document, "dictionary", "read", "store:DEMO@1")
	require.Equal(t, first, document.Hash)
	require.Equal(t, "DEMO", document.StudyKey)
	for version, code := range map[string]int{"store:DEMO@3": exitNotFound, "store:DEMO@01": exitNotFound, "store:NONE@1": exitNotFound, "store:DEMO": exitUsage, "store:@1": exitUsage, "store:DEMO@": exitUsage} {
		_, problem := s.run(code, "dictionary", "list", version)
		require.Contains(t, problem, "imednet dictionary log STUDY", version)
	}
	s.run(exitNotFound, "dictionary", "list", "store:DEMO@1", "--store", "none.sqlite3")

	// A version that was made something else is neither shown nor passed over.
	storetest.WithoutGuards(t, filepath.Join(s.dir, ".imednet", "config_versions.sqlite3"), `UPDATE config_entries SET kind = 'REVIEWED' WHERE sequence = 2`)
	s.run(exitInvalid, "dictionary", "log", "DEMO")
	s.run(exitNotFound, "dictionary", "list", "store:DEMO@2")
	s.ok("dictionary", "list", "store:DEMO@1")
}

// A listing says that entries before those that it shows are missing, with the exit code of a verification.
func TestAListingSaysWhatIsMissing(t *testing.T) {
	for _, missing := range []string{"1", "2", "1, 2"} {
		s := newShell(t)
		writeExport(s, "export", "DEMO")
		for i := range 3 {
			name := filepath.Join(s.dir, "export", dictionary.FormsFile)
			text, err := os.ReadFile(name)
			require.NoError(t, err)
			require.NoError(t, os.WriteFile(name, append(text, fmt.Sprintf("9%d,NEW%d\r\n", i, i)...), 0o600))
			s.ok("dictionary", "commit", "DEMO", "export", "--author", "anna", "-m", "m")
		}
		storetest.WithoutGuards(t, filepath.Join(s.dir, ".imednet", "config_versions.sqlite3"), `DELETE FROM config_entries WHERE sequence IN (`+missing+`)`)
		for _, command := range [][]string{{"dictionary", "log", "DEMO"}, {"dictionary", "log", "DEMO", "--json"}, {"config", "log", "DEMO"}, {"config", "verify"}} {
			out, problem := s.run(exitInvalid, command...)
			require.Contains(t, out+problem, "the entries before it are missing, from "+missing[:1]+" on", "%v without %s", command, missing)
		}
	}
}

// What lacks a file is saved on request alone, and says so.
func TestHalfAnExportIsNotSavedInSilence(t *testing.T) {
	s := newShell(t)
	writeExport(s, "export", "DEMO")
	require.NoError(t, os.Remove(filepath.Join(s.dir, "export", dictionary.RulesFile)))
	_, problem := s.run(exitInvalid, "dictionary", "save", "export", "saved")
	require.Contains(t, problem, "file-missing: BUSINESS_LOGIC.csv")
	require.NoDirExists(t, filepath.Join(s.dir, "saved"))
	const note = "Note: BUSINESS_LOGIC.csv was not saved: the export has none\n"
	out, problem := s.run(exitOK, "dictionary", "save", "export", "saved", "--may-miss", dictionary.RulesFile)
	require.Equal(t, []string{"3 files written to saved\n", note}, []string{out, problem})
	s.ok("dictionary", "commit", "DEMO", "export", "--author", "anna", "-m", "without rules", "--may-miss", dictionary.RulesFile)
	out, problem = s.run(exitOK, "dictionary", "save", "store:DEMO@1", "stored")
	require.Equal(t, []string{"3 files written to stored\n", note}, []string{out, problem}, "the history says that it was meant")

	s.write("export/"+dictionary.RulesFile, "")
	_, problem = s.run(exitInvalid, "dictionary", "save", "export", "empty", "--may-miss", dictionary.RulesFile)
	require.Contains(t, problem, "the file is empty")
	require.NoDirExists(t, filepath.Join(s.dir, "empty"))
}

// Whatever takes an export takes a version, gives the same, and names its hash in the manifest.
func TestConsumersOfStoredDictionaries(t *testing.T) {
	s := newShell(t)
	writeExport(s, "export", "DEMO")
	hash := setHash(t, filepath.Join(s.dir, "export"), byName...)
	s.ok("dictionary", "commit", "DEMO", "export", "--author", "anna", "-m", "as built", "--store", "own.sqlite3")
	stored := []string{"--dictionary", "store:DEMO@1", "--dictionary-store", "own.sqlite3"}
	both := func(args ...string) string {
		t.Helper()
		want := s.ok(append(args, "--dictionary", "export")...)
		require.Equal(t, want, s.ok(append(args, stored...)...), args)
		return want
	}
	both("dictionary", "check", "DEMO")
	both("dictionary", "survey", "DEMO")
	both("profile", "DEMO")
	s.ok("sync", "DEMO")
	s.ok(append([]string{"report", "DEMO", "--out", "report.html"}, stored...)...)

	manifest := func(args ...string) (m pipeline.Manifest) {
		t.Helper()
		s.json(&m, args...)
		return m
	}
	require.Equal(t, hash, manifest(append([]string{"export", "DEMO", "--dir", "stored"}, stored...)...).Dictionary)
	require.Equal(t, hash, manifest("export", "DEMO", "--dir", "path", "--dictionary", "export").Dictionary)
	require.Empty(t, manifest("export", "DEMO", "--dir", "plain").Dictionary)
	_, problem := s.run(exitInvalid, append([]string{"formats", "export", "stored", "--to", "agency", "--accept-rejected", "--escape-controls", "--split-texts"}, stored...)...)
	require.Contains(t, problem, "AE.AESEV: code-list", "the list of the version")

	toolkit := s.ok("dictionary", "read", "export", "--toolkit", "--study", "DEMO")
	require.NoError(t, os.WriteFile(filepath.Join(s.dir, "toolkit.json"), []byte(toolkit), 0o600))
	sum := sha256.Sum256([]byte(toolkit))
	line := sha256.Sum256([]byte(hex.EncodeToString(sum[:]) + "  " + dictionary.ToolkitFile + "\n"))
	require.Equal(t, hex.EncodeToString(line[:]), manifest("export", "DEMO", "--dir", "document", "--dictionary", "toolkit.json").Dictionary)
	s.ok("dictionary", "commit", "DEMO", "toolkit.json", "--author", "anna", "-m", "the document", "--store", "own.sqlite3")
	require.Equal(t, "No changes.\n", s.ok("dictionary", "diff", "toolkit.json", "store:DEMO@2", "--store", "own.sqlite3"))

	_, problem = s.run(exitNotFound, "export", "DEMO", "--dir", "none", "--dictionary", "store:DEMO@9", "--dictionary-store", "own.sqlite3")
	require.Contains(t, problem, `version "9"`)
	require.NoDirExists(t, filepath.Join(s.dir, "none"))
	require.NoError(t, os.WriteFile(filepath.Join(s.dir, "no.json"), []byte("{"), 0o600))
	s.run(exitInvalid, "dictionary", "list", "no.json")
	require.False(t, strings.Contains(toolkit, "store:"))
}

// A second person reviews, approves and signs configurations only: a dictionary of the same history is refused, and
// nothing is recorded about it.
func TestADictionaryIsNotReviewed(t *testing.T) {
	s := newShell(t)
	writeExport(s, "export", "DEMO")
	s.ok("dictionary", "commit", "DEMO", "export", "--author", "anna", "-m", "as built")
	hash := setHash(t, filepath.Join(s.dir, "export"), byName...)
	before := s.ok("config", "log", "DEMO")
	for _, command := range []string{"review", "approve"} {
		s.run(exitNotFound, "config", command, "DEMO", hash, "--author", "bert", "-m", "compared")
	}
	require.Equal(t, before, s.ok("config", "log", "DEMO"))
	require.Contains(t, s.ok("dictionary", "list", "store:DEMO@1"), "AESEV")
}
