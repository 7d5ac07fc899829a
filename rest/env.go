package rest

import (
	"math"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/imednetgo/imednet/internal/argument"
)

// The environment variables read by [FromEnv].
const (
	EnvAPIKey      = "IMEDNET_API_KEY"
	EnvSecurityKey = "IMEDNET_SECURITY_KEY"
	EnvBaseURL     = "IMEDNET_BASE_URL" // optional
	EnvTimeout     = "IMEDNET_TIMEOUT"  // optional: seconds such as 30 or 2.5, or a duration such as 45s
)

// FromEnv returns a client that uses the keys in IMEDNET_API_KEY and IMEDNET_SECURITY_KEY, and, where
// they are set, IMEDNET_BASE_URL and IMEDNET_TIMEOUT. Options override the environment. An unreadable
// timeout is an error and never becomes the default.
func FromEnv(opts ...Option) (*Client, error) {
	var fromEnv []Option
	if base := strings.TrimSpace(os.Getenv(EnvBaseURL)); base != "" {
		fromEnv = append(fromEnv, WithBaseURL(base))
	}
	if text := strings.TrimSpace(os.Getenv(EnvTimeout)); text != "" {
		d, ok := parseSeconds(text)
		if !ok {
			return nil, argument.Invalid("rest.FromEnv", EnvTimeout, "must be seconds such as 30, or a duration such as 45s")
		}
		fromEnv = append(fromEnv, WithTimeout(d))
	}
	return New(os.Getenv(EnvAPIKey), os.Getenv(EnvSecurityKey), append(fromEnv, opts...)...)
}

func parseSeconds(text string) (time.Duration, bool) {
	if d, err := time.ParseDuration(text); err == nil {
		return d, true
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil || !(f >= 0) || f > math.MaxInt64/float64(time.Second) {
		return 0, false
	}
	return time.Duration(f * float64(time.Second)), true
}
