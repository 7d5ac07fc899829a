package main

import (
	"encoding/json"
	"fmt"
	"hash/crc32"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/extraction"
	"github.com/imednetgo/imednet/imednettest"
)

// TestASharedConfigurationMeansTheSame compares every value of shared.json, which uses nothing that one of
// both libraries lacks, with what the rules of the Python package give (testdata/record_shared.py). One
// difference remains: an event whose dates are partial is a row here, and rejected there.
func TestASharedConfigurationMeansTheSame(t *testing.T) {
	dir := os.Getenv("IMEDNET_PILOT")
	if dir == "" {
		t.Skip("IMEDNET_PILOT names no pilot study")
	}
	type figures struct {
		Rows, Rejected, Values int
		CRC32                  uint32
	}
	var want map[extraction.Domain]figures
	document, err := os.ReadFile("testdata/shared.json")
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(document, &want))
	lines, got := map[extraction.Domain][]string{}, map[extraction.Domain]figures{}
	for row := range sharedResult(t, dir).Rows() {
		f := got[row.Domain]
		if isPartial(row.Date("aeStartDate")) || isPartial(row.Date("aeEndDate")) {
			f.Rejected++
			got[row.Domain] = f
			continue
		}
		f.Rows++
		got[row.Domain] = f
		lines[row.Domain] = append(lines[row.Domain], linesOf(row)...)
	}
	for domain, list := range lines {
		slices.Sort(list)
		f := got[domain]
		f.Values, f.CRC32 = len(list), crc32.ChecksumIEEE([]byte(strings.Join(list, "")))
		got[domain] = f
	}
	require.Equal(t, want, got)
}

func sharedResult(t *testing.T, dir string) *extraction.ExtractionResult {
	t.Helper()
	document, err := os.ReadFile("shared.json")
	require.NoError(t, err)
	cfg, err := imednet.ParseStudyConfiguration(document, imednet.ConfigurationOptions{})
	require.NoError(t, err)
	study, err := imednettest.LoadDir(dir)
	require.NoError(t, err)
	result, err := extraction.ExtractCanonicalRecords(t.Context(), imednettest.NewServer(study).Client(), cfg, extraction.Options{InMemory: true})
	require.NoError(t, err)
	require.Empty(t, result.ValidationErrors)
	return result
}

func isPartial(d imednet.PartialDate) bool {
	_, complete := d.Date()
	return !d.IsZero() && !complete
}

// linesOf are the values of a row in the words of the Python package.
func linesOf(row extraction.CanonicalRow) []string {
	id := row.SubjectKey
	if row.Origin != nil {
		id = fmt.Sprint(row.RecordID())
	}
	var list []string
	for field, v := range row.Fields() {
		text, asCollected := row.AsCollected(field)
		if flag, _ := v.Flag(); v.Kind() == extraction.KindBool {
			text = map[imednet.YesNo]string{imednet.Yes: "Y", imednet.No: "N"}[flag]
		} else if !asCollected {
			text = v.String()
		}
		if field != "subjectKey" && !imednet.IsMissing(text) {
			list = append(list, fmt.Sprintf("%s\t%s\t%s\n", id, field, text))
		}
	}
	return list
}
