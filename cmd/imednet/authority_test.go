package main

import (
	"crypto/ed25519"
	"os"
	"os/user"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/triage"
)

// policyOf is a policy in which the user of this computer reviews, and bert, who has the key of public.pem, approves.
func (s *shell) policyOf(me string) {
	s.t.Helper()
	public, err := os.ReadFile(filepath.Join(s.dir, "public.pem"))
	require.NoError(s.t, err)
	s.write("policy.yaml", `
roles:
  reviewer: [triage.claim, triage.review, triage.resolve, config.commit]
  approver: [triage.confirm, triage.sign, config.review, config.approve]
  reporter: [triage.report]
users:
  `+me+`: {roles: [reviewer]}
  bert:
    roles: [approver]
    publicKey: |
      `+strings.ReplaceAll(strings.TrimSpace(string(public)), "\n", "\n      ")+`
claimed: [reporter]
`)
}

func TestAPolicyDecidesWhoMay(t *testing.T) {
	s := newShell(t)
	key := s.keys()
	s.keyPair("strange.pem", "strange.pub", 3)
	me, err := user.Current()
	require.NoError(t, err)
	s.policyOf(me.Username)
	s.write("found.json", twoFindings)
	refused := func(says string, line ...string) {
		t.Helper()
		before := s.ok("triage", "log")
		_, problem := s.run(exitAuth, append(line, "--policy", "policy.yaml")...)
		require.Contains(t, problem, says, line)
		require.NotContains(t, problem, "bert", line)
		require.Equal(t, before, s.ok("triage", "log"), line)
	}
	s.ok("triage", "report", "S1", "found.json", "--user", "nightly", "--policy", "policy.yaml")
	refused("triage.report: not authorized: who acts has the role reviewer; the policy gives it to reporter", "triage", "report", "S1", "found.json")
	refused("triage.claim: not authorized: who acts is only claimed and has the role reporter", "triage", "claim", "--next", "S1", "--user", me.Username)
	var item triage.Item
	s.json(&item, "triage", "claim", "--next", "S1", "--policy", "policy.yaml")
	s.ok("triage", "status", item.ItemID, "under_review", "--policy", "policy.yaml")
	s.ok("triage", "status", item.ItemID, "resolved", "--comment", "seen", "--policy", "policy.yaml")
	refused("triage.annotate: not authorized", "triage", "annotate", item.ItemID, "text", "--identity-key", "private.pem")
	refused("triage.confirm: not authorized: who acts has the role reviewer; the policy gives it to approver", "triage", "confirm", item.ItemID, "--comment", "seen")
	refused("triage.confirm: not authorized: who acts is only claimed", "triage", "confirm", item.ItemID, "--comment", "seen", "--user", "bert")
	refused("the policy has no user with this key", "triage", "confirm", item.ItemID, "--comment", "seen", "--identity-key", "strange.pem")
	refused("the named user is not the one who acts", "triage", "confirm", item.ItemID, "--comment", "seen", "--identity-key", "private.pem", "--user", "anna")
	refused("triage.import: not authorized", "triage", "import")
	s.ok("triage", "confirm", item.ItemID, "--comment", "agreed", "--identity-key", "private.pem", "--policy", "policy.yaml")
	log := s.ok("triage", "log", "--json")
	require.Contains(t, log, "key file "+imednet.SigningKeyID(key.Public().(ed25519.PublicKey)))

	s.write("a.json", `{"studyKey": "S1", "version": "1.0.0"}`)
	s.write("settings.yaml", "policy: policy.yaml\nidentityKey: private.pem\n")
	_, problem := s.run(exitAuth, "config", "commit", "S1", "a.json", "-m", "first", "--config", "settings.yaml")
	require.Contains(t, problem, "config.commit: not authorized: who acts has the role approver; the policy gives it to reviewer")
	s.ok("config", "commit", "S1", "a.json", "-m", "first", "--policy", "policy.yaml")
	_, problem = s.run(exitAuth, "config", "import", "--author", "chris", "--policy", "policy.yaml")
	require.Contains(t, problem, "config.import: not authorized")
}

func TestAPolicyThatCannotBeUsed(t *testing.T) {
	s := newShell(t)
	s.keys()
	require.NoError(t, syscall.Mkfifo(filepath.Join(s.dir, "pipe"), 0o600))
	s.write("bad.yaml", "users: {mallory: {roles: [boss]}}")
	for says, line := range map[string][]string{
		"the role boss, which is not among roles": {"triage", "queue", "S1", "--policy", "bad.yaml"},
		"no such file":                      {"config", "log", "S1", "--policy", "none.yaml"},
		"needs a policy":                    {"triage", "queue", "S1", "--identity-key", "private.pem"},
		"policy pipe is not a regular file": {"triage", "queue", "S1", "--policy", "pipe"},
		"--policy is empty":                 {"triage", "queue", "S1", "--policy", ""},
	} {
		_, problem := s.run(exitUsage, line...)
		require.Contains(t, problem, says)
		require.NotContains(t, problem, "mallory")
	}
}
