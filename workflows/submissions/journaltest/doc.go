// Package journaltest provides the contract of [submissions.Journal] as a test suite. Test every
// implementation with [Run]; if it passes, RecordUpdate can rely on it to send nothing twice.
//
//	func TestContract(t *testing.T) {
//		journaltest.Run(t, func(t *testing.T, clock imednet.Clock) submissions.Journal {
//			return open(t, clock)
//		})
//	}
package journaltest
