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

const want = `The export: 8 forms, 44 questions, 26 choices, 89 rules, 0 findings
  hash 66dd4fce2c523c674d40941bd97115f0a1342c34de908597174ac6fad5b54fff
The study: 44 questions joined, 3 only in the API, 0 only in the dictionary, 0 conflicts
Answers: 298 records: 105 answers missing, 0 undecided, 0 outside their lists
  record 100009: rule 50010 acts on DMNOTE, and there is no query
  record 100012: rule 50054 acts on AEDESC, and there is no query
  record 100013: rule 50057 acts on CMTRT, and there is no query
Checks: 298 records (2 deleted and 0 of other forms not checked), 3486 checks: 445 act (45 without a query), 2991 are quiet, 50 undecided

As specified: 10 records, checks that behave differently: []
Built otherwise: 10 records, checks that behave differently: [50001 50002]
  rule 50002 on DMDTC 2026-03-03: refusal expected true, observed false
`
