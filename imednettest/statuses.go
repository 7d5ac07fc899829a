package imednettest

import "net/http"

// playable reports whether a server can end a request with this status. The statuses below 200 end
// none, and HTTP has none above 599.
func playable(status int) bool { return status >= 200 && status <= 599 }

// bodiless reports whether an answer with this status has no body, whatever a program writes.
func bodiless(status int) bool {
	return status == http.StatusNoContent || status == http.StatusNotModified
}
