package ledger_test

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet/ledger"
	"github.com/imednetgo/imednet/ledger/ledgertest"
)

func TestMemoryStoreContract(t *testing.T) {
	ledgertest.TestStore(t, ledgertest.Config{Volatile: true, Open: func(t *testing.T, _ string) ledger.Store { return newMemory(t) }})
}

func TestFileStoreContract(t *testing.T) {
	ledgertest.TestStore(t, ledgertest.Config{Open: func(t *testing.T, dir string) ledger.Store {
		return openFile(t, filepath.Join(dir, "sub", "ledger.json"))
	}})
}

func newMemory(t *testing.T, opts ...ledger.StoreOption) *ledger.MemoryStore {
	t.Helper()
	s, err := ledger.NewMemoryStore(opts...)
	require.NoError(t, err)
	return s
}

func openFile(t *testing.T, path string, opts ...ledger.StoreOption) *ledger.FileStore {
	t.Helper()
	s, err := ledger.OpenFile(path, opts...)
	require.NoError(t, err)
	return s
}
