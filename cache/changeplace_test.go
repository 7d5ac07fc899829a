package cache_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/cache"
	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/internal/listing"
)

// TestChangesOfRowsWithoutARecordNameTheirSubject: a subject's own row, visits and queries about the subject are
// found by subject and site as its records are.
func TestChangesOfRowsWithoutARecordNameTheirSubject(t *testing.T) {
	study := imednettest.Generate(imednettest.GenerateOptions{Records: 200})
	l := open(t, imednettest.NewServer(study).Client())
	syncStudy(t, l, study.Key(), cache.SyncOptions{})
	subjects, err := listing.Collect(l.Client().Subjects(t.Context(), study.Key(), imednet.ListOptions{}))
	require.NoError(t, err)
	subject, other := subjects[0], subjects[1]
	study.Advance(time.Hour)
	renamed := study.Now()
	require.NoError(t, study.RenameSubject(subject.SubjectID, "renamed"))
	syncStudy(t, l, study.Key(), cache.SyncOptions{Sweep: true})

	changes := func(f cache.ChangeFilter) (rows map[imednet.Resource][]string, visits []string) {
		rows = map[imednet.Resource][]string{}
		for e, err := range l.ChangeList(t.Context(), study.Key(), f) {
			require.NoError(t, err)
			if e.Member != "subjectKey" {
				continue
			}
			require.Equal(t, "renamed", e.SubjectKey, "%s %s", e.Resource, e.RowID)
			require.Equal(t, subject.SiteName.Or(""), e.Site, "%s %s", e.Resource, e.RowID)
			rows[e.Resource] = append(rows[e.Resource], e.RowID)
			if e.Resource == imednet.Visits {
				visits = append(visits, e.Visit)
			}
		}
		return rows, visits
	}
	all, visits := changes(cache.ChangeFilter{Since: renamed})
	for _, resource := range []imednet.Resource{imednet.Records, imednet.Subjects, imednet.Visits} {
		require.NotEmpty(t, all[resource], resource)
	}
	require.NotContains(t, visits, "")
	for name, f := range map[string]cache.ChangeFilter{
		"subject": {Since: renamed, SubjectKey: "renamed"},
		"site":    {Since: renamed, Site: subject.SiteName.Or("")},
	} {
		found, _ := changes(f)
		require.Equal(t, all, found, name)
	}
	none, _ := changes(cache.ChangeFilter{Since: renamed, SubjectKey: other.SubjectKey.Or("")})
	require.Empty(t, none)
}
