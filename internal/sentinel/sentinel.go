// Package sentinel makes errors to compare with errors.Is that decide for themselves what
// imednet.Retryable reports, however deep they are wrapped.
package sentinel

type sentinel struct {
	text      string
	retryable bool
}

// Error returns the text.
func (s *sentinel) Error() string { return s.text }

// Retryable is what imednet.Retryable reports.
func (s *sentinel) Retryable() bool { return s.retryable }

// Retryable returns an error that passes: the same call may succeed later.
func Retryable(text string) error { return &sentinel{text, true} }

// Permanent returns an error that no waiting changes, whatever else it is joined with.
func Permanent(text string) error { return &sentinel{text, false} }
