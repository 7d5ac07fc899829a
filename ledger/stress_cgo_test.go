//go:build cgo

package ledger_test

import (
	"context"
	"path/filepath"

	"github.com/imednetgo/imednet/ledger"
)

var stressNames = []string{"ledger.json", "ledger.sqlite3"}

// openStress opens the store that the name asks for.
func openStress(path string, opts ...ledger.StoreOption) (ledger.Store, func(), error) {
	if filepath.Ext(path) == ".json" {
		store, err := ledger.OpenFile(path, opts...)
		return store, func() {}, err
	}
	store, err := ledger.OpenSQLite(context.Background(), path, opts...)
	if err != nil {
		return nil, nil, err
	}
	return store, func() { _ = store.Close() }, nil
}
