//go:build unix

package main

import (
	"os/signal"
	"syscall"
)

// ignoreSignals makes errors of what would end the program without closing its files: output that
// nobody reads any more, and a file that grows beyond the limit of the account.
func ignoreSignals() { signal.Ignore(syscall.SIGPIPE, syscall.SIGXFSZ) }
