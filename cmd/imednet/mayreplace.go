package main

import (
	"errors"
	"io"
	"io/fs"
	"os"
)

// How the files begin that a command writes again under the same name.
const (
	beginsODM    = "<?xml version"
	beginsPage   = "<!DOCTYPE html>"
	beginsProbed = "{\n  \"studyKey\":"
)

// mayReplace refuses to put a file in the place of one that begins otherwise: a store, a key or anything else
// that cannot be made again. Nothing and an empty file may be replaced.
func mayReplace(path, begins string) error {
	if path == "" {
		return nil
	}
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	case !info.Mode().IsRegular():
		return usagef("%s is not a regular file", path)
	}
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	found := make([]byte, len(begins))
	n, err := io.ReadFull(file, found)
	if n == 0 && errors.Is(err, io.EOF) || string(found) == begins {
		return nil
	}
	return usagef("%s holds something else than this command writes: remove it first, or name another file", path)
}
