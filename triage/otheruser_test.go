package triage_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet/internal/sqlite"
	"github.com/imednetgo/imednet/internal/storetest"
	"github.com/imednetgo/imednet/triage"
)

// reader is the name of a child process that may only read.
const reader = "reader"

// readOnly reads and verifies a store that is not this user's to write.
func readOnly(ctx context.Context, path string) error {
	s, err := triage.NewTriageStore(ctx, path)
	if err != nil {
		return err
	}
	if _, err := s.Verify(ctx, triage.VerifyOptions{}); err != nil {
		return errors.Join(err, s.Close())
	}
	if _, err := s.AddAnnotation(ctx, triage.Comment{ItemID: "a", Text: "seen", UserID: "anna"}); err == nil {
		return errors.Join(errors.New("who may only read has written"), s.Close())
	}
	return s.Close()
}

// readerOfALog is the name of a child process that may only read what a killed one left.
const readerOfALog = "reader of a log"

// toldOfTheLog opens a store whose log nobody has written back.
func toldOfTheLog(ctx context.Context, path string) error {
	if s, err := triage.NewTriageStore(ctx, path); !errors.Is(err, sqlite.ErrLogLeft) {
		return errors.Join(fmt.Errorf("opened %v, which its log would have changed", s), err)
	}
	return nil
}

// What is still in a log is not left out for who may not write: the error says what to do, and not that there is no file.
func TestReadingALogAsAnotherUser(t *testing.T) {
	dir, err := os.MkdirTemp("", "queue")
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, os.RemoveAll(dir)) })
	require.NoError(t, os.Chmod(dir, 0o755))
	from, path := filepath.Join(t.TempDir(), "triage.sqlite3"), filepath.Join(dir, "triage.sqlite3")
	s := open(t, from, distinctIDs)
	_, err = s.UpsertItem(t.Context(), triage.ItemUpsert{ItemID: "a", StudyKey: "S", Severity: "HIGH", UserID: "checks"})
	require.NoError(t, err)
	for _, part := range []string{"", "-wal"} {
		content, err := os.ReadFile(from + part)
		require.NoError(t, err)
		require.NotEmpty(t, content)
		require.NoError(t, os.WriteFile(path+part, content, 0o644))
	}
	storetest.RunAsAnother(t, path, readerOfALog)
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Len(t, entries, 2)
}

// Whoever may only read the file reads and verifies it, with nothing written beside it.
func TestReadingAsAnotherUser(t *testing.T) {
	dir, err := os.MkdirTemp("", "queue")
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, os.RemoveAll(dir)) })
	require.NoError(t, os.Chmod(dir, 0o755))
	path := filepath.Join(dir, "triage.sqlite3")
	s := open(t, path, distinctIDs)
	_, err = s.UpsertItem(t.Context(), triage.ItemUpsert{ItemID: "a", StudyKey: "S", Severity: "HIGH", UserID: "checks"})
	require.NoError(t, err)
	require.NoError(t, s.Close())
	require.NoError(t, os.Chmod(path, 0o644))
	storetest.RunAsAnother(t, path, reader)
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Len(t, entries, 1)
}
