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
  not sent: item 1 (line 1), form DM, variable AGE: Value must be numeric
  not sent: item 1 (line 1), form DM, variable 2 of 2 in ascending order: unknown variable; the form has SEX, and case counts
  The server has 0 new subjects, 0 of them twice; the study has 8.

Second process: the job completes, but the server has refused one subject.
  submission submission-1: 2 records: 1 standing, 1 refused
  line 2 is refused: the server refused the record: the site is closed
  The server has 1 new subjects, 0 of them twice; the study has 9.
  The site is open again: the refused subject is sent once more.
  submission submission-1: 2 records: 2 standing
  The server has 2 new subjects, 0 of them twice; the study has 10.

Third process: killed after the server accepted two of three subjects, before the answer arrives.
  The server has 2 new subjects, 0 of them twice; the study has 10.

Fourth process: it has the same file, learns of the third one, waits until its lease expires, and settles.
  not sent: submitted before: 3 records, 3 of them with an outcome that is not known yet: submission submission-2; nothing was sent
  submission submission-2: 3 records: 2 standing, 1 absent
  submission submission-2: 3 records: 3 standing
  The server has 5 new subjects, 0 of them twice; the study has 13.

Fifth process: the same file once more, with one subject added at the front.
  nothing is open
  not sent: submitted before: 3 records, 0 of them with an outcome that is not known yet: submission submission-2; nothing was sent
  The journal is verified: 24 events of 5 records.
  The server has 5 new subjects, 0 of them twice; the study has 13.
`
