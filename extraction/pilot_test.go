package extraction_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/big"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/extraction"
)

// pilotDir names the folder of the pilot study, or skips the test.
func pilotDir(tb testing.TB) string {
	tb.Helper()
	dir := os.Getenv("IMEDNET_PILOT")
	if dir == "" {
		tb.Skip("IMEDNET_PILOT names no pilot study")
	}
	return dir
}

// eachLine calls f with every line of an NDJSON file, which may be compressed.
func eachLine(tb testing.TB, path string, f func(line []byte)) {
	tb.Helper()
	file, err := os.Open(path)
	require.NoError(tb, err)
	defer func() { require.NoError(tb, file.Close()) }()
	var r io.Reader = file
	if filepath.Ext(path) == ".gz" {
		r, err = gzip.NewReader(file)
		require.NoError(tb, err)
	}
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		f(bytes.Clone(lines.Bytes()))
	}
	require.NoError(tb, lines.Err())
}

// readRows decodes every line of a pilot file.
func readRows[T any](tb testing.TB, name string, decode func([]byte) (T, error)) []T {
	tb.Helper()
	var rows []T
	eachLine(tb, filepath.Join(pilotDir(tb), name), func(line []byte) {
		row, err := decode(line)
		require.NoError(tb, err)
		rows = append(rows, row)
	})
	return rows
}

func pilotRecords(tb testing.TB) extraction.RecordList {
	return readRows(tb, "records.ndjson.gz", imednet.Decode[imednet.Record])
}

func pilotStructure(tb testing.TB) extraction.Structure {
	return extraction.Structure{
		Forms:     readRows(tb, "forms.ndjson", imednet.Decode[imednet.Form]),
		Variables: readRows(tb, "variables.ndjson", imednet.Decode[imednet.Variable]),
		Intervals: readRows(tb, "intervals.ndjson", imednet.Decode[imednet.Interval]),
	}
}

func pilotEngine(tb testing.TB) *extraction.Engine {
	tb.Helper()
	cfg := readConfiguration(tb, "../examples/safety/cdiscpilot01.json")
	engine, err := extraction.NewEngine(cfg, extraction.WithStructure(pilotStructure(tb)), extraction.WithCommit("c0ffee"))
	require.NoError(tb, err)
	require.Empty(tb, engine.Warnings())
	return engine
}

// pilotRow is a record of the pilot study as plain JSON, for facts computed without the library.
type pilotRow struct {
	RecordID   int64          `json:"recordId"`
	FormKey    string         `json:"formKey"`
	SubjectID  int64          `json:"subjectId"`
	SubjectKey string         `json:"subjectKey"`
	IntervalID int64          `json:"intervalId"`
	Deleted    bool           `json:"deleted"`
	Data       map[string]any `json:"recordData"`
}

func (r pilotRow) text(name string) string {
	s, _ := r.Data[name].(string)
	return s
}

// mapped matches the records of forms that the configuration maps.
var mapped = regexp.MustCompile(`"formKey":"(DM|AE|DS|LB..)"`)

func activeRows(tb testing.TB) (active []pilotRow, all int) {
	tb.Helper()
	eachLine(tb, filepath.Join(pilotDir(tb), "records.ndjson.gz"), func(line []byte) {
		all++
		if !mapped.Match(line) {
			return
		}
		var row pilotRow
		require.NoError(tb, json.Unmarshal(line, &row))
		if !row.Deleted {
			active = append(active, row)
		}
	})
	return active, all
}

// TestPilot compares a run over the whole pilot study with facts that are computed here from the
// NDJSON, and with facts.json, which was computed from the source tables.
func TestPilot(t *testing.T) {
	var facts struct {
		RecordsTotal   int64
		RecordsDeleted int64
		AdverseEvents  struct {
			Rows, Serious, SubjectsWithAny, MissingEndDate, PartialStartDate, Fatal struct{ Active int }
			BySeverity                                                              struct{ Active map[string]int }
		}
		Laboratory map[string]json.RawMessage
	}
	document, err := os.ReadFile(filepath.Join(pilotDir(t), "facts.json"))
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(document, &facts))
	records := pilotRecords(t)
	result, err := pilotEngine(t).Extract(t.Context(), records, extraction.Options{})
	require.NoError(t, err)
	active, all := activeRows(t)

	t.Run("numbers reconcile", func(t *testing.T) {
		report := result.Report
		require.True(t, report.Balanced())
		require.EqualValues(t, all, report.Records.In)
		require.Equal(t, facts.RecordsTotal, report.Records.In)
		require.Equal(t, facts.RecordsDeleted, report.Records.Excluded[extraction.ExcludedDeleted])
		require.Empty(t, result.ValidationErrors)
		require.Empty(t, report.UnmatchedForms)
	})
	t.Run("AE", func(t *testing.T) { testPilotAE(t, result, active) })
	t.Run("AE as in facts.json", func(t *testing.T) {
		ae := facts.AdverseEvents
		subjects, severity, serious, fatal, partial, open := map[string]bool{}, map[string]int{}, 0, 0, 0, 0
		for _, e := range result.AdverseEvents {
			subjects[e.SubjectKey] = true
			severity[e.AESeverity]++
			serious += one(e.AESerious == imednet.Yes)
			fatal += one(e.AEOutcome == "FATAL")
			partial += one(!e.AEStartDate.IsZero() && !complete(e.AEStartDate))
			open += one(e.AEEndDate.IsZero())
		}
		require.Equal(t, 1179, ae.Rows.Active)
		require.Len(t, result.AdverseEvents, ae.Rows.Active)
		require.Len(t, subjects, ae.SubjectsWithAny.Active)
		require.Equal(t, ae.BySeverity.Active, severity)
		require.Equal(t, []int{ae.Serious.Active, ae.Fatal.Active, ae.PartialStartDate.Active, ae.MissingEndDate.Active}, []int{serious, fatal, partial, open})
	})
	t.Run("PD", func(t *testing.T) {
		want := map[int64]string{}
		for _, r := range active {
			if r.FormKey == "DS" && r.text("DSDECOD") == "PROTOCOL VIOLATION" {
				want[r.RecordID] = r.text("DSTERM")
			}
		}
		require.Len(t, result.ProtocolDeviations, len(want))
		for _, d := range result.ProtocolDeviations {
			require.Equal(t, want[d.RecordID()], d.DVTerm)
		}
	})
	t.Run("ADSL", func(t *testing.T) { testPilotADSL(t, result, active) })
	t.Run("ADAE", func(t *testing.T) { testPilotADAE(t, result, active) })
	t.Run("ADLB", func(t *testing.T) { testPilotADLB(t, result, active) })
	t.Run("laboratory results as in facts.json", func(t *testing.T) {
		perForm := map[string]int{}
		for _, r := range result.ADLBRecords {
			perForm[r.FormKey()]++
		}
		for _, form := range []string{"LBCH", "LBHE", "LBUR", "LBOT"} {
			var fact struct{ Results struct{ Active int } }
			require.NoError(t, json.Unmarshal(facts.Laboratory[form], &fact))
			require.Equal(t, fact.Results.Active, perForm[form], form)
		}
	})
	t.Run("the same rows whatever the order of the records", func(t *testing.T) {
		engine, small := pilotEngine(t), slices.Clone(records)
		small = slices.DeleteFunc(small, func(r imednet.Record) bool { return !slices.Contains([]string{"DM", "AE", "LBOT"}, r.FormKey.Or("")) })
		forwards, err := engine.Extract(t.Context(), small, extraction.Options{})
		require.NoError(t, err)
		slices.Reverse(small)
		backwards, err := engine.Extract(t.Context(), small, extraction.Options{})
		require.NoError(t, err)
		require.Len(t, forwards.AdverseEvents, 1179)
		require.Equal(t, digest(t, forwards), digest(t, backwards))
	})
}

// digest is a hash of everything that a run gave.
func digest(tb testing.TB, x *extraction.ExtractionResult) [32]byte {
	tb.Helper()
	document, err := json.Marshal(x)
	require.NoError(tb, err)
	return sha256.Sum256(document)
}

func complete(d imednet.PartialDate) bool {
	_, ok := d.Date()
	return ok
}

func one(holds bool) int {
	if holds {
		return 1
	}
	return 0
}

func testPilotAE(t *testing.T, result *extraction.ExtractionResult, active []pilotRow) {
	want := map[int64]pilotRow{}
	for _, r := range active {
		if r.FormKey == "AE" {
			want[r.RecordID] = r
		}
	}
	require.Len(t, result.AdverseEvents, len(want))
	for _, e := range result.AdverseEvents {
		r := want[e.RecordID()]
		require.Equal(t, []string{r.SubjectKey, r.text("AETERM"), r.text("AEDECOD"), r.text("AESEV"), r.text("AESER"), r.text("AESTDTC"), r.text("AEENDTC"), r.text("AEOUT")},
			[]string{e.SubjectKey, e.AETerm, e.AEDecod, e.AESeverity, e.AESerious.String(), e.AEStartDate.String(), e.AEEndDate.String(), e.AEOutcome})
	}
}

func testPilotADSL(t *testing.T, result *extraction.ExtractionResult, active []pilotRow) {
	want := map[string]pilotRow{}
	for _, r := range active {
		if r.FormKey == "DM" {
			want[r.SubjectKey] = r
		}
	}
	require.Len(t, want, 300)
	require.Len(t, result.ADSLRecords, 300)
	for _, s := range result.ADSLRecords {
		r := want[s.SubjectKey]
		require.Equal(t, []string{r.text("RFXSTDTC"), r.text("RFXENDTC"), r.text("AGE"), r.text("SEX"), r.text("ARM"), r.text("SAFETY")},
			[]string{s.TreatmentStart.String(), s.TreatmentEnd.String(), s.Age.String(), s.Sex, s.Arm, s.Flag("SAFFL").String()})
		if r.text("RFXSTDTC") != "" && r.text("RFXENDTC") != "" {
			require.Equal(t, fmt.Sprint(1+daysBetween(t, r.text("RFXENDTC"), r.text("RFXSTDTC"))), s.Text("TRTDURD"))
		}
	}
}

// daysBetween counts calendar days of two full dates.
func daysBetween(tb testing.TB, later, earlier string) int {
	tb.Helper()
	a, errA := time.Parse(time.DateOnly, later[:10])
	b, errB := time.Parse(time.DateOnly, earlier[:10])
	require.NoError(tb, errors.Join(errA, errB))
	return int(a.Sub(b).Hours() / 24)
}

func testPilotADAE(t *testing.T, result *extraction.ExtractionResult, active []pilotRow) {
	start, collected := map[string]string{}, map[int64]pilotRow{}
	for _, r := range active {
		switch r.FormKey {
		case "DM":
			start[r.SubjectKey] = r.text("RFXSTDTC")
		case "AE":
			collected[r.RecordID] = r
		}
	}
	require.Len(t, result.ADAERecords, len(collected))
	next := map[string]int{}
	var emergent, open int
	for _, e := range result.ADAERecords {
		r, from := collected[e.RecordID()], start[e.SubjectKey]
		began := r.text("AESTDTC")
		next[e.SubjectKey]++
		if len(began) < 10 || from == "" {
			require.Empty(t, e.StartDay)
		} else {
			day := daysBetween(t, began, from)
			if day >= 0 {
				day++
			}
			require.Equal(t, fmt.Sprint(day), e.StartDay.String())
			require.Equal(t, imednet.YesNoOf(day > 0), e.TreatmentEmergent)
		}
		switch e.TreatmentEmergent {
		case imednet.Yes:
			emergent++
			require.Equal(t, "Y", r.text("AETRTEM"))
		case imednet.Unknown:
			open++
		}
	}
	require.Positive(t, emergent)
	require.LessOrEqual(t, open, 26, "only partial dates may leave it open")
	for subject, n := range next {
		seen := make([]bool, n)
		for _, e := range result.ADAERecords {
			if e.SubjectKey == subject {
				number, _ := e.Sequence.Int64()
				i := int(number) - 1
				require.False(t, seen[i])
				seen[i] = true
			}
		}
	}
}

// labFact is one result of a wide laboratory form.
type labFact struct {
	date  string
	value *big.Rat
	text  string
}

func testPilotADLB(t *testing.T, result *extraction.ExtractionResult, active []pilotRow) {
	start, facts := map[string]string{}, map[string]map[string]labFact{} // subject/param, then record/param
	for _, r := range active {
		if r.FormKey == "DM" {
			start[r.SubjectKey] = r.text("RFXSTDTC")
		}
		for name := range r.Data {
			if !strings.HasPrefix(r.FormKey, "LB") || strings.Contains(name, "_") || name == "LBDTC" || name == "LBDY" || r.text(name) == "" {
				continue
			}
			value, _ := new(big.Rat).SetString(r.text(name))
			group := r.SubjectKey + "/" + name
			if facts[group] == nil {
				facts[group] = map[string]labFact{}
			}
			facts[group][fmt.Sprint(r.RecordID)] = labFact{r.text("LBDTC"), value, r.text(name)}
		}
	}
	total, baselines := 0, 0
	for _, results := range facts {
		total += len(results)
	}
	require.Len(t, result.ADLBRecords, total)
	for _, row := range result.ADLBRecords {
		group := facts[row.SubjectKey+"/"+row.ParameterCode]
		fact := group[fmt.Sprint(row.RecordID())]
		require.Equal(t, fact.text, row.ValueText)
		base := baselineOf(group, start[row.SubjectKey])
		if base == nil {
			require.Empty(t, row.Baseline)
			require.Empty(t, row.Change)
			continue
		}
		require.Equal(t, base.text, row.Baseline.String())
		if row.IsBaseline == imednet.Yes {
			baselines++
			require.Equal(t, base.date, fact.date)
		}
		if fact.value == nil || fact.date <= base.date {
			require.Empty(t, row.Change)
			continue
		}
		change, ok := new(big.Rat).SetString(row.Change.String())
		require.True(t, ok)
		require.Zero(t, change.Cmp(new(big.Rat).Sub(fact.value, base.value)))
	}
	require.Positive(t, baselines)
}

// baselineOf is the last numeric result on or before the day of treatment. The pilot's collection
// dates order as text.
func baselineOf(results map[string]labFact, start string) *labFact {
	var base *labFact
	for _, f := range results {
		if start == "" || f.value == nil || f.date[:10] > start {
			continue
		}
		if base == nil || f.date > base.date {
			base = &f
		}
	}
	return base
}
