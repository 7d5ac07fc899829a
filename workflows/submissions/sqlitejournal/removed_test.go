package sqlitejournal_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet/internal/storetest"
	"github.com/imednetgo/imednet/workflows/submissions"
)

// TestNothingIsSentFromAJournalThatIsNotThere: the file was removed, or another one put in its place, while a process
// had it open. What it wrote now would be lost.
func TestNothingIsSentFromAJournalThatIsNotThere(t *testing.T) {
	for _, change := range []func(path string) error{
		os.Remove,
		func(path string) error { return os.Rename(path, path+".old") },
		func(path string) error { return os.Rename(storetest.Copy(t, path), path) },
	} {
		path := filepath.Join(t.TempDir(), "j.sqlite3")
		j, entry := journalWithHistory(t, path)
		require.NoError(t, change(path))
		sending := submissions.Sending{SubmissionID: "s1", Fence: entry.Fence, Lease: submissions.Lease{Holder: "p", For: time.Minute}, Author: "anna", Indexes: []int{2}}
		_, err := j.Send(t.Context(), sending)
		require.ErrorContains(t, err, "replaced, removed or emptied")
		_, err = j.Prepare(t.Context(), submissions.Preparation{ID: "s2", StudyKey: "S", Author: "anna", Items: []submissions.Item{{ContentHash: "x", Ordinal: 1}}})
		require.ErrorContains(t, err, "replaced, removed or emptied")
	}
}
