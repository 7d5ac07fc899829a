// Package journaltest holds the contract suite of submissions.Journal. Whoever writes a Journal runs
// [Run] over it; passing means that RecordUpdate can rely on it to send nothing twice.
//
//	func TestContract(t *testing.T) {
//		journaltest.Run(t, func(t *testing.T, clock imednet.Clock) submissions.Journal {
//			return open(t, clock)
//		})
//	}
package journaltest
