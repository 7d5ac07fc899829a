package scenarios

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/internal/childtest"
	"github.com/imednetgo/imednet/internal/qualification"
	"github.com/imednetgo/imednet/internal/requirement"
)

func TestMain(m *testing.M) {
	if code, isChild := qualification.RunAsChild(Children()); isChild {
		os.Exit(code)
	}
	os.Exit(m.Run())
}

// quick are the scenarios that run without IMEDNET_LONG=1: one of each kind. `imednet qualify` runs all of
// them before a change lands.
var quick = []string{"OQ-RST-2", "OQ-MIR-3", "OQ-TAB-3", "OQ-SUB-2", "OQ-STO-1", "OQ-STO-6", "OQ-STO-7", "OQ-MIR-6", "OQ-SAF-2"}

// TestScenariosPass on the library as it is.
func TestScenariosPass(t *testing.T) {
	chosen := All(false)
	if os.Getenv("IMEDNET_LONG") == "" {
		chosen = slices.DeleteFunc(chosen, func(s qualification.Scenario) bool { return !slices.Contains(quick, s.ID) })
		require.Len(t, chosen, len(quick))
	}
	executable, err := childtest.Program()
	require.NoError(t, err)
	start := time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)
	q, err := qualification.New(qualification.Options{
		Out: filepath.Join(t.TempDir(), "bundle"), Data: filepath.Join(t.TempDir(), "data"), Executable: executable, Scenarios: chosen,
		Executor: imednet.Identity{ID: "anna"}, Clock: imednettest.NewClock(start),
		TrialClock: func() imednet.Clock { return imednettest.NewClock(start) }, Progress: func(imednet.Progress) {},
	})
	require.NoError(t, err)
	report, _, err := q.Run(t.Context())
	require.NoError(t, err)
	for _, d := range report.Deviations {
		t.Errorf("%s: %s: expected %s, seen %s", d.Result, d.What, d.Expected, d.Seen)
	}
	for _, r := range report.Operation {
		assert.Equal(t, qualification.Passed, r.Status, r.ID)
	}
}

// TestScenariosNameRequirements that exist, and have ids of their own.
func TestScenariosNameRequirements(t *testing.T) {
	all, err := requirement.All()
	require.NoError(t, err)
	known, ids := map[string]bool{}, map[string]bool{}
	for _, r := range all {
		known[r.ID] = true
	}
	for _, s := range All(true) {
		require.NotEmpty(t, s.Requirements, s.ID)
		require.False(t, ids[s.ID], s.ID)
		ids[s.ID] = true
		for _, id := range s.Requirements {
			require.True(t, known[id], "%s names %s, which does not exist", s.ID, id)
		}
	}
}
