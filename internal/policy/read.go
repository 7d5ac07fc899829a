package policy

import (
	"bytes"
	"crypto/ed25519"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"regexp"

	"go.yaml.in/yaml/v3"

	"github.com/imednetgo/imednet"
)

// document is a policy as it is written.
type document struct {
	Roles   map[string][]string `yaml:"roles"`
	Users   map[string]member   `yaml:"users"`
	Claimed []string            `yaml:"claimed"`
}

// member is a user as written.
type member struct {
	Roles     []string `yaml:"roles"`
	PublicKey string   `yaml:"publicKey"`
}

// action is what a role may list: an action, or all of a store.
var action = regexp.MustCompile(`^(triage|config)\.([a-z]+|\*)$`)

// Parse reads a policy, which is YAML or JSON. A policy with anything that has no meaning is an error,
// because it would protect otherwise than it seems to. Errors name roles, and no users.
func Parse(text []byte) (*Policy, error) {
	var d document
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	decoder.KnownFields(true)
	if err := decoder.Decode(&d); err != nil {
		// The decoder's text quotes the file.
		return nil, errors.New("it is not a policy: users (each with roles and publicKey), roles (each with a list of actions) and claimed are allowed, each once")
	}
	if err := decoder.Decode(new(any)); !errors.Is(err, io.EOF) {
		return nil, errors.New("it has more than one document")
	}
	p := &Policy{users: map[string]user{}, roles: d.Roles, claimed: d.Claimed}
	for role, actions := range d.Roles {
		for _, a := range actions {
			if !action.MatchString(a) {
				return nil, fmt.Errorf("the role %s has an action that is not of the form triage.resolve, config.approve, triage.* or config.*", role)
			}
		}
	}
	if err := p.known(d.Claimed); err != nil {
		return nil, err
	}
	held := map[string]bool{}
	for id, u := range d.Users {
		if err := p.known(u.Roles); err != nil {
			return nil, err
		}
		key, err := parseKey(u.PublicKey)
		if err != nil {
			return nil, err
		}
		if key != nil {
			if held[string(key)] {
				return nil, fmt.Errorf("two users have the key %s", imednet.SigningKeyID(key))
			}
			held[string(key)] = true
		}
		p.users[id] = user{u.Roles, key}
	}
	return p, nil
}

// known refuses roles that the policy does not define.
func (p *Policy) known(roles []string) error {
	for _, role := range roles {
		if _, ok := p.roles[role]; !ok {
			return fmt.Errorf("somebody has the role %s, which is not among roles", role)
		}
	}
	return nil
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
