package main

import (
	"errors"
	"io/fs"
	"strconv"
	"strings"

	"github.com/imednetgo/imednet"
)

// sentence is the text of an error without the packages, operations and system calls that it went
// through: what is wrong with what. --verbose shows the whole of it.
func sentence(err error) string {
	if err == nil {
		return "failed"
	}
	text := err.Error()
	outermost(err, func(inner error, plain string) {
		text = strings.Replace(text, inner.Error(), plain, 1)
	})
	return strings.TrimPrefix(strings.ReplaceAll(text, ": imednet: ", ": "), "imednet: ")
}

// outermost finds the errors in a tree whose text can be plainer, and none inside of them.
func outermost(err error, found func(error, string)) {
	var many interface{ Unwrap() []error }
	switch e := err.(type) {
	case nil:
		return
	case *imednet.Error:
		found(e, plainly(e))
		return
	case *fs.PathError:
		found(e, e.Path+": "+e.Err.Error())
		return
	case interface{ Unwrap() []error }:
		many = e
	default:
		outermost(errors.Unwrap(err), found)
		return
	}
	for _, one := range many.Unwrap() {
		outermost(one, found)
	}
}

// plainly says what is wrong with what, each place once.
func plainly(e *imednet.Error) string {
	text := sentence(e.Err)
	var places []string
	add := func(place string) {
		if place != "" && !strings.Contains(text, place) {
			places = append(places, place)
		}
	}
	if e.StudyKey != "" {
		add("study " + e.StudyKey)
	}
	if e.RecordID != 0 {
		add("record " + strconv.FormatInt(e.RecordID, 10))
	}
	add(e.Place)
	if len(places) == 0 {
		return text
	}
	return strings.Join(places, ", ") + ": " + text
}
