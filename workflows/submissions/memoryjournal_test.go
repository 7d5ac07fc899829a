package submissions_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/workflows/submissions"
	"github.com/imednetgo/imednet/workflows/submissions/journaltest"
)

func TestMemoryJournal(t *testing.T) {
	journaltest.Run(t, func(t *testing.T, clock imednet.Clock) submissions.Journal {
		j, err := submissions.NewMemoryJournal(clock)
		require.NoError(t, err)
		return j
	})
	_, err := submissions.NewMemoryJournal(nil)
	require.ErrorAs(t, err, new(*imednet.ValidationError))
}
