package main

import (
	"cmp"
	"context"
	"crypto/ed25519"
	"crypto/rand"

	"github.com/spf13/cobra"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/audit"
	"github.com/imednetgo/imednet/internal/policy"
)

// policyFlags are those of commands that write to stores of which a policy says who may.
func (a *app) policyFlags(cmd *cobra.Command) {
	cmd.PersistentFlags().StringVar(&a.policyPath, "policy", "", "`file` with roles: who may do what (default: everyone may everything)")
	cmd.PersistentFlags().StringVar(&a.identityKey, "identity-key", "", "`file` with the private key that proves to the policy who acts")
}

// readPolicy reads the policy that was named. A key proves nothing without one.
func (a *app) readPolicy() error {
	a.settings.Policy = cmp.Or(a.policyPath, a.settings.Policy)
	a.settings.IdentityKey = cmp.Or(a.identityKey, a.settings.IdentityKey)
	if a.settings.Policy == "" {
		if a.settings.IdentityKey != "" {
			return usagef("--identity-key needs a policy, which says whose key it is; name it with --policy")
		}
		return nil
	}
	text, err := readRegular("policy", a.settings.Policy)
	if err != nil {
		return &usageError{text: err.Error()}
	}
	if a.policy, err = policy.Parse(text); err != nil {
		return usagef("the policy %s: %v", a.settings.Policy, err)
	}
	return nil
}

// identifier tells who acts: who holds the key, or else the user of the operating system, unless the
// command names somebody, who is then only claimed.
func (a *app) identifier(claimed string) imednet.Identifier {
	switch {
	case a.settings.IdentityKey != "":
		return a.policy.ByKey(func() (ed25519.PrivateKey, error) { return privateKey(a.settings.IdentityKey) }, rand.Reader)
	case claimed != "":
		return nil
	case a.policy != nil:
		return a.policy.WithRoles(imednet.IdentifierFunc(osUser))
	}
	return imednet.IdentifierFunc(osUser)
}

// acting returns the options by which a store learns who acts, and asks whether they may.
func acting[O any](a *app, claimed string, identity func(imednet.Identifier) O, authority func(imednet.Authorizer) O) (opts []O) {
	if who := a.identifier(claimed); who != nil {
		opts = append(opts, identity(who))
	}
	if a.policy != nil {
		opts = append(opts, authority(a.policy))
	}
	return opts
}

// admit returns who acts, if they may, for what stores do in the name of somebody while they are opened.
func (a *app) admit(ctx context.Context, claimed, action string) (string, error) {
	gate := audit.Gate{Identifier: a.identifier(claimed)}
	if a.policy != nil {
		gate.Authorizer = a.policy
	}
	user, _, err := gate.Admit(ctx, claimed, action, "")
	return user, err
}
