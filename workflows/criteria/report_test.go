package criteria_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet/workflows/criteria"
)

func TestReportsInOneLine(t *testing.T) {
	require.Equal(t, "7 of 12 records: 2 deleted (1 with their subject), 3 that do not match", criteria.RecordReport{Read: 12, Yielded: 7, Deleted: 2, OfDeletedSubjects: 1, Unmatched: 3}.String())
	require.Equal(t, "7 of 13 revisions: 1 outside of the period, 2 without a date, 3 by other users",
		criteria.AuditReport{Read: 13, Yielded: 7, OutOfPeriod: 1, Undated: 2, OtherUser: 3}.String())
}
