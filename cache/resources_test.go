package cache_test

import (
	"context"
	"fmt"
	"iter"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/cache"
	"github.com/imednetgo/imednet/cache/cachetest"
	"github.com/imednetgo/imednet/imednettest"
)

// rowsOf lists a resource of any reader as its JSON.
func rowsOf(t *testing.T, client imednet.Client, study string, name imednet.Resource) []string {
	t.Helper()
	return cachetest.Rows(t, client, study, name)
}

// requireEqualResources demands that every resource of the mirror is the server's, byte for byte.
func requireEqualResources(t *testing.T, server imednet.Client, l *cache.CachedRecordsLoader, study string) {
	t.Helper()
	for _, name := range append(cache.MirroredResources(), imednet.Records) {
		want, got := rowsOf(t, server, study, name), rowsOf(t, l.Client(), study, name)
		require.Len(t, got, len(want), name)
		if !slices.Equal(want, got) {
			require.Equal(t, want, got, name)
		}
	}
}

func syncStudy(t *testing.T, l *cache.CachedRecordsLoader, study string, opts cache.SyncOptions) cache.StudyReport {
	t.Helper()
	r, err := l.SyncStudy(t.Context(), study, opts)
	require.NoError(t, err)
	for _, one := range r.Resources.Resources {
		require.Equal(t, one.Received, one.Added+one.Updated+one.Restored+one.Unchanged, one.String())
	}
	return r
}

func TestEveryResourceIsMirrored(t *testing.T) {
	study := imednettest.Generate(imednettest.GenerateOptions{Records: 4000})
	server := imednettest.NewServer(study)
	l := open(t, server.Client())
	r := syncStudy(t, l, study.Key(), cache.SyncOptions{})
	require.Len(t, r.Resources.Resources, 11)
	require.Empty(t, r.Resources.LeftOut())
	requireEqualResources(t, server.Client(), l, study.Key())

	before := fingerprint(t, l.Path())
	server.ResetRequests()
	again := syncStudy(t, l, study.Key(), cache.SyncOptions{})
	require.Equal(t, r.Resources.Version, again.Resources.Version)
	require.Equal(t, before, fingerprint(t, l.Path()), "a quiet run wrote")
	for _, name := range cache.MirroredResources() {
		n := server.CountRequests(func(q imednettest.Request) bool { return strings.HasSuffix(q.Path, "/"+string(name)) })
		require.LessOrEqual(t, n, 4, name) // three, and for revisions the one of the records' run
	}

	m := cachetest.NewMeddler(t, study, 5, 400)
	for m.Left > 0 {
		m.Meddle()
	}
	syncStudy(t, l, study.Key(), cache.SyncOptions{})
	requireEqualResources(t, server.Client(), l, study.Key())
}

// filteredClient lists what a test leaves of each resource of a server.
type filteredClient struct {
	*imednettest.Client
	variables  int            // how many are listed; 0 is all
	queries    func(int) bool // by their place; nil is all
	forbidden  map[imednet.Resource]bool
	rewritten  map[int64]string // description of queries by id
	renewed    time.Time        // dateModified of the rewritten
	noDateLegs bool
}

func (c *filteredClient) refusal(name imednet.Resource) error {
	if !c.forbidden[name] {
		return nil
	}
	return &imednet.APIError{StatusCode: 403, Method: "GET", Path: "/" + string(name)}
}

func guarded[T any](err error, rows iter.Seq2[T, error]) iter.Seq2[T, error] {
	if err == nil {
		return rows
	}
	return func(yield func(T, error) bool) {
		var none T
		yield(none, err)
	}
}

func (c *filteredClient) Variables(ctx context.Context, study string, opts imednet.ListOptions) iter.Seq2[imednet.Variable, error] {
	rows := c.Client.Variables(ctx, study, opts)
	return guarded(c.refusal(imednet.Variables), func(yield func(imednet.Variable, error) bool) {
		n := 0
		for v, err := range rows {
			if n++; c.variables > 0 && n > c.variables || !yield(v, err) {
				return
			}
		}
	})
}

func (c *filteredClient) Queries(ctx context.Context, study string, opts imednet.ListOptions) iter.Seq2[imednet.Query, error] {
	return guarded(c.refusal(imednet.Queries), func(yield func(imednet.Query, error) bool) {
		if c.noDateLegs && strings.Contains(fmt.Sprint(opts.Filter), "dateModified") {
			yield(imednet.Query{}, &imednet.APIError{StatusCode: 400, Method: "GET", Path: "/queries"})
			return
		}
		i := -1
		for q, err := range c.Client.Queries(ctx, study, imednet.ListOptions{PageSize: opts.PageSize}) {
			i++
			if c.queries != nil && !c.queries(i) {
				continue
			}
			if text, ok := c.rewritten[q.AnnotationID]; ok && err == nil {
				q, err = imednet.Decode[imednet.Query](fmt.Appendf(nil, `{"annotationId":%d,"description":%q,"dateModified":%q}`, q.AnnotationID, text, imednet.NewTime(c.renewed)))
			}
			members, _ := imednet.NewRecordData(q.Raw)
			if err == nil && !opts.Filter.IsZero() && !opts.Filter.Match(members.Get) {
				continue
			}
			if !yield(q, err) {
				return
			}
		}
	})
}

func (c *filteredClient) Sites(ctx context.Context, study string, opts imednet.ListOptions) iter.Seq2[imednet.Site, error] {
	return guarded(c.refusal(imednet.Sites), c.Client.Sites(ctx, study, opts))
}

func (c *filteredClient) Intervals(ctx context.Context, study string, opts imednet.ListOptions) iter.Seq2[imednet.Interval, error] {
	return guarded(c.refusal(imednet.Intervals), c.Client.Intervals(ctx, study, opts))
}

func (c *filteredClient) Codings(ctx context.Context, study string, opts imednet.ListOptions) iter.Seq2[imednet.Coding, error] {
	return guarded(c.refusal(imednet.Codings), c.Client.Codings(ctx, study, opts))
}

func (c *filteredClient) RecordRevisions(ctx context.Context, study string, opts imednet.ListOptions) iter.Seq2[imednet.RecordRevision, error] {
	return guarded(c.refusal(imednet.RecordRevisions), c.Client.RecordRevisions(ctx, study, opts))
}

func (c *filteredClient) ProbeRows(ctx context.Context, study string, name imednet.Resource, f imednet.Filter) (imednet.Probe, error) {
	probe, err := c.Client.ProbeRows(ctx, study, name, f)
	if name == imednet.Queries && c.queries != nil {
		total := probe.Total
		probe.Total = 0
		for i := range int(total) {
			if c.queries(i) {
				probe.Total++
			}
		}
	}
	return probe, err
}

// TestAResourceWithoutRowsIsMirrored: once it was read, it is known to have none.
func TestAResourceWithoutRowsIsMirrored(t *testing.T) {
	study := imednettest.Generate(imednettest.GenerateOptions{Records: 60})
	client := &filteredClient{Client: imednettest.NewServer(study).Client(), queries: func(int) bool { return false }}
	l := open(t, client)
	for range 2 {
		require.Zero(t, syncResource(t, l, study.Key(), imednet.Queries).Held)
		require.Empty(t, rowsOf(t, l.Client(), study.Key(), imednet.Queries))
	}
}

// TestAResourceIsHeldAsItWasLeft by the last run that changed it, when another process opens the file.
func TestAResourceIsHeldAsItWasLeft(t *testing.T) {
	study := imednettest.Generate(imednettest.GenerateOptions{Records: 60})
	client := imednettest.NewServer(study).Client()
	l := open(t, client)
	first := syncResource(t, l, study.Key(), imednet.RecordRevisions)
	require.NoError(t, study.EditRecord(study.RecordIDs()[0], "NOTE", "changed"))
	second := syncResource(t, l, study.Key(), imednet.RecordRevisions)
	require.Equal(t, []int64{1, first.Held + 1}, []int64{second.Added, second.Held})
	third := syncResource(t, l, study.Key(), imednet.RecordRevisions)
	require.Equal(t, []int64{0, first.Held + 1}, []int64{third.Added, third.Held})
}

// TestAResourceOfAFileThatIsReplacedIsNoticed also by a run that has nothing to write.
func TestAResourceOfAFileThatIsReplacedIsNoticed(t *testing.T) {
	study := imednettest.Generate(imednettest.GenerateOptions{Records: 60})
	server := imednettest.NewServer(study)
	l := open(t, server.Client())
	syncResource(t, l, study.Key(), imednet.Sites)
	moved := false
	server.OnRequest(func(imednettest.Request) {
		if !moved {
			moved = true
			require.NoError(t, os.Rename(l.Path(), l.Path()+".old"))
		}
	})
	_, err := l.SyncResources(t.Context(), study.Key(), cache.SyncOptions{Resources: []imednet.Resource{imednet.Sites}})
	require.ErrorIs(t, err, cache.ErrFileReplaced)
	require.True(t, moved)
}

func syncResource(t *testing.T, l *cache.CachedRecordsLoader, study string, name imednet.Resource) cache.ResourceReport {
	t.Helper()
	report, err := l.SyncResources(t.Context(), study, cache.SyncOptions{Resources: []imednet.Resource{name}})
	require.NoError(t, err)
	require.Len(t, report.Resources, 1)
	return report.Resources[0]
}

// TestStructureIsGuarded lets nearly all variables vanish.
func TestStructureIsGuarded(t *testing.T) {
	study := imednettest.Generate(imednettest.GenerateOptions{Records: 300})
	client := &filteredClient{Client: imednettest.NewServer(study).Client()}
	l := open(t, client)
	syncStudy(t, l, study.Key(), cache.SyncOptions{})
	all := rowsOf(t, l.Client(), study.Key(), imednet.Variables)

	client.variables = 1
	_, err := l.SyncStructure(t.Context(), study.Key(), cache.SyncOptions{})
	var mass *cache.MassDeletionError
	require.ErrorAs(t, err, &mass)
	require.Equal(t, imednet.Variables, mass.Resource)
	require.EqualValues(t, len(all)-1, mass.Missing)
	require.Equal(t, all, rowsOf(t, l.Client(), study.Key(), imednet.Variables))

	client.variables = len(all) - 3 // a design does lose variables
	r := syncStudy(t, l, study.Key(), cache.SyncOptions{})
	require.Contains(t, r.String(), "variables: "+fmt.Sprint(len(all)-3)+" held; "+fmt.Sprint(len(all)-3)+" received: 0 added, 0 updated, 0 restored, "+fmt.Sprint(len(all)-3)+" unchanged; 3 vanished")
	require.Equal(t, all[:len(all)-3], rowsOf(t, l.Client(), study.Key(), imednet.Variables))

	client.variables = 0
	r = syncStudy(t, l, study.Key(), cache.SyncOptions{})
	i := slices.IndexFunc(r.Resources.Resources, func(one cache.ResourceReport) bool { return one.Resource == imednet.Variables })
	require.EqualValues(t, 3, r.Resources.Resources[i].Restored)
	require.Equal(t, all, rowsOf(t, l.Client(), study.Key(), imednet.Variables))
}

// TestKeysWithoutTheRightToOneResource takes the right to each resource away in turn.
func TestKeysWithoutTheRightToOneResource(t *testing.T) {
	for _, name := range []imednet.Resource{imednet.Intervals, imednet.Sites, imednet.Codings, imednet.Queries, imednet.Variables, imednet.RecordRevisions} {
		t.Run(string(name), func(t *testing.T) {
			study := imednettest.Generate(imednettest.GenerateOptions{Records: 900})
			client := &filteredClient{Client: imednettest.NewServer(study).Client(), forbidden: map[imednet.Resource]bool{name: true}}
			l := open(t, client)
			r := syncStudy(t, l, study.Key(), cache.SyncOptions{})
			require.Equal(t, map[imednet.Resource]string{name: "the keys may not read it (403)"}, r.Resources.LeftOut())
			require.Contains(t, r.String(), string(name)+": left out")
			require.Equal(t, name == imednet.RecordRevisions, r.Records.Unrevised)
			for _, other := range append(cache.MirroredResources(), imednet.Records) {
				if other != name {
					require.Equal(t, rowsOf(t, client, study.Key(), other), rowsOf(t, l.Client(), study.Key(), other), other)
				}
			}
			for _, err := range l.Client().Variables(t.Context(), study.Key(), imednet.ListOptions{}) {
				if name == imednet.Variables {
					require.ErrorIs(t, err, cache.ErrNotSynced)
					require.ErrorIs(t, err, imednet.ErrForbidden)
					require.ErrorContains(t, err, "403")
				}
			}
			// Changes that dates and counts show are found without revisions, too.
			ids := study.RecordIDs()
			require.NoError(t, study.EditRecord(ids[3], "X", 1))
			require.NoError(t, study.RemoveRecord(ids[4]))
			require.NoError(t, study.DeleteRecord(ids[5], true))
			syncStudy(t, l, study.Key(), cache.SyncOptions{})
			requireEqual(t, study, l)

			client.forbidden = nil // the right comes back
			r = syncStudy(t, l, study.Key(), cache.SyncOptions{})
			require.Empty(t, r.Resources.LeftOut())
			requireEqualResources(t, client, l, study.Key())
		})
	}
	study := imednettest.Generate(imednettest.GenerateOptions{Records: 30})
	server := imednettest.NewServer(study)
	l := open(t, server.Client())
	server.Inject(imednettest.Fault{Status: 403, Times: -1})
	_, err := l.SyncResources(t.Context(), study.Key(), cache.SyncOptions{})
	require.ErrorIs(t, err, imednet.ErrForbidden, "a study that may not be read at all is an error")
}
