package main

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestMain runs the tests, or a worker that one of them started.
func TestMain(m *testing.M) {
	if _, isWorker := readTask(); isWorker {
		main()
		return
	}
	os.Exit(m.Run())
}

// TestOutput kills 12 workers, or 200 with IMEDNET_LONG=1.
func TestOutput(t *testing.T) {
	kills, subjects := 12, 2
	if os.Getenv("IMEDNET_LONG") == "1" {
		kills, subjects = 200, 12
	}
	var out strings.Builder
	err := run(t.Context(), &out, kills, subjects)
	if errors.Is(err, errNoPostgreSQL) {
		t.Skip(err)
	}
	require.NoError(t, err)
	crash := "the database crashed once"
	if os.Getenv(urlVariable) != "" {
		crash = "all connections cut once"
	}
	require.Equal(t, fmt.Sprintf(want, kills, crash, studyCount*subjects), out.String())
}

const want = `40 studies of 60 records, 4 worker processes, one database
%d workers killed while they worked, %s
all workers killed: 0 marks ahead of their data
one last round, without faults:
  40 of 40 mirrors equal the server, byte for byte
  40 of 40 marks are level with their mirror
  %[3]d of %[3]d subjects stand by the journal, %[3]d of them once on the server
  the ledger and the journal are intact
`
