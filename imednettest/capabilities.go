package imednettest

import (
	"bytes"
	"encoding/json"
	"net/http"

	"github.com/imednetgo/imednet"
)

// ScenarioOf returns the scenario of a server that behaves like the one that imednet probe examined. What
// the examination left open is strict. Pages of more rows than that one gave in full are answered with 413. A setting
// that a Server does not have is an *[imednet.Error].
func ScenarioOf(c imednet.Capabilities) (Scenario, error) {
	s := Scenario{Rights: Rights{Refused: c.Refused}}
	if c.MaxPageSize > 0 && c.MaxPageSize < imednet.MaxPageSize {
		s.Faults = []Fault{{OverRows: c.MaxPageSize, Status: http.StatusRequestEntityTooLarge, Times: -1}}
	}
	raw, err := json.Marshal(c.Settings)
	if err == nil {
		dec := json.NewDecoder(bytes.NewReader(raw))
		dec.DisallowUnknownFields()
		err = dec.Decode(&s.Settings)
	}
	if err == nil {
		err = s.check()
	}
	if err != nil {
		return Scenario{}, &imednet.Error{Package: "imednettest", Op: "read capabilities", Err: err}
	}
	return s, nil
}
