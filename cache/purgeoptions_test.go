package cache_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/cache"
	"github.com/imednetgo/imednet/imednettest"
)

// Who is asked whether data cuts may go learns which, and the report names those that went.
func TestAPurgeNamesEveryCutThatItBreaks(t *testing.T) {
	study := imednettest.Generate(imednettest.GenerateOptions{Records: 60})
	client := imednettest.NewServer(study).Client()
	l := open(t, client)
	for i, name := range []string{"first", "second", "third"} {
		study.Advance(time.Hour)
		require.NoError(t, study.EditRecord(study.RecordIDs()[0], "X", i))
		sync(t, l, study.Key())
		_, err := l.Cut(t.Context(), study.Key(), cache.CutOptions{Name: name})
		require.NoError(t, err)
	}
	o := cache.PurgeOptions{Before: study.Now().Add(time.Hour), Reason: "ended"}
	_, err := l.Purge(t.Context(), study.Key(), o)
	require.ErrorIs(t, err, cache.ErrBreaksCut)
	require.ErrorContains(t, err, `"first", "second"`)
	require.NotContains(t, err.Error(), "third", "it needs nothing that would be removed")
	o.BreakCuts = true
	r, err := l.Purge(t.Context(), study.Key(), o)
	require.NoError(t, err)
	require.Equal(t, []string{"first", "second"}, r.Cuts)
	require.Contains(t, r.String(), "\nRemoved 2 data cuts: \"first\", \"second\".")
	cuts, err := l.Cuts(t.Context(), study.Key())
	require.NoError(t, err)
	require.Len(t, cuts, 1)
	require.Equal(t, "third", cuts[0].Name)
}

// A limit beside the whole study would not limit anything: nothing is removed.
func TestAPurgeOfAStudyHasNoLimit(t *testing.T) {
	study := imednettest.Generate(imednettest.GenerateOptions{Records: 60})
	l := open(t, imednettest.NewServer(study).Client())
	sync(t, l, study.Key())
	_, err := l.Purge(t.Context(), study.Key(), cache.PurgeOptions{Study: true, Before: study.Now().Add(-time.Hour), Reason: "ended"})
	require.ErrorAs(t, err, new(*imednet.ValidationError))
	status, err := l.Status(t.Context(), study.Key())
	require.NoError(t, err)
	require.EqualValues(t, 60, status.Records.Active+status.Records.Deleted)
}
