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
		found, ok := trail.entry(1, second.UnixMicro())
		require.True(t, ok)
		require.Equal(t, "carl", found.user, "the later of two of one second")
	}
	_, ok := trail.entry(3, second.UnixMicro())
	require.False(t, ok)
	require.Equal(t, []int{4, 1, 1}, []int{trail.listed, trail.undated, trail.used})
}
