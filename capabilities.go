package imednet

import (
	"encoding/json"
	"fmt"
	"io"
)

// Capabilities describe how a server behaves where the API contract leaves it open, as workflows/probe
// found out by asking. The file that it writes is read by [ReadCapabilities] and understood by packages
// rest (WithCapabilities) and imednettest (ScenarioOf), so that a client asks what the server is known to
// answer, and a test server answers alike.
type Capabilities struct {
	StudyKey string `json:"studyKey"`
	// MaxPageSize is the largest page that the server gave in full, or named as its size; 0 if that is not known.
	MaxPageSize int `json:"maxPageSize,omitzero"`
	// OffsetPages means that conditions on a row's id are refused or ignored, so that listings are
	// read by offset pages.
	OffsetPages bool `json:"offsetPages,omitzero"`
	// Refused are the resources that the keys may not read.
	Refused []Resource `json:"refused,omitempty"`
	// Settings are those of a test server that behaves like this one, by the names that
	// imednettest.Settings has in JSON. A point that is open is not among them.
	Settings map[string]any `json:"settings,omitempty"`
}

// ReadCapabilities reads the file that workflows/probe writes. Members that describe the examination
// itself are passed over. The error is an *[Error]; it repeats nothing of the file.
func ReadCapabilities(r io.Reader) (Capabilities, error) {
	var c Capabilities
	dec := json.NewDecoder(r)
	err := dec.Decode(&c)
	if err == nil && dec.More() {
		err = fmt.Errorf("something follows the document")
	}
	if err == nil {
		err = c.Validate()
	}
	if err != nil {
		return Capabilities{}, &Error{Package: "imednet", Op: "read capabilities", Err: quietJSON(err), Hint: "use the file that imednet probe wrote"}
	}
	return c, nil
}

// quietJSON is an error of the decoder without what it quotes.
func quietJSON(err error) error {
	if _, ours := err.(*ValidationError); ours {
		return err
	}
	return fmt.Errorf("the file is not a JSON document of capabilities")
}

// Validate checks that the values are such as a server can have. The error is a *[ValidationError].
func (c Capabilities) Validate() error {
	var problems []Problem
	if c.StudyKey == "" {
		problems = append(problems, Problem{Path: "studyKey", Message: "is missing"})
	}
	if c.MaxPageSize < 0 || c.MaxPageSize > MaxPageSize {
		problems = append(problems, Problem{Path: "maxPageSize", Message: fmt.Sprintf("is not between 1 and %d", MaxPageSize)})
	}
	for i, r := range c.Refused {
		if _, known := attributes[r]; !known {
			problems = append(problems, Problem{Path: fmt.Sprintf("refused[%d]", i), Message: "names no resource"})
		}
	}
	if problems == nil {
		return nil
	}
	return &ValidationError{What: "capabilities", Problems: problems}
}
