package transit

import (
	"time"

	"github.com/jackc/pgx/v5"
)

// A server that is busy may take shortestPatience to answer; one that takes longer than longestPatience is tried again.
const (
	shortestPatience = 5 * time.Second
	longestPatience  = 2 * time.Minute
)

// Patience is how long an attempt to connect may take, of a program that waits so long for a server in all: a host that
// takes a connection and says nothing would keep it for ever. A shorter connect_timeout of the URL stays.
func Patience(config *pgx.ConnConfig, wait time.Duration) time.Duration {
	wait = min(max(wait, shortestPatience), longestPatience)
	if config.ConnectTimeout > 0 {
		return min(config.ConnectTimeout, wait)
	}
	return wait
}
