package imednet

import (
	"cmp"
	"fmt"
)

// MaxPageSize is the largest page size that the API accepts.
const MaxPageSize = 500

// ReadsByKey reports whether clients read this resource by key, always in ascending order of id.
// These are the resources that grow while they are read.
func (r Resource) ReadsByKey() bool { return r == Records || r == RecordRevisions }

// Validate checks the options for a listing of resource. Every client calls it before it sends
// anything. The error is a *[ValidationError] with every problem; it does not repeat values.
func (o ListOptions) Validate(resource Resource) error {
	var problems []Problem
	collect := func(err error) {
		if invalid, ok := err.(*ValidationError); ok {
			problems = append(problems, invalid.Problems...)
		}
	}
	if !o.Filter.IsZero() {
		collect(o.Filter.Validate(resource))
	}
	if !o.RecordDataFilter.IsZero() {
		_, err := o.RecordDataFilter.EncodeRecordData()
		collect(err)
		if resource != Records {
			problems = append(problems, Problem{Path: "recordDataFilter", Message: "only records have answers to filter by"})
		}
	}
	if o.PageSize < 0 || o.PageSize > MaxPageSize {
		problems = append(problems, Problem{Path: "pageSize", Message: fmt.Sprintf("give 1 to %d, or 0 for the client's default", MaxPageSize)})
	}
	if o.IncludeInactive && resource != Users {
		problems = append(problems, Problem{Path: "includeInactive", Message: "only users can be inactive"})
	}
	problems = append(problems, o.sortProblems(resource)...)
	if len(problems) > 0 {
		return &ValidationError{What: fmt.Sprintf("options for listing %s", resource), Problems: problems}
	}
	return nil
}

func (o ListOptions) sortProblems(resource Resource) []Problem {
	var problems []Problem
	seen := map[string]bool{}
	id := resource.ID()
	for _, s := range o.Sort {
		problem := ""
		_, known := attributes[resource][s.Property]
		switch {
		case !known:
			problem = fmt.Sprintf("%s cannot be sorted by this name; names are case-sensitive, as in the row's JSON", resource)
		case seen[s.Property]:
			problem = "sorts a second time by the same property"
		case resource.ReadsByKey() && (s.Property != id || s.Descending):
			problem = fmt.Sprintf("%s are read in ascending %s only", resource, id)
		}
		if problem != "" {
			problems = append(problems, Problem{Path: cmp.Or(s.Property, "sort"), Message: problem})
		}
		seen[s.Property] = true
	}
	return problems
}

// ID returns the wire name of the resource's id, by which listings are sorted.
func (r Resource) ID() string {
	return map[Resource]string{
		Studies: "studyKey", Sites: "siteId", Forms: "formId", Intervals: "intervalId", Variables: "variableId",
		Subjects: "subjectId", Visits: "visitId", Records: "recordId", RecordRevisions: "recordRevisionId",
		Queries: "annotationId", Codings: "codingId", Users: "userId", Jobs: "batchId",
	}[r]
}
