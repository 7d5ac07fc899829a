package main

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// A configuration file that forgets a value, or has a part that is not read, would protect otherwise than it seems to:
// without the policy, or the rules of retention, that somebody believes to hold.
func TestNothingInTheConfigurationFileIsPassedOver(t *testing.T) {
	s := newShell(t)
	for text, says := range map[string]string{
		"policy:\n":                 "line 1: policy has no value",
		"timeout: 3s\npolicy: ''\n": "line 2: policy has no value",
		"policy: ~\n":               "policy has no value",
		"policy: ' '\n":             "policy has no value",
		`{"policy": ""}`:            "policy has no value",
		"identityKey:\n":            "identityKey has no value",
		"heads: \"\"\n":             "heads has no value",
		"database: null\n":          "database has no value",
		"timeout: 3s\n---\nretention: {years: 25}\n": "more than one document",
		"timeout: 3s\n---\npolicy: policy.yaml\n":    "more than one document",
		"timeout: 3s\n...\npolicy: policy.yaml\n":    "more than one document",
		"---\n---\npolicy: policy.yaml\n":            "more than one document",
		"# nothing\n---\n---\npolicy: policy.yaml\n": "more than one document",
		"timeout: 3s\n---\napiKey: very-secret\n":    "more than one document",
		"lookAhead: 0\n":  "lookAhead must be 1 to 16",
		"lookAhead: 17\n": "lookAhead must be 1 to 16",
	} {
		s.write("config.yaml", text)
		_, problem := s.run(exitUsage, "cache", "purge", "DEMO", "--study", "--reason", "why", "--config", "config.yaml")
		require.Contains(t, problem, says, text)
		require.NotContains(t, problem, "very-secret")
	}
	for _, text := range []string{"", "# nothing\n", "---\n", "---\ntimeout: 3s\n", "lookAhead: 16\n", "timeout: 3s\n...\n"} {
		s.write("config.yaml", text)
		s.ok("policy", "schema", "--config", "config.yaml")
	}
}
