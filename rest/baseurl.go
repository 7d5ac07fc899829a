package rest

import (
	"errors"
	"net/netip"
	"net/url"
	"strings"

	"github.com/imednetgo/imednet"
)

// apiRoot is where all routes start (API contract, section 1).
const apiRoot = "/api/v1/edc/studies"

// parseBaseURL reads a base URL. Its errors do not repeat the text, which may hold a password.
func parseBaseURL(text string) (*url.URL, error) {
	text = strings.TrimRight(strings.TrimSpace(text), "/")
	text = strings.TrimRight(strings.TrimSuffix(text, "/api"), "/")
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Host == "" || u.Opaque != "":
		return nil, errors.New("must be an absolute URL such as " + DefaultBaseURL)
	case u.User != nil || u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		return nil, errors.New("must have no user, query or fragment")
	case u.Scheme == "https":
		return u, nil
	case u.Scheme == "http" && isLoopback(u.Hostname()):
		return u, nil
	}
	return nil, errors.New("must use https, because every request carries the keys; http is for this computer only")
}

func isLoopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	addr, err := netip.ParseAddr(host)
	return err == nil && addr.IsLoopback()
}

// sameOrigin compares scheme, host and port (RFC 6454).
func sameOrigin(a, b *url.URL) bool {
	return strings.EqualFold(a.Scheme, b.Scheme) && strings.EqualFold(a.Hostname(), b.Hostname()) && port(a) == port(b)
}

func port(u *url.URL) string {
	if p := u.Port(); p != "" {
		return p
	}
	if strings.EqualFold(u.Scheme, "https") {
		return "443"
	}
	return "80"
}

// endpoint returns the URL of a path below the API's root. Each segment is escaped, so that a key
// with a slash stays one segment.
func (c *Client) endpoint(segments ...string) (*url.URL, error) {
	path := c.base.EscapedPath() + apiRoot
	for _, s := range segments {
		if strings.TrimSpace(s) == "" || s == "." || s == ".." {
			return nil, &imednet.ValidationError{What: "request", Problems: []imednet.Problem{
				{Message: "a study key or batch id is blank or no name"},
			}}
		}
		path += "/" + url.PathEscape(s)
	}
	u := *c.base
	u.RawPath = path
	var err error
	u.Path, err = url.PathUnescape(path)
	return &u, err
}

// query is a list of parameters in the order in which they are sent.
type query []parameter

type parameter struct{ name, value string }

// encode percent-encodes everything but letters, digits and -_.~. A blank becomes %20: url.Values
// would write it as +, which the API does not promise to read (API contract, section 7.1).
func (q query) encode() string {
	var b strings.Builder
	for i, p := range q {
		if i > 0 {
			b.WriteByte('&')
		}
		b.WriteString(p.name + "=" + strings.ReplaceAll(url.QueryEscape(p.value), "+", "%20"))
	}
	return b.String()
}
