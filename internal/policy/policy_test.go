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

// Whoever proves who they are sits at an account: it is noted if the policy takes its own word, too.
func TestTheAccountOfWhoActsByAKey(t *testing.T) {
	p := team(t)
	at := func(account string, err error) imednet.Identity {
		t.Helper()
		byKey := p.ByKey(func() (ed25519.PrivateKey, error) { return key(1), nil }, bytes.NewReader(make([]byte, 32)))
		who, err := p.At(byKey, func() (string, error) { return account, err }).Identify(t.Context())
		require.NoError(t, err)
		require.Equal(t, "bert", who.ID)
		return who
	}
	require.Equal(t, []string{"os-user anna"}, at("anna", nil).AlsoBy)
	require.Empty(t, at("imednet", nil).AlsoBy, "is nobody's")
	require.Empty(t, at("bert", nil).AlsoBy, "proves nothing without the key")
	require.Empty(t, at("anna", errors.New("no such account")).AlsoBy)
	_, err := p.At(p.ByKey(func() (ed25519.PrivateKey, error) { return key(2), nil }, bytes.NewReader(make([]byte, 32))), func() (string, error) { return "anna", nil }).Identify(t.Context())
	require.EqualError(t, err, "the policy has no user with this key")
}

// What has no meaning is refused, and no name of a person is shown.
func TestAPolicyIsReadStrictly(t *testing.T) {
	twice := "\n    publicKey: |\n      " + inPEM(t, key(1))
	weak := ed25519.PrivateKey(append(make([]byte, 32), append([]byte{1}, make([]byte, 31)...)...)) // whose public half is the neutral point
	const oidc = "oidc: {issuer: https://login.example.org, audience: imednet, keys: jwks.json}\n"
	for text, says := range map[string]string{
		``:                                      "not a policy",
		"\ufeff":                                "not a policy",
		`null`:                                  "not a policy",
		`[]`:                                    "not a policy",
		`roles`:                                 "not a policy",
		`roles: {a: [`:                          "not a policy",
		"roles: {\x00}":                         "not a policy",
		"roles:\n\ta: []":                       "not a policy",
		`rules: {}`:                             "not a policy",
		`Roles: {}`:                             "not a policy",
		`two_persons: {}`:                       "not a policy",
		"roles: {a: [triage.claim]}\nroles: {}": "not a policy",
		"roles: {a: [triage.claim], a: []}":     "not a policy",
		"users: {mallory: {}, mallory: {}}":     "not a policy",
		"users: {mallory: {roles: [], roles: []}}": "not a policy",
		`{"roles": {}, "roles": {}}`:               "not a policy",
		"roles: {}\n---\nroles: {}":                "more than one document",
		"roles: {a: &all [triage.*], b: *all}":     "line 1 has an anchor, an alias or a tag",
		"x: &x {a: []}\nroles:\n  <<: *x\n":        "has an anchor",
		"roles: {a: !!str triage.claim}":           "has an anchor, an alias or a tag",
		`roles: {a: [resolve]}`:                    "the role a lists something that is no action",
		`roles: {a: ["*"]}`:                        "the role a lists something that is no action",
		`roles: {a: ["*.*"]}`:                      "the role a lists something that is no action",
		`roles: {a: ["*.sign"]}`:                   "the role a lists something that is no action",
		`roles: {a: ["triage."]}`:                  "the role a lists something that is no action",
		`roles: {a: ["triage.re*"]}`:               "the role a lists something that is no action",
		`roles: {a: ["triage.*.*"]}`:               "the role a lists something that is no action",
		`roles: {a: ["triag.*"]}`:                  "the role a lists something that is no action",
		`roles: {a: ["Triage.*"]}`:                 "the role a lists something that is no action",
		`roles: {a: [triage.reslove]}`:             "(did you mean triage.resolve?)",
		`roles: {a: [Triage.Resolve]}`:             "(did you mean triage.resolve?)",
		`roles: {a: ["cache.purge"]}`:              "the role a lists something that is no action",
		`roles: {a: ["triage.resolve\n"]}`:         "the role a lists something that is no action",
		`roles: {a: [triage.sign, triage.sign]}`:   "the role a lists triage.sign twice",
		`roles: {"": []}`:                          "a role has a name that is not",
		`users: {mallory: {roles: [b]}}`:           "the role b, which is not among roles",
		`roles: {B: []}
users: {mallory: {roles: [b]}}`: "the role b, which is not among roles",
		"roles: {b: []}\nusers: {mallory: {roles: [b, b]}}": "the role b twice",
		`claimed: [b]`:                                                 "the role b, which is not among roles",
		`users: {mallory: {rolls: [b]}}`:                               "not a policy",
		`users: [mallory]`:                                             "not a policy",
		`users: {"": {}}`:                                              "a user has a name that is not",
		`users: {" mallory": {}}`:                                      "a user has a name that is not",
		`users: {"mal\nlory": {}}`:                                     "a user has a name that is not",
		`users: {mallory: {}, Mallory: {}}`:                            "differ only in the case or form of letters",
		`users: {mallory: {}, ｍallory: {}}`:                            "differ only in the case or form of letters",
		`users: {mallory: {publicKey: abc}}`:                           "not one Ed25519 public key",
		`users: {mallory: {subject: "1"}}`:                             "there is no oidc",
		oidc + `users: {mallory: {subject: "1"}, eve: {subject: "1"}}`: "two users have one subject",
		`oidc: {issuer: https://login.example.org, audience: imednet}`: "needs issuer, audience and keys",
		`oidc: {}`: "needs issuer, audience and keys",
		`oidc: {issuer: http://login.example.org, audience: a, keys: k}`:                              "the issuer of oidc must be an https URL",
		`oidc: {issuer: login.example.org, audience: a, keys: k}`:                                     "the issuer of oidc must be an https URL",
		`oidc: {issuer: https://me:secret@login.example.org, audience: a, keys: k}`:                   "the issuer of oidc must be an https URL",
		`oidc: {issuer: https://login.example.org, audience: a, keys: http://login.example.org/keys}`: "keys of oidc must be an https URL",
		`oidc: {issuer: https://login.example.org, audience: a, keys: file:///etc/keys}`:              "keys of oidc must be an https URL",
		`oidc: {issuer: https://login.example.org, audience: a, keys: k, algorithms: [none]}`:         "not a policy",
		`twoPersons: {config: optional}`:                                                              "a rule other than required",
		`twoPersons: {config: true}`:                                                                  "a rule other than required",
		`twoPersons: {config: }`:                                                                      "null or an empty text",
		`twoPersons:`:                                                                                 "null or an empty text",
		`signatures: ~`:                                                                               "null or an empty text",
		`oidc: null`:                                                                                  "null or an empty text",
		`claimed:`:                                                                                    "null or an empty text",
		`roles: {a: }`:                                                                                "null or an empty text",
		`roles: {a: [triage.sign, ~]}`:                                                                "null or an empty text",
		`users: {mallory: }`:                                                                          "null or an empty text",
		`users: {mallory: {roles: }}`:                                                                 "null or an empty text",
		`users: {mallory: {publicKey: }}`:                                                             "null or an empty text",
		`users: {mallory: {publicKey: ""}}`:                                                           "null or an empty text",
		`users: {mallory: {subject: ""}}`:                                                             "null or an empty text",
		oidc + `users: {mallory: {subject: ~}}`:                                                       "null or an empty text",
		`twoPersons: {configs: required}`:                                                             "something other than config and triage",
		`signatures: {mirror: optional}`:                                                              "a rule other than required",
		`signatures: {mirror: }`:                                                                      "null or an empty text",
		`signatures: {triage: required}`:                                                              "something other than mirror",
		`signatures: [mirror]`:                                                                        "not a policy",
		`twoPersons: {ledger: required}`:                                                              "something other than config and triage",
		"users:\n  mallory:" + twice + "\n  eve:" + twice:                                             "two users have the key",
		"users:\n  mallory:\n    publicKey: |\n      " + inPEM(t, weak):                               "a key for which anybody can sign",
		"users:\n  mallory:" + twice + "\n      " + inPEM(t, key(2)):                                  "not one Ed25519 public key",
	} {
		_, err := policy.Parse([]byte(text))
		require.ErrorContains(t, err, says, text)
		for _, secret := range []string{"mallory", "secret", "reslove"} {
			require.NotContains(t, err.Error(), secret, text)
		}
	}
	for _, text := range []string{
		`{"roles": {"a": ["triage.*"]}, "users": {"anna": {"roles": ["a"]}}}`,
		"\ufeffroles: {a: [triage.*]}\nusers: {anna: {roles: [a]}}\r\n",
	} {
		p, err := policy.Parse([]byte(text))
		require.NoError(t, err, "JSON is YAML, and a byte order mark is none of its members")
		require.NoError(t, p.Authorize(t.Context(), imednet.Identity{ID: "anna", Authenticated: "os-user"}, "triage.sign", ""))
		require.Error(t, p.Authorize(t.Context(), imednet.Identity{ID: "anna", Authenticated: "os-user"}, "config.sign", ""))
		require.Error(t, p.Authorize(t.Context(), imednet.Identity{ID: "anna", Authenticated: "os-user"}, "triagex.sign", ""))
	}
}

// A policy that permits nothing is one: it refuses everything.
func TestAnEmptyPolicyRefuses(t *testing.T) {
	p, err := policy.Parse([]byte(`{}`))
	require.NoError(t, err)
	for _, a := range policy.Actions() {
		for _, proof := range []string{"", "os-user", "oidc https://login.example.org subject 3f838626a8fe6e9d"} {
			require.ErrorIs(t, p.Authorize(t.Context(), imednet.Identity{ID: "anna", Roles: []string{"admin"}, Authenticated: proof}, a.Name, ""), imednet.ErrNotAuthorized)
		}
	}
}

func TestATokenProvesWhoActs(t *testing.T) {
	p, err := policy.Parse([]byte(`
roles: {approver: [config.approve]}
users:
  anna: {roles: [approver]}
  bert: {roles: [approver], subject: "007"}
oidc: {issuer: https://login.example.org, audience: imednet, keys: jwks.json}
twoPersons: {config: required}
`))
	require.NoError(t, err)
	provider, accepts := p.Provider()
	require.True(t, accepts)
	require.Equal(t, policy.Provider{Issuer: "https://login.example.org", Audience: "imednet", Keys: "jwks.json"}, provider)
	require.False(t, provider.KeysAreRemote())
	require.True(t, p.RequiresTwoPersons("config"))
	require.False(t, p.RequiresTwoPersons("triage"))

	by := func(subject, name string, err error) (imednet.Identity, error) {
		return p.ByToken(func(context.Context) (string, string, error) { return subject, name, err }).Identify(t.Context())
	}
	who, err := by("007", " Bert B. ", nil)
	require.NoError(t, err)
	require.Equal(t, imednet.Identity{ID: "bert", DisplayName: "Bert B.", Roles: []string{"approver"}, Authenticated: "oidc https://login.example.org subject 3f838626a8fe6e9d"}, who)
	require.NoError(t, p.Authorize(t.Context(), who, "config.approve", ""))
	who, err = by("007", "two\nlines", nil)
	require.NoError(t, err)
	require.Empty(t, who.DisplayName)
	for _, subject := range []string{"", "7", "bert", "anna"} {
		_, err = by(subject, "bert", nil)
		require.EqualError(t, err, "the policy has no user with the subject of this token", subject)
	}
	_, err = by("007", "", errors.New("expired"))
	require.EqualError(t, err, "expired")
	both, err := policy.Parse([]byte("roles: {r: [ledger.set]}\noidc: {issuer: https://login.example.org, audience: imednet, keys: k}\nusers:\n  bert:\n    roles: [r]\n    subject: x\n    publicKey: |\n      " + inPEM(t, key(1))))
	require.NoError(t, err)
	for proof, says := range map[string]string{"oidc https://login.example.org subject 308411ada0f7db51": "", "key file " + imednet.SigningKeyID(key(1).Public().(ed25519.PublicKey)): "",
		"os-user": "not authorized: the policy demands the key file or the token of who acts"} {
		if err := both.Authorize(t.Context(), imednet.Identity{ID: "bert", Authenticated: proof}, "ledger.set", ""); says != "" {
			require.EqualError(t, err, says)
		} else {
			require.NoError(t, err, proof)
		}
	}
	for _, proof := range []string{"os-user", "oidc https://login.example.org", "oidc https://login.example.org subject 308411ada0f7db51", "key file 0000000000000000"} {
		require.EqualError(t, p.Authorize(t.Context(), imednet.Identity{ID: "bert", Authenticated: proof}, "config.approve", ""), "not authorized: the policy demands the token of who acts")
	}
}
