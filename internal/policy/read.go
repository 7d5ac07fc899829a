package policy

import (
	"bytes"
	"crypto/ed25519"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"unicode"

	"go.yaml.in/yaml/v3"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/audit"
	"github.com/imednetgo/imednet/internal/shown"
	"github.com/imednetgo/imednet/internal/weakkey"
)

// document is a policy as it is written.
type document struct {
	Roles      map[string][]string `yaml:"roles"`
	Users      map[string]member   `yaml:"users"`
	Claimed    []string            `yaml:"claimed"`
	TwoPersons map[string]string   `yaml:"twoPersons"`
	Signatures map[string]string   `yaml:"signatures"`
	OIDC       *provider           `yaml:"oidc"`
}

// member is a user as written.
type member struct {
	Roles     []string `yaml:"roles"`
	PublicKey string   `yaml:"publicKey"`
	Subject   string   `yaml:"subject"`
}

// provider is an OpenID provider as written.
type provider struct {
	Issuer   string `yaml:"issuer"`
	Audience string `yaml:"audience"`
	Keys     string `yaml:"keys"`
}

// Parse reads a policy, which is YAML or JSON. A policy with anything that has no meaning is an error,
// because it would protect otherwise than it seems to. Errors name lines and roles, and no users.
func Parse(text []byte) (*Policy, error) {
	d, whole, err := decode(text)
	if err != nil {
		return nil, err
	}
	p := &Policy{users: map[string]user{}, roles: d.Roles, claimed: d.Claimed, twoPersons: map[string]bool{}, signatures: map[string]bool{}}
	for _, err := range []error{p.checkRoles(), p.defined(d.Claimed, "claimed"), p.readTwoPersons(d.TwoPersons), p.readSignatures(d.Signatures), p.readProvider(d.OIDC), p.readUsers(d.Users)} {
		var misplaced *misplacedError
		if errors.As(err, &misplaced) {
			return nil, fmt.Errorf("line %d: %w", lineOf(whole, misplaced.path), err)
		}
		if err != nil {
			return nil, err
		}
	}
	return p, nil
}

// decode reads the one document of a text. The decoder's own errors quote the file and are not passed on.
func decode(text []byte) (d document, root *yaml.Node, err error) {
	var whole yaml.Node
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	if err := decoder.Decode(&whole); err != nil {
		return d, nil, errNoPolicy
	}
	if err := decoder.Decode(new(any)); !errors.Is(err, io.EOF) {
		return d, nil, errors.New("it has more than one document")
	}
	if line := referring(&whole); line > 0 {
		return d, nil, fmt.Errorf("line %d has an anchor, an alias or a tag, which policies do not have", line)
	}
	root = whole.Content[0]
	if where := theShape.misplaced(root); where != "" {
		return d, nil, fmt.Errorf("%s: %w", where, errNoPolicy)
	}
	strict := yaml.NewDecoder(bytes.NewReader(text))
	strict.KnownFields(true)
	if err := strict.Decode(&d); err != nil || root.Kind != yaml.MappingNode {
		return d, nil, errNoPolicy
	}
	return d, root, nil
}

var errNoPolicy = errors.New("it is not a policy: roles (each with a list of actions), users (each with roles, publicKey and subject), claimed, twoPersons, signatures and oidc (with issuer, audience and keys) are allowed, each once")

// referring returns the line of a node that means something else than what is written there; 0 if there is none.
func referring(n *yaml.Node) int {
	if n.Kind == yaml.AliasNode || n.Anchor != "" || n.Style&yaml.TaggedStyle != 0 || n.ShortTag() == "!!merge" {
		return n.Line
	}
	for _, child := range n.Content {
		if line := referring(child); line > 0 {
			return line
		}
	}
	return 0
}

// checkRoles refuses roles that could not be named, or that list what is no action.
func (p *Policy) checkRoles() error {
	for _, role := range slices.Sorted(maps.Keys(p.roles)) {
		listed := p.roles[role]
		if !isName(role) {
			return at("a role has a name that is not one line of text", "roles", role)
		}
		for i, name := range listed {
			if !known(name) {
				return at(fmt.Sprintf("the role %s lists something that is no action%s; an action is such as triage.resolve, or triage.* for all of a store", role, suggestion(name)), "roles", role, fmt.Sprint(i))
			}
			if slices.Contains(listed[:i], name) {
				return at(fmt.Sprintf("the role %s lists %s twice", role, name), "roles", role, fmt.Sprint(i))
			}
		}
	}
	return nil
}

// suggestion says which action may be meant by a name.
func suggestion(name string) string {
	var names []string
	for _, a := range actions {
		names = append(names, a.Name)
	}
	if near := shown.Near(name, names); len(near) > 0 {
		return " (did you mean " + near[0] + "?)"
	}
	return ""
}

// defined refuses roles that the policy does not define, and roles that are there twice.
func (p *Policy) defined(roles []string, path ...string) error {
	for i, role := range roles {
		if _, ok := p.roles[role]; !ok {
			return at(fmt.Sprintf("somebody has the role %s, which is not among roles", role), append(path, fmt.Sprint(i))...)
		}
		if slices.Contains(roles[:i], role) {
			return at(fmt.Sprintf("somebody has the role %s twice", role), append(path, fmt.Sprint(i))...)
		}
	}
	return nil
}

func (p *Policy) readUsers(members map[string]member) error {
	keys, subjects := map[string]bool{}, map[string]bool{}
	for _, id := range slices.Sorted(maps.Keys(members)) {
		m := members[id]
		wrong := func(says string, member ...string) error {
			return at(says, append([]string{"users", id}, member...)...)
		}
		if !isName(id) {
			return wrong("a user has a name that is not one line of text without blanks around it")
		}
		for other := range p.users {
			if audit.SamePerson(id, other) {
				return wrong("two users have names that differ only in the case or form of letters")
			}
		}
		if err := p.defined(m.Roles, "users", id, "roles"); err != nil {
			return err
		}
		key, err := parseKey(m.PublicKey)
		if err != nil {
			return wrong(err.Error(), "publicKey")
		}
		switch {
		case key != nil && weakkey.Is(key):
			return wrong("a user has a key for which anybody can sign", "publicKey")
		case key != nil && keys[string(key)]:
			return wrong("two users have the key "+imednet.SigningKeyID(key), "publicKey")
		case m.Subject != "" && subjects[m.Subject]:
			return wrong("two users have one subject", "subject")
		case m.Subject != "" && p.provider == nil:
			return wrong("a user has a subject, but there is no oidc that says who issues its tokens", "subject")
		}
		keys[string(key)], subjects[m.Subject] = true, true
		p.users[id] = user{m.Roles, key, m.Subject}
	}
	return nil
}

// isName reports whether a text can name somebody in a log.
func isName(s string) bool {
	return s != "" && len(s) <= 200 && strings.TrimSpace(s) == s && !strings.ContainsFunc(s, unicode.IsControl)
}

// parseKey reads a public key in PEM; "" is none.
func parseKey(text string) (ed25519.PublicKey, error) {
	if text == "" {
		return nil, nil
	}
	if block, rest := pem.Decode([]byte(text)); block != nil && len(bytes.TrimSpace(rest)) == 0 {
		key, err := x509.ParsePKIXPublicKey(block.Bytes)
		if public, ok := key.(ed25519.PublicKey); err == nil && ok {
			return public, nil
		}
	}
	return nil, errors.New("a publicKey is not one Ed25519 public key in PEM; write it with `openssl pkey -pubout`")
}
