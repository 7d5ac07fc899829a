package scenarios

import (
	"context"
	"errors"
	"io/fs"
	"os"

	"github.com/imednetgo/imednet/cache"
	"github.com/imednetgo/imednet/internal/qualification"
	"github.com/imednetgo/imednet/triage"
)

var backups = qualification.Scenario{
	ID: "OQ-STO-5", Title: "Copies are whole and private, and empty or foreign files are refused",
	Requirements: []string{"STO-16", "STO-17", "STO-18", "STO-19"},
	Run: func(ctx context.Context, t *qualification.Trial) error {
		return withMirror(ctx, t, 500, func(s *site, mirror *cache.CachedRecordsLoader) error {
			if _, err := mirror.SyncStudy(ctx, s.study.Key(), cache.SyncOptions{}); err != nil {
				return err
			}
			copied := t.Path("copy.sqlite3")
			if err := mirror.Backup(ctx, copied); err != nil {
				return err
			}
			expected, err := held(ctx, mirror, s.study.Key())
			if err != nil {
				return err
			}
			if err := sameInCopy(ctx, t, s, copied, expected); err != nil {
				return err
			}
			for _, path := range []string{mirror.Path(), copied} {
				info, err := os.Stat(path)
				if err != nil {
					return err
				}
				t.Equal("mode of a mirror or its copy", fs.FileMode(0o600), info.Mode().Perm())
			}
			return noStores(ctx, t, copied)
		})
	},
}

// sameInCopy reads a copy of a mirror, which must stay as it is.
func sameInCopy(ctx context.Context, t *qualification.Trial, s *site, path string, expected map[int64]string) (err error) {
	before, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	mirror, err := cache.NewCachedRecordsLoader(ctx, nil, path)
	if err != nil {
		return err
	}
	seen, err := held(ctx, mirror, s.study.Key())
	if err := errors.Join(err, mirror.Close()); err != nil {
		return err
	}
	t.Equal("records of the copy", digest(expected), digest(seen))
	after, err := os.ReadFile(path)
	t.Holds("reading the copy changed no byte of it", string(before) == string(after))
	return err
}

// noStores opens an empty file and one of another kind as a review queue.
func noStores(ctx context.Context, t *qualification.Trial, mirror string) error {
	empty := t.Path("empty.sqlite3")
	if err := os.WriteFile(empty, nil, 0o600); err != nil {
		return err
	}
	for name, path := range map[string]string{"an empty file": empty, "a mirror": mirror} {
		store, err := triage.NewTriageStore(ctx, path)
		if err == nil {
			err = errors.Join(store.Close(), errOpened)
		}
		t.Holds(name+" is refused as a review queue", !errors.Is(err, errOpened))
	}
	return nil
}

var errOpened = errors.New("it was opened")
