package wire

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/imednetgo/imednet"
)

// StatusError is the error that a reply with another status than 2xx stands for. now is the
// client's clock, from which a Retry-After that is a date counts.
func StatusError(method, path string, status int, header http.Header, body []byte, now time.Time) *imednet.APIError {
	e := ParseErrorBody(status, body)
	e.Method, e.Path = method, path
	e.RetryAfter = ParseRetryAfter(header.Get("Retry-After"), now)
	return e
}

// ParseRetryAfter reads seconds or an HTTP date (RFC 9110, section 10.2.3); 0 is none.
func ParseRetryAfter(text string, now time.Time) time.Duration {
	text = strings.TrimSpace(text)
	if seconds, err := strconv.ParseInt(text, 10, 64); err == nil {
		const most = int64(1<<63-1) / int64(time.Second)
		return time.Duration(min(max(seconds, 0), most)) * time.Second
	}
	if at, err := http.ParseTime(text); err == nil {
		return max(at.Sub(now), 0)
	}
	return 0
}
