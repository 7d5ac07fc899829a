package imednet

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestListOptionsValidate(t *testing.T) {
	good := []struct {
		resource Resource
		opts     ListOptions
	}{
		{Records, ListOptions{}},
		{Records, ListOptions{Filter: Where("formKey", Equal, "AE"), RecordDataFilter: Where("AESER", Contains, "Y"), PageSize: 500}},
		{Records, ListOptions{Sort: []SortKey{{Property: "recordId"}}}},
		{Users, ListOptions{IncludeInactive: true, Sort: []SortKey{{Property: "login", Descending: true}}}},
		{Codings, ListOptions{Sort: []SortKey{{Property: "formId"}, {Property: "dateCoded", Descending: true}}}},
	}
	for _, c := range good {
		require.NoError(t, c.opts.Validate(c.resource), "%v", c)
	}
	bad := []struct {
		resource Resource
		opts     ListOptions
		problems int
	}{
		{Users, ListOptions{Filter: Where("login", Equal, "secret")}, 1},
		{Forms, ListOptions{RecordDataFilter: Where("AESER", Equal, "secret"), IncludeInactive: true, PageSize: 501}, 3},
		{Records, ListOptions{Sort: []SortKey{{Property: "dateModified"}}}, 1},
		{RecordRevisions, ListOptions{Sort: []SortKey{{Property: "recordRevisionId", Descending: true}}}, 1},
		{Sites, ListOptions{Sort: []SortKey{{Property: "siteid"}, {Property: "siteId"}, {Property: "siteId"}}, PageSize: -1}, 3},
	}
	for _, c := range bad {
		err := c.opts.Validate(c.resource)
		var invalid *ValidationError
		require.ErrorAs(t, err, &invalid)
		require.Len(t, invalid.Problems, c.problems, "%v", err)
		require.NotContains(t, err.Error(), "secret")
	}
}
