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
	_, problem := s.run(exitBusy, "triage", "confirm", item.ItemID, "--comment", "agreed", "--identity-key", "private.pem", "--policy", "policy.yaml")
	require.Contains(t, problem, "another person", "bert sits at the account of who resolved it")
	s.write("elsewhere.yaml", strings.Replace(s.read("policy.yaml"), me.Username+":", "nobody-here:", 1))
	s.ok("triage", "confirm", item.ItemID, "--comment", "agreed", "--identity-key", "private.pem", "--policy", "elsewhere.yaml")
	log := s.ok("triage", "log", "--json")
	require.Contains(t, log, "key file "+imednet.SigningKeyID(key.Public().(ed25519.PublicKey)))

	s.write("a.json", `{"studyKey": "S1", "version": "1.0.0"}`)
	s.write("settings.yaml", "policy: policy.yaml\nidentityKey: private.pem\n")
	_, problem = s.run(exitAuth, "config", "commit", "S1", "a.json", "-m", "first", "--config", "settings.yaml")
	require.Contains(t, problem, "config.commit: not authorized: who acts has the role approver; the policy gives it to reviewer")
	s.ok("config", "commit", "S1", "a.json", "-m", "first", "--policy", "policy.yaml")
	_, problem = s.run(exitAuth, "config", "import", "--author", "chris", "--policy", "policy.yaml")
	require.Contains(t, problem, "config.import: not authorized")
}

// Ledger and journal say who acted, by what they were identified, and that a name was only claimed.
func TestEveryStoreSaysWhoActed(t *testing.T) {
	s := newShell(t)
	key := s.keys()
	me := s.osUser()
	proof := "key file " + imednet.SigningKeyID(key.Public().(ed25519.PublicKey))
	s.policyOf(me)
	s.write("policy.yaml", strings.Replace(s.read("policy.yaml"), "approver: [", "approver: [ledger.*, journal.*, ", 1))
	s.write("new.json", `[{"formKey": "AE", "subjectKey": "01-001", "data": {"AETERM": "Headache"}}]`)
	set := []string{"state", "set", "-s", "S1", "-m", "records", "-t", "2026-01-01"}
	history := func() string { return s.read(".imednet/pipeline_ledger.json.history.jsonl") }

	_, problem := s.run(exitAuth, append(set, "--policy", "policy.yaml")...)
	require.Contains(t, problem, "ledger.set: not authorized: who acts has the role reviewer; the policy gives it to approver")
	s.ok(append(set, "--policy", "policy.yaml", "--identity-key", "private.pem")...)
	require.Contains(t, history(), `"user":"bert"`)
	require.Contains(t, history(), `"authenticated":"`+proof+`"`)
	s.ok(append(set[:len(set)-1], "2026-01-02")...)
	require.Contains(t, history(), `"user":"`+me+`"`)
	require.Contains(t, history(), `"authenticated":"os-user"`)

	for author, line := range map[string][]string{
		"bert (" + proof + ")": {"--policy", "policy.yaml", "--identity-key", "private.pem"},
		me + " (os-user)":      nil,
		"carla (claimed)":      {"--author", "carla"},
	} {
		s.ok(append([]string{"submit", "records", "DEMO", "new.json", "--again"}, line...)...)
		var all []submissionJSON
		s.json(&all, "submit", "list")
		require.Contains(t, authorsOf(all), author)
	}
	_, problem = s.run(exitAuth, "submit", "records", "DEMO", "new.json", "--again", "--policy", "policy.yaml", "--author", "bert")
	require.Contains(t, problem, "journal.send: not authorized: who acts is only claimed")
	_, problem = s.run(exitAuth, "submit", "records", "DEMO", "new.json", "--again", "--policy", "policy.yaml", "--author", "anna", "--identity-key", "private.pem")
	require.Contains(t, problem, "the named user is not the one who acts")
	s.ok("submit", "records", "DEMO", "new.json", "--again", "--dry-run", "--policy", "policy.yaml")
}

func authorsOf(all []submissionJSON) (authors []string) {
	for _, one := range all {
		authors = append(authors, one.Author)
	}
	return authors
}

// A policy that cannot be read, or that others could have written, refuses everything: reading too.
func TestAPolicyThatCannotBeUsed(t *testing.T) {
	s := newShell(t)
	s.keys()
	require.NoError(t, syscall.Mkfifo(filepath.Join(s.dir, "pipe"), 0o600))
	const good = "roles: {}\n"
	for name, text := range map[string]string{
		"good.yaml": good, "empty.yaml": "", "bom.yaml": "\ufeff", "open/good.yaml": good, "open/in/good.yaml": good, "shared/good.yaml": good, "changeable.yaml": good, "group.yaml": good, "closed.yaml": good,
		"bad.yaml": "users: {mallory: {roles: [boss]}}", "misspelt.yaml": "roles: {a: [triage.reslove]}",
	} {
		s.write(name, text)
	}
	for name, mode := range map[string]os.FileMode{"changeable.yaml": 0o646, "group.yaml": 0o664, "open": 0o777, "shared": 0o775, "closed.yaml": 0} {
		require.NoError(t, os.Chmod(filepath.Join(s.dir, name), mode))
	}
	for link, to := range map[string]string{"link.yaml": "good.yaml", "dangling.yaml": "none.yaml", "loop.yaml": "loop.yaml", "to-open.yaml": "open/good.yaml", "to-in": "open/in",
		"to-changeable.yaml": "changeable.yaml", "to-pipe.yaml": "pipe", "to-null.yaml": os.DevNull} {
		require.NoError(t, os.Symlink(to, filepath.Join(s.dir, link)))
	}
	for path, says := range map[string]string{
		"bad.yaml":           "the role boss, which is not among roles",
		"misspelt.yaml":      "no action (did you mean triage.resolve?)",
		"empty.yaml":         "it is not a policy",
		"bom.yaml":           "it is not a policy",
		"none.yaml":          "no such file",
		"dangling.yaml":      "no such file",
		"loop.yaml":          "symbolic links",
		"":                   "--policy is empty",
		".":                  "is not a regular file",
		"pipe":               "is not a regular file",
		"to-pipe.yaml":       "is not a regular file",
		"to-null.yaml":       "is not a regular file",
		"changeable.yaml":    "can be changed by others",
		"group.yaml":         "can be changed by others",
		"to-changeable.yaml": "can be changed by others",
		"open/good.yaml":     "can be replaced by others",
		"to-open.yaml":       "can be replaced by others",
		"open/in/good.yaml":  "/open: run `chmod go-w` on it",
		"to-in/good.yaml":    "/open: run `chmod go-w` on it",
		"shared/good.yaml":   "/shared: run `chmod go-w` on it",
	} {
		_, problem := s.run(exitUsage, "triage", "queue", "S1", "--policy", path)
		require.Contains(t, problem, says, path)
		require.NotContains(t, problem, "mallory", path)
	}
	s.write("settings.yaml", "policy: none.yaml\n")
	for _, line := range []string{"triage queue S1", "cache status", "state show", "version"} {
		_, problem := s.run(exitUsage, append(strings.Fields(line), "--config", "settings.yaml")...)
		require.Contains(t, problem, "no such file", line)
	}
	if os.Getuid() != 0 { // whom no mode keeps out
		_, problem := s.run(exitUsage, "state", "show", "--policy", "closed.yaml")
		require.Contains(t, problem, "permission denied")
	}
	for _, path := range []string{"good.yaml", "link.yaml"} {
		s.ok("state", "show", "--policy", path)
	}
	require.NoError(t, os.Chmod(filepath.Join(s.dir, "open"), 0o777|os.ModeSticky))
	s.ok("state", "show", "--policy", "open/good.yaml")
	_, problem := s.run(exitUsage, "triage", "queue", "S1", "--identity-key", "private.pem")
	require.Contains(t, problem, "--identity-key needs a policy")
}

// The key that proves who acts is its holder's alone.
func TestAKeyThatOthersCanRead(t *testing.T) {
	s := newShell(t)
	s.keys()
	s.policyOf(s.osUser())
	s.write("found.json", twoFindings)
	s.ok("triage", "report", "S1", "found.json")
	require.NoError(t, syscall.Mkfifo(filepath.Join(s.dir, "pipe"), 0o600))
	s.write("empty.pem", "")
	s.write("two.pem", s.read("private.pem")+s.read("public.pem"))
	annotate := []string{"triage", "annotate", "ITEM", "text", "--policy", "policy.yaml", "--identity-key"}
	for _, mode := range []os.FileMode{0o604, 0o620, 0o644, 0o602} {
		require.NoError(t, os.Chmod(filepath.Join(s.dir, "private.pem"), mode))
		_, problem := s.run(exitUsage, append(annotate, "private.pem")...)
		require.Contains(t, problem, "it is not known who acts: the key private.pem can be read, or changed, by others", mode)
	}
	require.NoError(t, os.Chmod(filepath.Join(s.dir, "private.pem"), 0o640))
	_, problem := s.run(exitAuth, append(annotate, "private.pem")...)
	require.Contains(t, problem, "not authorized", "its group may read it")
	for path, says := range map[string]string{"pipe": "not a regular file", "empty.pem": "is not a PEM file", "public.pem": "is not a PEM file", "none.pem": "no such file", "policy.yaml": "is not a PEM file"} {
		code := exitUsage
		if path == "none.pem" {
			code = exitAuth
		}
		_, problem := s.run(code, append(annotate, path)...)
		require.Contains(t, problem, says, path)
		require.NotContains(t, problem, "BEGIN", path)
	}
}
