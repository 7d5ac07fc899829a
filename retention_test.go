package imednet_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
)

func TestRetentionPermitsFromADateOn(t *testing.T) {
	day := func(n int) time.Time { return time.Date(2030, 1, n, 0, 0, 0, 0, time.UTC) }
	leap := time.Date(2028, 2, 29, 0, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		rule       imednet.Retention
		now, ended time.Time
		until      time.Time // zero: permitted
	}{
		"no rule":            {imednet.Retention{}, day(1), day(1), time.Time{}},
		"kept":               {imednet.Retention{Years: 15}, day(1).AddDate(15, 0, -1), day(1), day(1).AddDate(15, 0, 0)},
		"kept long enough":   {imednet.Retention{Years: 15}, day(1).AddDate(15, 0, 0), day(1), time.Time{}},
		"of a leap day":      {imednet.Retention{Years: 1}, leap.AddDate(0, 0, 365), leap, leap.AddDate(0, 0, 366)},
		"before the date":    {imednet.Retention{Until: day(9)}, day(8), day(1), day(9)},
		"from the date on":   {imednet.Retention{Until: day(9)}, day(9), day(1), time.Time{}},
		"the later of both":  {imednet.Retention{Years: 2, Until: day(9)}, day(9), day(1), day(1).AddDate(2, 0, 0)},
		"the later one, too": {imednet.Retention{Years: 2, Until: day(9).AddDate(5, 0, 0)}, day(3), day(1), day(9).AddDate(5, 0, 0)},
	} {
		err := c.rule.Permits(c.now, c.ended)
		if c.until.IsZero() {
			require.NoError(t, err, name)
			continue
		}
		var refused *imednet.RetentionError
		require.ErrorAs(t, err, &refused, name)
		require.ErrorIs(t, err, imednet.ErrRetained)
		require.Equal(t, c.until, refused.Until, name)
	}
	require.ErrorContains(t, imednet.Retention{Name: "15 years", Until: day(9)}.Permits(day(1), day(1)), `"15 years" refuses the removal until 2030-01-09T00:00:00Z`)
	require.NoError(t, imednet.Retention{Years: 1000}.Validate())
	for _, years := range []int{-1, 1001} {
		require.ErrorContains(t, imednet.Retention{Years: years}.Validate(), "years must be from 0 to 1000")
	}
}

func TestAStudyHasItsOwnRule(t *testing.T) {
	rules := imednet.RetentionRules{Default: imednet.Retention{Years: 15}, Studies: map[string]imednet.Retention{"OWN": {Name: "own"}}}
	require.Equal(t, imednet.Retention{Name: "own"}, rules.For("OWN"))
	require.Equal(t, imednet.Retention{Years: 15}, rules.For("OTHER"))
	require.False(t, rules.IsZero())
	require.NoError(t, rules.Validate())
	rules.Studies["OWN"] = imednet.Retention{Years: -1}
	require.EqualError(t, rules.Validate(), "of study OWN: years must be from 0 to 1000")
	require.True(t, imednet.RetentionRules{}.IsZero())
}
