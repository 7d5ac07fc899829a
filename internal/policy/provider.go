package policy

import (
	"net"
	"net/url"
	"strings"
)

// Provider is the OpenID provider whose tokens the policy accepts.
type Provider struct {
	Issuer   string // as tokens name it
	Audience string // to whom tokens must be issued
	Keys     string // URL or file of its key set
}

// Provider returns the provider; false if the policy accepts no tokens.
func (p *Policy) Provider() (Provider, bool) {
	if p.provider == nil {
		return Provider{}, false
	}
	return *p.provider, true
}

// KeysAreRemote reports whether the key set is read from a server.
func (p Provider) KeysAreRemote() bool { return strings.Contains(p.Keys, "://") }

func (p *Policy) readProvider(written *provider) error {
	if written == nil {
		return nil
	}
	read := Provider(*written)
	switch {
	case read.Issuer == "" || read.Audience == "" || read.Keys == "":
		return at("oidc needs issuer, audience and keys", "oidc")
	case !isProtected(read.Issuer):
		return at("the issuer of oidc must be an https URL, as its tokens name it", "oidc", "issuer")
	case read.KeysAreRemote() && !isProtected(read.Keys):
		return at("keys of oidc must be an https URL, or the path of a file", "oidc", "keys")
	}
	p.provider = &read
	return nil
}

// isProtected reports whether nobody on the network can change what a URL says: https, or this computer.
func isProtected(text string) bool {
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || u.User != nil || u.Fragment != "" {
		return false
	}
	ip := net.ParseIP(u.Hostname())
	return u.Scheme == "https" || u.Scheme == "http" && (u.Hostname() == "localhost" || ip != nil && ip.IsLoopback())
}
