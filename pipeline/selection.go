package pipeline

import "github.com/imednetgo/imednet/workflows/tables"

// Selection is which records and columns of a study a data set was asked to hold. Values by which
// records were selected are not in it, since they can be subject data.
type Selection struct {
	Forms     []string `json:"forms,omitempty"`
	Variables []string `json:"variables,omitempty"`
	VisitKey  string   `json:"visitKey,omitempty"`
	// FilteredBy names the attributes and variables with a condition. Select means that the program
	// also chose records by a function of its own.
	FilteredBy     []string `json:"filteredBy,omitempty"`
	Select         bool     `json:"select,omitempty"`
	IncludeDeleted bool     `json:"includeDeleted,omitempty"`
	Labels         bool     `json:"labels,omitempty"` // as column titles
}

func selectionOf(o tables.MapOptions) Selection {
	s := Selection{Forms: o.Forms, Variables: o.Variables, VisitKey: o.VisitKey, IncludeDeleted: o.IncludeDeleted, Select: o.Select != nil, Labels: o.Titles == tables.ByLabel}
	for _, c := range append(o.Filter.Conditions(), o.Answers.Conditions()...) {
		s.FilteredBy = append(s.FilteredBy, c.Attribute)
	}
	return s
}
