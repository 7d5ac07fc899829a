package cache_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/cache"
	"github.com/imednetgo/imednet/imednettest"
)

// removeAfterAPage removes records from the end, once, before the second request for records.
func removeAfterAPage(t *testing.T, server *imednettest.Server, study *imednettest.Study, left int) {
	n := 0
	server.OnRequest(func(r imednettest.Request) {
		if !strings.HasSuffix(r.Path, "/records") {
			return
		}
		if n++; n == 2 {
			removeAll(t, study, left)
		}
	})
}

// The first page announces more records than the listing behind it brings. A first sync has nothing to
// compare with but that page.
func TestAFirstSyncThatEndsFarBelowWhatWasAnnounced(t *testing.T) {
	for left, whole := range map[int]bool{1490: true, 1210: true, 1100: false, 500: false} {
		study := imednettest.Generate(imednettest.GenerateOptions{Records: 1500})
		server := imednettest.NewServer(study)
		l := open(t, server.Client())
		removeAfterAPage(t, server, study, left)
		_, err := l.SyncRecords(t.Context(), study.Key(), cache.SyncOptions{})
		if whole {
			require.NoError(t, err, left)
			requireEqual(t, study, l)
			continue
		}
		require.ErrorIs(t, err, imednet.ErrProtocol, left)
		server.OnRequest(nil)
		sync(t, l, study.Key())
		requireEqual(t, study, l)
	}
}

// The same holds for the new records of a later sync.
func TestNewRecordsFarBelowWhatWasAnnounced(t *testing.T) {
	study := imednettest.Generate(imednettest.GenerateOptions{Records: 100})
	server := imednettest.NewServer(study)
	l := open(t, server.Client())
	before := sync(t, l, study.Key())
	for range 1200 {
		study.InsertRecord(imednet.Record{FormKey: imednet.Some("AE")})
	}
	removeAfterAPage(t, server, study, 700)
	after, err := l.SyncRecords(t.Context(), study.Key(), cache.SyncOptions{})
	require.ErrorIs(t, err, imednet.ErrProtocol)
	require.Equal(t, before.Mark, after.Mark)
}
