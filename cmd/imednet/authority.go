package main

import (
	"cmp"
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/audit"
	"github.com/imednetgo/imednet/internal/policy"
	"github.com/imednetgo/imednet/triage"
	"github.com/imednetgo/imednet/versioning"
)

// readPolicy reads the policy that was named, and what proves to it who acts. One that cannot be read refuses
// everything.
func (a *app) readPolicy() (err error) {
	a.settings.Policy = cmp.Or(a.policyPath, a.settings.Policy)
	if a.proof, err = chooseProof(a.given, a.settings); err != nil {
		return err
	}
	if a.settings.Policy == "" {
		if a.proof.named != "" {
			return usagef("%s needs a policy, which says whom it proves; name it with --policy", a.proof.named)
		}
		return nil
	}
	text, err := readTrusted("policy", a.settings.Policy)
	if err != nil {
		return &usageError{text: err.Error()}
	}
	if a.policy, err = policy.Parse(text); err != nil {
		return usagef("the policy %s: %v", a.settings.Policy, err)
	}
	if _, accepts := a.policy.Provider(); a.proof.isToken() && !accepts {
		return usagef("the policy %s accepts no tokens, which %s gives: it has no oidc", a.settings.Policy, a.proof.named)
	}
	return nil
}

// authorize asks the policy whether whoever acts may do what a command does, before it does anything. A
// command of which it is not known what it needs is refused.
func (a *app) authorize(cmd *cobra.Command) error {
	if a.policy == nil {
		return nil
	}
	name := ownName(cmd)
	needs, writes := governed[name]
	if _, known := ungoverned[name]; !writes && !known && !onlyHelps(cmd) {
		return fmt.Errorf("%w: no action of the policy is known for this command", imednet.ErrNotAuthorized)
	}
	for _, need := range needs {
		if !need.appliesTo(cmd) {
			continue
		}
		who, err := a.admit(cmd.Context(), claimedBy(cmd), need.action)
		if err != nil {
			return err
		}
		if store, _, _ := strings.Cut(need.action, "."); store == "config" && a.twoPersons(store) && !audit.Proven(&who) {
			return &imednet.Error{Package: "versioning", Err: versioning.ErrOnlyClaimed, Hint: "who acts is only claimed here; leave --author out, or prove who acts with --identity-key or --identity-token"}
		}
	}
	return nil
}

// appliesTo reports whether a command line needs the action, as far as its flags tell.
func (n asked) appliesTo(cmd *cobra.Command) bool {
	given := func(flag string) bool { return cmd.Flags().Changed(flag) && cmd.Flag(flag).Value.String() != "false" }
	return !n.later && (n.with == "" || given(n.with)) && (n.not == "" || !given(n.not))
}

// claimedBy is the name that a command line gives for who acts; "" if it gives none.
func claimedBy(cmd *cobra.Command) string {
	for _, name := range []string{"user", "author"} {
		if flag := cmd.Flag(name); flag != nil {
			return flag.Value.String()
		}
	}
	return ""
}

// admit returns who acts, if they may.
func (a *app) admit(ctx context.Context, claimed, action string) (imednet.Identity, error) {
	gate := audit.Gate{Identifier: a.identifier(claimed)}
	if a.policy != nil {
		gate.Authorizer = a.policy
	}
	return throughGate(ctx, gate, claimed, action)
}

// acting returns who acts, for stores that are told so.
func (a *app) acting(ctx context.Context, claimed string) (imednet.Identity, error) {
	return throughGate(ctx, audit.Gate{Identifier: a.identifier(claimed)}, claimed, "")
}

func throughGate(ctx context.Context, gate audit.Gate, claimed, action string) (imednet.Identity, error) {
	user, actor, err := gate.Admit(ctx, claimed, action, "")
	if err != nil || actor == nil {
		return imednet.Identity{ID: user}, err
	}
	return *actor, nil
}

// asReviewer are the options by which a review queue learns who acts, and asks whether they may.
func (a *app) asReviewer(claimed string) []triage.Option {
	return optionsOf(a, claimed, "triage", triage.WithIdentity, triage.WithAuthorizer, triage.WithTwoPersons, triage.WithClockTolerance)
}

// asAuthor are the same of a history of configurations.
func (a *app) asAuthor(claimed string) []versioning.Option {
	return optionsOf(a, claimed, "config", versioning.WithIdentity, versioning.WithAuthorizer, versioning.WithTwoPersons, versioning.WithClockTolerance)
}

func optionsOf[O any](a *app, claimed, store string, identity func(imednet.Identifier) O, authority func(imednet.Authorizer) O, twoPersons func() O, tolerance func(time.Duration) O) (opts []O) {
	if a.settings.ClockTolerance > 0 {
		opts = append(opts, tolerance(a.settings.ClockTolerance))
	}
	if who := a.identifier(claimed); who != nil {
		opts = append(opts, identity(who))
	}
	if a.policy == nil {
		return opts
	}
	opts = append(opts, authority(a.policy))
	if a.twoPersons(store) {
		opts = append(opts, twoPersons())
	}
	return opts
}

// twoPersons reports whether the policy demands two persons for decisions in a store.
func (a *app) twoPersons(store string) bool {
	return a.policy != nil && a.policy.RequiresTwoPersons(store)
}

// besidePolicy is a path as the policy names it: a relative one begins at its directory.
func (a *app) besidePolicy(path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(filepath.Dir(a.settings.Policy), path)
}
