package cache_test

import (
	"net/http"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/rest"
)

// distance is a way to a server on which every request takes the same time; in a bubble, nothing else
// takes any.
type distance struct {
	server http.RoundTripper
	takes  time.Duration
	pages  atomic.Int64 // of records
}

func (d *distance) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.URL.Query().Get("size") != "1" && r.URL.Path[len(r.URL.Path)-len("/records"):] == "/records" {
		d.pages.Add(1)
	}
	select {
	case <-time.After(d.takes):
		return d.server.RoundTrip(r)
	case <-r.Context().Done():
		return nil, r.Context().Err()
	}
}

// A first sync of a distant study takes the round trips of its pages, sixteen at a time, and few more:
// six to find the end of the audit trail, two before it knows how many pages there are, two until as many are in
// flight as may be, and five to prove that everything is there.
func TestAFirstSyncOfADistantStudyWaitsLittle(t *testing.T) {
	study := imednettest.Generate(imednettest.GenerateOptions{Records: sized(12_000, 30_000)})
	synctest.Test(t, func(t *testing.T) {
		d := &distance{server: imednettest.NewServer(study).Transport(), takes: 50 * time.Millisecond}
		client, err := rest.New(imednettest.APIKey, imednettest.SecurityKey, rest.WithHTTPClient(&http.Client{Transport: d}), rest.WithPageSize(100), rest.WithLookAhead(rest.MaxLookAhead))
		require.NoError(t, err)
		l := open(t, client)
		start := time.Now()
		report := sync(t, l, study.Key())
		rounds := int(time.Since(start) / d.takes)
		require.EqualValues(t, len(study.RecordIDs()), report.Added)
		require.NoError(t, l.Close())
		t.Logf("%d rounds for %d pages", rounds, d.pages.Load())
		require.LessOrEqual(t, rounds, 15+int(d.pages.Load()+15)/16)
	})
}
