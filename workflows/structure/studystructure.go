package structure

import (
	"context"
	"sync"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/argument"
	"github.com/imednetgo/imednet/internal/listing"
)

// Client is the part of a Client that StudyStructure reads. The mirror offers it too.
type Client interface {
	imednet.IntervalReader
	imednet.FormReader
	imednet.VariableReader
}

// StudyStructure reads what a study consists of. It is safe for concurrent use.
type StudyStructure struct {
	client Client
}

// NewStudyStructure returns the workflow over a client or a mirror.
func NewStudyStructure(client Client) (*StudyStructure, error) {
	if err := argument.Required("structure.NewStudyStructure", "client", client); err != nil {
		return nil, err
	}
	return &StudyStructure{client: client}, nil
}

// Structure is a study's design: its intervals, forms and variables, each once. Disabled and
// deleted ones are part of it and say so (Interval.Disabled, Form.Disabled, Variable.Retired).
type Structure struct {
	StudyKey string
	// Intervals are in ascending intervalSequence; those without one are last. Ties keep the
	// server's order.
	Intervals []Interval
	// Forms are all forms of the study in the server's order, each with its variables.
	Forms []*Form
	// Unscheduled is what no interval leads to.
	Unscheduled Unscheduled
}

// Interval is an interval and the forms that are filled in at it.
type Interval struct {
	Interval imednet.Interval
	// Forms are the interval's forms in its own order. They are the same values as in Structure.Forms.
	Forms []*Form
	// Missing are the forms that the interval names and the study does not list.
	Missing []imednet.IntervalForm
}

// Form is a form with its variables, in ascending sequence (those without one last).
type Form struct {
	Form      imednet.Form
	Variables []imednet.Variable
}

// Unscheduled holds what belongs to no interval.
type Unscheduled struct {
	// Forms are in no interval: logs such as adverse events, site forms, retired forms.
	Forms []*Form
	// Variables name a form that the study does not list, or none at all.
	Variables []imednet.Variable
}

// Structure reads intervals, forms and variables side by side and joins them: a form to an
// interval by its id, and by its key where the id is missing or unknown; a variable to its form
// likewise. An interval without a list of forms simply has none.
func (s *StudyStructure) Structure(ctx context.Context, studyKey string) (*Structure, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var (
		group     sync.WaitGroup
		first     sync.Once
		failure   error
		intervals []imednet.Interval
		forms     []imednet.Form
		variables []imednet.Variable
	)
	fetch := func(read func() error) {
		group.Go(func() {
			if err := read(); err != nil {
				first.Do(func() { failure = err; cancel() })
			}
		})
	}
	all := imednet.ListOptions{}
	fetch(func() (err error) {
		intervals, err = listing.Collect(s.client.Intervals(ctx, studyKey, all))
		return err
	})
	fetch(func() (err error) { forms, err = listing.Collect(s.client.Forms(ctx, studyKey, all)); return err })
	fetch(func() (err error) {
		variables, err = listing.Collect(s.client.Variables(ctx, studyKey, all))
		return err
	})
	group.Wait()
	if failure != nil {
		return nil, &imednet.Error{Package: "structure", Op: "study structure", StudyKey: studyKey, Err: failure}
	}
	return joinStructure(studyKey, intervals, forms, variables), nil
}

// Form returns the form of this key.
func (s *Structure) Form(formKey string) (*Form, bool) {
	for _, f := range s.Forms {
		if key, ok := f.Form.FormKey.Get(); ok && key == formKey {
			return f, true
		}
	}
	return nil, false
}
