package profiles

import (
	"errors"
	"io"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/imednetgo/imednet"
)

// WriteJSON writes the profile as indented JSON, which [Read] reads back. The same profile always
// gives the same bytes.
func (p *StudyProfile) WriteJSON(w io.Writer) error {
	if err := json.MarshalWrite(w, p, jsontext.WithIndent(" "), jsontext.AllowInvalidUTF8(true)); err != nil {
		return failed("write a profile", err)
	}
	if _, err := io.WriteString(w, "\n"); err != nil {
		return failed("write a profile", err)
	}
	return nil
}

func failed(op string, err error) error {
	return &imednet.Error{Package: "profiles", Op: op, Err: err}
}

// Read reads a profile that [StudyProfile.WriteJSON] wrote.
func Read(r io.Reader) (*StudyProfile, error) {
	var p StudyProfile
	if err := json.UnmarshalRead(r, &p); err != nil {
		return nil, failed("read a profile", err)
	}
	if p.StudyKey == "" {
		return nil, failed("read a profile", errors.New("the document has no studyKey"))
	}
	return &p, nil
}
