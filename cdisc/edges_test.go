package cdisc

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestLimitsAreInclusive has the last value that fits and the first that does not.
func TestLimitsAreInclusive(t *testing.T) {
	whole, moment, decimal := Variable{Name: "N", Type: WholeNumber}, Variable{Name: "T", Type: Datetime}, Variable{Name: "D", Type: Decimal}
	first := time.Date(1582, 10, 15, 0, 0, 0, 0, time.UTC).UnixMicro()
	none := map[Rule]int64{}
	for name, c := range map[string]struct {
		src  memory
		want map[Rule]int64
	}{
		"2^53":            {column(whole, Integer(1<<53)), none},
		"2^53 + 1":        {column(whole, Integer(1<<53+1)), map[Rule]int64{RuleExactNumber: 1}},
		"-2^53":           {column(whole, Integer(-1<<53)), none},
		"-2^53 - 1":       {column(whole, Integer(-1<<53-1)), map[Rule]int64{RuleExactNumber: 1}},
		"first moment":    {column(moment, Integer(first)), none},
		"before it":       {column(moment, Integer(first-1)), map[Rule]int64{RuleCalendar: 1}},
		"75 digits":       {column(decimal, Text("1"+strings.Repeat("0", 75))), none},
		"80 digits":       {column(decimal, Text("1"+strings.Repeat("0", 80))), map[Rule]int64{RuleNumberRange: 1}},
		"80 zeros behind": {column(decimal, Text("0."+strings.Repeat("0", 80)+"1")), map[Rule]int64{RuleNumberRange: 1}},
	} {
		require.Equal(t, c.want, rulesOf(surveyed(t, c.src).Problems(XPT5)), name)
	}
}

// TestAYearOfTwoDigitsIsCertain writes no time of creation that readers take for one of another century.
func TestAYearOfTwoDigitsIsCertain(t *testing.T) {
	src := column(Variable{Name: "A", Type: Character}, Text("x"))
	for created, fits := range map[string]bool{"1959-12-31T23:59:59Z": false, "1960-01-01T00:30:00+01:00": false, "1960-01-01T00:00:00Z": true, "2059-12-31T23:59:59Z": true, "2060-01-01T00:00:00Z": false} {
		at, err := time.Parse(time.RFC3339, created)
		require.NoError(t, err)
		var b bytes.Buffer
		err = WriteXPT(t.Context(), &b, src, surveyed(t, src), XPTOptions{Created: at})
		require.Equal(t, fits, err == nil, created)
		require.Equal(t, fits, b.Len() > 0, created)
	}
}

func TestEveryLetterOfAMissingValueIsRead(t *testing.T) {
	for _, letter := range []byte("_ABMYZ") {
		src := memory{dataset: Dataset{Name: "AE", Variables: []Variable{{Name: "N", Type: Double}}}, rows: []Row{{special(letter)}, {Float(1)}}}
		require.Equal(t, int64(1), surveyed(t, src).Stats()[0].Special)
		back, err := readXPT(writeXPT(t, src, XPT5))
		require.NoError(t, err, string(letter))
		require.Equal(t, src.rows, back.rows)
	}
	for _, letter := range []byte("@[^`a/") {
		_, _, ok := decodeNumber([]byte{letter, 0, 0, 0, 0, 0, 0, 0})
		require.False(t, ok, string(letter))
	}
}

func TestLabelsThatAFileLosesAreRefused(t *testing.T) {
	good := writeXPT(t, longNames(), XPT8)
	from, to := bytes.Index(good, []byte("HEADER RECORD*******LABELV8")), bytes.Index(good, []byte("HEADER RECORD*******OBSV8"))
	_, err := readXPT(append(bytes.Clone(good[:from]), good[to:]...))
	require.ErrorContains(t, err, "2 labels of more than 40 bytes are missing")

	short := writeXPT(t, allKinds(t), XPT5)
	copy(short[8*xptRecord+16:], "\xff")
	_, err = readXPT(short)
	require.ErrorIs(t, err, ErrFormat)
}

// TestManyRowsAreLargerThanTheLimitOfOne reads more than a reader holds, row by row.
func TestManyRowsAreLargerThanTheLimitOfOne(t *testing.T) {
	const rows = 80
	head := `{"datasetJSONCreationDateTime":"2026-03-01T08:00:00Z","datasetJSONVersion":"1.1.0","itemGroupOID":"IG.X","records":80,"name":"X","label":"","columns":[{"itemOID":"A","name":"A","label":"","dataType":"string","length":12}]}` + "\n"
	parts := []io.Reader{strings.NewReader(head)}
	line := `["` + strings.Repeat("x", 1<<20) + "\"]\n"
	for range rows {
		parts = append(parts, strings.NewReader(line))
	}
	r, err := NewJSONReader(io.MultiReader(parts...))
	require.NoError(t, err)
	require.Equal(t, 12, r.Dataset().Variables[0].Length)
	n := 0
	for row, err := range r.Rows(t.Context()) {
		require.NoError(t, err)
		text, _ := row[0].Text()
		require.Len(t, text, 1<<20)
		n++
	}
	require.Equal(t, rows, n)
	_, err = readAll(r)
	require.ErrorContains(t, err, "were read before")
}

func TestProposedLabelsAreASCIIForVersion5(t *testing.T) {
	d := Dataset{Name: "AE", Label: "Événements", Variables: []Variable{{Name: "T", Label: "Dose ≥ 5 µg – “total”", Type: Character}}}
	names := ProposeNames([]Dataset{d}, XPT5)
	require.Equal(t, DatasetNames{Label: "?v?nements", Variables: map[string]VariableNames{"T": {Label: `Dose >= 5 ug - "total"`}}}, names["AE"])
	require.Empty(t, ProposeNames([]Dataset{d}, XPT8))
}

// TestWhatTheCallerAndTheRemediesLoseIsCounted looks at losses that no survey finds.
func TestWhatTheCallerAndTheRemediesLoseIsCounted(t *testing.T) {
	src := memory{dataset: Dataset{Name: "AE", Label: strings.Repeat("label ", 8), Variables: []Variable{{Name: "T", Type: Character}, {Name: "N", Type: Double}, {Name: "U", Type: Character}}},
		rows: []Row{{{}, {}, Text("u")}, {Text(""), Float(1), Text("u")}}}
	o := exportOptions(NDJSON, XPT5)
	o.Remedies = Remedies{CutLabels: true}
	o.JSON.BlankText = true
	o.Losses = []Loss{{"AE", "T", LossPartialDate, "", 7}}
	dir := t.TempDir()
	m, err := Export(t.Context(), dir, []Source{src}, o)
	require.NoError(t, err)
	require.Equal(t, []Loss{{"AE", "T", LossPartialDate, "", 7}, {"AE", "", LossLabel, "", 1}, {"AE", "T", LossBlankForMissing, NDJSON, 1}, {"AE", "T", LossEmptyText, XPT5, 1}}, m.Losses)
	require.Equal(t, strings.TrimRight(strings.Repeat("label ", 8)[:40], " "), readFile(t, filepath.Join(dir, "ae.ndjson")).dataset.Label)
	define, err := os.ReadFile(filepath.Join(dir, "define.xml"))
	require.NoError(t, err)
	require.Contains(t, string(define), `xlink:href="ae.ndjson"`)

	o.Problems = []Problem{{"AE", "T", RuleRejected, 3, "rejected"}}
	_, err = Export(t.Context(), t.TempDir(), []Source{src}, o)
	require.Equal(t, map[Rule]int64{RuleRejected: 3}, problemsOf(t, err))
}

// TestODMDescribesWhatItWrites has texts that grow when they are escaped, items that forms share, and
// instants.
func TestODMDescribesWhatItWrites(t *testing.T) {
	form := func(name string, status, answer string) ODMForm {
		return ODMForm{Source: memory{dataset: Dataset{Name: name, Variables: []Variable{
			{Name: "recordId", Type: WholeNumber}, {Name: "subjectKey", Type: Character}, {Name: "status", Type: Character}, {Name: "A", Type: Character}, {Name: "AT", Type: Datetime, UTC: true}, {Name: "LOCAL", Type: Datetime},
		}}, rows: []Row{{Integer(1), Text("S1"), Text(status), Text(answer), Integer(0), Integer(0)}}}, Place: ODMPlace{Subject: "subjectKey", Record: "recordId"}, Record: []string{"status"}}
	}
	forms := []ODMForm{form("AE", "x", "a\x01b\x02"), form("CM", "longer", "é"), form("DM", "y", "z")}
	document, _, err := writeODM(t, forms, ODMOptions{EscapeControls: true})
	require.NoError(t, err)
	require.Contains(t, document, `Value="a\u0001b\u0002"`)
	require.Contains(t, document, `OID="IT.AE.A" Name="A" DataType="text" Length="14"`)
	require.Contains(t, document, `OID="IT.CM.A" Name="A" DataType="text" Length="1"`)
	require.Contains(t, document, `OID="IT.imnRecord.status" Name="status" DataType="text" Length="6"`)
	require.Contains(t, document, `ItemOID="IT.AE.AT" Value="1970-01-01T00:00:00Z"`)
	require.Contains(t, document, `ItemOID="IT.AE.LOCAL" Value="1970-01-01T00:00:00"`)
}

// TestODMNamesTheSiteOfTheNewestRecord has a subject who moved from one site to another.
func TestODMNamesTheSiteOfTheNewestRecord(t *testing.T) {
	src := memory{dataset: Dataset{Name: "AE", Variables: []Variable{{Name: "recordId", Type: WholeNumber}, {Name: "subjectKey", Type: Character}, {Name: "siteId", Type: WholeNumber}, {Name: "N", Type: WholeNumber}}},
		rows: []Row{{Integer(1), Text("S1"), Integer(7), Integer(-123)}, {Integer(3), Text("S1"), Integer(8), {}}, {Integer(2), Text("S1"), Integer(9), {}}}}
	document, _, err := writeODM(t, []ODMForm{{Source: src, Place: ODMPlace{Subject: "subjectKey", Record: "recordId", Site: "siteId"}}}, ODMOptions{})
	require.NoError(t, err)
	require.Contains(t, document, `<SiteRef LocationOID="L.8"/>`)
	require.Contains(t, document, `Name="N" DataType="integer" Length="4"`)
}

// TestODMRecordsDoNotContinueEachOther has two records whose states follow each other.
func TestODMRecordsDoNotContinueEachOther(t *testing.T) {
	src := memory{dataset: Dataset{Name: "AE", Variables: []Variable{{Name: "recordId", Type: WholeNumber}, {Name: "subjectKey", Type: Character}, {Name: "kind", Type: Character}, {Name: "time", Type: Datetime, UTC: true}, {Name: "A", Type: Character}}},
		rows: []Row{{Integer(1), Text("S1"), Text("Update"), Integer(1), Text("same")}, {Integer(2), Text("S1"), Text("Update"), Integer(2), Text("same")}}}
	document, _, err := writeODM(t, []ODMForm{{Source: src, Place: ODMPlace{Subject: "subjectKey", Record: "recordId", Transaction: "kind", Time: "time"}}}, ODMOptions{Transactional: true})
	require.NoError(t, err)
	require.Equal(t, 2, strings.Count(document, `Value="same"`))
	require.NotContains(t, document, "Update")
}

func TestODMRefusesRowsAndMetadataThatAreNone(t *testing.T) {
	for want, change := range map[string]func(*memory){
		"AE.AEVAL: type (1)":                                          func(m *memory) { m.rows[0][11] = Text("1") },
		"AE.AETERM: xml-character (1)":                                func(m *memory) { m.dataset.Variables[9].Label = "\x01" },
		"AE: key-not-unique (1): rows without the number of a record": func(m *memory) { m.rows[0][0] = Value{} },
	} {
		forms := odmForms(t)
		ae := forms[0].Source.(memory)
		change(&ae)
		forms[0].Source = ae
		_, _, err := writeODM(t, forms, ODMOptions{})
		require.ErrorContains(t, err, want)
	}
}

// TestASequenceMayCountByTheFirstVariable numbers by what stands first in the table.
func TestASequenceMayCountByTheFirstVariable(t *testing.T) {
	src := memory{dataset: Dataset{Name: "AE", Variables: []Variable{{Name: "START", Type: Character}, {Name: "USUBJID", Type: Character, Key: 1}, {Name: "AESEQ", Type: WholeNumber, Key: 2, Sequence: []string{"START"}}}}}
	for i := range 5 {
		src.rows = append(src.rows, Row{Text(strconv.Itoa(9 - i)), Text("S"), {}})
	}
	dir := t.TempDir()
	_, err := Export(t.Context(), dir, []Source{src}, exportOptions(NDJSON))
	require.NoError(t, err)
	for i, row := range readFile(t, filepath.Join(dir, "ae.ndjson")).rows {
		require.Equal(t, Row{Text(strconv.Itoa(5 + i)), Text("S"), Integer(int64(i + 1))}, row)
	}
}
