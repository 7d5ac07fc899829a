package versioning_test

import (
	"context"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/storetest"
	"github.com/imednetgo/imednet/versioning"
)

func newPath(t testing.TB) string { return filepath.Join(t.TempDir(), "config.sqlite3") }

func open(t testing.TB, path string) *versioning.ConfigVersionStore {
	t.Helper()
	s, err := versioning.NewConfigVersionStore(context.Background(), path, versioning.WithClock(storetest.NewClock()))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	return s
}

func config(study string, rules ...imednet.MappingRule) *imednet.StudyConfiguration {
	return &imednet.StudyConfiguration{StudyKey: study, Mappings: rules}
}

func rule(target, variable string) imednet.MappingRule {
	return imednet.MappingRule{Domain: "AE", TargetField: target, SourceFormKey: "AE", SourceVariableName: variable}
}

var why = versioning.CommitOptions{Author: "anna", Reason: "first mapping"}

func history(t testing.TB, s *versioning.ConfigVersionStore, study string) []versioning.Entry {
	t.Helper()
	var out []versioning.Entry
	for e, err := range s.History(context.Background(), study, versioning.HistoryOptions{}) {
		require.NoError(t, err)
		out = append(out, e)
	}
	return out
}

func TestCommitRollbackCommitAgain(t *testing.T) {
	ctx := t.Context()
	s := open(t, newPath(t))
	a, b := config("S", rule("aeTerm", "AETERM")), config("S", rule("aeTerm", "AETERM2"))
	first, err := s.CommitConfig(ctx, "S", a, why)
	require.NoError(t, err)
	second, err := s.CommitConfig(ctx, "S", b, why)
	require.NoError(t, err)
	_, err = s.CommitConfig(ctx, "S", b, why)
	require.ErrorIs(t, err, versioning.ErrDuplicate)
	back, err := s.RollbackConfig(ctx, "S", first.CommitID)
	require.NoError(t, err)
	require.Len(t, history(t, s, "S"), 2, "a rollback writes nothing")
	third, err := s.CommitConfig(ctx, "S", &back, why)
	require.NoError(t, err)
	require.Equal(t, first.CommitID, third.CommitID)
	require.NotEqual(t, first.Hash, third.Hash)

	entries := history(t, s, "S")
	require.Equal(t, []versioning.Entry{first, second, third}, entries)
	require.Equal(t, second.Hash, third.ParentHash)
	v, err := s.Verify(ctx, versioning.VerifyOptions{})
	require.NoError(t, err)
	require.EqualValues(t, 3, v.Entries)
	require.EqualValues(t, 2, v.Bodies)
}

func TestGolden(t *testing.T) {
	for study, want := range map[string]string{
		"S1":    "47e68f7f7ce753c1c60120fb4e425fd3edb61f8888b3e98252d4ef079b2500a8",
		"Étude": "654bcc8d90f18cd240ef6d4605e2a08dcdd803c9134837b8a6f6a3edd6ab229d",
	} {
		body, id, err := versioning.Canonical(config(study))
		require.NoError(t, err)
		require.Equal(t, want, id, string(body))
	}
}
