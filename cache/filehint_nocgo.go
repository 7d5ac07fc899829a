//go:build !cgo

package cache

// fileHint has nothing to say: a program without cgo opens no file.
func fileHint(error) string { return "" }
