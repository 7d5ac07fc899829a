package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Nobody signs with the key of a colleague, and a signature in another's name is found although its key is among those
// that may sign.
func TestNobodySignsWithAnothersKey(t *testing.T) {
	s := newShell(t)
	s.keyPair("anna.pem", "anna.pub", 1)
	s.keyPair("bert.pem", "bert.pub", 2)
	block := func(name string) string {
		text, err := os.ReadFile(filepath.Join(s.dir, name))
		require.NoError(t, err)
		return strings.ReplaceAll(strings.TrimSpace(string(text)), "\n", "\n      ")
	}
	s.write("policy.yaml", "roles: {all: [triage.*, config.*, mirror.*]}\nusers:\n  anna:\n    roles: [all]\n    publicKey: |\n      "+block("anna.pub")+
		"\n  bert:\n    roles: [all]\n    publicKey: |\n      "+block("bert.pub")+"\n")
	s.write("found.json", twoFindings)
	s.write("a.json", `{"studyKey": "S1", "version": "1.0.0"}`)
	s.ok("sync", "DEMO")
	s.ok("triage", "report", "S1", "found.json", "--user", "nightly")
	s.ok("config", "commit", "S1", "a.json", "-m", "first", "--author", "carl")
	var items []struct {
		ItemID string `json:"item_id"`
	}
	s.json(&items, "triage", "queue", "S1")
	var entries []struct{ CommitID string }
	s.json(&entries, "config", "log", "S1")
	asBert := []string{"--policy", "policy.yaml", "--identity-key", "bert.pem"}
	for _, line := range [][]string{
		{"triage", "sign", items[0].ItemID, "--version", "1", "--meaning", "review"},
		{"config", "sign", "S1", entries[0].CommitID, "--meaning", "review"},
		{"cache", "purge", "DEMO", "--study", "--reason", "ended"},
	} {
		_, problem := s.run(exitAuth, append(append(line, "--key", "anna.pem"), asBert...)...)
		require.Contains(t, problem, "the policy has the signing key as that of another user", line)
		require.NotContains(t, problem, "anna", "the error names nobody")
	}
	require.NotContains(t, s.ok("triage", "log"), "signed")
	require.NotContains(t, s.ok("config", "log", "S1"), "signed")
	require.Contains(t, s.ok("cache", "verify-purges"), "0 purges")

	// Without the policy, bert signs as anna: her name, his key.
	s.ok("triage", "sign", items[0].ItemID, "--version", "1", "--meaning", "review", "--user", "anna", "--key", "bert.pem")
	s.ok("config", "sign", "S1", entries[0].CommitID, "--meaning", "review", "--author", "anna", "--key", "bert.pem")
	s.ok("cache", "purge", "DEMO", "--study", "--reason", "ended", "--key", "bert.pem")
	for _, verify := range [][]string{{"triage", "verify"}, {"config", "verify"}, {"cache", "verify-purges"}} {
		s.ok(append(verify, "--public-key", "anna.pub", "--public-key", "bert.pub")...)
		_, problem := s.run(exitInvalid, append(verify, "--signer", "anna=anna.pub", "--signer", "bert=bert.pub")...)
		require.Contains(t, problem, "its signature is in the name of another than the one whose key made it", verify)
		me := s.osUser()
		s.ok(append(verify, "--signer", "bert=bert.pub", "--signer", "anna=bert.pub", "--signer", me+"=bert.pub")...)
		for _, wrong := range []string{"bert.pub", "=bert.pub", "bert="} {
			s.run(exitUsage, append(verify, "--signer", wrong)...)
		}
	}
}
