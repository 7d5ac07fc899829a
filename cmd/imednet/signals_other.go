//go:build !unix

package main

// ignoreSignals has nothing to do where output that nobody reads is an error already.
func ignoreSignals() {}
