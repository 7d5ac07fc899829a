package policy_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet/internal/policy"
)

// TestWhatIsWrongWithAPolicyHasAPlace: each fault names the line where it stands.
func TestWhatIsWrongWithAPolicyHasAPlace(t *testing.T) {
	const good = `roles:
  reviewer:
    - triage.claim
    - triage.resolve
users:
  anna:
    roles: [reviewer]
  bert:
    roles: [reviewer]
    subject: "7"
claimed: [reviewer]
twoPersons:
  config: required
oidc:
  issuer: https://login.example.org
  audience: imednet
  keys: jwks.json
`
	_, err := policy.Parse([]byte(good))
	require.NoError(t, err)
	for _, c := range []struct{ from, to, says string }{
		{"    - triage.resolve", "    - triage.reslove", "line 4: the role reviewer lists something that is no action (did you mean triage.resolve?)"},
		{"    - triage.resolve", "    - triage.claim", "line 4: the role reviewer lists triage.claim twice"},
		{"    roles: [reviewer]\n    subject", "    roles:\n      - reviewer\n      - approver\n    subject", "line 11: somebody has the role approver, which is not among roles"},
		{"claimed: [reviewer]", "claimed: [reviewer, reviewer]", "line 11: somebody has the role reviewer twice"},
		{"    subject: \"7\"", "    subjects: \"7\"", "line 10 has a member that is not known there (did you mean subject?): it is not a policy"},
		{"claimed:", "claims:", "line 11 has a member that is not known there (did you mean claimed?): it is not a policy"},
		{"claimed:", "mallory:", "line 11 has a member that is not known there: it is not a policy"},
		{"claimed: [reviewer]", "users: {}", "line 11 has a member that was there before: it is not a policy"},
		{"    roles: [reviewer]\n  bert", "    roles: reviewer\n  bert", "line 7 has something else than a list: it is not a policy"},
		{"    - triage.claim", "    - {triage: claim}", "line 3 has something else than one text: it is not a policy"},
		{"  bert:", "  Anna:", "line 6: two users have names that differ only in the case or form of letters"},
		{"    roles: [reviewer]\n  bert", "    roles: [reviewer]\n    subject: \"7\"\n  bert", "line 11: two users have one subject"},
		{"    roles: [reviewer]\n  bert", "    publicKey: abc\n  bert", "line 7: a publicKey is not one Ed25519 public key"},
		{"  config: required", "  config: always", "line 13: twoPersons has a rule other than required"},
		{"  config: required", "  ledger: required", "line 13: twoPersons names something other than config and triage"},
		{"https://login", "ftp://login", "line 15: the issuer of oidc must be an https URL"},
		{"  keys: jwks.json\n", "", "line 14: oidc needs issuer, audience and keys"},
	} {
		require.Contains(t, good, c.from)
		_, err := policy.Parse([]byte(strings.Replace(good, c.from, c.to, 1)))
		require.ErrorContains(t, err, c.says)
		for _, name := range []string{"mallory", "anna", "bert", "reslove"} {
			require.NotContains(t, err.Error(), name, c.to)
		}
	}
}

func TestWhatAPolicyGives(t *testing.T) {
	p, err := policy.Parse([]byte(`
roles: {b: [mirror.purge, config.*], a: [triage.claim], unused: [ledger.run]}
users: {anna: {roles: [b]}, bert: {roles: [b]}, eve: {}}
claimed: [a]
twoPersons: {triage: required, config: required}
signatures: {mirror: required}
`))
	require.NoError(t, err)
	type role struct {
		name    string
		actions []string
		users   int
		claimed bool
	}
	var got []role
	for _, r := range p.Roles() {
		of := role{r.Name, nil, r.Users, r.Claimed}
		for _, a := range r.Actions {
			of.actions = append(of.actions, a.Name)
			require.NotEmpty(t, a.Meaning)
		}
		got = append(got, of)
	}
	require.Equal(t, []role{
		{"a", []string{"triage.claim"}, 0, true},
		{"b", []string{"config.commit", "config.import", "config.review", "config.approve", "config.sign", "mirror.purge"}, 2, false},
		{"unused", []string{"ledger.run"}, 0, false},
	}, got)
	require.Equal(t, 3, p.Users())
	require.Equal(t, []string{"config", "triage"}, p.TwoPersons())
	require.Equal(t, []string{"mirror"}, p.Signatures())
	var nobodys []string
	for _, a := range p.Nobodys() {
		nobodys = append(nobodys, a.Name)
	}
	require.Len(t, nobodys, len(policy.Actions())-7)
	require.Contains(t, nobodys, "ledger.run")
	require.NotContains(t, nobodys, "triage.claim")
	require.NotContains(t, nobodys, "config.sign")
}
