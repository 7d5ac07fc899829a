package dictionary

import (
	"context"
	"errors"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/argument"
)

// unscheduled reports whether records of a form are sent for the subject that is given.
func (t *tryout) unscheduled(form *imednet.IndexedForm) bool {
	return form.Form.UnscheduledVisit.Or(false) && t.opts.SubjectKey != ""
}

// visited reports whether records of a form are sent for a subject who was registered with another
// form.
func (t *tryout) visited(form *imednet.IndexedForm) bool {
	return t.registration != nil && form != t.joined.byForm[t.registration] && !t.unscheduled(form)
}

// prepareVisits finds the intervals of the forms, and what a subject is registered with.
func (t *tryout) prepareVisits(ctx context.Context) error {
	if t.opts.Registration == "" {
		return nil
	}
	reader, ok := t.study.(imednet.IntervalReader)
	form := t.registrationForm()
	if !ok || form == nil {
		return argument.Invalid("dictionary.Checker.Try", "opts.Registration", "is no form in use of the study and the dictionary, or the study lists no intervals")
	}
	t.registration, t.intervals = form, map[*imednet.IndexedForm]string{}
	for interval, err := range reader.Intervals(ctx, t.opts.StudyKey, imednet.ListOptions{}) {
		if err != nil {
			return err
		}
		if interval.Disabled.Or(false) {
			continue
		}
		for _, f := range interval.Forms {
			if form, _ := t.joined.index.OfInterval(&interval, f); form != nil && t.intervals[form] == "" {
				t.intervals[form] = interval.IntervalName.Or("")
			}
		}
	}
	var err error
	t.registers, err = t.checker.planner(form).calm.data(form)
	return err
}

// registrationForm finds the form that registers subjects by its key in the dictionary or the study; nil for none in use.
func (t *tryout) registrationForm() *Form {
	form, known := t.checker.dictionary.Form(t.opts.Registration)
	if !known {
		form = t.joined.forms[t.joined.named(t.opts.Registration)]
	}
	if !t.joined.inUse(form) {
		return nil
	}
	return form
}

// register registers a subject with a record on which no rule acts.
func (t *tryout) register(ctx context.Context, key string) (subjectKey string, err error) {
	item := t.item(t.registration, t.registers)
	item.Kind, item.SiteName = imednet.RegisterSubject, t.opts.SiteName
	r, err := t.submit(ctx, key, t.registration, t.registers, item)
	if err == nil && r == nil {
		err = errors.New("the study refused to register a subject with a record on which no rule acts")
	}
	if err != nil {
		return "", err
	}
	return r.SubjectKey.Or(""), nil
}
