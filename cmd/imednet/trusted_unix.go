//go:build unix

package main

import "io/fs"

// othersMay reports whether others than the owner have one of the rights of a mode.
func othersMay(info fs.FileInfo, rights fs.FileMode) bool { return info.Mode().Perm()&rights != 0 }
