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

// Design is what a study consists of: its intervals, forms and variables, each once. Disabled and
// deleted ones are part of it and say so (Interval.Disabled, Form.Disabled, Variable.Retired).
type Design struct {
	StudyKey string
	// Intervals are in ascending intervalSequence; those without one are last. Ties keep the
	// server's order.
	Intervals []Interval
	// Forms are the forms that the study lists, in ascending id, each with its variables.
	Forms []*Form
	// Contradictions are where the rows of the design do not agree with one another, such as a
	// variable whose formId and formKey name two forms; see [imednet.FormIndex] for the rule.
	Contradictions []imednet.Contradiction
	// Unscheduled is what no interval leads to.
	Unscheduled Unscheduled
}

// Interval is an interval and the forms that are filled in at it.
type Interval struct {
	Interval imednet.Interval
	// Forms are the interval's forms in its own order. They are the same values as in Design.Forms.
	Forms []*Form
	// Missing are the forms that the interval names and the study does not list.
	Missing []imednet.IntervalForm
	named   []imednet.IntervalForm // of Forms, as the interval's row names them
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

// Structure reads intervals, forms and variables side by side and joins them by
// [imednet.FormIndex]. An interval without a list of forms has none.
func (s *StudyStructure) Structure(ctx context.Context, studyKey string) (*Design, error) {
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
		return nil, &imednet.Error{Package: "structure", Op: "read the structure", StudyKey: studyKey, Err: failure}
	}
	return join(studyKey, intervals, forms, variables), nil
}

// Form returns the first form of this key, spelled exactly so.
func (d *Design) Form(formKey string) (*Form, bool) {
	for _, f := range d.Forms {
		if key, ok := f.Form.FormKey.Get(); ok && key == formKey {
			return f, true
		}
	}
	return nil, false
}
