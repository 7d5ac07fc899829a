package postgres_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/postgrestest"
	"github.com/imednetgo/imednet/postgres"
)

// open opens a schema; it is closed when the test ends.
func open(t testing.TB, url string, opts ...postgres.Option) *postgres.DB {
	t.Helper()
	db, err := postgres.Open(t.Context(), url, opts...)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	return db
}

// TestWhatWouldTravelInTheClearIsRefused before anything is sent, and no error repeats a password.
func TestWhatWouldTravelInTheClearIsRefused(t *testing.T) {
	for _, url := range []string{
		"postgres://anna:sesame@db.example.com/imednet",
		"postgres://anna:sesame@db.example.com/imednet?sslmode=disable",
		"postgres://anna:sesame@db.example.com/imednet?sslmode=prefer",
		"postgres://anna:sesame@db.example.com/imednet?sslmode=allow",
		"postgres://anna:sesame@localhost,db.example.com/imednet",
		"postgres://anna:sesame@10.0.0.1/imednet",
	} {
		_, err := postgres.Open(t.Context(), url)
		require.ErrorIs(t, err, postgres.ErrInsecure, url)
		require.NotContains(t, err.Error(), "sesame")
	}
	for _, url := range []string{
		"", "anna:sesame", "host=db.example.com password=sesame", "postgres://anna:sesame@db.example.com:port/", "postgres://anna:ses%zzame@localhost/",
		"postgres://anna:sesame@localhost/?sslmode=sesame", "postgres://anna:sesame@localhost/?search_path=a,b", "postgres://anna:sesame@localhost/?search_path=pg_catalog",
		"postgres://anna:sesame@localhost/?sslrootcert=/sesame/none&sslmode=verify-full",
	} {
		_, err := postgres.Open(t.Context(), url)
		require.ErrorAs(t, err, new(*imednet.ValidationError), url)
		require.NotContains(t, err.Error(), "sesame")
	}
}

func TestNobodyAnswers(t *testing.T) {
	for _, url := range []string{"postgres://anna:sesame@localhost:1/imednet", "postgres://anna:sesame@127.0.0.1:1/imednet?sslmode=verify-full", "postgres:///x?host=/nowhere"} {
		_, err := postgres.Open(t.Context(), url)
		require.ErrorIs(t, err, postgres.ErrUnreachable, url)
		require.True(t, imednet.Retryable(err))
		require.NotContains(t, err.Error(), "sesame")
	}
}

func TestTheSchemaIsTheOneOfTheURLOrTheOption(t *testing.T) {
	url := postgrestest.URL(t)
	require.Regexp(t, "^test_", open(t, url).Schema())
	require.Equal(t, "imednet_eu", open(t, url, postgres.WithSchema("imednet_eu")).Schema())
}

// TestAServerThatSaysNothingIsNotWaitedForLonger than any other that is away: it takes connections and is silent.
func TestAServerThatSaysNothingIsNotWaitedForLonger(t *testing.T) {
	url := postgrestest.Silent(t)
	began := time.Now()
	_, err := postgres.Open(t.Context(), url, postgres.WithWait(50*time.Millisecond))
	require.ErrorIs(t, err, postgres.ErrUnreachable)
	told := 0
	_, err = postgres.Open(t.Context(), url, postgres.WithWait(50*time.Millisecond), postgres.WithWaitToOpen(func(error) { told++ }))
	require.ErrorIs(t, err, postgres.ErrUnreachable)
	require.ErrorContains(t, err, "nothing answers")
	require.Equal(t, 1, told)
	require.Less(t, time.Since(began), 20*time.Second)
}

// TestAServerThatIsLateIsWaitedFor if whoever opens asks for it, and is told once; without, it fails at once.
func TestAServerThatIsLateIsWaitedFor(t *testing.T) {
	url, arrive := postgrestest.Late(t, postgrestest.URL(t))
	_, err := postgres.Open(t.Context(), url, postgres.WithWait(time.Hour))
	require.ErrorIs(t, err, postgres.ErrUnreachable)
	var told []error
	wait := func(then func()) postgres.Option {
		return postgres.WithWaitToOpen(func(problem error) { told = append(told, problem); then() })
	}
	_, err = postgres.Open(t.Context(), url, postgres.WithWait(50*time.Millisecond), wait(func() {}))
	require.ErrorIs(t, err, postgres.ErrUnreachable)
	require.Len(t, told, 1)
	db, err := postgres.Open(t.Context(), url, wait(arrive))
	require.NoError(t, err)
	require.NoError(t, db.Close())
	require.Len(t, told, 2)
	_, err = postgres.Open(t.Context(), url, postgres.WithWaitToOpen(nil))
	require.ErrorAs(t, err, new(*imednet.ValidationError))
	ctx, cancel := context.WithCancel(t.Context())
	url, _ = postgrestest.Late(t, postgrestest.URL(t))
	_, err = postgres.Open(ctx, url, postgres.WithWait(time.Hour), wait(cancel))
	require.ErrorIs(t, err, context.Canceled)
}
