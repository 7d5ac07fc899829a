package imednettest

import (
	"bytes"
	"encoding/json"
	"io"
	"time"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/argument"
)

// Scenario is everything that can be wrong with a server, as data: [Server.Play] applies it, and a
// file for "imednet demo --faults" holds it.
type Scenario struct {
	Seed      uint64    `json:"seed,omitempty"`      // of the faults with a probability
	Faults    []Fault   `json:"faults,omitempty"`    // see Server.Inject
	Settings  Settings  `json:"settings,omitzero"`   // see Server.Configure
	Rights    Rights    `json:"rights,omitzero"`     // see Study.SetRights
	CommitLag int       `json:"commitLag,omitempty"` // see Study.SetCommitLag
	Changes   []Change  `json:"changes,omitempty"`   // see Study.PlanChanges
	Jobs      []JobPlan `json:"jobs,omitempty"`      // of the next submissions, see Study.PlanJobs
	OtherJobs *JobPlan  `json:"otherJobs,omitempty"` // of all others, see Study.SetJobPlan

	Connection Connection `json:"connection,omitzero"` // of the listener, see [Connection.Listen]
}

// ReadScenario reads a scenario written as JSON. An unknown member, one that is given twice, and a value
// that cannot be played are errors that name the place, so that a misspelled fault is not silently
// ignored.
func ReadScenario(r io.Reader) (Scenario, error) {
	var s Scenario
	if err := argument.Required("imednettest.ReadScenario", "r", r); err != nil {
		return s, err
	}
	raw, err := io.ReadAll(r)
	if err == nil {
		err = checkMembers(raw)
	}
	if err == nil {
		s, err = decodeScenario(raw)
	}
	if err == nil {
		err = s.check()
	}
	if err != nil {
		return Scenario{}, &imednet.Error{Package: "imednettest", Op: "read scenario", Err: err}
	}
	return s, nil
}

// Play applies a scenario, except its Connection, to all studies of the server. Faults are added to
// those that were injected before. See [Server.Check] for what the studies must have.
func (s *Server) Play(scenario Scenario) {
	s.SetSeed(scenario.Seed)
	s.Configure(scenario.Settings)
	s.Inject(scenario.Faults...)
	for _, study := range s.studies {
		study.SetRights(scenario.Rights)
		study.SetCommitLag(scenario.CommitLag)
		study.PlanChanges(scenario.Seed, scenario.Changes...)
		study.PlanJobs(scenario.Jobs...)
		if scenario.OtherJobs != nil {
			study.SetJobPlan(*scenario.OtherJobs)
		}
	}
}

// plainFault has the members of a Fault without its methods.
type plainFault Fault

// faultJSON is a fault as JSON: durations are texts.
type faultJSON struct {
	*plainFault
	Delay          duration `json:"delay,omitempty"`
	Jump           duration `json:"jump,omitempty"`
	RetryAfterDate duration `json:"retryAfterDate,omitempty"`
	Trickle        duration `json:"trickle,omitempty"`
}

// duration is a time.Duration as text, such as "1.5s".
type duration time.Duration

// UnmarshalText implements encoding.TextUnmarshaler.
func (d *duration) UnmarshalText(text []byte) error {
	parsed, err := time.ParseDuration(string(text))
	*d = duration(parsed)
	return err
}

// MarshalText implements encoding.TextMarshaler.
func (d duration) MarshalText() ([]byte, error) { return []byte(time.Duration(d).String()), nil }

// UnmarshalJSON reads a fault; an unknown member is an error.
func (f *Fault) UnmarshalJSON(raw []byte) error {
	read := faultJSON{plainFault: (*plainFault)(f)}
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&read); err != nil {
		return err
	}
	f.Delay, f.Jump = time.Duration(read.Delay), time.Duration(read.Jump)
	f.RetryAfterDate, f.Trickle = time.Duration(read.RetryAfterDate), time.Duration(read.Trickle)
	return nil
}

// MarshalJSON writes what UnmarshalJSON reads; Match is left out.
func (f Fault) MarshalJSON() ([]byte, error) {
	return json.Marshal(faultJSON{
		plainFault: (*plainFault)(&f), Delay: duration(f.Delay), Jump: duration(f.Jump),
		RetryAfterDate: duration(f.RetryAfterDate), Trickle: duration(f.Trickle),
	})
}
