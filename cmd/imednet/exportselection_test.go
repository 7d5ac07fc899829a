package main

import (
	"encoding/csv"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet/pipeline"
)

// exported exports AE as CSV into a new directory, and returns its rows, titles first, and manifest.
func (s *shell) exported(dir string, flags ...string) ([][]string, *pipeline.Manifest) {
	s.t.Helper()
	s.ok(append([]string{"export", "DEMO", "--dir", dir, "--format", "csv"}, flags...)...)
	manifest, err := pipeline.ReadManifest(filepath.Join(s.dir, dir), "")
	require.NoError(s.t, err)
	file, err := os.Open(filepath.Join(s.dir, dir, "AE", "records_chunk_00001.csv"))
	require.NoError(s.t, err)
	defer file.Close()
	rows, err := csv.NewReader(file).ReadAll()
	require.NoError(s.t, err)
	return rows, manifest
}

func cellsOf(rows [][]string, title string) (cells []string) {
	at := slices.Index(rows[0], title)
	for _, row := range rows[1:] {
		cells = append(cells, row[at])
	}
	slices.Sort(cells)
	return cells
}

// TestExportSelects compares what an export selects with what records list selects by the same flags.
func TestExportSelects(t *testing.T) {
	s := newShell(t)
	all, _ := s.exported("all", "--forms", "AE")
	subject, visit := all[1][slices.Index(all[0], "subjectKey")], all[1][slices.Index(all[0], "visitId")]
	for dir, c := range map[string]struct {
		flags      []string
		filteredBy []string
		chosen     bool
	}{
		"site":    {[]string{"--site", "Site 01"}, nil, true},
		"subject": {[]string{"--subject", subject}, nil, true},
		"where":   {[]string{"--where", "AESEV==Severe"}, []string{"AESEV"}, false},
		"both":    {[]string{"--site", "Site 01", "--where", "AESEV!=Severe", "--include-deleted"}, []string{"AESEV"}, true},
	} {
		rows, manifest := s.exported(dir, append([]string{"--forms", "AE"}, c.flags...)...)
		listed, err := csv.NewReader(strings.NewReader(s.ok(append([]string{"records", "list", "DEMO", "--form", "AE", "--format", "csv", "--columns", "record"}, c.flags...)...))).ReadAll()
		require.NoError(t, err)
		want := cellsOf(listed, listed[0][0])
		require.NotEmpty(t, want, dir)
		require.Less(t, len(want), len(all)-1, dir)
		require.Equal(t, want, cellsOf(rows, "recordId"), dir)
		require.Equal(t, c.filteredBy, manifest.Selection.FilteredBy, dir)
		require.Equal(t, c.chosen, manifest.Selection.Select, dir)
		r := manifest.Report
		require.Equal(t, r.Records, r.Rows+r.RecordsRejected+r.Deleted+r.OtherForms+r.OtherVisits+r.NotSelected)
	}
	ofVisit, _ := s.exported("visit", "--forms", "AE", "--visit", visit)
	require.Equal(t, []string{visit}, slices.Compact(cellsOf(ofVisit, "visitId")))

	few, _ := s.exported("few", "--forms", "AE", "--variables", "AE.AETERM")
	require.Contains(t, few[0], "AETERM")
	require.NotContains(t, few[0], "AESEV")
	require.Len(t, few, len(all), "choosing columns leaves out no row")
	labelled, manifest := s.exported("labelled", "--forms", "AE", "--labels")
	require.Contains(t, labelled[0], "Severity")
	require.True(t, manifest.Selection.Labels)
}

// TestExportWithAPlan: the columns of an earlier export stay, whatever the answers are by then.
func TestExportWithAPlan(t *testing.T) {
	s := newShell(t)
	_, plain := s.exported("plain")
	inferred, first := s.exported("first", "--infer-types", "--extra-columns")
	require.NotEqual(t, plain.Tables[0].SchemaHash, first.Tables[0].SchemaHash)
	require.True(t, first.Plan.Inferred)
	again, second := s.exported("second", "--plan", filepath.Join("first", "_records_manifest.json"))
	require.Equal(t, inferred, again)
	for i := range first.Tables {
		require.Equal(t, first.Tables[i].SchemaHash, second.Tables[i].SchemaHash)
	}
	s.run(exitUsage, "export", "DEMO", "--dir", "x", "--plan", "p.json", "--infer-types")
	s.run(exitNotFound, "export", "DEMO", "--dir", "x", "--plan", "missing.json")
	s.write("bad.json", `{"forms": 5}`)
	s.run(exitUsage, "export", "DEMO", "--dir", "x", "--plan", "bad.json")
}

// TestExportOfNamesThatAreNotThere: nothing is written, and no other subject is named.
func TestExportOfNamesThatAreNotThere(t *testing.T) {
	s := newShell(t)
	for _, flags := range [][]string{{"--site", "Site 99"}, {"--subject", "01-0010"}} {
		_, problem := s.run(exitNotFound, append([]string{"export", "DEMO", "--dir", "x"}, flags...)...)
		require.Contains(t, problem, "there is no "+strings.TrimPrefix(flags[0], "--"))
		require.NotRegexp(t, `01-0\d\d"?[ ?]`, problem)
	}
	s.run(exitNotFound, "export", "DEMO", "--dir", "x", "--where", "AESEVV==1")
	s.run(exitInvalid, "export", "DEMO", "--dir", "x", "--visit", "first")
	require.NoDirExists(t, filepath.Join(s.dir, "x"))
}

// TestWhatIsMadeOfTheMirrorNamesItsState: version and server time are in every manifest and profile.
func TestWhatIsMadeOfTheMirrorNamesItsState(t *testing.T) {
	s := newShell(t)
	s.ok("sync", "DEMO")
	s.ok("cache", "cut", "DEMO", "--name", "IA1")
	_, now := s.exported("now", "--cached")
	require.Positive(t, now.Origin.Version)
	require.False(t, now.Origin.ServerTime.IsZero())
	require.Empty(t, now.Origin.Cut)
	require.Contains(t, now.Program, "imednet ")
	_, cut := s.exported("cut", "--cut", "IA1")
	require.Equal(t, "IA1", cut.Origin.Cut)
	require.Equal(t, now.Origin.Version, cut.Origin.Version)
	_, server := s.exported("server")
	require.True(t, server.Origin.IsZero())

	require.Contains(t, s.ok("profile", "DEMO", "--cut", "IA1", "--html"), "data cut “IA1”), profiled on ")
	var profile struct {
		Origin  struct{ Version int }
		Program string
	}
	s.json(&profile, "profile", "DEMO", "--cached")
	require.EqualValues(t, now.Origin.Version, profile.Origin.Version)
	require.Equal(t, now.Program, profile.Program)
}
