package imednettest_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet/imednettest"
)

// An earlier state that cannot be placed in time, or that belongs to no record, is refused: left out,
// it would be missing from the past without a word.
func TestLoadDirRefusesVersionsWithoutAPlace(t *testing.T) {
	const record = `{"recordId":5,"studyKey":"S","subjectKey":"PRIVATE","dateCreated":"2024-01-02 00:00:00"}`
	for version, want := range map[string]string{
		`{"from":"2024-01-02 00:00:00","to":"2024-01-03 00:00:00","record":` + record + `}`:                        "",
		`{"from":"PRIVATE","to":"2024-01-03 00:00:00","record":` + record + `}`:                                    "line 1: from and to of a version",
		`{"from":"2024-01-02 00:00:00","to":"PRIVATE","record":` + record + `}`:                                    "line 1: from and to of a version",
		`{"from":"2024-01-02 00:00:00","record":` + record + `}`:                                                   "line 1: from and to of a version",
		`{"from":"2024-01-03 00:00:00","to":"2024-01-02 00:00:00","record":` + record + `}`:                        "line 1: from and to of a version",
		`{"from":"2024-01-02 00:00:00","to":"2024-01-03 00:00:00","record":{"recordId":6,"subjectKey":"PRIVATE"}}`: "line 1: a version is of record 6",
	} {
		dir := t.TempDir()
		for name, text := range map[string]string{"studies": `{"studyKey":"S"}`, "records": record, "recordVersions": version} {
			require.NoError(t, os.WriteFile(filepath.Join(dir, name+".ndjson"), []byte(text+"\n"), 0o600))
		}
		_, err := imednettest.LoadDir(dir)
		if want == "" {
			require.NoError(t, err)
			continue
		}
		require.ErrorContains(t, err, want)
		require.NotContains(t, err.Error(), "PRIVATE")
	}
}
