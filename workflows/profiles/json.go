package profiles

import (
	"errors"
	"io"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/argument"
)

// WriteJSON writes the profile as indented JSON, which [Read] reads back. The same profile always
// gives the same bytes.
func (p *StudyProfile) WriteJSON(w io.Writer) error {
	if err := errors.Join(argument.Required("profiles.WriteJSON", "p", p), argument.Required("profiles.WriteJSON", "w", w)); err != nil {
		return err
	}
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
	if err := argument.Required("profiles.Read", "r", r); err != nil {
		return nil, err
	}
	var p StudyProfile
	if err := json.UnmarshalRead(r, &p); err != nil {
		return nil, failed("read a profile", err)
	}
	if p.StudyKey == "" {
		return nil, failed("read a profile", errors.New("the document has no studyKey"))
	}
	return &p, nil
}
