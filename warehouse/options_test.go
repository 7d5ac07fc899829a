package warehouse_test

import (
	"context"
	"database/sql"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/warehouse"
)

func TestABadOptionNamesTheFunctionItWasGiven(t *testing.T) {
	path := filepath.Join(t.TempDir(), "study.duckdb")
	for function, open := range map[string]func(warehouse.Option) error{
		"warehouse.NewDuckDBIngestion": func(o warehouse.Option) error {
			_, err := warehouse.NewDuckDBIngestion(t.Context(), path, o)
			return err
		},
		"warehouse.NewDuckDBIngestionDB": func(o warehouse.Option) error {
			_, err := warehouse.NewDuckDBIngestionDB(t.Context(), &sql.DB{}, o)
			return err
		},
		"warehouse.OpenReadOnly": func(o warehouse.Option) error {
			_, err := warehouse.OpenReadOnly(t.Context(), path, o)
			return err
		},
	} {
		err := open(nil)
		require.EqualError(t, err, "imednet: invalid argument of "+function+": opts: is nil")
		require.IsType(t, &imednet.ValidationError{}, err)
		require.IsType(t, &imednet.ValidationError{}, open(warehouse.WithThreads(0)))
	}
	require.NoFileExists(t, path)
}

func TestACancelledOpenGivesNoHintAboutTheFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "study.duckdb")
	require.NoError(t, os.WriteFile(path, []byte("not a database"), 0o600))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := warehouse.NewDuckDBIngestion(ctx, path)
	require.ErrorIs(t, err, context.Canceled)
	require.EqualError(t, err, "warehouse: open: context canceled")
}
