package house

import (
	"context"
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/cache"
	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/ledger"
	"github.com/imednetgo/imednet/triage"
	"github.com/imednetgo/imednet/versioning"
	"github.com/imednetgo/imednet/warehouse"
	"github.com/imednetgo/imednet/workflows/submissions/sqlitejournal"
)

// TestANameThatIsNoFileIsRefused before anything is made: SQLite and DuckDB would keep everything in
// memory, or in another file.
func TestANameThatIsNoFileIsRefused(t *testing.T) {
	client := imednettest.NewServer(imednettest.Generate(imednettest.GenerateOptions{Records: 10})).Client()
	stores := map[string]func(context.Context, string) error{
		"cache": func(ctx context.Context, path string) error {
			_, err := cache.NewCachedRecordsLoader(ctx, client, path)
			return err
		},
		"cache reading": func(ctx context.Context, path string) error {
			_, err := cache.NewCachedRecordsLoader(ctx, nil, path)
			return err
		},
		"ledger": func(ctx context.Context, path string) error { _, err := ledger.OpenSQLite(ctx, path); return err },
		"triage": func(ctx context.Context, path string) error { _, err := triage.NewTriageStore(ctx, path); return err },
		"versioning": func(ctx context.Context, path string) error {
			_, err := versioning.NewConfigVersionStore(ctx, path)
			return err
		},
		"journal": func(ctx context.Context, path string) error { _, err := sqlitejournal.Open(ctx, path); return err },
		"journal reading": func(ctx context.Context, path string) error {
			_, err := sqlitejournal.Open(ctx, path, sqlitejournal.ReadOnly())
			return err
		},
		"warehouse": func(ctx context.Context, path string) error {
			_, err := warehouse.NewDuckDBIngestion(ctx, path)
			return err
		},
		"warehouse reading": func(ctx context.Context, path string) error { _, err := warehouse.OpenReadOnly(ctx, path); return err },
	}
	names := []string{" ", ":memory:", ":memory:x", "file:x.db", "FILE:x.db", "file::memory:?cache=shared"}
	for store, open := range stores {
		t.Run(store, func(t *testing.T) {
			t.Chdir(t.TempDir())
			for _, name := range names {
				if store == "warehouse" && name == ":memory:" {
					continue // documented
				}
				assert.ErrorAs(t, open(t.Context(), name), new(*imednet.ValidationError), name)
			}
			if store == "warehouse" || store == "warehouse reading" {
				for _, name := range []string{"a?access_mode=READ_ONLY", "md:x", "postgres:x"} {
					assert.ErrorAs(t, open(t.Context(), name), new(*imednet.ValidationError), name)
				}
			}
			left, err := os.ReadDir(".")
			require.NoError(t, err)
			assert.Empty(t, left)
		})
	}
}

// TestBadSettingsOfDuckDBAreRefused when the option is applied, not when DuckDB reads them.
func TestBadSettingsOfDuckDBAreRefused(t *testing.T) {
	for _, limit := range []string{"", " ", "lots", "512", "-1GB", "0MB", "5XB", "1GB;DROP", "NaNGB", "1e3", "120%"} {
		_, err := warehouse.NewDuckDBIngestion(t.Context(), ":memory:", warehouse.WithMemoryLimit(limit))
		assert.ErrorAs(t, err, new(*imednet.ValidationError), limit)
	}
	for _, limit := range []string{"512MB", "1.5 GB", "2GiB", "90000 kb", "512 MiB", "1TB"} {
		d, err := warehouse.NewDuckDBIngestion(t.Context(), ":memory:", warehouse.WithMemoryLimit(limit))
		if assert.NoError(t, err, limit) {
			require.NoError(t, d.Close())
		}
	}
	file := t.TempDir() + "/file"
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	_, err := warehouse.NewDuckDBIngestion(t.Context(), ":memory:", warehouse.WithTempDirectory(file))
	assert.ErrorAs(t, err, new(*imednet.ValidationError), "a file is no directory")
}
