package versioning_test

import (
	"bytes"
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/internal/storetest"
	"github.com/imednetgo/imednet/versioning"
)

// listings returns what a reader of a file sees: its histories, or that it cannot be read.
func listings(t *testing.T, path string) string {
	s, err := versioning.NewConfigVersionStore(t.Context(), path)
	if err != nil {
		return "cannot be opened"
	}
	defer s.Close()
	var out string
	for _, study := range []string{"S", "S2"} {
		for e, err := range s.History(t.Context(), study, versioning.HistoryOptions{}) {
			if err != nil {
				return "cannot be read"
			}
			if e.Fault == nil {
				out += fmt.Sprintln(study, e.Sequence, e.CommitID, e.Author, e.Reason, e.Timestamp)
			}
		}
	}
	return out
}

// A damaged index must not make history: neither opening nor verifying nor listing writes, and an
// import refuses the file.
func TestADamagedIndexInventsNothing(t *testing.T) {
	path, heads := written(t)
	root := storetest.RootPage(t, path, "config_entries_commit")
	pristine, err := os.ReadFile(path)
	require.NoError(t, err)
	page := pristine[(root-1)*4096 : root*4096]
	for _, e := range []string{heads[0].CommitID, heads[1].CommitID} {
		at := bytes.Index(page, []byte(e))
		require.Positive(t, at, "the index has the commit")
		damaged := bytes.Clone(pristine)
		damaged[(root-1)*4096+at+3] ^= 1
		require.NoError(t, os.WriteFile(path, damaged, 0o600))
		for _, head := range [][]versioning.Head{nil, heads} {
			_, err := verify(t, path, head)
			require.ErrorIs(t, err, versioning.ErrIntegrity)
		}
		listings(t, path)
		s := open(t, path)
		_, err = s.ImportCommits(t.Context(), versioning.ImportOptions{Author: "chris"})
		require.ErrorIs(t, err, versioning.ErrIntegrity)
		_, err = versioning.NewConfigVersionStore(t.Context(), path, versioning.WithImport("chris"))
		require.ErrorIs(t, err, versioning.ErrIntegrity)
		require.NoError(t, s.Close())
		now, err := os.ReadFile(path)
		require.NoError(t, err)
		require.True(t, bytes.Equal(damaged, now), "something was written")
	}
}

// A row that a stranger inserted, author and date made up, is reported, and becomes no entry.
func TestAStrangersRowIsReported(t *testing.T) {
	path, heads := written(t)
	before := listings(t, path)
	storetest.Exec(t, path, insert("S", `{"forged": true}`, "anna", "2020-01-01T10:00:00+00:00"))
	require.Equal(t, before, listings(t, path))
	v, err := verify(t, path, heads)
	require.ErrorIs(t, err, versioning.ErrIntegrity)
	require.Len(t, v.Problems, 1)
	require.Contains(t, v.Problems[0].Message, "another program wrote")
	require.Equal(t, before, listings(t, path), "verifying adopts nothing either")
}

func TestAFileWithoutContentIsNotIntact(t *testing.T) {
	path, _ := written(t)
	require.NoError(t, os.Truncate(path, 0))
	_, err := versioning.NewConfigVersionStore(t.Context(), path)
	require.ErrorIs(t, err, versioning.ErrIntegrity)
	require.ErrorContains(t, err, "imednet backup")
}

// A file of the Python package stays as it is until somebody imports it.
func TestPythonsFileIsNotTouchedByOpening(t *testing.T) {
	path := newPath(t)
	storetest.Exec(t, path, referenceFile(t))
	before, err := os.ReadFile(path)
	require.NoError(t, err)
	_, err = versioning.NewConfigVersionStore(t.Context(), path)
	require.ErrorIs(t, err, versioning.ErrNotImported)
	require.ErrorContains(t, err, "config import")
	after, err := os.ReadFile(path)
	require.NoError(t, err)
	require.True(t, bytes.Equal(before, after))
}

// Times never fall. What a clock said that was a little behind is recorded; one that is far behind is
// refused, and a store whose times fall is not intact.
func TestClockBack(t *testing.T) {
	path := newPath(t)
	noon := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	clock := imednettest.NewClock(noon)
	at := func(back time.Duration, o ...versioning.Option) *versioning.ConfigVersionStore {
		s, err := versioning.NewConfigVersionStore(t.Context(), path, append(o, versioning.WithClock(imednettest.NewClock(clock.Now().Add(-back))))...)
		require.NoError(t, err)
		t.Cleanup(func() { require.NoError(t, s.Close()) })
		return s
	}
	commit := func(s *versioning.ConfigVersionStore, variable string) (versioning.Entry, error) {
		return s.CommitConfig(t.Context(), "S", config("S", rule("aeTerm", variable)), why)
	}
	_, err := commit(at(0), "A")
	require.NoError(t, err)
	e, err := commit(at(9*time.Second), "B")
	require.NoError(t, err)
	require.Equal(t, []time.Time{noon, noon.Add(-9 * time.Second)}, []time.Time{e.Timestamp, e.Details.ClockAt})
	_, err = commit(at(365*24*time.Hour), "C")
	require.ErrorIs(t, err, versioning.ErrClockBack)
	require.False(t, imednet.Retryable(err))
	e, err = commit(at(365*24*time.Hour, versioning.WithClockTolerance(366*24*time.Hour)), "C")
	require.NoError(t, err)
	require.Equal(t, noon, e.Timestamp)
	require.Equal(t, noon.Add(-365*24*time.Hour), e.Details.ClockAt)
	_, err = at(0).Verify(t.Context(), versioning.VerifyOptions{})
	require.NoError(t, err)
}

func TestReservedNames(t *testing.T) {
	s := open(t, newPath(t))
	for _, name := range []string{"import", " Import "} {
		_, err := s.CommitConfig(t.Context(), "S", config("S"), versioning.CommitOptions{Author: name, Reason: "r"})
		require.ErrorAs(t, err, new(*imednet.ValidationError))
		_, err = versioning.NewConfigVersionStore(t.Context(), newPath(t), versioning.WithImport(name))
		require.ErrorAs(t, err, new(*imednet.ValidationError))
	}
}

// TestEveryFlippedBitIsFound flips bits all over a file: nothing that a reader is shown may change
// unless verifying, with the head kept elsewhere, finds it.
func TestEveryFlippedBitIsFound(t *testing.T) {
	path, heads := written(t)
	before := listings(t, path)
	storetest.FlipBits(t, path, storetest.Flips(), func(at string) bool {
		s, err := versioning.NewConfigVersionStore(t.Context(), path)
		if err != nil {
			return true
		}
		_, err = s.Verify(t.Context(), versioning.VerifyOptions{Heads: heads})
		require.NoError(t, s.Close())
		if err == nil {
			require.Equal(t, before, listings(t, path), at)
		}
		return err != nil
	})
}
