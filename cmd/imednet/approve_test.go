package main

import (
	"bytes"
	"crypto/ed25519"
	"crypto/x509"
	"encoding/pem"
	"os"
	"os/user"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet/internal/storetest"
	"github.com/imednetgo/imednet/triage"
)

// keys writes a pair of keys as openssl does, private.pem and public.pem.
func (s *shell) keys() ed25519.PrivateKey {
	s.t.Helper()
	return s.keyPair("private.pem", "public.pem", 9)
}

func (s *shell) keyPair(privateFile, publicFile string, seed byte) ed25519.PrivateKey {
	s.t.Helper()
	key := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{seed}, 32))
	private, err := x509.MarshalPKCS8PrivateKey(key)
	require.NoError(s.t, err)
	public, err := x509.MarshalPKIXPublicKey(key.Public())
	require.NoError(s.t, err)
	s.write(privateFile, string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private})))
	s.write(publicFile, string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: public})))
	return key
}

func TestSecondPersonAndSignature(t *testing.T) {
	s := newShell(t)
	s.keys()
	s.write("a.json", `{"studyKey": "S1", "version": "1.0.0"}`)
	const commit = "47e68f7f7ce753c1c60120fb4e425fd3edb61f8888b3e98252d4ef079b2500a8"
	s.ok("config", "commit", "S1", "a.json", "--author", "anna", "-m", "first")
	_, problem := s.run(exitBusy, "config", "review", "S1", commit, "--author", "anna", "-m", "mine")
	require.Contains(t, problem, "another person")
	require.Contains(t, s.ok("config", "review", "S1", commit, "--author", "bert", "-m", "read"), "REVIEWED")
	require.Contains(t, s.ok("config", "approve", "S1", commit, "--author", "bert", "-m", "for use"), "APPROVED")
	require.Contains(t, s.ok("config", "sign", "S1", commit, "--author", "bert", "--meaning", "approval", "--key", "private.pem"), "SIGNED")
	require.Contains(t, s.ok("config", "log", "S1"), "signed: approval ")
	s.ok("config", "verify", "--public-key", "public.pem")
	_, problem = s.run(exitUsage, "config", "verify", "--public-key", "private.pem")
	require.Contains(t, problem, "PUBLIC KEY")
	require.Equal(t, "0 commits imported\n", s.ok("config", "import", "--author", "chris"))

	s.write("found.json", twoFindings)
	s.ok("triage", "report", "S1", "found.json")
	var item triage.Item
	s.json(&item, "triage", "claim", "--next", "S1", "--user", "anna")
	s.ok("triage", "status", item.ItemID, "under_review", "--user", "anna")
	_, problem = s.run(exitBusy, "triage", "status", item.ItemID, "resolved", "--user", "anna")
	require.Contains(t, problem, "resolving needs a comment")
	s.ok("triage", "status", item.ItemID, "resolved", "--user", "anna", "--comment", "corrected")
	s.run(exitBusy, "triage", "confirm", item.ItemID, "--user", "anna", "--comment", "seen")
	require.Contains(t, s.ok("triage", "confirm", item.ItemID, "--user", "bert", "--comment", "seen"), "confirmed by bert\n")
	s.json(&item, "triage", "show", item.ItemID)
	require.Contains(t, s.ok("triage", "sign", item.ItemID, "--version", number(item.Version), "--user", "bert", "--meaning", "approval", "--key", "private.pem"), "  approval  key ")
	require.Regexp(t, `signed +approval, by bert, key [0-9a-f]{16}`, s.ok("triage", "log"))
	s.ok("triage", "verify", "--public-key", "public.pem")

	require.Contains(t, s.ok("config", "export", "--dir", "histories"), "4 entries, 1 configurations exported\n")
	head := strings.TrimSpace(strings.Split(s.ok("triage", "export", "--dir", "reviews"), "\nhead ")[1])
	storetest.Inspect(t, filepath.Join(s.dir, "reviews"), true, head)
	storetest.Inspect(t, filepath.Join(s.dir, "histories"), true)

	// Whoever is not named is the user of the operating system, and recorded as such.
	who, err := user.Current()
	require.NoError(t, err)
	var log []logJSON
	s.json(&log, "triage", "log")
	require.Equal(t, who.Username, log[0].UserID)
	require.Equal(t, "os-user", log[0].Change.Actor.Authenticated)
}

func TestImports(t *testing.T) {
	s := newShell(t)
	queue := filepath.Join(s.dir, "python.sqlite3")
	storetest.Exec(t, queue, `CREATE TABLE triage_items (item_id TEXT PRIMARY KEY, study_key TEXT NOT NULL,
		status TEXT NOT NULL, assignee TEXT, severity TEXT NOT NULL); INSERT INTO triage_items VALUES ('a', 'S', 'NEW', NULL, 'HIGH')`)
	_, problem := s.run(exitInvalid, "triage", "queue", "S", "--store", queue)
	require.Contains(t, problem, "imednet triage import")
	require.Contains(t, s.ok("triage", "import", "--store", queue), "1 entries: intact\n")
	require.Contains(t, s.ok("triage", "queue", "S", "--store", queue), "1 items\n")

	history := filepath.Join(s.dir, "history.sqlite3")
	storetest.Exec(t, history, `CREATE TABLE config_commits (commit_id TEXT PRIMARY KEY, study_key TEXT NOT NULL, version_tag TEXT NOT NULL,
		config_data TEXT NOT NULL, modified_by TEXT NOT NULL, description TEXT NOT NULL, timestamp TEXT NOT NULL);
		INSERT INTO config_commits VALUES ('47e68f7f7ce753c1c60120fb4e425fd3edb61f8888b3e98252d4ef079b2500a8', 'S1', '1.0.0',
		'{"mappings": [], "phiFields": [], "reportingProfile": "general", "studyKey": "S1", "terminologyLookups": {}, "version": "1.0.0", "widgets": []}',
		'anna', 'by Python', '2025-12-01T10:00:00+00:00')`)
	_, problem = s.run(exitInvalid, "config", "log", "S1", "--store", history)
	require.Contains(t, problem, "imednet config import")
	require.Equal(t, "1 commits imported\n", s.ok("config", "import", "--store", history, "--author", "chris"))
	require.Contains(t, s.ok("config", "log", "S1", "--store", history), "imported by chris at ")
}

// Nothing to copy is no backup; what is no file is not waited for; looking writes nothing.
func TestNothingIsNotEverything(t *testing.T) {
	s := newShell(t)
	_, problem := s.run(exitNotFound, "backup", "copy")
	require.Contains(t, problem, "nothing to copy")
	require.NoDirExists(t, filepath.Join(s.dir, "copy"))

	pipe := filepath.Join(s.dir, "pipe")
	require.NoError(t, syscall.Mkfifo(pipe, 0o600))
	_, problem = s.run(exitUsage, "state", "show", "--config", pipe)
	require.Contains(t, problem, "not a regular file")
	for _, path := range []string{pipe, os.DevNull} {
		_, problem = s.run(exitFailure, "state", "show", "-l", path)
		require.Contains(t, problem, "not a regular file", path)
	}

	s.ok("state", "set", "-l", "good.json", "-s", "S", "-m", "m", "-t", "2026-01-01")
	for _, state := range []string{"state", "workflows state"} {
		require.Regexp(t, `^1 runs, 1 entries: intact\nhead [0-9a-f]{64}\n$`, s.ok(append(strings.Fields(state), "verify", "-l", "good.json")...))
	}
	s.write("ledger.json", "{")
	before := filesBelow(t, s.dir)
	s.run(exitFailure, "state", "show", "-l", "ledger.json")
	s.run(exitFailure, "state", "export", "-l", "ledger.json")
	require.Equal(t, before, filesBelow(t, s.dir), "reading writes nothing")

	s.write("queue.sqlite3", "")
	for _, line := range []string{"triage queue S --store queue.sqlite3", "triage verify --store queue.sqlite3", "config verify --store queue.sqlite3"} {
		_, problem = s.run(exitInvalid, strings.Fields(line)...)
		require.Contains(t, problem, "is empty", line)
	}

	s.write("bad.json", "{\"studyKey\": \"S\", \"version\": \"caf\xe9\"}")
	_, problem = s.run(exitInvalid, "config", "commit", "S", "bad.json", "--author", "anna", "-m", "first")
	require.Contains(t, problem, "UTF-8")
	s.run(exitInvalid, "config", "commit", "S", "bad.json", "--author", "import", "-m", "first")
	s.write("bom.json", "\ufeff{\"studyKey\": \"S\"}")
	s.ok("config", "commit", "S", "bom.json", "--author", "anna", "-m", "first")
}

func filesBelow(t *testing.T, dir string) (all []string) {
	require.NoError(t, filepath.Walk(dir, func(path string, _ os.FileInfo, err error) error {
		all = append(all, path)
		return err
	}))
	return all
}
