package postgres_test

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet/internal/storetest"
	"github.com/imednetgo/imednet/workflows/submissions"
)

func TestTheCopyOfAJournalProvesItself(t *testing.T) {
	j := openJournal(t, submitted(t).url)
	dir := filepath.Join(t.TempDir(), "copy")
	e, err := j.(submissions.Exporter).ExportLog(t.Context(), dir)
	require.NoError(t, err)
	require.EqualValues(t, 3, e.Items)
	storetest.Inspect(t, dir, true, e.Head)
}
