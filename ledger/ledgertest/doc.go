// Package ledgertest holds the contract that every ledger.Store keeps, as a suite that a store's
// own tests run:
//
//	func TestContract(t *testing.T) {
//		ledgertest.TestStore(t, ledgertest.Config{Open: func(t *testing.T, dir string) ledger.Store {
//			return openMyStore(t, filepath.Join(dir, "ledger"))
//		}})
//	}
package ledgertest
