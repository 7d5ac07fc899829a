package dictionary_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet/dictionary"
)

func TestACheckReportAccountsForEveryRecord(t *testing.T) {
	report := dictionary.CheckReport{Records: 12, Deleted: 2, Other: 3, Evaluated: 21, Acting: 6, Quiet: 10, Undecided: 5, Unqueried: 4}
	require.Equal(t, "12 records (2 deleted and 3 of other forms not checked), 21 checks: 6 act (4 without a query), 10 are quiet, 5 undecided", report.String())
}
