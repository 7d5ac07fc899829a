package postgres_test

import (
	"context"
	"errors"
	"os/exec"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/cache"
	"github.com/imednetgo/imednet/cache/cachetest"
	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/internal/childtest"
	"github.com/imednetgo/imednet/internal/postgrestest"
	"github.com/imednetgo/imednet/postgres"
)

func openMirror(t *testing.T, url string, client cache.Client, opts ...cache.Option) *cache.CachedRecordsLoader {
	t.Helper()
	l, err := open(t, url).Mirror(t.Context(), client, opts...)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, l.Close()) })
	return l
}

// TestMirrorContract runs the contract of a mirror over a server.
func TestMirrorContract(t *testing.T) {
	cachetest.TestMirror(t, cachetest.Config{
		Place: func(t *testing.T) string { return postgrestest.URL(t) },
		Open:  openMirror,
		Exec:  func(t *testing.T, place, statement string) { postgrestest.Exec(t, place, statement) },
		Kill:  func(t *testing.T, task cachetest.Task) bool { return killed(t, labour{Mirror: &task}) },
	})
}

// killed runs a task that kills its process, and reports whether it did before it was done.
func killed(t *testing.T, task labour) bool {
	err := childtest.Start(t, task).Wait()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		require.Equal(t, -1, exit.ExitCode(), "it failed, and was not killed")
		return true
	}
	require.NoError(t, err)
	return false
}

// openMirrorOf opens the mirror of a process that will be killed.
func openMirrorOf(ctx context.Context, url string, client cache.Client, opts ...cache.Option) (*cache.CachedRecordsLoader, error) {
	db, err := openPatiently(ctx, url)
	if err != nil {
		return nil, err
	}
	return db.Mirror(ctx, client, opts...)
}

// TestAMirrorWritesNothingUnderALostLease lets another holder take the study over in the middle of a run.
func TestAMirrorWritesNothingUnderALostLease(t *testing.T) {
	url := postgrestest.URL(t)
	study := imednettest.Generate(imednettest.GenerateOptions{Records: 700})
	server := imednettest.NewServer(study)
	l, db := openMirror(t, url, server.Client()), open(t, url)
	name := postgres.StudyLease(study.Key())
	lease, err := db.Acquire(t.Context(), name, "first", term)
	require.NoError(t, err)
	_, err = l.SyncRecords(lease.Context(t.Context()), study.Key(), cache.SyncOptions{})
	require.NoError(t, err)
	version, err := l.LatestVersion(t.Context(), study.Key())
	require.NoError(t, err)

	study.InsertRecord(imednet.Record{FormKey: imednet.Some("AE")})
	taken := false
	server.OnRequest(func(imednettest.Request) {
		if taken {
			return
		}
		taken = true
		expire(t, url)
		_, err := db.Acquire(t.Context(), name, "second", term)
		require.NoError(t, err)
	})
	_, err = l.SyncRecords(lease.Context(t.Context()), study.Key(), cache.SyncOptions{})
	require.ErrorIs(t, err, postgres.ErrLeaseLost)
	now, err := l.LatestVersion(t.Context(), study.Key())
	require.NoError(t, err)
	require.Equal(t, version, now, "a commit was accepted under a stale token")
	_, err = l.Purge(lease.Context(t.Context()), study.Key(), cache.PurgeOptions{Study: true})
	require.ErrorIs(t, err, postgres.ErrLeaseLost)
	require.Equal(t, 701, recordsOf(t, url, study, server))
}

// recordsOf syncs a study without a lease and counts its records, which must be the server's.
func recordsOf(t *testing.T, url string, study *imednettest.Study, server *imednettest.Server) (n int) {
	t.Helper()
	l := openMirror(t, url, server.Client())
	_, err := l.SyncStudy(t.Context(), study.Key(), cache.SyncOptions{})
	require.NoError(t, err)
	v, err := l.Verify(t.Context(), study.Key())
	require.NoError(t, err)
	require.True(t, v.OK(), v.String())
	for _, err := range l.Records(t.Context(), study.Key(), imednet.ListOptions{}) {
		require.NoError(t, err)
		n++
	}
	return n
}

// TestAMirrorOutlivesRestarts restarts the server at each request of a run, and of further ones.
func TestAMirrorOutlivesRestarts(t *testing.T) {
	database, url := postgrestest.Start(t)
	study := imednettest.Generate(imednettest.GenerateOptions{Records: 1200})
	server := imednettest.NewServer(study)
	l := openMirror(t, url, server.Client())
	restarts := 0
	server.OnRequest(func(imednettest.Request) {
		if restarts < 12 {
			restarts++
			database.Restart(t)
		}
	})
	for {
		_, err := l.SyncRecords(t.Context(), study.Key(), cache.SyncOptions{})
		if err == nil && restarts == 12 {
			break
		}
		require.True(t, err == nil || errors.Is(err, cache.ErrSyncRunning) || imednet.Retryable(err), err)
	}
	server.OnRequest(nil)
	require.Equal(t, 1200, recordsOf(t, url, study, server))
}

// TestARunThatLostItsHoldSpoilsNothing ends the connection that keeps others from the study, and lets another
// process sync it in the middle of the run.
func TestARunThatLostItsHoldSpoilsNothing(t *testing.T) {
	url := postgrestest.URL(t)
	study := imednettest.Generate(imednettest.GenerateOptions{Records: 1200})
	server := imednettest.NewServer(study)
	l, other := openMirror(t, url, server.Client()), openMirror(t, url, imednettest.NewServer(study).Client(), cache.WithLockTimeout(10*time.Second))
	requests := 0
	server.OnRequest(func(imednettest.Request) {
		if requests++; requests != 4 {
			return
		}
		postgrestest.Exec(t, url, `SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND pid <> pg_backend_pid() AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`)
		_, err := other.SyncRecords(t.Context(), study.Key(), cache.SyncOptions{})
		require.NoError(t, err)
	})
	_, err := l.SyncRecords(t.Context(), study.Key(), cache.SyncOptions{})
	require.ErrorIs(t, err, cache.ErrSyncRunning)
	server.OnRequest(nil)
	require.Equal(t, 1200, recordsOf(t, url, study, server))
}

// TestOthersLearnOfAMirror has a follower wait for the server's notice.
func TestOthersLearnOfAMirror(t *testing.T) {
	url := postgrestest.URL(t)
	study := imednettest.Generate(imednettest.GenerateOptions{Records: 40})
	l := openMirror(t, url, imednettest.NewServer(study).Client())
	for c, err := range open(t, url).Changes(t.Context(), time.Minute) {
		require.NoError(t, err)
		if c.Store == "mirror" {
			break
		}
		require.Empty(t, c.Store)
		_, err := l.SyncRecords(t.Context(), study.Key(), cache.SyncOptions{})
		require.NoError(t, err)
	}
}

// TestAMirrorInADatabaseHasNoFile refuses what is done to a file alone, and TRUNCATE, which no trigger would note.
func TestAMirrorInADatabaseHasNoFile(t *testing.T) {
	url := postgrestest.URL(t)
	l := openMirror(t, url, nil)
	require.Empty(t, l.Path())
	require.ErrorIs(t, l.Backup(t.Context(), t.TempDir()+"/copy"), cache.ErrNoFile)
	require.NoError(t, l.Flush(t.Context()))
	_, err := l.SyncRecords(t.Context(), "S", cache.SyncOptions{})
	require.ErrorIs(t, err, cache.ErrNoClient)
	conn, err := pgx.Connect(t.Context(), url)
	require.NoError(t, err)
	defer conn.Close(t.Context())
	_, err = conn.Exec(t.Context(), `TRUNCATE record_cache`)
	require.ErrorContains(t, err, "use DELETE")
	_, err = cache.NewDatabaseLoader(t.Context(), nil, nil)
	require.ErrorAs(t, err, new(*imednet.ValidationError))
}
