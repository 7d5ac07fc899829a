package main

import (
	"crypto/ed25519"
	"encoding/base64"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/stretchr/testify/require"
)

// idToken is a token of the provider whose key is given, with some of what it says replaced.
func idToken(t *testing.T, key ed25519.PrivateKey, change map[string]any) string {
	t.Helper()
	claims := jwt.MapClaims{"iss": "https://login.example.org", "aud": "imednet", "sub": "subject-4711", "name": "Bert B.",
		"iat": time.Now().Add(-time.Minute).Unix(), "exp": time.Now().Add(time.Hour).Unix()}
	for name, value := range change {
		claims[name] = value
	}
	token := jwt.NewWithClaims(jwt.SigningMethodEdDSA, claims)
	token.Header["kid"] = "k"
	text, err := token.SignedString(key)
	require.NoError(t, err)
	return text
}

// keySet is the provider's key set.
func keySet(key ed25519.PrivateKey) string {
	x := base64.RawURLEncoding.EncodeToString(key.Public().(ed25519.PublicKey))
	return `{"keys": [{"kty": "OKP", "crv": "Ed25519", "kid": "k", "x": "` + x + `"}]}`
}

// tokenPolicy is a policy in which bert reports, and acts by tokens whose keys are at a place.
func (s *shell) tokenPolicy(keys string) {
	s.write("policy.yaml", `
roles: {reporter: [triage.report, ledger.set]}
users: {bert: {roles: [reporter], subject: subject-4711}}
oidc: {issuer: https://login.example.org, audience: imednet, keys: "`+keys+`"}
`)
}

func TestATokenSaysWhoActs(t *testing.T) {
	s := newShell(t)
	key, another := s.keyPair("private.pem", "public.pem", 9), s.keyPair("strange.pem", "strange.pub", 3)
	s.tokenPolicy("keys/jwks.json")
	s.write("keys/jwks.json", keySet(key))
	s.write("found.json", twoFindings)
	valid := idToken(t, key, nil)
	s.write("token", valid+"\n")
	report := []string{"triage", "report", "S1", "found.json", "--policy", "policy.yaml"}
	by := func(more ...string) []string { return append(report[:len(report):len(report)], more...) }
	byToken := by("--identity-token", "token")

	s.ok(byToken...)
	s.ok(by("--identity-token", "token", "--user", "bert")...)
	var log []logJSON
	s.json(&log, "triage", "log")
	require.Equal(t, "bert", log[0].UserID)
	require.Equal(t, []string{"oidc https://login.example.org subject 75312d84641e166a", "Bert B."}, []string{log[0].Change.Actor.Authenticated, log[0].Change.Actor.DisplayName})

	refused := func(says string, code int, line ...string) {
		t.Helper()
		before := s.ok("triage", "log")
		_, problem := s.run(code, line...)
		require.Contains(t, problem, says)
		for _, secret := range []string{"4711", "Bert", "payroll", strings.Split(valid, ".")[1][:20]} {
			require.NotContains(t, problem, secret, says)
		}
		require.Equal(t, before, s.ok("triage", "log"), says)
	}
	for says, token := range map[string]string{
		"the token has expired":             idToken(t, key, map[string]any{"exp": time.Now().Add(-time.Hour).Unix()}),
		"issued for another program":        idToken(t, key, map[string]any{"aud": "payroll"}),
		"another provider issued":           idToken(t, key, map[string]any{"iss": "https://login.example.com"}),
		"the policy has no user":            idToken(t, key, map[string]any{"sub": "subject-4712"}),
		"no key of the provider has signed": idToken(t, another, nil),
		"not valid yet":                     idToken(t, key, map[string]any{"nbf": time.Now().Add(time.Hour).Unix()}),
		"the token is not an ID token":      "subject-4711",
		"only RS256, ES256 and EdDSA are":   "eyJhbGciOiJub25lIn0" + valid[strings.Index(valid, "."):],
	} {
		s.write("token", token)
		refused(says, exitAuth, byToken...)
	}
	s.write("token", valid)
	refused("not the one who acts", exitAuth, by("--identity-token", "token", "--user", "anna")...)
	refused("the policy demands the token of who acts", exitAuth, func() []string {
		me := s.osUser()
		s.write("mine.yaml", strings.Replace(s.read("policy.yaml"), "bert", me, 1))
		return []string{"triage", "report", "S1", "found.json", "--policy", "mine.yaml"}
	}()...)
	refused("two proofs", exitUsage, by("--identity-token", "token", "--identity-key", "private.pem")...)
	require.NoError(t, os.Chmod(filepath.Join(s.dir, "token"), 0o644))
	refused("can be read, or changed, by others", exitUsage, byToken...)
	require.NoError(t, os.Chmod(filepath.Join(s.dir, "token"), 0o600))
	require.NoError(t, os.Chmod(filepath.Join(s.dir, "keys/jwks.json"), 0o666))
	refused("can be changed by others", exitUsage, byToken...)
	require.NoError(t, os.Chmod(filepath.Join(s.dir, "keys/jwks.json"), 0o600))

	plain := s.env
	s.env = append(plain, envIdentityToken+"="+valid)
	s.ok(report...)
	s.ok(byToken...)
	_, problem := s.run(exitUsage, "triage", "queue", "S1")
	require.Contains(t, problem, envIdentityToken+" needs a policy")
	s.env = append(plain, envIdentityToken+"=")
	_, problem = s.run(exitUsage, report...)
	require.Contains(t, problem, envIdentityToken+" is empty")
	s.env = plain

	for command, code := range map[string]int{"[cat, token]": exitOK, "[sh, -c, 'cat token; echo subject-4711 >&2; exit 1']": exitAuth, "[no-such-program]": exitAuth, "[echo, '']": exitAuth} {
		s.write("settings.yaml", "policy: policy.yaml\nidentityTokenCommand: "+command+"\n")
		_, problem := s.run(code, "triage", "report", "S1", "found.json", "--config", "settings.yaml")
		require.NotContains(t, problem, "4711", command)
	}
	s.write("settings.yaml", "policy: policy.yaml\nidentityToken: token\nidentityKey: private.pem\n")
	_, problem = s.run(exitUsage, "triage", "report", "S1", "found.json", "--config", "settings.yaml")
	require.Contains(t, problem, "both identityKey and identityToken")
	s.write("none.yaml", "roles: {}\n")
	_, problem = s.run(exitUsage, "triage", "queue", "S1", "--policy", "none.yaml", "--identity-token", "token")
	require.Contains(t, problem, "accepts no tokens")

	s.ok("state", "set", "-s", "S1", "-m", "records", "-t", "2026-01-01", "--policy", "policy.yaml", "--identity-token", "token")
	require.Contains(t, s.read(".imednet/pipeline_ledger.json.history.jsonl"), `"user":"bert"`)
	require.Contains(t, s.read(".imednet/pipeline_ledger.json.history.jsonl"), `"authenticated":"oidc https://login.example.org subject 75312d84641e166a"`)
	s.ok("state", "verify")
}

// The provider's keys may be on its server, and a key that it has withdrawn proves nothing any more.
func TestKeysOfAProvidersServer(t *testing.T) {
	s := newShell(t)
	key, next := s.keyPair("private.pem", "public.pem", 9), s.keyPair("strange.pem", "strange.pub", 3)
	set := keySet(key)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(set)) }))
	defer server.Close()
	s.tokenPolicy(server.URL)
	s.write("found.json", twoFindings)
	s.write("token", idToken(t, key, nil))
	line := []string{"triage", "report", "S1", "found.json", "--policy", "policy.yaml", "--identity-token", "token"}
	s.ok(line...)
	set = keySet(next)
	_, problem := s.run(exitAuth, line...)
	require.Contains(t, problem, "no key of the provider has signed the token")
	s.write("token", idToken(t, next, nil))
	s.ok(line...)
	server.Close()
	_, problem = s.run(exitAuth, line...)
	require.Contains(t, problem, "the server does not answer")
}

func (s *shell) read(name string) string {
	s.t.Helper()
	text, err := os.ReadFile(filepath.Join(s.dir, name))
	require.NoError(s.t, err)
	return string(text)
}
