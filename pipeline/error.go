package pipeline

import (
	"runtime/debug"

	"github.com/imednetgo/imednet"
)

// failure is the package's error: what it was doing, for which study, in which file or directory.
func failure(op, studyKey, path string, err error, hint string) error {
	return &imednet.Error{Package: "pipeline", Op: op, StudyKey: studyKey, Place: "path " + path, Err: err, Hint: hint}
}

func invalid(path, message string) error {
	return &imednet.ValidationError{What: "pipeline argument", Problems: []imednet.Problem{{Path: path, Message: message}}}
}

const module = "github.com/imednetgo/imednet"

// program names the version of this library that is linked.
func program() string {
	build, ok := debug.ReadBuildInfo()
	if !ok {
		return module
	}
	for _, m := range append(build.Deps, &build.Main) {
		if m.Path == module {
			return module + " " + m.Version
		}
	}
	return module
}
