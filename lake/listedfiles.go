package lake

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"

	icebergio "github.com/apache/iceberg-go/io"
	"github.com/apache/iceberg-go/table"
)

// listedFile is a data file of a table at one moment, as it was when the moment was named.
type listedFile struct {
	Path   string `json:"path"`
	Bytes  int64  `json:"bytes"`
	Rows   int64  `json:"rows"`
	SHA256 string `json:"sha256"`
}

// digests are the digests of files by path.
type digests map[string]string

// digests are those of the files of a table; nil lists none.
func (l *Listing) digests(name string) digests {
	known := digests{}
	if l != nil {
		for _, f := range l.files[name] {
			known[f.Path] = f.SHA256
		}
	}
	return known
}

// listFiles lists the files of every table of a moment with their digests, and the digest of its columns. Those of the
// moment before are taken from it; the others are read back.
func (l *Lake) listFiles(ctx context.Context, want, before *Listing) error {
	want.files, want.columns = map[string][]listedFile{}, map[string]string{}
	for _, t := range want.Tables {
		if before != nil {
			if old, ok := before.of(t.Table); ok && old.Snapshot == t.Snapshot {
				want.files[t.Table], want.columns[t.Table] = before.files[t.Table], before.columns[t.Table]
			}
		}
		if want.files[t.Table] != nil && want.columns[t.Table] != "" {
			continue
		}
		if err := l.listTable(ctx, want, t, before.digests(t.Table)); err != nil {
			return fmt.Errorf("table %s: %w", t.Table, err)
		}
	}
	return nil
}

func (l *Lake) listTable(ctx context.Context, want *Listing, t ListedTable, known digests) error {
	tbl, err := l.load(ctx, want.StudyKey, t.Table)
	if err != nil {
		return err
	}
	if tbl == nil {
		return errMoved
	}
	if want.columns[t.Table], err = digestOfColumns(tbl, t.Snapshot); err != nil || want.files[t.Table] != nil {
		return err
	}
	want.files[t.Table], err = describeFiles(ctx, tbl, t.Snapshot, known)
	return err
}

// digestOfColumns covers what decides how the files of a snapshot are read: field ids, names and types.
func digestOfColumns(tbl *table.Table, snapshot int64) (string, error) {
	s := tbl.SnapshotByID(snapshot)
	if s == nil {
		return "", errMoved
	}
	schema := tbl.Schema()
	if s.SchemaID != nil {
		schema = tbl.Schemas()[*s.SchemaID]
	}
	if schema == nil {
		return "", fmt.Errorf("snapshot %d has no columns", snapshot)
	}
	sum := sha256.New()
	for _, f := range schema.Fields() {
		fmt.Fprintf(sum, "%d %q %s %t %v %v\n", f.ID, f.Name, f.Type, f.Required, f.InitialDefault, f.WriteDefault)
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}

func describeFiles(ctx context.Context, tbl *table.Table, snapshot int64, known digests) ([]listedFile, error) {
	planned, err := filesAt(ctx, tbl, snapshot, "")
	if err != nil {
		return nil, err
	}
	files, err := tbl.FS(ctx)
	if err != nil {
		return nil, err
	}
	described := []listedFile{}
	for _, f := range planned {
		one := listedFile{f.FilePath(), f.FileSizeBytes(), f.Count(), known[f.FilePath()]}
		if one.SHA256 == "" {
			size := int64(0)
			if one.SHA256, size, err = digestOf(files, one.Path); err == nil && size != one.Bytes {
				err = fmt.Errorf("%w: a file has %d bytes and was written with %d", ErrDamaged, size, one.Bytes)
			}
		}
		if err != nil {
			return nil, err
		}
		described = append(described, one)
	}
	return described, nil
}

// digestOf reads a file and returns its SHA-256 and its size.
func digestOf(files icebergio.IO, path string) (digest string, size int64, err error) {
	f, err := files.Open(path)
	if err != nil {
		return "", 0, err
	}
	sum := sha256.New()
	size, err = io.Copy(sum, f)
	if err = errors.Join(err, f.Close()); err != nil {
		return "", 0, err
	}
	return hex.EncodeToString(sum.Sum(nil)), size, nil
}

// sizeOf is the size of a file.
func sizeOf(files icebergio.IO, path string) (int64, error) {
	f, err := files.Open(path)
	if err != nil {
		return 0, err
	}
	info, err := f.Stat()
	if err = errors.Join(err, f.Close()); err != nil {
		return 0, err
	}
	return info.Size(), nil
}

// intact makes sure that files are what was written, where their digests are known, before their rows are written to
// other files, whose digests would hide it.
func intact(ctx context.Context, tbl *table.Table, known digests, group ...dataFile) error {
	files, err := tbl.FS(ctx)
	if err != nil {
		return err
	}
	for _, f := range group {
		want := known[f.FilePath()]
		if want == "" {
			continue
		}
		digest, _, err := digestOf(files, f.FilePath())
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return fmt.Errorf("%w: %s is missing", ErrDamaged, f.FilePath())
		case err != nil:
			return err
		case digest != want:
			return fmt.Errorf("%w: %s is not what was written", ErrDamaged, f.FilePath())
		}
	}
	return nil
}
