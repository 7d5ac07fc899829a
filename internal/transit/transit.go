// Package transit decides whether a connection keeps passwords and data from others on the way. It has one
// home, since every package that connects must refuse the same.
package transit

import (
	"net"
	"net/url"
	"strings"

	"github.com/jackc/pgx/v5"
)

// Encrypted reports whether every way to a PostgreSQL server that the URL allows is encrypted, or stays on this
// computer.
func Encrypted(config *pgx.ConnConfig) bool {
	if config.TLSConfig == nil && !Local(config.Host) {
		return false
	}
	for _, other := range config.Fallbacks {
		if other.TLSConfig == nil && !Local(other.Host) {
			return false
		}
	}
	return true
}

// Local reports whether a host is a Unix socket or this computer's loopback.
func Local(host string) bool {
	ip := net.ParseIP(host)
	return strings.HasPrefix(host, "/") || strings.HasPrefix(host, "@") || strings.ToLower(host) == "localhost" || ip != nil && ip.IsLoopback()
}

// HasPassword reports whether a URL has a password in it, as no command line should: every user of the computer can read
// those.
func HasPassword(text string) bool {
	u, err := url.Parse(text)
	if err != nil {
		return false // whoever opens it says what is wrong
	}
	_, given := u.User.Password()
	return given || u.Query().Has("password")
}
