package qualification

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"

	"github.com/imednetgo/imednet"
)

// Scenario is one acceptance scenario.
type Scenario struct {
	ID           string // such as OQ-MIR-1, and the name of its evidence
	Title        string
	Requirements []string // that it shows
	Pilot        bool     // it needs the pilot study, and is left out without
	Run          func(ctx context.Context, t *Trial) error
}

// Trial is one run of a scenario: where it works, and what it saw.
type Trial struct {
	Result
	Dir        string        // empty, its own, removed afterwards
	Clock      imednet.Clock // never waits
	Executable string        // this program, for [Start]
	Pilot      string        // folder of the pilot study, "" without

	bundle *bundle
}

// Path is a place in the trial's directory.
func (t *Trial) Path(name string) string { return filepath.Join(t.Dir, filepath.FromSlash(name)) }

// Refused expects an error that is the given one.
func (t *Trial) Refused(what string, expected, seen error) {
	t.Equal(what, "refused", refusal(expected, seen))
}

// RefusedAs expects an error of the kind that target points to, as in [errors.As].
func (t *Trial) RefusedAs(what string, target any, seen error) {
	result := "not refused"
	switch {
	case seen != nil && errors.As(seen, target):
		result = "refused"
	case seen != nil:
		result = "another error"
	}
	t.Equal(what, "refused", result)
}

func refusal(expected, seen error) string {
	switch {
	case seen == nil:
		return "not refused"
	case errors.Is(seen, expected):
		return "refused"
	}
	return "another error"
}

// evidenceOf is the directory of a result's evidence.
func evidenceOf(id string) string { return "evidence/" + id + "/" }

// Evidence keeps a file in the bundle.
func (t *Trial) Evidence(name string, content []byte) error {
	file := path.Join(evidenceOf(t.ID), name)
	if err := t.bundle.write(file, content); err != nil {
		return err
	}
	t.Result.Evidence = append(t.Result.Evidence, file)
	return nil
}

// EvidenceJSON keeps a value as JSON.
func (t *Trial) EvidenceJSON(name string, v any) error {
	text, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return err
	}
	return t.Evidence(name, append(text, '\n'))
}

// EvidenceFile keeps a copy of a file that the trial made.
func (t *Trial) EvidenceFile(name, from string) error {
	text, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	return t.Evidence(name, text)
}

// run runs a scenario. A panic in it is its failure, not the run's.
func (q *Qualification) run(ctx context.Context, s Scenario) (result *Result, err error) {
	dir, err := os.MkdirTemp(q.work, "trial-")
	if err != nil {
		return nil, err
	}
	t := &Trial{Result: Result{ID: s.ID, Title: s.Title, Requirements: s.Requirements}, Dir: dir, Clock: q.options.TrialClock(),
		Executable: q.options.Executable, Pilot: q.options.Pilot, bundle: q.bundle}
	if err := attempt(func() error { return s.Run(ctx, t) }); err != nil {
		t.Problem = err.Error()
	}
	return &t.Result, errors.Join(context.Cause(ctx), os.RemoveAll(dir))
}

func attempt(run func() error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("the scenario panicked (%T)", r) // what it says may hold data
		}
	}()
	return run()
}
