package sqlitejournal_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet/internal/storetest"
	"github.com/imednetgo/imednet/workflows/submissions"
)

// copied is an inspection copy of the journal of a file.
func copied(t *testing.T, path string) (dir string, e submissions.Export) {
	t.Helper()
	j := open(t, path)
	defer j.Close()
	dir = filepath.Join(t.TempDir(), "copy")
	e, err := j.ExportLog(t.Context(), dir)
	require.NoError(t, err)
	return dir, e
}

// The copy is proven by its own script alone; whatever is changed in it, and in the journal before, the
// script finds.
func TestTheCopyProvesItself(t *testing.T) {
	path := filepath.Join(t.TempDir(), "j.sqlite3")
	j, _ := journalWithHistory(t, path)
	early, err := j.Verify(t.Context(), "")
	require.NoError(t, err)
	require.NoError(t, j.Close())
	dir, e := copied(t, path)
	require.Equal(t, submissions.Export{Submissions: 1, Items: 3, Events: early.Events, Head: early.Head}, e)
	info, err := os.Stat(dir)
	require.NoError(t, err)
	require.EqualValues(t, 0o700, info.Mode().Perm())
	page, err := os.ReadFile(filepath.Join(dir, "index.html"))
	require.NoError(t, err)
	for _, shown := range []string{early.Head, "<h2>Items</h2>", "<td>{&#34;t&#34;:&#34;b&#34;}</td>", "<td>anna</td>", "<td>bert</td>", "<td>standing</td>"} {
		require.Contains(t, string(page), shown)
	}
	storetest.Inspect(t, dir, true, early.Head)
	storetest.Inspect(t, dir, false, "imednet-submissions/1 99 "+early.Head[len(early.Head)-64:])
	storetest.SpoilCopy(t, dir, "events.ndjson", "submissions.ndjson", "items.ndjson", "index.html", "check.py", "manifest.json")
	storetest.RewriteCopy(t, dir, []string{early.Head}, "events.ndjson", "submissions.ndjson", "items.ndjson")
}

// Of what was edited in the file before, the script says what it is, and shows no answer.
func TestTheCopyShowsWhatWasEdited(t *testing.T) {
	path := filepath.Join(t.TempDir(), "j.sqlite3")
	j, _ := journalWithHistory(t, path)
	require.NoError(t, j.Close())
	for edit, says := range map[string]string{
		`UPDATE submission_items SET payload = CAST('{"t":"evil"}' AS BLOB) WHERE item = 1`: "what was kept of s1 1 is not what the log says",
		`UPDATE submission_items SET closed = 0 WHERE item = 0`:                             "what was kept of s1 0 is not what the log says",
		`UPDATE submission_items SET server_message = 'evil' WHERE item = 1`:                "what was kept of s1 1 is not what the log says",
		`UPDATE submissions SET author = 'eve'`:                                             "what was kept of s1 -1 is not what the log says",
		`DELETE FROM submission_items WHERE item = 2`:                                       "the log knows s1 2, which is missing",
		`UPDATE submission_events SET author = 'eve' WHERE sequence = 3`:                    "entry  3 is not what was written",
		`DELETE FROM submission_events WHERE sequence = 3`:                                  "entry  4 is not what was written",
	} {
		forged := storetest.Copy(t, path)
		storetest.WithoutGuards(t, forged, edit)
		dir, _ := copied(t, forged)
		said := storetest.Inspect(t, dir, false)
		require.Contains(t, said, says, edit)
		require.NotContains(t, said, "evil", edit)
	}
}
