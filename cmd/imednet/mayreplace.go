package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"

	"github.com/imednetgo/imednet/workflows/probe"
)

// How the files begin that a command writes again under the same name.
const (
	beginsODM    = `<?xml version="1.0" encoding="UTF-8"?>` + "\n\n" + `<ODM xmlns="http://www.cdisc.org/ns/odm/v`
	beginsPage   = "<!DOCTYPE html>"
	beginsProbed = "{\n  \"studyKey\":"
)

// mayReplaceODM is mayReplace for ODM. A define.xml begins in the same way, but names more spaces of names.
func mayReplaceODM(path string) error {
	if err := mayReplace(path, beginsODM+"1.3"+`" ODMVersion="`); err == nil {
		return nil
	}
	return mayReplace(path, beginsODM+"2.0"+`" ODMVersion="`)
}

// mayReplaceEqual refuses to put a file in the place of one with other contents, such as the export of a real study.
func mayReplaceEqual(path string, text []byte) error {
	if err := mayReplace(path, string(text)); err != nil {
		return err
	}
	info, err := os.Stat(path)
	if err == nil && info.Size() > int64(len(text)) {
		err = usagef("%s holds more than this command writes: remove it first, or name another directory", path)
	}
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

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
	return otherKind(path)
}

func otherKind(path string) error {
	return usagef("%s holds something else than this command writes: remove it first, or name another file", path)
}

// mayReplaceProbed is mayReplace for what a probe found. A study configuration can begin in the same way, but has no
// points, and members of its own.
func mayReplaceProbed(path string) error {
	if err := mayReplace(path, beginsProbed); err != nil || path == "" {
		return err
	}
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) || err == nil && len(text) == 0 {
		return nil
	}
	var report probe.Report
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err == nil && (decoder.Decode(&report) != nil || decoder.More() || len(report.Points) == 0) {
		err = otherKind(path)
	}
	return err
}
