package lake

import (
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestNamesFitEveryEngine: a table has its form's key for a name where every engine can have it, and
// otherwise a name like it that no other form has; a name does not change when forms are added.
func TestNamesFitEveryEngine(t *testing.T) {
	keys := []string{"AE", "VS", "ae", "_tables", "L/B", "L B", "é", "", "2nd", "AE "}
	names := TableNames(keys)
	require.Len(t, names, len(keys))
	require.Equal(t, "AE", names["AE"])
	require.Equal(t, "2nd", names["2nd"])
	seen, fits := map[string]bool{}, regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_]*$`)
	for key, name := range names {
		require.Regexp(t, fits, name, "of %q", key)
		require.False(t, seen[name], name)
		seen[name] = true
	}
	require.Equal(t, names["L/B"], TableNames([]string{"L/B"})["L/B"])
	require.NotEqual(t, Namespace("A/B"), Namespace("A B"))
	require.Equal(t, "DEMO", Namespace("DEMO"))
}
