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

const want = `One job, watched:
      0s  not known yet
      5s  created
   12.5s  running
  23.75s  completed
  2 records: 2 stored, 0 refused

A wait that is cancelled:
  imednet: job 5a1f6f2e-0000-4000-8000-000000000002 is still running: the wait was ended: the user pressed Ctrl-C (state running, polls: 1); resume the wait later
  resumed: completed

A wait that runs out (deadline exceeded: true):
  imednet: job 5a1f6f2e-0000-4000-8000-000000000003 is still running: timeout after 8s (state running, polls: 3); resume the wait later
  resumed: completed

Four jobs at once: imednet: job 5a1f6f2e-0000-4000-8000-000000000006 ended in state failed
  5a1f6f2e-0000-4000-8000-000000000004  completed after 1 polls
  5a1f6f2e-0000-4000-8000-000000000005  SUCCESS after 3 polls
  5a1f6f2e-0000-4000-8000-000000000007  completed after 2 polls
  5a1f6f2e-0000-4000-8000-000000000006  failed: 1 of 2 records stored
`
