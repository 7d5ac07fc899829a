package main

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"io"
	"net/http"
	"os"
	"os/exec"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/idtoken"
	"github.com/imednetgo/imednet/internal/policy"
)

// envIdentityToken holds an ID token.
const envIdentityToken = "IMEDNET_IDENTITY_TOKEN"

// proof is by what whoever runs a command proves who acts. Without one the operating system says it.
type proof struct {
	key     string   // file with a private key
	token   string   // file with an ID token
	command []string // prints an ID token
	named   string   // what named it; "" if there is none
}

func (p proof) isToken() bool { return p.named != "" && p.key == "" }

// identityFlags are those of every command, because most of them can write something of which a policy says
// who may.
func (a *app) identityFlags(cmd *cobra.Command) {
	cmd.PersistentFlags().StringVar(&a.policyPath, "policy", "", "`file` that says who may do what (default: everyone may everything)")
	cmd.PersistentFlags().StringVar(&a.given.key, "identity-key", "", "`file` with the private key that proves to the policy who acts")
	cmd.PersistentFlags().StringVar(&a.given.token, "identity-token", "", "`file` with the ID token that proves to the policy who acts")
}

// chooseProof takes the proof of the command line, or else of the environment, or else of the settings. Two of
// one place would be two persons.
func chooseProof(given proof, s settings) (proof, error) {
	token, inEnvironment := os.LookupEnv(envIdentityToken)
	switch {
	case given.key != "" && given.token != "":
		return proof{}, usagef("--identity-key and --identity-token are two proofs of who acts: give one")
	case given.key != "":
		return proof{key: given.key, named: "--identity-key"}, nil
	case given.token != "":
		return proof{token: given.token, named: "--identity-token"}, nil
	case inEnvironment && token == "":
		return proof{}, usagef("%s is empty; unset it to act without a token", envIdentityToken)
	case inEnvironment:
		return proof{named: envIdentityToken}, nil
	}
	var all []proof
	for _, one := range []proof{
		{key: s.IdentityKey, named: "identityKey"}, {token: s.IdentityToken, named: "identityToken"}, {command: s.IdentityTokenCommand, named: "identityTokenCommand"},
	} {
		if one.key != "" || one.token != "" || len(one.command) > 0 {
			all = append(all, one)
		}
	}
	switch len(all) {
	case 0:
		return proof{}, nil
	case 1:
		return all[0], nil
	}
	return proof{}, usagef("the configuration file has both %s and %s: two proofs of who acts", all[0].named, all[1].named)
}

// identifier tells who acts: whom the proof proves, or else the user of the operating system, unless the
// command names somebody, who is then only claimed. It is asked once in a run.
func (a *app) identifier(claimed string) imednet.Identifier {
	if claimed != "" && a.proof.named == "" {
		return nil
	}
	if a.who == nil {
		a.who = &askedOnce{of: a.provenIdentity()}
	}
	return a.who
}

func (a *app) provenIdentity() imednet.Identifier {
	switch {
	case a.proof.key != "":
		return a.policy.At(a.policy.ByKey(func() (ed25519.PrivateKey, error) { return privateKey(a.proof.key) }, rand.Reader), osAccount)
	case a.proof.isToken():
		return a.policy.At(a.policy.ByToken(a.verifiedToken), osAccount)
	case a.policy != nil:
		return a.policy.WithRoles(imednet.IdentifierFunc(osUser))
	}
	return imednet.IdentifierFunc(osUser)
}

// askedOnce is an identifier that is asked once, so that all that one run writes is of one person.
type askedOnce struct {
	of   imednet.Identifier
	once sync.Once
	who  imednet.Identity
	err  error
}

func (a *askedOnce) Identify(ctx context.Context) (imednet.Identity, error) {
	a.once.Do(func() { a.who, a.err = a.of.Identify(ctx) })
	return a.who, a.err
}

// verifiedToken returns the subject and the name of the token, if the provider of the policy issued it for
// this program and it is still valid.
func (a *app) verifiedToken(ctx context.Context) (subject, name string, err error) {
	provider, _ := a.policy.Provider()
	token, err := a.proof.readToken(ctx)
	if err != nil {
		return "", "", err
	}
	keys, err := a.providerKeys(ctx, provider)
	if err != nil {
		return "", "", err
	}
	verifier := idtoken.Verifier{Issuer: provider.Issuer, Audience: provider.Audience, Keys: keys, Now: imednet.SystemClock().Now}
	claims, err := verifier.Verify(token)
	return claims.Subject, claims.Name, err
}

func (a *app) providerKeys(ctx context.Context, p policy.Provider) (idtoken.Keys, error) {
	if p.KeysAreRemote() {
		return idtoken.FetchKeys(ctx, http.DefaultTransport, p.Keys)
	}
	text, err := readTrusted("key set", a.besidePolicy(p.Keys))
	if err != nil {
		return nil, err
	}
	return idtoken.ParseKeys(text)
}

const (
	tokenWait = 30 * time.Second
	maxToken  = 64 << 10
)

// readToken returns the token as it is in its file, in the environment, or as its command prints it.
func (p proof) readToken(ctx context.Context) (text string, err error) {
	var token []byte
	switch {
	case p.token != "":
		token, err = readSecret("identity token", p.token)
	case len(p.command) > 0:
		token, err = printedToken(ctx, p.command)
	default:
		token = []byte(os.Getenv(envIdentityToken))
	}
	return string(bytes.TrimSpace(token)), err
}

// printedToken runs a command, without a shell. What it says on standard error is not shown: it could be the
// token.
func printedToken(ctx context.Context, line []string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, tokenWait)
	defer cancel()
	cmd := exec.CommandContext(ctx, line[0], line[1:]...)
	cmd.WaitDelay = time.Second
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		return nil, errors.New("the identityTokenCommand cannot be started")
	}
	token, read := io.ReadAll(io.LimitReader(out, maxToken))
	_, _ = io.Copy(io.Discard, out) // a longer token is none
	if err := cmd.Wait(); err != nil || read != nil {
		return nil, errors.New("the identityTokenCommand failed; run it by hand to see why")
	}
	return token, nil
}
