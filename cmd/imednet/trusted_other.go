//go:build !unix

package main

import "io/fs"

// othersMay is not known from mode bits here: access control lists decide.
func othersMay(fs.FileInfo, fs.FileMode) bool { return false }
