//go:build !cgo

package ledger_test

import "github.com/imednetgo/imednet/ledger"

var stressNames = []string{"ledger.json"}

func openStress(path string, opts ...ledger.StoreOption) (ledger.Store, func(), error) {
	store, err := ledger.OpenFile(path, opts...)
	return store, func() {}, err
}
