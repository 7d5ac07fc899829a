package scenarios

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/cache"
	"github.com/imednetgo/imednet/internal/qualification"
)

// digest is the SHA-256 of rows in the order of their ids, to be shown instead of them.
func digest(rows map[int64]string) string {
	hash := sha256.New()
	for _, id := range slices.Sorted(maps.Keys(rows)) {
		fmt.Fprintf(hash, "%d\n", id)
		_, _ = io.WriteString(hash, rows[id]+"\n") // writing to a hash cannot fail
	}
	return fmt.Sprintf("%d rows, SHA-256 %s", len(rows), hex.EncodeToString(hash.Sum(nil)))
}

// digestOf is the SHA-256 of rows of any resource, in the order of their text.
func digestOf(rows []json.RawMessage) string {
	sorted := make([]string, len(rows))
	for i, row := range rows {
		sorted[i] = string(row)
	}
	slices.Sort(sorted)
	return fmt.Sprintf("%d rows, SHA-256 %x", len(rows), sha256.Sum256([]byte(strings.Join(sorted, "\n"))))
}

// held reads all records of a mirror by the library, deleted ones included.
func held(ctx context.Context, mirror *cache.CachedRecordsLoader, study string) (map[int64]string, error) {
	rows := map[int64]string{}
	for record, err := range mirror.Records(ctx, study, imednet.ListOptions{}) {
		if err != nil {
			return nil, err
		}
		text, err := record.MarshalJSON()
		if err != nil {
			return nil, err
		}
		rows[record.RecordID] = string(text)
	}
	return rows, nil
}

// stored reads the active records of a mirror's file by SQL alone.
func stored(ctx context.Context, path string) (rows map[int64]string, err error) {
	db, err := sql.Open("sqlite3", "file:"+filepath.ToSlash(path)+"?mode=ro")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	list, err := db.QueryContext(ctx, "SELECT record_id, payload FROM record_cache")
	if err != nil {
		return nil, err
	}
	defer list.Close()
	rows = map[int64]string{}
	for list.Next() {
		var id int64
		var payload string
		if err := list.Scan(&id, &payload); err != nil {
			return nil, err
		}
		rows[id] = payload
	}
	return rows, list.Err()
}

// sameAsServer compares a mirror with the server in two ways: all records as the library reads them, and
// the active ones as they are in the file.
func sameAsServer(ctx context.Context, t *qualification.Trial, when string, s *site, mirror *cache.CachedRecordsLoader) error {
	raw, rows, err := s.records(ctx)
	if err != nil {
		return err
	}
	read, err := held(ctx, mirror, s.study.Key())
	if err != nil {
		return err
	}
	t.Equal("records of the mirror as the library reads them, "+when, digest(raw), digest(read))
	for _, r := range rows {
		if r.Deleted {
			delete(raw, r.RecordID)
		}
	}
	inFile, err := stored(ctx, mirror.Path())
	if err != nil {
		return err
	}
	t.Equal("active records in the file, read by SQL alone, "+when, digest(raw), digest(inFile))
	return nil
}

// openMirror opens a mirror in the trial's directory.
func openMirror(ctx context.Context, t *qualification.Trial, s *site, opts ...cache.Option) (*cache.CachedRecordsLoader, error) {
	return cache.NewCachedRecordsLoader(ctx, s.client, t.Path("mirror/records_cache.sqlite3"), append(opts, cache.WithClock(t.Clock))...)
}
