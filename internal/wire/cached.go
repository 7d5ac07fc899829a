package wire

import (
	"net/http"
	"strings"
)

// isCached reports whether a reply says that a cache on the way gave it instead of the server: by an Age
// over 0 or a Warning of 110 to 113 (RFC 9111), by Cache-Status (RFC 9211), or by the headers that proxies
// and networks had before it. Each cache may say so, in a header of its own or in one list. A reply that a
// cache had confirmed by the server is the server's.
func isCached(header http.Header) bool {
	for _, age := range listed(header, "Age") {
		if strings.ContainsAny(age, "123456789") {
			return true
		}
	}
	for _, warning := range listed(header, "Warning") {
		if code := firstWord(warning); "110" <= code && code <= "113" {
			return true
		}
	}
	for _, cache := range listed(header, "Cache-Status") {
		for param := range strings.SplitSeq(cache, ";") {
			if param = strings.TrimSpace(param); param == "hit" || param == "hit=?1" {
				return true
			}
		}
	}
	for _, name := range []string{"X-Cache", "X-Cache-Status", "CF-Cache-Status"} {
		for _, cache := range listed(header, name) {
			if isHit(firstWord(cache)) {
				return true
			}
		}
	}
	return false
}

// isHit reads what a cache did, such as HIT, TCP_MEM_HIT or STALE. REFRESH_HIT is one that the server
// confirmed.
func isHit(done string) bool {
	parts := strings.Split(strings.ToUpper(done), "_")
	switch parts[len(parts)-1] {
	case "HIT":
		return len(parts) < 2 || parts[len(parts)-2] != "REFRESH"
	case "STALE", "UPDATING":
		return true
	}
	return false
}

// listed are the members of a header that is a list, without what they quote.
func listed(header http.Header, name string) []string {
	var bare strings.Builder
	for n, part := range strings.Split(strings.Join(header.Values(name), ","), `"`) {
		if n%2 == 0 {
			bare.WriteString(part)
		}
	}
	return strings.Split(bare.String(), ",")
}

func firstWord(text string) string {
	word, _, _ := strings.Cut(strings.TrimSpace(text), " ")
	return word
}
