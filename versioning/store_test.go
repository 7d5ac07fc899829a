package versioning_test

import (
	"context"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/storetest"
	"github.com/imednetgo/imednet/versioning"
	"github.com/imednetgo/imednet/versioning/versioningtest"
)

func newPath(t testing.TB) string { return filepath.Join(t.TempDir(), "config.sqlite3") }

func open(t testing.TB, path string, o ...versioning.Option) *versioning.ConfigVersionStore {
	t.Helper()
	s, err := versioning.NewConfigVersionStore(context.Background(), path, append(o, versioning.WithClock(storetest.NewClock()))...)
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

func TestContract(t *testing.T) {
	versioningtest.TestStore(t, func(t *testing.T, clock imednet.Clock) versioningtest.Store {
		s, err := versioning.NewConfigVersionStore(t.Context(), newPath(t), versioning.WithClock(clock))
		require.NoError(t, err)
		t.Cleanup(func() { require.NoError(t, s.Close()) })
		return s
	})
}
