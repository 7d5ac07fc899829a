//go:build cgo

package workflows_test

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"iter"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/cache"
	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/pipeline"
	"github.com/imednetgo/imednet/rest"
	"github.com/imednetgo/imednet/workflows"
	"github.com/imednetgo/imednet/workflows/criteria"
	"github.com/imednetgo/imednet/workflows/profiles"
	"github.com/imednetgo/imednet/workflows/queries"
	"github.com/imednetgo/imednet/workflows/report"
	"github.com/imednetgo/imednet/workflows/structure"
	"github.com/imednetgo/imednet/workflows/subjects"
	"github.com/imednetgo/imednet/workflows/tables"
)

// reading is one workflow that reads a study. What it returns is compared as JSON.
type reading struct {
	name string
	read func(*testing.T, context.Context, imednet.Client, string) any
}

// collected lists rows.
func collected[T any](t *testing.T, rows iter.Seq2[T, error]) (all []T) {
	t.Helper()
	for row, err := range rows {
		require.NoError(t, err)
		all = append(all, row)
	}
	return all
}

// must returns what a call returned, unless it failed.
func must[T any](t *testing.T) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		require.NoError(t, err)
		return v
	}
}

// readings are all of them, made at an instant.
func readings(instant time.Time) []reading {
	return []reading{
		{"records by filters", func(t *testing.T, ctx context.Context, c imednet.Client, study string) any {
			run := must[*criteria.DataExtraction](t)(criteria.NewDataExtraction(c)).Extract(ctx, study, criteria.RecordCriteria{
				Records: imednet.Where("formKey", imednet.Equal, "VS"), Subjects: imednet.Where("siteName", imednet.Equal, "Site 01"),
				Visits: imednet.Where("visitId", imednet.Greater, 0),
			})
			return []any{collected(t, run.Records()), run.Report()}
		}},
		{"audit trail", func(t *testing.T, ctx context.Context, c imednet.Client, study string) any {
			run := must[*criteria.DataExtraction](t)(criteria.NewDataExtraction(c)).AuditTrail(ctx, study, criteria.AuditCriteria{
				From: time.Date(2024, 3, 1, 0, 0, 0, 0, time.UTC), Filter: imednet.Where("formKey", imednet.Equal, "AE"),
			})
			return []any{collected(t, run.Revisions()), run.Report()}
		}},
		{"queries", func(t *testing.T, ctx context.Context, c imednet.Client, study string) any {
			m := must[*queries.QueryManagement](t)(queries.NewQueryManagement(c, queries.WithClock(imednettest.NewClock(instant))))
			return []any{
				collected(t, m.OpenQueries(ctx, study, queries.Options{})), collected(t, m.QueriesForSubject(ctx, study, "01-001", queries.Options{})),
				collected(t, m.QueriesBySite(ctx, study, "Site 01", queries.Options{})), collected(t, m.Queries(ctx, study, queries.Options{OlderThan: 30 * 24 * time.Hour})),
				must[queries.StateCounts](t)(m.QueryStateCounts(ctx, study, queries.Options{})), must[[]queries.Entry](t)(m.Overview(ctx, study, queries.Options{})),
				must[*queries.Metrics](t)(m.QueryMetrics(ctx, study, queries.MetricsOptions{AsOf: instant})),
			}
		}},
		{"structure", func(t *testing.T, ctx context.Context, c imednet.Client, study string) any {
			return must[*structure.Design](t)(must[*structure.StudyStructure](t)(structure.NewStudyStructure(c)).Structure(ctx, study))
		}},
		{"subjects", func(t *testing.T, ctx context.Context, c imednet.Client, study string) any {
			s := must[*subjects.SubjectData](t)(subjects.NewSubjectData(c))
			var all []any
			for _, key := range []string{"01-001", "02-002", "03-003"} {
				data := must[*subjects.SubjectComprehensiveData](t)(s.AllSubjectData(ctx, study, key, subjects.Options{}))
				all = append(all, data)
			}
			return all
		}},
		{"profile", func(t *testing.T, ctx context.Context, c imednet.Client, study string) any {
			profile := must[*profiles.StudyProfile](t)(must[*profiles.SchemaProfiler](t)(profiles.NewSchemaProfiler(c, profiles.WithClock(imednettest.NewClock(instant)))).ProfileRecords(ctx, study, profiles.Options{}))
			text := must[[]byte](t)(json.Marshal(profile))
			var members map[string]any
			require.NoError(t, json.Unmarshal(text, &members))
			delete(members, "origin") // the state of the mirror, which the others do not have
			return members
		}},
		{"report", func(t *testing.T, ctx context.Context, c imednet.Client, study string) any {
			r := must[*report.StudyReport](t)(report.NewStudyReport(c, report.WithClock(imednettest.NewClock(instant))))
			made := must[*report.Report](t)(r.Build(ctx, study, report.Options{AdverseEvents: []report.AdverseEventForm{{FormKey: "AE"}}}))
			made.Origin, made.AsOf = imednet.Origin{}, time.Time{} // the state of the mirror, which the others do not have
			return made
		}},
		{"hierarchy", func(t *testing.T, ctx context.Context, c imednet.Client, study string) any {
			run := must[*tables.RecordMapper](t)(tables.NewRecordMapper(c)).Hierarchy(ctx, study, tables.MapOptions{})
			all := collected(t, run.Subjects())
			slices.SortFunc(all, func(a, b tables.HierarchySubject) int { // each source has an order of its own
				return cmp.Compare(a.SubjectID.Or(0), b.SubjectID.Or(0))
			})
			return all
		}},
		{"tables", func(t *testing.T, ctx context.Context, c imednet.Client, study string) any {
			m := must[*tables.RecordMapper](t)(tables.NewRecordMapper(c))
			p := must[*pipeline.ChunkedRecordPipeline](t)(pipeline.New())
			files := map[string]string{}
			for _, layout := range []pipeline.Layout{pipeline.PerForm, pipeline.Wide} {
				dir := filepath.Join(t.TempDir(), "out")
				_, err := p.WriteNDJSON(ctx, m, study, dir, pipeline.DataSetOptions{Layout: layout})
				require.NoError(t, err)
				addFiles(t, files, dir, fmt.Sprint(layout))
			}
			return files
		}},
	}
}

// addFiles reads the tables of a data set.
func addFiles(t *testing.T, files map[string]string, dir, name string) {
	t.Helper()
	require.NoError(t, filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".ndjson") {
			return err
		}
		text, err := os.ReadFile(path)
		files[name+strings.TrimPrefix(path, dir)] = string(text)
		return err
	}))
}

// TestEveryReadingWorkflowPassesOneContract reads one study over HTTP, in memory and from the mirror, once at its
// newest state and once as of a version that lies before many changes. The mirror has no client: it is offline.
func TestEveryReadingWorkflowPassesOneContract(t *testing.T) {
	study := imednettest.Generate(imednettest.GenerateOptions{Records: 2000})
	server := imednettest.NewServer(study)
	web, err := rest.New(imednettest.APIKey, imednettest.SecurityKey, rest.WithBaseURL(imednettest.Start(t, server)))
	require.NoError(t, err)
	path := filepath.Join(t.TempDir(), "mirror.sqlite3")
	first := synced(t, web, path, study.Key())
	offline, err := cache.NewCachedRecordsLoader(t.Context(), nil, path)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, offline.Close()) })

	then := instantOf(t, offline, study.Key())
	want := results(t, web, study.Key(), then)
	requireSameResults(t, want, results(t, server.Client(), study.Key(), then))
	requireSameResults(t, want, results(t, offline.Client(), study.Key(), then))

	for i, id := range study.RecordIDs() {
		switch i % 7 {
		case 1:
			require.NoError(t, study.EditRecord(id, "AETERM", "changed"))
		case 2:
			require.NoError(t, study.DeleteRecord(id, true))
		case 3:
			if i%3 == 0 {
				require.NoError(t, study.RemoveRecord(id))
			}
		}
	}
	second := synced(t, web, path, study.Key())
	require.Greater(t, second, first)
	now := instantOf(t, offline, study.Key())
	later := results(t, web, study.Key(), now)
	require.NotEqual(t, want["tables"], later["tables"])
	requireSameResults(t, later, results(t, offline.Client(), study.Key(), now))
	before, err := offline.AsOf(t.Context(), study.Key(), first)
	require.NoError(t, err)
	requireSameResults(t, want, results(t, before, study.Key(), then))
}

// synced brings the mirror up to date and returns its version.
func synced(t *testing.T, client imednet.Client, path, study string) imednet.MirrorVersion {
	t.Helper()
	mirror, err := cache.NewCachedRecordsLoader(t.Context(), client, path)
	require.NoError(t, err)
	r, err := mirror.SyncStudy(t.Context(), study, cache.SyncOptions{})
	require.NoError(t, err)
	require.Empty(t, r.Resources.LeftOut())
	require.NoError(t, mirror.Close())
	return r.Resources.Version
}

// instantOf is the server's time as of which the mirror stands.
func instantOf(t *testing.T, mirror *cache.CachedRecordsLoader, study string) time.Time {
	t.Helper()
	origin, err := mirror.Client().Origin(t.Context(), study)
	require.NoError(t, err)
	return origin.ServerTime
}

func results(t *testing.T, client imednet.Client, study string, instant time.Time) map[string]string {
	t.Helper()
	_, err := workflows.NewWorkflows(client)
	require.NoError(t, err, "a client of everything")
	all := map[string]string{}
	for _, r := range readings(instant) {
		text, err := json.Marshal(r.read(t, t.Context(), client, study))
		require.NoError(t, err, r.name)
		require.Greater(t, len(text), 200, r.name)
		all[r.name] = string(text)
	}
	return all
}

func requireSameResults(t *testing.T, want, got map[string]string) {
	t.Helper()
	for _, name := range slices.Sorted(maps.Keys(want)) {
		if i := differ(want[name], got[name]); i >= 0 {
			require.Fail(t, name, "…%.300s\n…%.300s", want[name][max(0, i-100):], got[name][max(0, i-100):])
		}
	}
	require.Len(t, got, len(want))
}

// differ is where two texts begin to differ, -1 if they are the same.
func differ(a, b string) int {
	if a == b {
		return -1
	}
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return i
		}
	}
	return min(len(a), len(b))
}
