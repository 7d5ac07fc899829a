package wire

import (
	"net/http"
	"net/url"
	"strings"
)

// maxRedirects bounds how many redirects one request follows.
const maxRedirects = 5

// GuardRedirects returns a copy of client that never carries the keys to another origin and never
// repeats a submission by way of a redirect.
func GuardRedirects(client *http.Client, base *url.URL) *http.Client {
	own := *client
	own.CheckRedirect = func(req *http.Request, via []*http.Request) error {
		if via[0].Method != http.MethodGet || !SameOrigin(req.URL, base) || len(via) > maxRedirects {
			return http.ErrUseLastResponse
		}
		if client.CheckRedirect != nil {
			return client.CheckRedirect(req, via)
		}
		return nil
	}
	return &own
}

// SameOrigin compares scheme, host and port (RFC 6454).
func SameOrigin(a, b *url.URL) bool {
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
