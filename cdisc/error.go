package cdisc

import "errors"

// Sentinels that a caller can test for with errors.Is.
var (
	// ErrChanged means that the rows of a source differ between two readings.
	ErrChanged = errors.New("the rows changed between two readings")
	// ErrFormat means that a file violates its format.
	ErrFormat = errors.New("not a valid file")
	// ErrBusy means that another export is writing to the directory.
	ErrBusy = errors.New("another export is writing to the directory")
	// ErrTooLarge means that a file requires more memory than a reader allows.
	ErrTooLarge = errors.New("larger than the reader allows")
)

var errWidth = errors.New("a row does not have a value for each variable")
