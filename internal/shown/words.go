package shown

import (
	"net/http"
	"slices"
	"strings"
)

// codes of errors (API contract, section 8).
var codes = []string{"1000", "9000", "9001"}

// states of a job (API contract, section 6), as they are compared.
var states = []string{"CREATED", "QUEUED", "PENDING", "RUNNING", "PROCESSING", "COMPLETED", "SUCCESS", "FAILED", "CANCELLED"}

// Code is the code of an error, if the API contract has it or it is the name of an HTTP status, such
// as BAD_REQUEST.
func Code(code string) string {
	if slices.Contains(codes, code) || statusNames[code] {
		return code
	}
	return Hidden
}

// statusNames are the statuses of HTTP as the API spells them.
var statusNames = func() map[string]bool {
	names := map[string]bool{}
	for status := 100; status < 600; status++ {
		if text := http.StatusText(status); text != "" {
			names[strings.ToUpper(strings.NewReplacer(" ", "_", "-", "_", "'", "").Replace(text))] = true
		}
	}
	return names
}()

// IsState reports whether the API is known to have a state of jobs, in any case.
func IsState(state string) bool {
	return slices.ContainsFunc(states, func(known string) bool { return strings.EqualFold(known, strings.TrimSpace(state)) })
}

// State is the state of a job, if it is known.
func State(state string) string {
	if !IsState(state) {
		return "unknown"
	}
	return strings.Map(func(r rune) rune { // the letters that only fold to one of the known states
		if r > '~' {
			return '?'
		}
		return r
	}, strings.TrimSpace(state))
}

// Parameters are what a request may have beside the members of rows: the parameters of listings, the
// members of a submission, and the names of their parts.
var Parameters = []string{
	"page", "size", "sort", "filter", "recordDataFilter", "includeInactive", "body", "data", "studyKey", "batchId", "x-email-notify",
	"formKey", "formId", "siteName", "siteId", "subjectKey", "subjectId", "subjectOid", "intervalName", "intervalId", "recordId", "recordOid",
}

// Parameter is the name of a parameter or member that an error is about, if the API is known to have
// it: as one of Parameters, or because isMember knows it as a member of rows.
func Parameter(name string, isMember func(string) bool) string {
	if slices.Contains(Parameters, name) || isMember != nil && isMember(name) {
		return name
	}
	return Hidden
}
