package lake_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/lake"
)

// TestWhatCannotBeIsRefused calls each function with arguments that cannot be: all are refused as such,
// and none panics.
func TestWhatCannotBeIsRefused(t *testing.T) {
	ctx := t.Context()
	w := newWorld(t, 50)
	reading, err := lake.New(nil, w.cat)
	require.NoError(t, err)
	for name, call := range map[string]func() error{
		"no catalog":       func() error { _, err := lake.New(w.mirror, nil); return err },
		"a nil option":     func() error { _, err := lake.New(w.mirror, w.cat, nil); return err },
		"no size":          func() error { _, err := lake.New(w.mirror, w.cat, lake.WithFileBytes(0)); return err },
		"a negative token": func() error { _, err := lake.New(w.mirror, w.cat, lake.WithFence(-1)); return err },
		"no function":      func() error { _, err := lake.New(w.mirror, w.cat, lake.WithProgress(nil)); return err },
		"no URL":           func() error { _, _, err := lake.OpenCatalog(ctx, " ", lake.CatalogOptions{}); return err },
		"an unknown scheme": func() error {
			_, _, err := lake.OpenCatalog(ctx, "ftp://x", lake.CatalogOptions{Warehouse: "x"})
			return err
		},
		"no warehouse": func() error { _, _, err := lake.OpenCatalog(ctx, "sqlite://x", lake.CatalogOptions{}); return err },
		"no file": func() error {
			_, _, err := lake.OpenCatalog(ctx, "sqlite://", lake.CatalogOptions{Warehouse: "x"})
			return err
		},
		"memory": func() error {
			_, _, err := lake.OpenCatalog(ctx, "sqlite://:memory:", lake.CatalogOptions{Warehouse: "x"})
			return err
		},
		"an unreadable URL": func() error {
			_, _, err := lake.OpenCatalog(ctx, "postgres://u:secret@[", lake.CatalogOptions{Warehouse: "x"})
			return err
		},
		"in the clear": func() error {
			_, _, err := lake.OpenCatalog(ctx, "postgres://u:secret@db.example.com/x?sslmode=disable", lake.CatalogOptions{Warehouse: "x"})
			return err
		},
		"an unreadable URL of a REST catalog": func() error {
			_, _, err := lake.OpenCatalog(ctx, "https://u:secret@[::1", lake.CatalogOptions{})
			return err
		},
		"a REST catalog without a host": func() error {
			_, _, err := lake.OpenCatalog(ctx, "https:///secret", lake.CatalogOptions{})
			return err
		},
		"a REST catalog in the clear": func() error {
			_, _, err := lake.OpenCatalog(ctx, "http://u:secret@lake.example.com/", lake.CatalogOptions{})
			return err
		},
		"a REST catalog with a query": func() error {
			_, _, err := lake.OpenCatalog(ctx, "https://lake.example.com/?token=secret", lake.CatalogOptions{})
			return err
		},
		"a REST catalog whose storage has a password": func() error {
			_, _, err := lake.OpenCatalog(ctx, "https://lake.example.com/", lake.CatalogOptions{Warehouse: "s3://u:secret@bucket"})
			return err
		},
		"a storage that is not known": func() error {
			_, _, err := lake.OpenCatalog(ctx, "sqlite://"+t.TempDir()+"/c.sqlite3", lake.CatalogOptions{Warehouse: "gs://bucket/secret"})
			return err
		},
		"a storage with a password": func() error {
			_, _, err := lake.OpenCatalog(ctx, "sqlite://"+t.TempDir()+"/c.sqlite3", lake.CatalogOptions{Warehouse: "file://u:secret@/lake"})
			return err
		},
		"an endpoint that cannot be read": func() error {
			_, _, err := lake.OpenCatalog(ctx, "sqlite://"+t.TempDir()+"/c.sqlite3",
				lake.CatalogOptions{Warehouse: "x", Properties: map[string]string{"s3.endpoint": "http://u:%zzsecret@host"}})
			return err
		},
		"an endpoint with a password": func() error {
			_, _, err := lake.OpenCatalog(ctx, "sqlite://"+t.TempDir()+"/c.sqlite3",
				lake.CatalogOptions{Warehouse: "x", Properties: map[string]string{"s3.endpoint": "http://u:secret@host"}})
			return err
		},
		"no mirror":    func() error { _, err := reading.Sync(ctx, "DEMO", lake.SyncOptions{}); return err },
		"no study":     func() error { _, err := w.lake.Sync(ctx, " ", lake.SyncOptions{}); return err },
		"no tag":       func() error { _, err := w.lake.Tag(ctx, "DEMO", "", 0); return err },
		"a branch":     func() error { _, err := w.lake.Tag(ctx, "DEMO", "main", 0); return err },
		"files of one": func() error { _, err := w.lake.Compact(ctx, "DEMO", lake.CompactPolicy{MinFiles: 1}); return err },
		"a negative age": func() error {
			_, err := w.lake.Expire(ctx, "DEMO", lake.ExpirePolicy{Keep: -1}, time.Now())
			return err
		},
		"orphans too young": func() error {
			_, err := w.lake.Expire(ctx, "DEMO", lake.ExpirePolicy{Orphans: 1}, time.Now())
			return err
		},
		"no rows": func() error {
			_, err := w.lake.WriteTable(ctx, "DEMO", "X", nil, imednet.Origin{Version: 1}, false)
			return err
		},
		"no version": func() error {
			_, err := w.lake.WriteTable(ctx, "DEMO", "X", emptyReader(t), imednet.Origin{}, false)
			return err
		},
		"a name of no table": func() error {
			_, err := w.lake.WriteTable(ctx, "DEMO", "_x", emptyReader(t), imednet.Origin{Version: 1}, false)
			return err
		},
	} {
		err := call()
		require.ErrorAs(t, err, new(*imednet.ValidationError), name)
		require.NotContains(t, err.Error(), "secret")
	}
	_, _, err = lake.OpenCatalog(ctx, "sqlite://arguments_test.go/secret.sqlite3", lake.CatalogOptions{Warehouse: "x"})
	require.EqualError(t, err, "the catalog could not be opened: not a directory")
	_, _, err = lake.OpenCatalog(ctx, "http://secret:secret@127.0.0.1:1/secret", lake.CatalogOptions{})
	require.ErrorContains(t, err, "connection refused")
	require.NotContains(t, err.Error(), "secret")
}

// TestZeroValuesPrint: what a caller's own fake may hold prints as a sentence.
func TestZeroValuesPrint(t *testing.T) {
	for _, v := range []any{lake.Report{}, lake.TableReport{}, lake.Status{}, lake.Tag{}, lake.CompactReport{}, lake.ExpireReport{}, lake.MaintainReport{}, &lake.SchemaError{}} {
		require.NotEmpty(t, fmt.Sprint(v))
		require.NotContains(t, fmt.Sprintf("%v %+v", v, v), "PANIC")
	}
}
