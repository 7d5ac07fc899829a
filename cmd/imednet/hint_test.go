package main

import (
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/cache"
	"github.com/imednetgo/imednet/warehouse"
)

// TestHintsSayWhatToType, not which option a program would set.
func TestHintsSayWhatToType(t *testing.T) {
	t.Parallel()
	inMirror := func(err error) error {
		return &imednet.Error{Package: "cache", StudyKey: "S", Err: err, Hint: "run with SyncOptions"}
	}
	inWarehouse := func(err error) error {
		return &imednet.Error{Package: "warehouse", StudyKey: "S", Err: inMirror(err), Hint: "nothing was changed"}
	}
	options := regexp.MustCompile(`Options|With[A-Z]|SyncStudy|AllowMass|Purge it|mode replace|version 0`)
	for _, c := range []struct {
		err  error
		says string
	}{
		{inMirror(&cache.MassDeletionError{StudyKey: "S", Held: 3000, Missing: 2996}), "`imednet sync S --allow-mass-deletion`"},
		{inMirror(&cache.MassDeletionError{StudyKey: "S", Held: 3000, Missing: 3000, Empty: true}), "`imednet cache purge S --study --reason WHY`"},
		{inMirror(&cache.MassDeletionError{StudyKey: "S", Resource: imednet.Queries, Held: 9, Missing: 9, Empty: true}), "`imednet sync S --allow-mass-deletion`"},
		{inMirror(cache.ErrBreaksCut), "--break-cuts"},
		{inMirror(cache.ErrSyncRunning), "run the command again"},
		{inMirror(cache.ErrPurged), "newer version"},
		{inWarehouse(cache.ErrPurged), "`imednet warehouse ingest S --cached --replace`"},
		{inWarehouse(warehouse.ErrSourceReset), "`imednet warehouse ingest S --cached --replace`"},
		{inWarehouse(warehouse.ErrMassDeletion), "`imednet warehouse ingest S --allow-mass-deletion`"},
		{&imednet.Error{Package: "warehouse", StudyKey: "S", Place: "stream silver", Err: warehouse.ErrMassDeletion}, "`imednet warehouse silver S --allow-mass-deletion`"},
	} {
		require.Contains(t, hintOf(c.err), c.says, "%v", c.err)
		require.NotRegexp(t, options, hintOf(c.err))
	}
}
