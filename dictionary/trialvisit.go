package dictionary

import (
	"context"
	"errors"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/argument"
)

// unscheduled reports whether records of a form are sent for the subject that is given.
func (t *tryout) unscheduled(form imednet.Form) bool {
	return form.UnscheduledVisit.Or(false) && t.opts.SubjectKey != ""
}

// visited reports whether records of a form are sent for a subject who was registered with another
// form.
func (t *tryout) visited(form imednet.Form) bool {
	return t.opts.Registration != "" && form.FormKey.Or("") != t.opts.Registration && !t.unscheduled(form)
}

// prepareVisits finds the intervals of the forms, and what a subject is registered with.
func (t *tryout) prepareVisits(ctx context.Context) error {
	if t.opts.Registration == "" {
		return nil
	}
	reader, ok := t.study.(imednet.IntervalReader)
	form, known := t.checker.dictionary.Form(t.opts.Registration)
	if _, listed := t.forms[t.opts.Registration]; !ok || !known || !listed {
		return argument.Invalid("dictionary.Checker.Try", "opts.Registration", "is no form of the study and the dictionary, or the study lists no intervals")
	}
	t.intervals = map[string]string{}
	for interval, err := range reader.Intervals(ctx, t.opts.StudyKey, imednet.ListOptions{}) {
		if err != nil {
			return err
		}
		if interval.Disabled.Or(false) {
			continue
		}
		for _, f := range interval.Forms {
			if key := f.FormKey.Or(""); t.intervals[key] == "" {
				t.intervals[key] = interval.IntervalName.Or("")
			}
		}
	}
	var err error
	t.registers, err = t.checker.planner(form).calm.data(form)
	return err
}

// register registers a subject with a record on which no rule acts.
func (t *tryout) register(ctx context.Context) (subjectKey string, err error) {
	form := t.forms[t.opts.Registration]
	r, err := t.submit(ctx, form, imednet.Submission{Kind: imednet.RegisterSubject, FormKey: t.opts.Registration, SiteName: t.opts.SiteName, Data: sendable(t.registers)})
	if err == nil && r == nil {
		err = errors.New("the study refused to register a subject with a record on which no rule acts")
	}
	if err != nil {
		return "", err
	}
	return r.SubjectKey.Or(""), nil
}
