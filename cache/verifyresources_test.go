package cache_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/cache"
	"github.com/imednetgo/imednet/imednettest"
)

// verified returns what Verify says of one resource, and whether it found everything in order.
func verified(t *testing.T, l *cache.CachedRecordsLoader, study string, name imednet.Resource) (cache.ResourceVerification, bool) {
	t.Helper()
	before := fingerprint(t, l.Path())
	r, err := l.Verify(t.Context(), study)
	require.NoError(t, err)
	require.Equal(t, before, fingerprint(t, l.Path()), "verifying wrote")
	require.Len(t, r.Resources, len(cache.MirroredResources()))
	for _, one := range r.Resources {
		require.Equal(t, one.Compared, one.Equal+one.Missing+one.Different, one.String())
		if one.Resource == name {
			return one, r.OK()
		}
	}
	require.Fail(t, "not verified", name)
	return cache.ResourceVerification{}, false
}

// TestVerifyFindsDifferencesInEveryResource takes a row away from the file, changes another and adds a third,
// in each resource in turn.
func TestVerifyFindsDifferencesInEveryResource(t *testing.T) {
	study := imednettest.Generate(imednettest.GenerateOptions{Records: sized(300, 1000)})
	client := imednettest.NewServer(study).Client()
	mirror := mirrored(t, study, func(l *cache.CachedRecordsLoader) { syncStudy(t, l, study.Key(), cache.SyncOptions{}) })
	for _, name := range cache.MirroredResources() {
		t.Run(string(name), func(t *testing.T) {
			l := openAt(t, client, mirror(filepath.Join(t.TempDir(), "mirror.sqlite3")), cache.WithBatchRows(40), cache.WithPageSize(sized(60, 200)))
			one, ok := verified(t, l, study.Key(), name)
			require.True(t, ok)
			require.Positive(t, one.Compared)
			require.Equal(t, one.Compared, one.Equal)
			require.Empty(t, one.Examples)

			other := otherProgram(t, l.Path())
			const last = ` WHERE (resource, row_id) = (SELECT resource, max(row_id) FROM imednet_row
				WHERE resource = (SELECT id FROM imednet_resource WHERE name = ?1) AND state = 0)`
			change := func(statement string) {
				t.Helper()
				res, err := other.Exec(statement, string(name))
				require.NoError(t, err)
				n, err := res.RowsAffected()
				require.NoError(t, err)
				require.EqualValues(t, 1, n)
			}
			change(`UPDATE imednet_row SET payload = replace(payload, '{', '{ ')` + last)
			changed, ok := verified(t, l, study.Key(), name)
			require.False(t, ok)
			require.Equal(t, []int64{one.Equal - 1, 0, 1, 0}, []int64{changed.Equal, changed.Missing, changed.Different, changed.Extra})
			require.Len(t, changed.Examples, 1)

			change(`DELETE FROM imednet_row` + last)
			changed, ok = verified(t, l, study.Key(), name)
			require.False(t, ok)
			require.Equal(t, []int64{one.Equal - 1, 1, 0, 0}, []int64{changed.Equal, changed.Missing, changed.Different, changed.Extra})
			report, err := l.Verify(t.Context(), study.Key())
			require.NoError(t, err)
			require.Contains(t, strings.Join(report.Findings, "\n"), string(name)+" listed", "the counter does not fit the rows")

			for _, id := range []string{"-5", "999999999"} {
				change(`INSERT INTO imednet_row (resource, row_id, state, version, payload) SELECT id, ` + id + `, 0, 1, '{}' FROM imednet_resource WHERE name = ?1`)
			}
			changed, ok = verified(t, l, study.Key(), name)
			require.False(t, ok)
			require.Equal(t, []int64{one.Equal - 1, 1, 0, 2}, []int64{changed.Equal, changed.Missing, changed.Different, changed.Extra})

			_, err = l.SyncResources(t.Context(), study.Key(), cache.SyncOptions{Sweep: true, AllowMassDeletion: true, Resources: []imednet.Resource{name}})
			require.NoError(t, err)
			changed, _ = verified(t, l, study.Key(), name)
			require.Equal(t, one, changed, "a sweep mends it")
		})
	}
}

// TestVerifySaysWhatItCannotCompare: a resource that the mirror does not hold, or that the keys may not read.
func TestVerifySaysWhatItCannotCompare(t *testing.T) {
	study := imednettest.Generate(imednettest.GenerateOptions{Records: 300})
	l := open(t, imednettest.NewServer(study).Client())
	sync(t, l, study.Key())
	one, ok := verified(t, l, study.Key(), imednet.Queries)
	require.True(t, ok)
	require.Equal(t, "the mirror does not hold it", one.LeftOut)

	syncStudy(t, l, study.Key(), cache.SyncOptions{})
	study.SetRights(imednettest.Rights{Refused: []imednet.Resource{imednet.Queries}})
	one, ok = verified(t, l, study.Key(), imednet.Queries)
	require.True(t, ok)
	require.Equal(t, "the keys may not read it (403)", one.LeftOut)
	report, err := l.Verify(t.Context(), study.Key())
	require.NoError(t, err)
	require.Contains(t, report.String(), "queries: left out: the keys may not read it (403)")
	require.Contains(t, report.String(), "visits: ")

	least := open(t, plainClient{imednettest.NewServer(study).Client()})
	sync(t, least, study.Key())
	_, ok = verified(t, least, study.Key(), imednet.Queries)
	require.True(t, ok)
}
