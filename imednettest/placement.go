package imednettest

import "errors"

// placed checks that a form may be filled in at an interval, or without one where interval is nil.
func (s Settings) placed(form, interval []byte) error {
	if interval == nil {
		if !s.UnscheduledForms && string(valueOf(form, "unscheduledVisit")) == "false" {
			return errors.New("the form needs an interval")
		}
		return nil
	}
	forms := valueOf(interval, "forms")
	if s.UnlistedForms || len(forms) == 0 || forms[0] != '[' {
		return nil
	}
	id, key := intOf(valueOf(form, "formId")), textOf(valueOf(form, "formKey"))
	for listed := range elements(forms) {
		if intOf(valueOf(listed, "formId")) == id || textOf(valueOf(listed, "formKey")) == key && key != "" {
			return nil
		}
	}
	return errors.New("the form is not filled in at this interval")
}
