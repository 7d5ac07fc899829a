//go:build cgo

package ledger_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet/ledger"
	"github.com/imednetgo/imednet/ledger/ledgertest"
)

func openSQLite(t *testing.T, path string, opts ...ledger.StoreOption) *ledger.SQLiteStore {
	t.Helper()
	s, err := ledger.OpenSQLite(t.Context(), path, opts...)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	return s
}

func TestSQLiteStoreContract(t *testing.T) {
	ledgertest.TestStore(t, ledgertest.Config{Open: func(t *testing.T, dir string) ledger.Store {
		return openSQLite(t, filepath.Join(dir, "sub", "ledger.sqlite3"))
	}})
}

func TestSQLiteHistoryIsBounded(t *testing.T) {
	testHistoryBound(t, openSQLite(t, filepath.Join(t.TempDir(), "ledger.sqlite3"), ledger.WithHistoryLimit(20)), 20)
	testHistoryBound(t, openSQLite(t, filepath.Join(t.TempDir(), "whole.sqlite3"), ledger.WithHistoryLimit(20), ledger.WithWholeHistory()), 200)
}

func TestHeadsOfTheSQLiteLedgerOutliveTheLimit(t *testing.T) {
	testHeadsOutliveTheLimit(t, openSQLite(t, filepath.Join(t.TempDir(), "ledger.sqlite3"), ledger.WithHistoryLimit(20)))
}

func TestSQLiteDamageIsAnErrorAndLeftAlone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger.sqlite3")
	damage := strings.Repeat("not a database ", 1000)
	require.NoError(t, os.WriteFile(path, []byte(damage), 0o600))
	_, err := ledger.OpenSQLite(t.Context(), path)
	require.ErrorIs(t, err, ledger.ErrDamaged)
	require.ErrorContains(t, err, path)
	left, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, damage, string(left))
}
