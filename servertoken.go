package imednet

import "github.com/imednetgo/imednet/internal/shown"

// stateWord is the state of a job as texts may show it: one that the API is known to have.
func stateWord(j Job) string {
	if state, ok := j.State.Get(); ok {
		return shown.State(state)
	}
	return "(none)"
}

// isAttribute reports whether the rows of a resource have a member of this name.
func isAttribute(name string) bool {
	for _, fields := range attributes {
		if _, has := fields[name]; has {
			return true
		}
	}
	return false
}
