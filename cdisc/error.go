package cdisc

import "errors"

// What a caller may branch on.
var (
	// ErrChanged reports a source that gave other rows the second time than the first.
	ErrChanged = errors.New("the rows changed between two readings")
	// ErrFormat reports a file that does not follow its format.
	ErrFormat = errors.New("not a valid file")
	// ErrBusy reports a directory that another export writes to.
	ErrBusy = errors.New("another export is writing to the directory")
	// ErrTooLarge reports a file that asks for more memory than a reader spends.
	ErrTooLarge = errors.New("larger than a reader accepts")
)

var errWidth = errors.New("a row does not have a value for each variable")
