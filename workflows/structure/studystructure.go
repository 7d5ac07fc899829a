package structure

import (
	"context"
	"sync"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/argument"
	"github.com/imednetgo/imednet/internal/listing"
)

// Client is the part of an [imednet.Client] that a [StudyStructure] reads. The mirror also
// implements it.
type Client interface {
	imednet.IntervalReader
	imednet.FormReader
	imednet.VariableReader
}

// StudyStructure reads the design of a study. It is safe for concurrent use.
type StudyStructure struct {
	client Client
}

// NewStudyStructure returns the workflow for a client or a mirror. The error is an
// *[imednet.ValidationError].
func NewStudyStructure(client Client) (*StudyStructure, error) {
	if err := argument.Required("structure.NewStudyStructure", "client", client); err != nil {
		return nil, err
	}
	return &StudyStructure{client: client}, nil
}

// Design is the design of a study: its intervals, forms and variables, each once. It includes
// disabled and deleted ones, which are marked (imednet.Interval.Disabled, imednet.Form.Disabled,
// [imednet.Variable.Retired]).
type Design struct {
	StudyKey string
	// Intervals are in ascending order of intervalSequence, with those without one last. Ties keep
	// the server's order.
	Intervals []Interval
	// Forms are the forms that the study lists, in ascending order of id, each with its variables.
	Forms []*Form
	// Contradictions lists disagreements between rows of the design, such as a variable whose
	// formId and formKey name different forms. See [imednet.FormIndex] for the rule.
	Contradictions []imednet.Contradiction
	// Unscheduled holds the parts that belong to no interval.
	Unscheduled Unscheduled
}

// Interval is an interval with the forms that are filled in at it.
type Interval struct {
	Interval imednet.Interval
	// Forms are the interval's forms in the order of the interval. They are the same pointers as in
	// [Design.Forms].
	Forms []*Form
	// Missing lists the forms that the interval names but the study does not list.
	Missing []imednet.IntervalForm
	named   []imednet.IntervalForm // of Forms, as the interval's row names them
}

// Form is a form with its variables, in ascending order of sequence (those without one last).
type Form struct {
	Form      imednet.Form
	Variables []imednet.Variable
}

// Unscheduled holds the parts of a design that belong to no interval.
type Unscheduled struct {
	// Forms are the forms in no interval: logs such as adverse events, site forms, retired forms.
	Forms []*Form
	// Variables are those that name no form, or a form that the study does not list.
	Variables []imednet.Variable
}

// Structure reads intervals, forms and variables concurrently and joins them by
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

// Form returns the first form with exactly this key, and whether there is one.
func (d *Design) Form(formKey string) (*Form, bool) {
	for _, f := range d.Forms {
		if key, ok := f.Form.FormKey.Get(); ok && key == formKey {
			return f, true
		}
	}
	return nil, false
}
