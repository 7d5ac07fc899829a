package main

import (
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/imednetgo/imednet/internal/policy"
)

func newPolicy(a *app) *cobra.Command {
	cmd := parent("policy", "Check a policy, which says who may do what", newPolicyCheck(a), newPolicySchema(a))
	cmd.GroupID = groupState
	return cmd
}

func newPolicyCheck(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "check FILE",
		Short: "Say what each role of a policy may do, or what is wrong with it",
		Long: `Say what each role of a policy may do, how many users have it, and what nobody may. A
file that --policy would refuse ends with exit code 6, and the message names the line:
members and actions that are not known, roles that are not defined, keys that are none,
a file that others can change.`,
		Example:     "  imednet policy check policy.yaml\n  imednet policy check policy.yaml --json",
		Args:        cobra.ExactArgs(1),
		Annotations: afterReading,
		RunE: func(_ *cobra.Command, args []string) error {
			text, err := readTrusted("policy", args[0])
			if err != nil {
				return err
			}
			p, err := policy.Parse(text)
			if err != nil {
				return &invalidError{args[0] + ": " + err.Error()}
			}
			return a.printPolicy(p)
		},
	}
}

func newPolicySchema(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "schema",
		Short: "Print the JSON Schema of a policy",
		Long: `Print the JSON Schema (2020-12) of a policy, for editors. It holds the form alone: "policy
check" also finds roles that are not defined, and keys and users that are there twice.`,
		Example:     "  imednet policy schema >policy.schema.json",
		Args:        cobra.NoArgs,
		Annotations: afterReading,
		RunE: func(*cobra.Command, []string) error {
			_, err := a.out.Write(policy.Schema())
			return err
		},
	}
}

// roleJSON is what a role may.
type roleJSON struct {
	Role    string   `json:"role"`
	Actions []string `json:"actions"`
	Users   int      `json:"users"`
	Claimed bool     `json:"claimed"`
}

func (a *app) printPolicy(p *policy.Policy) error {
	if !a.json {
		return a.describePolicy(p)
	}
	roles := []roleJSON{}
	for _, r := range p.Roles() {
		roles = append(roles, roleJSON{r.Name, actionNames(r.Actions), r.Users, r.Claimed})
	}
	_, tokens := p.Provider()
	return a.writeJSON(map[string]any{"roles": roles, "users": p.Users(), "nobodys": actionNames(p.Nobodys()), "tokens": tokens,
		"twoPersons": append([]string{}, p.TwoPersons()...), "signatures": append([]string{}, p.Signatures()...)})
}

func actionNames(actions []policy.Action) []string {
	names := []string{}
	for _, a := range actions {
		names = append(names, a.Name)
	}
	return names
}

func (a *app) describePolicy(p *policy.Policy) error {
	t := newTable(a.out, "ROLE", "USERS", "ACTION", "MAY")
	for _, r := range p.Roles() {
		users := strconv.Itoa(r.Users)
		if r.Claimed {
			users += ", and whoever is claimed"
		}
		if len(r.Actions) == 0 {
			if err := t.add(r.Name, users, "-", "do nothing"); err != nil {
				return err
			}
		}
		for _, action := range r.Actions {
			if err := t.add(r.Name, users, action.Name, action.Meaning); err != nil {
				return err
			}
		}
	}
	if err := t.flush(); err != nil {
		return err
	}
	tokens := "no tokens"
	if _, accepts := p.Provider(); accepts {
		tokens = "tokens of one provider"
	}
	return a.printf("%d users, %s; two persons: %s; signatures: %s\nNobody may: %s\n", p.Users(), tokens,
		orNone(p.TwoPersons()), orNone(p.Signatures()), orNone(actionNames(p.Nobodys())))
}

// orNone joins names.
func orNone(names []string) string {
	if len(names) == 0 {
		return "none"
	}
	return strings.Join(names, ", ")
}
