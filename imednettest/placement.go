package imednettest

import "errors"

// placed checks that a form may be filled in at an interval, or without one where interval is nil.
func (s Settings) placed(form, interval []byte) error {
	if interval == nil {
		if !s.UnscheduledForms && string(valueOf(form, "unscheduledVisit")) != "true" {
			return errors.New("the form needs an interval")
		}
		return nil
	}
	if s.UnlistedForms || lists(interval, form) {
		return nil
	}
	return errors.New("the form is not filled in at this interval")
}

// lists reports whether an interval names a form. One whose forms are absent or null names none.
func lists(interval, form []byte) bool {
	forms := valueOf(interval, "forms")
	if len(forms) == 0 || forms[0] != '[' {
		return false
	}
	id, key := intOf(valueOf(form, "formId")), textOf(valueOf(form, "formKey"))
	for listed := range elements(forms) {
		if intOf(valueOf(listed, "formId")) == id || textOf(valueOf(listed, "formKey")) == key && key != "" {
			return true
		}
	}
	return false
}
