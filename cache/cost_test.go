package cache_test

import (
	"cmp"
	"crypto/sha256"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/cache"
	"github.com/imednetgo/imednet/imednettest"
)

// long reports whether the tests run at their full size.
func long() bool { return os.Getenv("IMEDNET_LONG") == "1" }

// sized is how large or long a test is: where little is asked for, the same on less.
func sized(short, whole int) int {
	if testing.Short() {
		return short
	}
	return whole
}

// sizes are the numbers of records at which costs are shown.
func sizes() []int {
	if long() {
		return []int{28_800, 1_000_000}
	}
	if testing.Short() {
		return []int{450}
	}
	return []int{450, 28_800}
}

// manyRows is above how many a resource is read by id and date.
const manyRows = 3 * imednet.MaxPageSize

// byIDAndDate is how many records a study needs for a resource of it to have many rows. Of other resources no
// study has so many.
var byIDAndDate = map[imednet.Resource]int{imednet.RecordRevisions: 1_500, imednet.Visits: 12_500, imednet.Queries: 45_000}

// recordsForMany is how many records a study has in which a resource is as large as its tests need.
func recordsForMany(name imednet.Resource) int {
	if long() {
		return 60_000
	}
	return cmp.Or(byIDAndDate[name], 12_500)
}

// fingerprint is the file's bytes and time, and those of its log where there is one.
func fingerprint(t *testing.T, path string) string {
	text := ""
	for _, name := range []string{path, path + "-wal"} {
		info, err := os.Stat(name)
		if os.IsNotExist(err) {
			continue
		}
		require.NoError(t, err)
		f, err := os.Open(name)
		require.NoError(t, err)
		hash := sha256.New()
		_, err = io.Copy(hash, f)
		require.NoError(t, err)
		require.NoError(t, f.Close())
		text += fmt.Sprintf("%s %d %v %x\n", filepath.Base(name), info.Size(), info.ModTime(), hash.Sum(nil))
	}
	return text
}

func TestCostOfNothingNewAndOfRemovals(t *testing.T) {
	for _, n := range sizes() {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			study := imednettest.Generate(imednettest.GenerateOptions{Records: n})
			server := imednettest.NewServer(study)
			path := filepath.Join(t.TempDir(), "mirror.sqlite3")
			first, err := cache.NewCachedRecordsLoader(t.Context(), server.Client(), path)
			require.NoError(t, err)
			start := time.Now()
			sync(t, first, study.Key())
			t.Logf("first sync: %v, %d requests", time.Since(start), len(server.Requests()))
			require.NoError(t, first.Close())

			before := fingerprint(t, path)
			l := openAt(t, server.Client(), path)
			for range 3 {
				server.ResetRequests()
				study.Advance(time.Hour) // the bound that wanders is another one each time
				start := time.Now()
				r := sync(t, l, study.Key())
				t.Logf("nothing new: %v, %d requests", time.Since(start), len(server.Requests()))
				require.False(t, r.Changed)
				require.LessOrEqual(t, len(server.Requests()), 6)
				require.Equal(t, before, withoutEmptyLog(fingerprint(t, path)))
			}
			for _, k := range []int{1, 5, 50} {
				requireRemovalCost(t, study, server, l, k)
			}
		})
	}
}

// TestCostOfNothingNewInEachResource counts the requests of a quiet run, resource by resource, in a study in
// which several are too many to be read as a whole.
func TestCostOfNothingNewInEachResource(t *testing.T) {
	if testing.Short() {
		t.Skip("a large study")
	}
	many := 0
	for _, name := range cache.MirroredResources() {
		study := imednettest.Generate(imednettest.GenerateOptions{Records: recordsForMany(name)})
		server := imednettest.NewServer(study)
		l := open(t, server.Client())
		only := cache.SyncOptions{Resources: []imednet.Resource{name}}
		r, err := l.SyncResources(t.Context(), study.Key(), only)
		require.NoError(t, err)
		held := r.Resources[0].Held
		if held > manyRows {
			many++
		}
		for range 3 {
			study.Advance(time.Hour)
			server.ResetRequests()
			before := fingerprint(t, l.Path())
			r, err := l.SyncResources(t.Context(), study.Key(), only)
			require.NoError(t, err)
			require.Equal(t, before, fingerprint(t, l.Path()), "a quiet run of %s wrote", name)
			require.Equal(t, r.Resources[0].Received, r.Resources[0].Unchanged, name)
			n := server.CountRequests(func(q imednettest.Request) bool { return strings.HasSuffix(q.Path, "/"+string(name)) })
			limit := 3
			if name == imednet.Codings { // nothing tells of changed codings: they are read as a whole
				limit = max(limit, int(held+499)/500)
			}
			require.LessOrEqual(t, n, limit, "%s, of which %d are held", name, held)
			require.LessOrEqual(t, len(server.Requests()), n+1, "%s asks for the server's time at most", name)
		}
		t.Logf("%s: %d held", name, held)
	}
	require.GreaterOrEqual(t, many, 3)
}

// withoutEmptyLog drops the log that opening the file makes, as long as nothing is in it.
func withoutEmptyLog(fingerprint string) string {
	var name string
	var size int
	end := 0
	for i, c := range fingerprint {
		if c == '\n' {
			end = i + 1
			break
		}
	}
	if n, _ := fmt.Sscan(fingerprint[end:], &name, &size); n == 2 && size == 0 {
		return fingerprint[:end]
	}
	return fingerprint
}

func requireRemovalCost(t *testing.T, study *imednettest.Study, server *imednettest.Server, l *cache.CachedRecordsLoader, k int) {
	ids := study.RecordIDs()
	rng := rand.New(rand.NewPCG(uint64(k), 7))
	for _, i := range rng.Perm(len(ids))[:k] {
		require.NoError(t, study.RemoveRecord(ids[i]))
	}
	server.ResetRequests()
	start := time.Now()
	r := sync(t, l, study.Key())
	n := float64(len(ids))
	blocks := math.Ceil(n / 500)
	depth := math.Max(0, math.Ceil(math.Log2(n/500)))
	limit := 2*int(math.Min(float64(k)*(depth+1), blocks)) + 6
	t.Logf("%d removals: %d requests, at most %d, in %v", k, len(server.Requests()), limit, time.Since(start))
	require.LessOrEqual(t, len(server.Requests()), limit)
	require.EqualValues(t, k, r.Vanished)
	requireSameIDs(t, study, l)
}

// requireSameIDs demands that the mirror lists what the server lists.
func requireSameIDs(t *testing.T, study *imednettest.Study, l *cache.CachedRecordsLoader) {
	ids := study.RecordIDs()
	i := 0
	for id := range l.Payloads(t.Context(), study.Key()) {
		require.Equal(t, ids[i], id)
		i++
	}
	require.Equal(t, len(ids), i)
}
