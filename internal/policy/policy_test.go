package policy_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/policy"
)

func key(seed byte) ed25519.PrivateKey {
	return ed25519.NewKeyFromSeed(bytes.Repeat([]byte{seed}, 32))
}

// inPEM is the public half of a key, indented for a YAML block.
func inPEM(t *testing.T, k ed25519.PrivateKey) string {
	t.Helper()
	der, err := x509.MarshalPKIXPublicKey(k.Public())
	require.NoError(t, err)
	return strings.ReplaceAll(strings.TrimSpace(string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))), "\n", "\n      ")
}

func team(t *testing.T) *policy.Policy {
	t.Helper()
	p, err := policy.Parse([]byte(`
roles:
  reviewer: [triage.claim, triage.resolve]
  approver: [triage.confirm, config.*]
  reporter: [triage.report]
users:
  anna: {roles: [reviewer]}
  bert:
    roles: [reviewer, approver]
    publicKey: |
      ` + inPEM(t, key(1)) + `
claimed: [reporter]
`))
	require.NoError(t, err)
	return p
}

func TestAuthority(t *testing.T) {
	p := team(t)
	bertsKey := "key file " + imednet.SigningKeyID(key(1).Public().(ed25519.PublicKey))
	for _, c := range []struct {
		who, proof, action, refusal string
	}{
		{"anna", "os-user", "triage.resolve", ""},
		{"anna", "os-user", "triage.confirm", "not authorized: who acts has the role reviewer; the policy gives it to approver"},
		{"anna", "os-user", "triage.reopen", "not authorized: who acts has the role reviewer; the policy gives it to no role"},
		{"anna", "os-user", "config.approve", "not authorized: who acts has the role reviewer; the policy gives it to approver"},
		{"anna", "", "triage.resolve", "not authorized: who acts is only claimed and has the role reporter; the policy gives it to reviewer"},
		{"anyone", "", "triage.report", ""},
		{"anyone", "os-user", "triage.report", "not authorized: who acts has no role; the policy gives it to reporter"},
		{"Anna", "os-user", "triage.resolve", "not authorized: who acts has no role; the policy gives it to reviewer"},
		{"bert", bertsKey, "config.approve", ""},
		{"bert", bertsKey, "triage.confirm", ""},
		{"bert", bertsKey, "configuration.approve", "not authorized: who acts has the role reviewer, approver; the policy gives it to no role"},
		{"bert", "os-user", "triage.confirm", "not authorized: the policy demands the key file of who acts"},
		{"bert", "key file 0000000000000000", "triage.confirm", "not authorized: the policy demands the key file of who acts"},
	} {
		err := p.Authorize(context.Background(), imednet.Identity{ID: c.who, Authenticated: c.proof}, c.action, "item of subject 01-001")
		if c.refusal == "" {
			require.NoError(t, err, c)
			continue
		}
		require.ErrorIs(t, err, imednet.ErrNotAuthorized)
		require.EqualError(t, err, c.refusal)
	}
}

func TestAKeyProvesWhoActs(t *testing.T) {
	p := team(t)
	by := func(k ed25519.PrivateKey) (imednet.Identity, error) {
		return p.ByKey(func() (ed25519.PrivateKey, error) { return k, nil }, bytes.NewReader(make([]byte, 32))).Identify(t.Context())
	}
	who, err := by(key(1))
	require.NoError(t, err)
	require.Equal(t, imednet.Identity{ID: "bert", Roles: []string{"reviewer", "approver"}, Authenticated: "key file " + imednet.SigningKeyID(key(1).Public().(ed25519.PublicKey))}, who)
	require.NoError(t, p.Authorize(t.Context(), who, "triage.confirm", ""))
	_, err = by(key(2))
	require.EqualError(t, err, "the policy has no user with this key")

	forged := append(bytes.Clone(key(2)[:32]), key(1).Public().(ed25519.PublicKey)...) // another's public half
	_, err = by(forged)
	require.Error(t, err)

	_, err = p.ByKey(func() (ed25519.PrivateKey, error) { return nil, errors.New("no file") }, bytes.NewReader(nil)).Identify(t.Context())
	require.EqualError(t, err, "no file")
	_, err = p.ByKey(func() (ed25519.PrivateKey, error) { return key(1), nil }, bytes.NewReader(nil)).Identify(t.Context())
	require.Error(t, err, "nothing random, no challenge")

	who, err = p.WithRoles(imednet.IdentifierFunc(func(context.Context) (imednet.Identity, error) {
		return imednet.Identity{ID: "anna", Authenticated: "os-user"}, nil
	})).Identify(t.Context())
	require.NoError(t, err)
	require.Equal(t, []string{"reviewer"}, who.Roles)
}

// What has no meaning is refused, and no name of a person is shown.
func TestAPolicyIsReadStrictly(t *testing.T) {
	twice := "\n    publicKey: |\n      " + inPEM(t, key(1))
	for text, says := range map[string]string{
		``:                                      "not a policy",
		`[]`:                                    "not a policy",
		`rules: {}`:                             "not a policy",
		"roles: {a: [triage.claim]}\nroles: {}": "not a policy",
		"roles: {}\n---\nroles: {}":             "more than one document",
		`roles: {a: [resolve]}`:                 "the role a has an action that is not",
		`roles: {a: ["*"]}`:                     "the role a has an action that is not",
		`roles: {a: ["cache.purge"]}`:           "the role a has an action that is not",
		`roles: {a: ["triage.resolve\n"]}`:      "the role a has an action that is not",
		`users: {mallory: {roles: [b]}}`:        "the role b, which is not among roles",
		`claimed: [b]`:                          "the role b, which is not among roles",
		`users: {mallory: {rolls: [b]}}`:        "not a policy",
		`users: {mallory: {publicKey: abc}}`:    "not one Ed25519 public key",
		"users:\n  mallory:" + twice + "\n  eve:" + twice:            "two users have the key",
		"users:\n  mallory:" + twice + "\n      " + inPEM(t, key(2)): "not one Ed25519 public key",
	} {
		_, err := policy.Parse([]byte(text))
		require.ErrorContains(t, err, says, text)
		require.NotContains(t, err.Error(), "mallory", text)
	}
	p, err := policy.Parse([]byte(`{"roles": {"a": ["triage.*"]}, "users": {"anna": {"roles": ["a"]}}}`))
	require.NoError(t, err, "JSON is YAML")
	require.NoError(t, p.Authorize(t.Context(), imednet.Identity{ID: "anna", Authenticated: "os-user"}, "triage.sign", ""))
	require.Error(t, p.Authorize(t.Context(), imednet.Identity{ID: "anna", Authenticated: "os-user"}, "config.sign", ""))
}
