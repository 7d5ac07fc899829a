package extraction_test

import (
	"encoding/json"
	"fmt"
	"math"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/extraction"
)

// adamRow is a row of the pilot study's own analysis data sets, which other people made with other
// programs.
type adamRow map[string]any

func (r adamRow) text(name string) string {
	switch v := r[name].(type) {
	case string:
		return v
	case float64:
		return imednet.NewNumber(int64(v)).String()
	}
	return ""
}

func readAdam(t *testing.T, name string, key func(adamRow) string) map[string]adamRow {
	t.Helper()
	rows := map[string]adamRow{}
	eachLine(t, filepath.Join(pilotDir(t), "adam", name+".ndjson.gz"), func(line []byte) {
		var row adamRow
		require.NoError(t, json.Unmarshal(line, &row))
		rows[key(row)] = row
	})
	return rows
}

// figures counts how often a variable is what the published data have.
type figures struct{ same, all map[string]int }

func (f figures) note(name string, same bool) {
	f.all[name]++
	f.same[name] += one(same)
}

func (f figures) String(name string) string {
	return fmt.Sprintf("%d of %d", f.same[name], f.all[name])
}

// flagText is a flag as the published data write it, which leave out an N of the flags that are Y or
// empty there.
func flagText(f imednet.YesNo) string { return f.String() }

// day is a date where its day is known: the published data leave others empty.
func day(d imednet.PartialDate) string {
	whole, ok := d.Date()
	if !ok {
		return ""
	}
	return whole.String()
}

// adamResult runs the pilot's configuration as the study's programs chose: deleted records included, the
// baseline by visit, the first day for a start of which only the month is known.
func adamResult(t *testing.T) *extraction.ExtractionResult {
	t.Helper()
	adamOnce.Do(func() { adamExtracted = extractAdam(t) })
	require.NotNil(t, adamExtracted)
	return adamExtracted
}

// It is made once: tests only read it.
var (
	adamOnce      sync.Once
	adamExtracted *extraction.ExtractionResult
)

func extractAdam(t *testing.T) *extraction.ExtractionResult {
	t.Helper()
	cfg := readConfiguration(t, "../examples/safety/cdiscpilot01.json")
	cfg.Unknown = []byte(`{"extraction":{"analysis":{"baseline":"visits","baselineVisits":["SCREENING 1"],
		"imputation":[{"domain":"ADAE","field":"ASTDT","day":"first","notBeforeTreatment":true}]}}}`)
	engine, err := extraction.NewEngine(cfg, extraction.WithStructure(pilotStructure(t)))
	require.NoError(t, err)
	result, err := engine.Extract(t.Context(), pilotRecords(t), extraction.Options{IncludeDeleted: true})
	require.NoError(t, err)
	return result
}

// TestPilotAsPublished compares with the analysis data sets that the study published. Where a figure is
// not everything, the table says why.
func TestPilotAsPublished(t *testing.T) {
	pilotDir(t)
	result := adamResult(t)
	f := figures{map[string]int{}, map[string]int{}}
	compareEvents(t, f, result)
	compareSubjects(t, f, result)
	compareResults(t, f, result)
	for name, want := range map[string]string{
		"ADAE AETERM": "1191 of 1191", "ADAE AEDECOD": "1191 of 1191", "ADAE AEBODSYS": "1191 of 1191", "ADAE AESEV": "1191 of 1191", "ADAE AEOUT": "1191 of 1191",
		"ADAE AESER": "1191 of 1191", "ADAE AESDTH": "1191 of 1191", "ADAE AESHOSP": "1191 of 1191", "ADAE AENDT": "1191 of 1191", "ADAE AENDY": "1191 of 1191",
		"ADAE TRTEMFL": "1191 of 1191", "ADAE ASTDT": "1191 of 1191", "ADAE ASTDTF": "1191 of 1191", "ADAE ASTDY": "1191 of 1191",
		"ADSL TRTSDT": "254 of 254", "ADSL AGE": "254 of 254", "ADSL SEX": "254 of 254", "ADSL ARM": "254 of 254", "ADSL RACE": "254 of 254",
		"ADSL SAFFL": "254 of 254", "ADSL ITTFL": "254 of 254", "ADSL DTHFL": "254 of 254",
	} {
		require.Equal(t, want, f.String(name), name)
	}
	for name, c := range map[string]struct{ want, reason string }{
		"ADSL TRTEDT":  {"248 of 254", "DM has no end of treatment for two subjects and an earlier one for four"},
		"ADSL TRT01A":  {"242 of 254", "twelve subjects of the high dose arm took the low dose by DM, and have the planned one in the published data"},
		"ADSL EFFFL":   {"234 of 254", "the source has no N: the flag is not known for the 20 subjects of which the published data say N"},
		"ADLB ADY":     {"54527 of 54527", "each result once; 48 results of the published data have no record in the pilot"},
		"ADLB ABLFL":   {"54527 of 54527", ""},
		"ADLB LBNRIND": {"54527 of 54527", ""},
		"ADLB AVAL":    {"29137 of 29137", "analytes that the pilot has in the published unit"},
		"ADLB BASE":    {"29029 of 29137", "the SCREENING 1 results of the other 108 are not in the pilot"},
		"ADLB CHG":     {"24248 of 24248", "where both have one"},
	} {
		require.Equal(t, c.want, f.String(name), "%s (%s)", name, c.reason)
	}
}

// TestPilotDifferencesHaveTheirReason traces each value that is not the published one to what the pilot's
// records lack or say otherwise.
func TestPilotDifferencesHaveTheirReason(t *testing.T) {
	pilotDir(t)
	result := adamResult(t)
	subjects := readAdam(t, "adsl", func(r adamRow) string { return r.text("SUBJID") })
	for _, s := range result.ADSLRecords {
		r, ok := subjects[s.SubjectKey]
		if !ok {
			continue
		}
		if flagText(s.Flag("EFFFL")) != r.text("EFFFL") {
			require.Equal(t, imednet.Unknown, s.Flag("EFFFL"), "the source has no N")
			require.Equal(t, "N", r.text("EFFFL"))
		}
		if s.Text("TRT01A") != r.text("TRT01A") {
			require.Equal(t, "Xanomeline Low Dose", s.Text("TRT01A"), "DM has the treatment that was taken")
			require.Equal(t, "Xanomeline High Dose", r.text("TRT01A"), "the published data have the one that was planned")
			require.Equal(t, s.Arm, r.text("TRT01A"))
		}
		if ours := day(s.TreatmentEnd); ours != r.text("TRTEDT") {
			require.True(t, ours == "" || ours < r.text("TRTEDT"), "DM has no end of treatment, or an earlier one")
		}
	}
	screened := map[string]bool{}
	for _, row := range result.ADLBRecords {
		screened[row.SubjectKey+"/"+row.ParameterCode] = screened[row.SubjectKey+"/"+row.ParameterCode] || row.Visit == "SCREENING 1"
	}
	published, lacking := readAdam(t, "adlb", resultKey), 0
	for _, row := range result.ADLBRecords {
		r, ok := published[keyOfResult(row)]
		if ok && near(row.Value, r["AVAL"]) && row.Baseline.IsZero() && r["BASE"] != nil {
			require.False(t, screened[row.SubjectKey+"/"+row.ParameterCode], "the baseline is empty although the pilot has its visit")
			lacking++
		}
	}
	require.Equal(t, 108, lacking, "results whose SCREENING 1 is not in the pilot: all that differ in BASE")
}

// TestPilotTermsFromCodings takes the decoded term of each event from its coding instead of the answer.
func TestPilotTermsFromCodings(t *testing.T) {
	cfg := readConfiguration(t, "../examples/safety/cdiscpilot01.json")
	cfg.Unknown = nil
	for i := range cfg.Mappings {
		if m := &cfg.Mappings[i]; m.Domain == "ADAE" && m.TargetField == "AEDECOD" {
			m.SourceVariableName = "coding.AETERM.code"
		}
	}
	src := codedSource{RecordList: pilotRecords(t), codings: readRows(t, "codings.ndjson", imednet.Decode[imednet.Coding])}
	engine, err := extraction.NewEngine(cfg, extraction.WithStructure(pilotStructure(t)))
	require.NoError(t, err)
	result, err := engine.Extract(t.Context(), src, extraction.Options{IncludeDeleted: true})
	require.NoError(t, err)
	truth := readAdam(t, "adae", func(r adamRow) string { return r.text("SUBJID") + "/" + r.text("AESEQ") })
	f := figures{map[string]int{}, map[string]int{}}
	for _, e := range result.ADAERecords {
		if r, ok := truth[e.SubjectKey+"/"+e.Number("AESEQ").Canonical()]; ok {
			f.note("AEDECOD", e.DecodedTerm == r.text("AEDECOD"))
		}
	}
	require.Equal(t, "1191 of 1191", f.String("AEDECOD"))
	require.Equal(t, map[string]int64{"MedDRA 8.0": 1191}, result.Report.Dictionaries)
}

func resultKey(r adamRow) string {
	return strings.Join([]string{r.text("SUBJID"), r.text("PARAMCD"), r.text("ADT"), r.text("VISIT")}, "/")
}

func keyOfResult(row extraction.AnalysisLabResult) string {
	return strings.Join([]string{row.SubjectKey, row.ParameterCode, day(row.AnalysisDate), row.Visit}, "/")
}

func compareEvents(t *testing.T, f figures, result *extraction.ExtractionResult) {
	truth := readAdam(t, "adae", func(r adamRow) string { return r.text("SUBJID") + "/" + r.text("AESEQ") })
	for _, e := range result.ADAERecords {
		r, ok := truth[e.SubjectKey+"/"+e.Number("AESEQ").Canonical()]
		if !ok {
			continue
		}
		for _, name := range []string{"AETERM", "AEDECOD", "AEBODSYS", "AESEV", "AEOUT"} {
			f.note("ADAE "+name, e.Text(name) == r.text(name))
		}
		for _, name := range []string{"AESER", "AESDTH", "AESHOSP"} {
			f.note("ADAE "+name, flagText(e.Flag(name)) == r.text(name))
		}
		f.note("ADAE AENDT", day(e.End) == r.text("AENDT"))
		f.note("ADAE AENDY", e.EndDay.Canonical() == r.text("AENDY"))
		f.note("ADAE TRTEMFL", flagText(e.TreatmentEmergent) == r.text("TRTEMFL"))
		f.note("ADAE ASTDT", day(e.Start) == r.text("ASTDT"))
		f.note("ADAE ASTDTF", e.Text("ASTDTF") == r.text("ASTDTF"))
		f.note("ADAE ASTDY", e.StartDay.Canonical() == r.text("ASTDY"))
	}
}

func compareSubjects(t *testing.T, f figures, result *extraction.ExtractionResult) {
	truth := readAdam(t, "adsl", func(r adamRow) string { return r.text("SUBJID") })
	for _, s := range result.ADSLRecords {
		r, ok := truth[s.SubjectKey]
		if !ok {
			continue
		}
		f.note("ADSL TRTSDT", day(s.TreatmentStart) == r.text("TRTSDT"))
		f.note("ADSL TRTEDT", day(s.TreatmentEnd) == r.text("TRTEDT"))
		f.note("ADSL AGE", s.Age.Canonical() == r.text("AGE"))
		for _, name := range []string{"SEX", "ARM", "RACE", "TRT01A"} {
			f.note("ADSL "+name, s.Text(name) == r.text(name))
		}
		for _, name := range []string{"SAFFL", "ITTFL", "DTHFL", "EFFFL"} {
			f.note("ADSL "+name, flagText(s.Flag(name)) == r.text(name))
		}
	}
}

func compareResults(t *testing.T, f figures, result *extraction.ExtractionResult) {
	truth := readAdam(t, "adlb", resultKey)
	values := map[string]*figures{} // of one analyte, whose unit may not be the published one
	for _, row := range result.ADLBRecords {
		r, ok := truth[keyOfResult(row)]
		if !ok {
			continue
		}
		f.note("ADLB ADY", row.Day.Canonical() == r.text("ADY"))
		f.note("ADLB ABLFL", flagText(row.IsBaseline) == r.text("ABLFL"))
		f.note("ADLB LBNRIND", row.RangeIndicator == r.text("LBNRIND"))
		of := values[row.ParameterCode]
		if of == nil {
			of = &figures{map[string]int{}, map[string]int{}}
			values[row.ParameterCode] = of
		}
		of.note("ADLB AVAL", near(row.Value, r["AVAL"]))
		of.note("ADLB BASE", near(row.Baseline, r["BASE"]))
		if r["CHG"] != nil && !row.Change.IsZero() { // the published change of the baseline row itself is 0 or empty
			of.note("ADLB CHG", near(row.Change, r["CHG"]))
		}
	}
	for _, of := range values {
		if of.same["ADLB AVAL"] != of.all["ADLB AVAL"] {
			continue // in another unit
		}
		for name := range of.all {
			f.same[name] += of.same[name]
			f.all[name] += of.all[name]
		}
	}
}

// near reports whether a number is the published one, which went through binary arithmetic.
func near(n imednet.Number, published any) bool {
	want, ok := published.(float64)
	if !ok || n.IsZero() {
		return !ok && n.IsZero()
	}
	f, _ := n.Float64()
	return math.Abs(f-want) <= 1e-9*max(1, math.Abs(want))
}
