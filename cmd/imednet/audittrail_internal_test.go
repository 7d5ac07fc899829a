package main

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
)

// Every entry of the audit trail is joined with a state or counted as one that is not.
func TestEveryEntryOfTheAuditTrailCounts(t *testing.T) {
	t.Parallel()
	second := imednet.NewTime(time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC))
	entry := func(record, revision int64, user string) imednet.RecordRevision {
		return imednet.RecordRevision{RecordID: imednet.Some(record), RecordRevision: imednet.Some(revision), User: imednet.Some(user), DateCreated: imednet.Some(second)}
	}
	trail := &auditTrail{entries: map[auditKey]auditEntry{}, texts: map[string]string{}}
	undated := entry(1, 4, "dora")
	undated.DateCreated = imednet.Opt[imednet.Time]{}
	for _, r := range []imednet.RecordRevision{entry(1, 3, "carl"), entry(1, 2, "bert"), undated, entry(2, 1, "anna")} {
		trail.add(r)
	}
	for range 2 {
		found, ok := trail.entry(1, second.UnixMicro(), second.Add(time.Second))
		require.True(t, ok)
		require.Equal(t, "carl", found.user, "the later of two of one second")
	}
	_, ok := trail.entry(3, second.UnixMicro(), second.Add(time.Second))
	require.False(t, ok)
	require.Equal(t, []int{4, 1, 1}, []int{trail.listed, trail.undated, trail.used})
}

// A sync that began before a second was over may have seen the state of any of its entries.
func TestNobodyIsNamedForASecondThatWasNotOver(t *testing.T) {
	t.Parallel()
	second := imednet.NewTime(time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC))
	for name, c := range map[string]struct {
		users []string
		seen  time.Duration
		want  string
	}{
		"several, the second before":     {[]string{"bert", "carl"}, -time.Second, ""},
		"several, within the second":     {[]string{"bert", "carl"}, 0, ""},
		"several, at its end":            {[]string{"bert", "carl"}, time.Second - time.Microsecond, ""},
		"several, afterwards":            {[]string{"bert", "carl"}, time.Second, "carl"},
		"three, the latest listed first": {[]string{"dora", "", ""}, 0, ""},
		"one, within the second":         {[]string{"bert"}, 0, "bert"},
	} {
		trail := &auditTrail{entries: map[auditKey]auditEntry{}, texts: map[string]string{}}
		for i, user := range c.users {
			revision := int64(i + 1)
			if c.users[0] == "dora" {
				revision = int64(len(c.users) - i)
			}
			trail.add(imednet.RecordRevision{RecordID: imednet.Some[int64](1), RecordRevision: imednet.Some(revision), User: imednet.Some(user), DateCreated: imednet.Some(second)})
		}
		found, ok := trail.entry(1, second.UnixMicro(), second.Add(c.seen))
		require.Equal(t, c.want, found.user, name)
		require.Equal(t, c.want != "", ok, name)
		require.Equal(t, c.want != "", trail.used == 1, name)
	}
}
