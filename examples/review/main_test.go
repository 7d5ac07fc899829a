package main

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestOutput(t *testing.T) {
	var out strings.Builder
	require.NoError(t, run(t.Context(), &out))
	require.Equal(t, want, out.String())
}

const want = `First night: 8 findings: 8 new, 0 unchanged, 0 reopened
The same again: 8 findings: 0 new, 8 unchanged, 0 reopened
  HIGH    due 2026-03-04  record 100068  AE.AETERM is required and has no value
  HIGH    due 2026-03-04  record 100068  AE.AESEV is required and has no value
  MEDIUM  due 2026-03-16  record 100021  AE.AEENDTC is before aeStartDate
  MEDIUM  due 2026-03-16  record 100051  AE.AESER it is not known whether the event is serious
  MEDIUM  due 2026-03-16  record 100073  AE.AEENDTC is before aeStartDate
  MEDIUM  due 2026-03-16  record 100004  AE.AEENDTC is before aeStartDate
  MEDIUM  due 2026-03-16  record 100038  AE.AEENDTC is before aeStartDate
  MEDIUM  due 2026-03-16  record 100090  AE.AEENDTC is before aeStartDate

Anna has AE.AETERM of record 100068 until 09:30.
Bob cannot take it: anna has it. His next item is AE.AESEV of record 100068.
Anna read version 2; now it is 3: bob wrote "the site is on holiday".

Second night: 7 findings: 0 new, 7 unchanged, 0 reopened

Third night: 8 findings: 0 new, 7 unchanged, 1 reopened

8 items: 7 new, 1 under review, 0 resolved; open: 2 high, 6 medium; overdue: 1
Anna's item:
  2026-03-02 09:00  NEW → UNDER_REVIEW by anna: asked the site
  2026-03-02 09:00  UNDER_REVIEW → RESOLVED by anna: the site entered the term
  2026-03-04 09:00  RESOLVED → NEW by nightly-check: regression: the finding was reported again
The log: 15 entries about 8 items, 0 faults
`
