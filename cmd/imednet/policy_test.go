package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet/internal/policy"
)

func TestPolicyCheck(t *testing.T) {
	s := newShell(t)
	s.write("policy.yaml", "roles: {reviewer: [triage.claim], empty: []}\nusers: {anna: {roles: [reviewer]}}\nclaimed: [empty]\ntwoPersons: {config: required}\n")
	text := s.ok("policy", "check", "policy.yaml")
	require.Regexp(t, `^ROLE +USERS +ACTION +MAY *\nempty +0, and whoever is claimed +- +do nothing\nreviewer +1 +triage\.claim +claim an item for a time\n1 users, no tokens; two persons: config; signatures: none\nNobody may: triage\.report, triage\.release, `, text)
	require.NotContains(t, text, "anna")
	var got struct {
		Roles      []roleJSON
		Users      int
		Nobodys    []string
		Tokens     bool
		TwoPersons []string
		Signatures []string
	}
	s.json(&got, "policy", "check", "policy.yaml")
	require.Equal(t, []roleJSON{{"empty", []string{}, 0, true}, {"reviewer", []string{"triage.claim"}, 1, false}}, got.Roles)
	require.Len(t, got.Nobodys, len(policy.Actions())-1)
	require.Equal(t, []string{"config"}, got.TwoPersons)

	s.write("bad.yaml", "roles:\n  reviewer:\n    - triage.reslove\n")
	_, problem := s.run(exitInvalid, "policy", "check", "bad.yaml")
	require.Contains(t, problem, "bad.yaml: line 3: the role reviewer lists something that is no action (did you mean triage.resolve?)")
	s.write("bad.yaml", "roles: {}\nuser: {mallory: {}}\n")
	_, problem = s.run(exitInvalid, "policy", "check", "bad.yaml")
	require.Contains(t, problem, "bad.yaml: line 2 has a member that is not known there (did you mean users?)")
	require.NotContains(t, problem, "mallory")
	s.run(exitNotFound, "policy", "check", "missing.yaml")
	s.run(exitUsage, "policy", "check", ".")
	require.NoError(t, os.Chmod(filepath.Join(s.dir, "policy.yaml"), 0o622))
	_, problem = s.run(exitUsage, "policy", "check", "policy.yaml")
	require.Contains(t, problem, "can be changed by others")

	require.Equal(t, string(policy.Schema()), s.ok("policy", "schema"))
}
