package rest

import (
	"errors"
	"net/netip"
	"net/url"
	"strings"

	"github.com/imednetgo/imednet/internal/wire"
)

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

// endpoint returns the URL of a path below the API's root. Each segment is escaped, so that a key
// with a slash stays one segment.
func (c *Client) endpoint(segments ...string) (*url.URL, error) {
	path := c.base.EscapedPath() + wire.Root
	for _, s := range segments {
		if err := wire.CheckSegment(s); err != nil {
			return nil, err
		}
		path += "/" + url.PathEscape(s)
	}
	u := *c.base
	u.RawPath = path
	var err error
	u.Path, err = url.PathUnescape(path)
	return &u, err
}
