package main

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet/imednettest"
)

// TestNoCopyOfTheLedgerIsAheadOfTheMirrors: a sync that moves both ends between any two copies. A ledger ahead of its
// mirror would say that rows were delivered which the copy does not hold.
func TestNoCopyOfTheLedgerIsAheadOfTheMirrors(t *testing.T) {
	study := imednettest.Generate(imednettest.GenerateOptions{StudyKey: "OWN", Records: 300})
	s := newShell(t, "IMEDNET_BASE_URL="+imednettest.Start(t, imednettest.NewServer(study)))
	sync := func() {
		study.Advance(time.Hour)
		require.NoError(t, study.EditRecord(study.RecordIDs()[0], "AETERM", study.Now().String()))
		s.ok("worker", "OWN", "--once", "--stream", "mirror")
	}
	sync()
	home := filepath.Join(s.dir, ".imednet")
	a := &app{settings: settings{Cache: filepath.Join(home, "cache", "records_cache.sqlite3"), Ledger: filepath.Join(home, "pipeline_ledger.json")}}
	copied := map[string]string{}
	for _, file := range a.keptFiles(t.Context()) {
		if file.path == "" {
			continue
		}
		copied[file.name] = filepath.Join(t.TempDir(), file.name)
		require.NoError(t, file.copyTo(copied[file.name]))
		sync()
	}
	require.Len(t, copied, 3)

	var held []struct{ Mark, AsOf time.Time }
	s.json(&held, "cache", "status", "--cache", copied["records_cache.sqlite3"])
	require.Len(t, held, 1)
	limits := map[string]time.Time{"mirror": held[0].Mark, "mirror.sweep": held[0].AsOf}
	var marks []markJSON
	s.json(&marks, "state", "show", "-l", copied["pipeline_ledger.json"])
	require.Len(t, marks, len(limits))
	for _, mark := range marks {
		require.False(t, mark.LastTimestamp.After(limits[mark.StreamName]), "%+v, mirror %+v", mark, held[0])
	}
	require.True(t, marks[0].LastTimestamp.Before(held[0].Mark), "nothing moved between the copies")
}
