package profiles

import (
	"fmt"
	"io"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// WriteJSON writes the profile as indented JSON that Read reads again. The same profile
// always gives the same bytes.
func (p *StudyProfile) WriteJSON(w io.Writer) error {
	if err := json.MarshalWrite(w, p, jsontext.WithIndent(" "), jsontext.AllowInvalidUTF8(true)); err != nil {
		return fmt.Errorf("workflows: write profile: %w", err)
	}
	_, err := io.WriteString(w, "\n")
	return err
}

// Read reads what WriteJSON wrote.
func Read(r io.Reader) (*StudyProfile, error) {
	var p StudyProfile
	if err := json.UnmarshalRead(r, &p); err != nil {
		return nil, fmt.Errorf("workflows: read profile: %w", err)
	}
	if p.StudyKey == "" {
		return nil, fmt.Errorf("workflows: read profile: the document has no studyKey")
	}
	return &p, nil
}
