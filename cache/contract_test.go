package cache_test

import (
	"context"
	"errors"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet/cache"
	"github.com/imednetgo/imednet/cache/cachetest"
	"github.com/imednetgo/imednet/internal/childtest"
)

// TestContract runs the contract of a mirror over files.
func TestContract(t *testing.T) {
	cachetest.TestMirror(t, cachetest.Config{
		Place: func(t *testing.T) string { return filepath.Join(t.TempDir(), "mirror.sqlite3") },
		Open: func(t *testing.T, place string, client cache.Client, opts ...cache.Option) *cache.CachedRecordsLoader {
			return openAt(t, client, place, opts...)
		},
		Exec: func(t *testing.T, place, statement string) {
			_, err := otherProgram(t, place).Exec(statement)
			require.NoError(t, err)
		},
		Kill: func(t *testing.T, task cachetest.Task) bool { return killed(t, childTask{Killed: &task}) },
	})
}

func openFile(ctx context.Context, place string, client cache.Client, opts ...cache.Option) (*cache.CachedRecordsLoader, error) {
	return cache.NewCachedRecordsLoader(ctx, client, place, append(opts, cache.WithBatchRows(50))...)
}

// killed runs a task that kills itself, and reports whether it did before it was done.
func killed(t *testing.T, task childTask) bool {
	err := childtest.Start(t, task).Wait()
	if err == nil {
		return false
	}
	var exit *exec.ExitError
	require.True(t, errors.As(err, &exit), err)
	require.Equal(t, -1, exit.ExitCode(), "it failed, and was not killed")
	return true
}
