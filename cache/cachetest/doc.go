// Package cachetest provides the contract of a mirror as a test suite for the places where one can be kept:
//
//	func TestContract(t *testing.T) {
//		cachetest.TestMirror(t, cachetest.Config{Place: newPlace, Open: openMirror, Exec: execSQL})
//	}
//
// The suite plays servers that change during a run, fail, and answer falsely, processes that are killed, and
// other programs that write to the mirror's tables. It compares every row with the server's.
package cachetest
