package main

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestAKeyAndATokenAreOnePersons: who has both in a policy is one person by both, also under a name that is given later to
// them or to one of the two, and after that.
func TestAKeyAndATokenAreOnePersons(t *testing.T) {
	s := newShell(t)
	provider := s.keyPair("provider.pem", "provider.pub", 9)
	s.keyPair("own.pem", "own.pub", 3)
	s.keyPair("another.pem", "another.pub", 4)
	s.write("jwks.json", keySet(provider))
	s.write("token", idToken(t, provider, nil))
	policy := func(name string, users ...string) {
		s.write(name, `roles: {all: [triage.*, config.*]}
twoPersons: {triage: required, config: required}
oidc: {issuer: https://login.example.org, audience: imednet, keys: jwks.json}
users:
`+strings.Join(users, ""))
	}
	user := func(name, key, subject string) string {
		text := "  " + name + ":\n    roles: [all]\n"
		if subject != "" {
			text += "    subject: " + subject + "\n"
		}
		if key != "" {
			text += "    publicKey: |\n      " + strings.ReplaceAll(strings.TrimSpace(s.read(key)), "\n", "\n      ") + "\n"
		}
		return text
	}
	policy("before.yaml", user("anna", "own.pub", "subject-4711"))
	policy("renamed.yaml", user("maria", "own.pub", "subject-4711"))
	policy("divided.yaml", user("anna", "own.pub", ""), user("maria", "", "subject-4711"))
	policy("divided2.yaml", user("maria", "own.pub", ""), user("anna2", "", "subject-4711"))
	policy("newkey.yaml", user("anna", "another.pub", ""), user("maria", "own.pub", "subject-4711"))
	policy("two.yaml", user("bert", "another.pub", ""))
	key, token := []string{"--identity-key", "own.pem"}, []string{"--identity-token", "token"}
	s.write("found.json", twoFindings)
	s.write("a.json", `{"studyKey": "S1", "version": "1.0.0"}`)

	for _, proofs := range [][2][]string{{key, token}, {token, key}} {
		queue, history := "queue"+proofs[0][1]+".sqlite3", "history"+proofs[0][1]+".sqlite3"
		first := func(args ...string) { s.ok(append(append(args, proofs[0]...), "--policy", "before.yaml")...) }
		first("triage", "report", "S1", "found.json", "--store", queue)
		var items []struct {
			ItemID string `json:"item_id"`
		}
		s.json(&items, "triage", "queue", "S1", "--store", queue)
		item := items[0].ItemID
		first("triage", "status", item, "UNDER_REVIEW", "--comment", "read", "--store", queue)
		first("triage", "status", item, "RESOLVED", "--comment", "done", "--store", queue)
		first("config", "commit", "S1", "a.json", "-m", "first", "--store", history)
		var log []struct{ CommitID string }
		s.json(&log, "config", "log", "S1", "--store", history)
		confirm := []string{"triage", "confirm", item, "--comment", "seen", "--store", queue}
		review := []string{"config", "review", "S1", log[0].CommitID, "-m", "read", "--store", history}
		for _, name := range []string{"before.yaml", "renamed.yaml", "divided.yaml", "divided2.yaml", "newkey.yaml"} {
			for _, command := range [][]string{confirm, review} {
				_, problem := s.run(exitBusy, append(append(command[:len(command):len(command)], proofs[1]...), "--policy", name)...)
				require.Contains(t, problem, "a second person is needed", name)
			}
		}
		s.ok(append(confirm, "--identity-key", "another.pem", "--policy", "two.yaml")...)
		s.ok(append(review, "--identity-key", "another.pem", "--policy", "two.yaml")...)
		s.ok("triage", "verify", "--store", queue)
		s.ok("config", "verify", "--store", history)
	}
}
