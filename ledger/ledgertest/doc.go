// Package ledgertest provides the contract of [ledger.Store] as a test suite for implementations:
//
//	func TestContract(t *testing.T) {
//		ledgertest.TestStore(t, ledgertest.Config{Open: func(t *testing.T, dir string) ledger.Store {
//			return openMyStore(t, filepath.Join(dir, "ledger"))
//		}})
//	}
package ledgertest
