package whose

import (
	"cmp"
	"context"
	"errors"
	"iter"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/listing"
	"github.com/imednetgo/imednet/internal/studytest"
)

type clinic struct {
	sites    []imednet.Site
	subjects []imednet.Subject
	failure  error
}

func (c clinic) Sites(context.Context, string, imednet.ListOptions) iter.Seq2[imednet.Site, error] {
	return studytest.RowsOf(c.sites)
}

func (c clinic) Subjects(context.Context, string, imednet.ListOptions) iter.Seq2[imednet.Subject, error] {
	if c.failure != nil {
		return listing.Failed[imednet.Subject](c.failure)
	}
	return studytest.RowsOf(c.subjects)
}

func TestSubjectAndSite(t *testing.T) {
	one, two := imednet.Some[int64](1), imednet.Some[int64](2)
	f, err := Read(t.Context(), clinic{
		sites:    []imednet.Site{{SiteID: 1, SiteName: imednet.Some("North")}, {SiteID: 2, SiteName: imednet.Some("South")}},
		subjects: []imednet.Subject{{SubjectID: 7, SubjectKey: imednet.Some("NEW"), SiteID: one}, {SubjectID: 8, SubjectKey: imednet.Some("OLD"), SiteID: two}},
	}, "S")
	require.NoError(t, err)
	require.ElementsMatch(t, []string{"North", "South"}, f.SiteNames())
	require.True(t, f.HasSubject("NEW"))
	require.False(t, f.HasSubject("new"))
	seven := imednet.Some[int64](7)
	for name, c := range map[string]struct {
		record    imednet.Record
		key, site string
	}{
		"the former key":           {imednet.Record{SubjectID: seven, SubjectKey: imednet.Some("OLD"), SiteID: one}, "NEW", "North"},
		"no site":                  {imednet.Record{SubjectID: seven, SubjectKey: imednet.Some("NEW")}, "NEW", "North"},
		"another site":             {imednet.Record{SubjectID: seven, SubjectKey: imednet.Some("NEW"), SiteID: two}, "NEW", "South"},
		"a key only":               {imednet.Record{SubjectKey: imednet.Some("OLD")}, "OLD", "South"},
		"an id that nobody has":    {imednet.Record{SubjectID: imednet.Some[int64](9), SubjectKey: imednet.Some("OLD")}, "OLD", ""},
		"a record of a site":       {imednet.Record{SiteID: two}, "", "South"},
		"a site that is not there": {imednet.Record{SiteID: imednet.Some[int64](5)}, "", ""},
	} {
		require.Equal(t, c.key, f.SubjectKey(&c.record), name)
		require.Equal(t, c.site, f.Site(&c.record), name)
		require.True(t, f.Selects(&c.record, c.site, ""), name)
		require.False(t, f.Selects(&c.record, "West", ""), name)
		require.Equal(t, c.key != "" && name != "an id that nobody has", f.Selects(&c.record, "", cmp.Or(c.key, "OLD")), name)
	}
	broken := errors.New("broken")
	_, err = Read(t.Context(), clinic{failure: broken}, "S")
	require.ErrorIs(t, err, broken)
}
