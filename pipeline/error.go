package pipeline

import "github.com/imednetgo/imednet"

// failure is the package's error: what it was doing, for which study, in which file or directory.
func failure(op, studyKey, path string, err error, hint string) error {
	return &imednet.Error{Package: "pipeline", Op: op, StudyKey: studyKey, Place: "path " + path, Err: err, Hint: hint}
}

func invalid(path, message string) error {
	return &imednet.ValidationError{What: "pipeline argument", Problems: []imednet.Problem{{Path: path, Message: message}}}
}
