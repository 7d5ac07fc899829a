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

const want = `First process: the data are wrong.
  not sent: subject 1, form DM, variable AGE: Value must be numeric
  not sent: subject 1, form DM, variable Sex: unknown variable; the form has SEX, and case counts
  The server took 0 new subjects, 0 of them twice; the study has 8.

Second process: the connection breaks when the server has taken two subjects. Then the keys run out.
  nobody knows: imednet: POST /api/v1/edc/studies/DEMO/records: no complete answer: connection reset; to be sent again: false
  refused: imednet: POST /api/v1/edc/studies/DEMO/records: status 401 (unauthorized), code 9001
  The server took 2 new subjects, 0 of them twice; the study has 10.

Third process: look into the journal.
  open submissions: 2
  2 subject(s), confirmed: read back as records [100324 100325]
  1 subject(s), absent: sent again, byte for byte; the job completed
  The server took 3 new subjects, 0 of them twice; the study has 11.

Fourth process: look into the journal.
  open submissions: 0
  The server took 3 new subjects, 0 of them twice; the study has 11.
`
