package extraction_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/extraction"
)

var update = flag.Bool("update", false, "write the golden files anew")

// handStudy is a small study written by hand, with its configuration.
type handStudy struct {
	About         string                     `json:"about"`
	Configuration imednet.StudyConfiguration `json:"configuration"`
	Options       struct {
		ExcludeStatuses []string `json:"excludeStatuses"`
	} `json:"options"`
	Records []json.RawMessage `json:"records"`
}

func (h handStudy) records(tb testing.TB) extraction.RecordList {
	tb.Helper()
	var list extraction.RecordList
	for _, raw := range h.Records {
		record, err := imednet.Decode[imednet.Record](raw)
		require.NoError(tb, err)
		list = append(list, record)
	}
	return list
}

func readStudy(tb testing.TB, path string) handStudy {
	tb.Helper()
	document, err := os.ReadFile(path)
	require.NoError(tb, err)
	var study handStudy
	require.NoError(tb, json.Unmarshal(document, &study))
	return study
}

// TestStudies runs every hand-written study and compares all that comes out with its golden file.
func TestStudies(t *testing.T) {
	paths, err := filepath.Glob("testdata/studies/*.json")
	require.NoError(t, err)
	require.GreaterOrEqual(t, len(paths), 10)
	for _, path := range paths {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".json"), func(t *testing.T) {
			study := readStudy(t, path)
			opts := extraction.Options{ExcludeStatuses: study.Options.ExcludeStatuses}
			result, err := extraction.ExtractCanonicalRecords(t.Context(), study.records(t), study.Configuration, opts)
			require.NoError(t, err)
			require.True(t, result.Report.Balanced())
			require.EqualValues(t, len(study.Records), result.Report.Records.In)
			compareGolden(t, strings.TrimSuffix(path, ".json")+".golden", show(t, study.About, result))

			backwards := study.records(t)
			slices.Reverse(backwards)
			again, err := extraction.ExtractCanonicalRecords(t.Context(), backwards, study.Configuration, opts)
			require.NoError(t, err)
			require.Equal(t, string(show(t, study.About, result)), string(show(t, study.About, again)), "the order of the listing must not matter")
		})
	}
}

// show writes a result one row a line.
func show(tb testing.TB, about string, x *extraction.ExtractionResult) []byte {
	tb.Helper()
	var b bytes.Buffer
	line := func(kind string, v any) {
		text, err := json.Marshal(v)
		require.NoError(tb, err)
		fmt.Fprintf(&b, "%s %s\n", kind, text)
	}
	fmt.Fprintf(&b, "# %s\n", about)
	for row := range x.Rows() {
		line(string(row.Domain), row)
	}
	for _, failure := range x.ValidationErrors {
		line("rejected", failure)
	}
	for _, finding := range x.Findings {
		line("finding", finding)
	}
	line("records", x.Report.Records)
	line("domains", x.Report.Domains)
	for _, rule := range x.Report.Rules {
		line("rule", rule)
	}
	line("unmatched", x.Report.UnmatchedForms)
	return b.Bytes()
}

func compareGolden(tb testing.TB, path string, got []byte) {
	tb.Helper()
	if *update {
		require.NoError(tb, os.WriteFile(path, got, 0o644))
	}
	want, err := os.ReadFile(path)
	require.NoError(tb, err)
	require.Equal(tb, string(want), string(got))
}
