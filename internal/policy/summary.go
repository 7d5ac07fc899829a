package policy

import (
	_ "embed"
	"maps"
	"slices"
)

//go:embed policy.schema.json
var schema []byte

// Schema returns the JSON Schema (2020-12) of a policy. It holds the form alone: that roles are defined, and keys
// are keys, only Parse finds out.
func Schema() []byte { return slices.Clone(schema) }

// Role is what a policy gives to a role.
type Role struct {
	Name    string
	Actions []Action // all that it may, wildcards resolved
	Users   int      // how many have it
	Claimed bool     // also whoever is only claimed
}

// Roles lists the roles, by name.
func (p *Policy) Roles() (all []Role) {
	for _, name := range slices.Sorted(maps.Keys(p.roles)) {
		r := Role{Name: name, Claimed: slices.Contains(p.claimed, name)}
		for _, a := range actions {
			if p.permits(name, a.Name) {
				r.Actions = append(r.Actions, a)
			}
		}
		for _, u := range p.users {
			if slices.Contains(u.roles, name) {
				r.Users++
			}
		}
		all = append(all, r)
	}
	return all
}

// Nobodys are the actions that nobody may: no role has them, or nobody has the roles that do.
func (p *Policy) Nobodys() (all []Action) {
	held := map[string]bool{}
	for _, r := range p.Roles() {
		for _, a := range r.Actions {
			held[a.Name] = held[a.Name] || r.Users > 0 || r.Claimed
		}
	}
	for _, a := range actions {
		if !held[a.Name] {
			all = append(all, a)
		}
	}
	return all
}

// Users counts those whom the policy names.
func (p *Policy) Users() int { return len(p.users) }

// TwoPersons lists the stores whose decisions need two persons.
func (p *Policy) TwoPersons() []string { return slices.Sorted(maps.Keys(p.twoPersons)) }

// Signatures lists the stores of which something must be signed.
func (p *Policy) Signatures() []string { return slices.Sorted(maps.Keys(p.signatures)) }
