package main

import (
	"os/user"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet/triage"
)

// osUser is the user of this computer.
func (s *shell) osUser() string {
	s.t.Helper()
	me, err := user.Current()
	require.NoError(s.t, err)
	return me.Username
}

// twoPersonPolicy lets the user of this computer and bert, who has the key of public.pem, do everything, but
// no decision alone. chris has the key of strange.pub. elsewhere.yaml is the policy as it is at another account: this one
// is nobody's there.
func (s *shell) twoPersonPolicy() {
	s.t.Helper()
	keyOf := func(file string) string {
		return strings.ReplaceAll(strings.TrimSpace(s.read(file)), "\n", "\n      ")
	}
	s.write("policy.yaml", `
roles: {all: [triage.*, config.*]}
users:
  `+s.osUser()+`: {roles: [all]}
  bert:
    roles: [all]
    publicKey: |
      `+keyOf("public.pem")+`
  chris:
    roles: [all]
    publicKey: |
      `+keyOf("strange.pub")+`
claimed: [all]
twoPersons: {config: required, triage: required}
`)
	s.write("elsewhere.yaml", strings.Replace(s.read("policy.yaml"), s.osUser()+":", "nobody-here:", 1))
}

func TestThePolicyDemandsTwoPersons(t *testing.T) {
	s := newShell(t)
	s.keys()
	s.keyPair("strange.pem", "strange.pub", 3)
	s.twoPersonPolicy()
	ruled := func(line ...string) []string { return append(line, "--policy", "policy.yaml") }
	elsewhere := func(line ...string) []string { return append(line, "--policy", "elsewhere.yaml") }
	bert := func(line ...string) []string { return elsewhere(append(line, "--identity-key", "private.pem")...) }
	chris := func(line ...string) []string { return elsewhere(append(line, "--identity-key", "strange.pem")...) }
	bertHere := func(line ...string) []string { return ruled(append(line, "--identity-key", "private.pem")...) }
	refused := func(code int, says string, line ...string) {
		t.Helper()
		before := hashesBelow(t, filepath.Join(s.dir, ".imednet"))
		_, problem := s.run(code, line...)
		require.Contains(t, problem, says, line)
		require.Equal(t, before, hashesBelow(t, filepath.Join(s.dir, ".imednet")), "%v wrote something", line)
	}
	s.write("found.json", twoFindings)
	s.ok(ruled("triage", "report", "S1", "found.json", "--user", "nightly")...)
	var item triage.Item
	s.json(&item, ruled("triage", "claim", "--next", "S1")...)
	id := item.ItemID
	s.ok(ruled("triage", "status", id, "under_review")...)
	refused(exitAuth, "who acts is only claimed here", ruled("triage", "status", id, "resolved", "--comment", "seen", "--user", s.osUser())...)
	s.ok(ruled("triage", "status", id, "resolved", "--comment", "seen")...)
	require.Contains(t, s.ok("triage", "queue", "S1", "--unconfirmed"), "1 items\n")
	refused(exitBusy, "another person", ruled("triage", "confirm", id, "--comment", "seen")...)
	refused(exitAuth, "who acts is only claimed here", ruled("triage", "confirm", id, "--comment", "seen", "--user", "bert")...)
	refused(exitBusy, "another person", bertHere("triage", "confirm", id, "--comment", "seen")...)
	s.ok(bert("triage", "confirm", id, "--comment", "agreed")...)
	require.Contains(t, s.ok("triage", "queue", "S1", "--unconfirmed"), "0 items\n")

	s.demoConfiguration()
	refused(exitAuth, "who acts is only claimed here", ruled("config", "commit", "DEMO", "demo.json", "-m", "first", "--author", "anna")...)
	var entry entryJSON
	s.json(&entry, ruled("config", "commit", "DEMO", "demo.json", "-m", "first")...)
	commit := "DEMO@" + entry.CommitID
	extract := ruled("extract", "--configuration-commit", commit, "--json")
	refused(exitBusy, "has not been approved", extract...)
	s.run(exitInvalid, ruled("validate", "--configuration-commit", commit)...) // whoever reviews a draft looks at what it does
	refused(exitBusy, "another person", ruled("config", "review", "DEMO", entry.CommitID, "-m", "mine")...)
	refused(exitAuth, "who acts is only claimed here", ruled("config", "review", "DEMO", entry.CommitID, "-m", "mine", "--author", "bert")...)
	refused(exitBusy, "has not been reviewed", bert("config", "approve", "DEMO", entry.CommitID, "-m", "fine")...)
	refused(exitBusy, "another person", bertHere("config", "review", "DEMO", entry.CommitID, "-m", "mine")...)
	s.ok(bert("config", "review", "DEMO", entry.CommitID, "-m", "compared")...)
	refused(exitBusy, "has not been approved", extract...)
	refused(exitBusy, "another person", ruled("config", "approve", "DEMO", entry.CommitID, "-m", "mine")...)
	s.ok(chris("config", "approve", "DEMO", entry.CommitID, "-m", "fine")...)
	s.run(exitInvalid, extract...)

	// Without the rule one person may claim to be two.
	s.ok("triage", "status", id, "under_review", "--user", "anna", "--comment", "again")
	s.ok("triage", "status", id, "resolved", "--comment", "seen", "--user", "anna")
	refused(exitAuth, "who resolved the item is only claimed", bert("triage", "confirm", id, "--comment", "seen")...)
	s.ok("triage", "confirm", id, "--comment", "seen", "--user", "bert")
	s.ok("triage", "verify")
	s.ok("config", "verify")
}
