package transit_test

import (
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet/internal/transit"
)

// TestPatienceEndsWithTheWait, but leaves a busy server five seconds, and a shorter time of the URL as it is.
func TestPatienceEndsWithTheWait(t *testing.T) {
	for url, want := range map[string][]time.Duration{
		"postgres://h/d":                     {5 * time.Second, 30 * time.Second, 2 * time.Minute},
		"postgres://h/d?connect_timeout=1":   {time.Second, time.Second, time.Second},
		"postgres://h/d?connect_timeout=600": {5 * time.Second, 30 * time.Second, 2 * time.Minute},
	} {
		config, err := pgx.ParseConfig(url)
		require.NoError(t, err)
		for i, wait := range []time.Duration{0, 30 * time.Second, time.Hour} {
			require.Equal(t, want[i], transit.Patience(config, wait), "%s %s", url, wait)
		}
	}
}
