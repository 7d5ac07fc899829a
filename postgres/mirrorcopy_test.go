//go:build cgo

package postgres_test

import (
	"context"
	"iter"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/cache"
	"github.com/imednetgo/imednet/cache/cachetest"
	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/internal/postgrestest"
)

func openMirrorFile(t *testing.T, client cache.Client) *cache.CachedRecordsLoader {
	t.Helper()
	l, err := cache.NewCachedRecordsLoader(t.Context(), client, filepath.Join(t.TempDir(), "mirror.sqlite3"))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, l.Close()) })
	return l
}

// odd is a server with keys that a database has in a form of its own.
type odd struct{}

func (odd) Records(context.Context, string, imednet.ListOptions) iter.Seq2[imednet.Record, error] {
	return func(yield func(imednet.Record, error) bool) {
		for _, text := range []string{
			`{"recordId":1,"formKey":"A\u0000E","siteId":1.5,"subjectKey":"a\u0001b","dateModified":"x\u0000y"}`,
			"{\"recordId\":2,\"formKey\":\"\xff\",\"siteId\":9007199254740993,\"subjectKey\":\"\xfe\"}",
			`{"recordId":9223372036854775806,"siteId":1e300,"deleted":true}`,
		} {
			rec, err := imednet.Decode[imednet.Record]([]byte(text))
			if !yield(rec, err) {
				return
			}
		}
	}
}

func (odd) RecordRevisions(context.Context, string, imednet.ListOptions) iter.Seq2[imednet.RecordRevision, error] {
	return func(func(imednet.RecordRevision, error) bool) {}
}

// TestMirrorsAreCopiedToADatabaseAndBack: data cuts are proved by their kept manifests, tombstones are the same, every
// state and change is listed as before, and work goes on.
func TestMirrorsAreCopiedToADatabaseAndBack(t *testing.T) {
	ctx := t.Context()
	study := imednettest.Generate(imednettest.GenerateOptions{Records: 700})
	server := imednettest.NewServer(study)
	first := openMirrorFile(t, server.Client())
	var cuts []cache.Manifest
	for seed := range uint64(3) {
		cachetest.NewMeddler(t, study, seed, 60).MeddleOn()
		_, err := first.SyncStudy(ctx, study.Key(), cache.SyncOptions{Sweep: true})
		require.NoError(t, err)
		if seed == 0 {
			_, err = first.Purge(ctx, study.Key(), cache.PurgeOptions{Study: true, Reason: "again"})
			require.NoError(t, err)
			continue
		}
		cut, err := first.Cut(ctx, study.Key(), cache.CutOptions{Name: time.Duration(seed).String()})
		require.NoError(t, err)
		cuts = append(cuts, cut)
		study.Advance(24 * time.Hour)
	}
	oddly, err := cache.NewCachedRecordsLoader(ctx, odd{}, first.Path())
	require.NoError(t, err)
	_, err = oddly.SyncRecords(ctx, "ODD", cache.SyncOptions{})
	require.NoError(t, err)
	require.NoError(t, oddly.Close())

	shared := openMirror(t, postgrestest.URL(t), server.Client())
	back := openMirrorFile(t, server.Client())
	rows, err := shared.CopyFrom(ctx, first)
	require.NoError(t, err)
	again, err := back.CopyFrom(ctx, shared)
	require.NoError(t, err)
	require.Equal(t, rows, again)
	for _, full := range []*cache.CachedRecordsLoader{shared, back} {
		again, err = full.CopyFrom(ctx, first)
		require.NoError(t, err, "what is there already is not copied twice")
		require.Equal(t, rows, again)
		_, err = full.CopyFrom(ctx, openMirrorFile(t, nil))
		require.ErrorIs(t, err, cache.ErrNotEmpty)
	}
	told := func(l *cache.CachedRecordsLoader) (all []any) {
		for _, key := range []string{study.Key(), "ODD"} {
			s, err := l.Status(ctx, key)
			require.NoError(t, err)
			all = append(all, s)
			for v, err := range l.ChangesSince(ctx, key, 0) {
				require.NoError(t, err)
				all = append(all, v.Version, v.State, v.SeenAt, string(v.Record.Raw))
			}
		}
		for c, err := range l.Changes(ctx, study.Key(), 0) {
			require.NoError(t, err)
			all = append(all, c.Resource, c.RowID, c.Kind, string(c.Old.Raw()), string(c.New.Raw()))
		}
		v, err := l.VerifyPurges(ctx, cache.PurgeVerifyOptions{})
		require.NoError(t, err)
		return append(all, v)
	}
	want := told(first)
	require.Equal(t, want, told(shared))
	require.Equal(t, want, told(back))
	cachetest.NewMeddler(t, study, 9, 60).MeddleOn()
	for _, l := range []*cache.CachedRecordsLoader{shared, back} {
		for _, cut := range cuts {
			report, err := l.VerifyCut(ctx, study.Key(), cut.Name, &cut)
			require.NoError(t, err)
			require.True(t, report.OK(), report.Findings)
		}
		_, err := l.SyncStudy(ctx, study.Key(), cache.SyncOptions{})
		require.NoError(t, err)
		_, err = l.ReconcileCache(ctx, study.Key(), cache.SyncOptions{})
		require.NoError(t, err)
		v, err := l.Verify(ctx, study.Key())
		require.NoError(t, err)
		require.True(t, v.OK(), v.String())
	}
	_, err = back.CopyFrom(ctx, nil)
	require.ErrorAs(t, err, new(*imednet.ValidationError))
}

// TestFormerPurgesAreCopied although a trigger refuses to add any: to a database, and to a file that keeps the trigger.
func TestFormerPurgesAreCopied(t *testing.T) {
	url, other := postgrestest.URL(t), postgrestest.URL(t)
	first, second, file := openMirror(t, url, nil), openMirror(t, other, nil), openMirrorFile(t, nil)
	postgrestest.WithoutGuards(t, url, []postgrestest.Table{{Name: "imednet_purge_before"}}, `INSERT INTO imednet_purge_before VALUES ('OLD', 5, 0); INSERT INTO imednet_purged VALUES ('OLD', 5)`)
	for _, to := range []*cache.CachedRecordsLoader{second, file} {
		n, err := to.CopyFrom(t.Context(), first)
		require.NoError(t, err)
		require.EqualValues(t, 2, n)
		v, err := to.VerifyPurges(t.Context(), cache.PurgeVerifyOptions{})
		require.NoError(t, err, "the triggers are there again")
		require.Equal(t, []cache.FormerPurge{{StudyKey: "OLD", Whole: 5}}, v.Former)
	}
	postgrestest.WithoutGuards(t, url, []postgrestest.Table{{Name: "imednet_purge_before"}}, `DELETE FROM imednet_purge_before`)
	_, err := openMirror(t, postgrestest.URL(t), nil).CopyFrom(t.Context(), first)
	require.ErrorIs(t, err, cache.ErrIntegrity, "what is not intact is not copied")
}
