package cdisc

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
)

func exportOptions(formats ...Format) ExportOptions {
	return ExportOptions{Formats: formats, JSON: jsonOptions(""), Define: &DefineOptions{}}
}

// listing is the names in a directory.
func listing(t *testing.T, dir string) (names []string) {
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	return names
}

func readFile(t *testing.T, path string) memory {
	f, err := OpenFile(path)
	require.NoError(t, err)
	m, err := readAll(f)
	require.NoError(t, err)
	return m
}

func TestExportWritesEverythingSorted(t *testing.T) {
	src := column(Variable{Name: "AETERM", Type: Character}, Text("a"), Text("b"), Text("c"))
	src.rows[0], src.rows[2] = src.rows[2], src.rows[0]
	dir := t.TempDir()
	m, err := Export(context.Background(), dir, []Source{src, allKinds(t)}, exportOptions(XPT5, JSON, NDJSON, DSJC))
	require.NoError(t, err)
	require.Equal(t, []string{ManifestName, "ae.dsjc", "ae.json", "ae.ndjson", "ae.xpt", "define.xml", "tst.dsjc", "tst.json", "tst.ndjson", "tst.xpt"}, listing(t, dir))
	for _, name := range []string{"ae.xpt", "ae.json", "ae.ndjson", "ae.dsjc"} {
		back := readFile(t, filepath.Join(dir, name))
		require.Len(t, back.rows, 3)
		for i, want := range []string{"a", "b", "c"} {
			require.Equal(t, Text(want), back.rows[i][1], name)
		}
		info, err := os.Stat(filepath.Join(dir, name))
		require.NoError(t, err)
		require.Equal(t, os.FileMode(0o600), info.Mode().Perm())
	}
	require.Equal(t, ManifestDataset{"AE", "AE", 3, []ManifestVariable{{"RECID", "RECID"}, {"AETERM", "AETERM"}}}, m.Datasets[0])
	require.Len(t, m.Files, 9)
	document, err := os.ReadFile(filepath.Join(dir, ManifestName))
	require.NoError(t, err)
	var kept Manifest
	require.NoError(t, json.Unmarshal(document, &kept))
	require.Equal(t, *m, kept)
	require.NotContains(t, string(document), "null", "what there is none of is an empty list")

	// Again into another directory: the same bytes.
	other := t.TempDir()
	_, err = Export(context.Background(), other, []Source{src, allKinds(t)}, exportOptions(XPT5, JSON, NDJSON, DSJC))
	require.NoError(t, err)
	for _, name := range listing(t, dir) {
		a, err := os.ReadFile(filepath.Join(dir, name))
		require.NoError(t, err)
		b, err := os.ReadFile(filepath.Join(other, name))
		require.NoError(t, err)
		require.Equal(t, string(a), string(b), name)
	}
}

func TestExportReplacesItsOwnFilesAlone(t *testing.T) {
	dir := t.TempDir()
	src := column(Variable{Name: "A", Type: Character}, Text("a"))
	_, err := Export(context.Background(), dir, []Source{src, allKinds(t)}, exportOptions(XPT5))
	require.NoError(t, err)
	_, err = Export(context.Background(), dir, []Source{src}, exportOptions(XPT5))
	require.NoError(t, err)
	require.Equal(t, []string{ManifestName, "ae.xpt", "define.xml"}, listing(t, dir))

	require.NoError(t, os.WriteFile(filepath.Join(dir, "tst.xpt"), []byte("mine"), 0o600))
	_, err = Export(context.Background(), dir, []Source{allKinds(t)}, exportOptions(XPT5))
	require.ErrorIs(t, err, os.ErrExist)
	content, err := os.ReadFile(filepath.Join(dir, "tst.xpt"))
	require.NoError(t, err)
	require.Equal(t, "mine", string(content))
	require.Equal(t, []string{ManifestName, "ae.xpt", "define.xml", "tst.xpt"}, listing(t, dir))
}

func TestExportThatFailsLeavesNothing(t *testing.T) {
	long := column(Variable{Name: "A_LONG_NAME", Label: strings.Repeat("x", 41), Type: Character}, Text(strings.Repeat("x", 201)), Text("a\nb"))
	broken := allKinds(t)
	broken.err = errors.New("the disk is gone")
	for name, c := range map[string]struct {
		sources []Source
		want    string
	}{
		"unfit":  {[]Source{allKinds(t), long}, "4 problems\n  AE.A_LONG_NAME: variable-name (1)"},
		"broken": {[]Source{broken}, "the disk is gone"},
		"twice":  {[]Source{allKinds(t), allKinds(t)}, "have the same name"},
	} {
		dir := t.TempDir()
		_, err := Export(context.Background(), dir, c.sources, exportOptions(XPT5, JSON))
		require.ErrorContains(t, err, c.want, name)
		require.Empty(t, listing(t, dir), name)
	}
}

func TestProblemsAreListedOnceForAllFormats(t *testing.T) {
	src := column(Variable{Name: "A", Type: Double}, Float(1), Float(2))
	src.rows[1][0] = src.rows[0][0]
	_, err := Export(context.Background(), t.TempDir(), []Source{src}, exportOptions(XPT5, JSON, NDJSON))
	var unfit *UnfitError
	require.ErrorAs(t, err, &unfit)
	require.Equal(t, []Problem{{"AE", "", RuleKey, 1, "rows with the key of an earlier row"}}, unfit.Problems)
}

func TestRemediesAreDoneOnRequest(t *testing.T) {
	words := strings.Repeat("word and ", 50) + "\nend é" + strings.Repeat("é", 150)
	src := memory{dataset: Dataset{Name: "CO", Label: "Comments", Source: "comments", Variables: []Variable{
		{Name: "RECID", Type: WholeNumber, Key: 1, Source: "recordId"},
		{Name: "COMMENT_TEXT", Label: strings.Repeat("label ", 10), Type: Character, Source: "commentText"},
		{Name: "BIG", Type: WholeNumber},
	}}, rows: []Row{
		{Integer(2), Text(words), Integer(1<<53 + 1)}, {Integer(1), Text("short"), {}}, {Integer(3), {}, Integer(7)}, {Integer(4), Text(""), Integer(8)},
	}}
	o := exportOptions(XPT5, NDJSON)
	o.Names = Names{"comments": {Variables: map[string]VariableNames{"commentText": {Name: "COVAL"}}}}
	o.Remedies = Remedies{CutLabels: true, SplitTexts: true, EscapeControls: true, NumbersAsText: true}
	dir := t.TempDir()
	m, err := Export(context.Background(), dir, []Source{src}, o)
	require.NoError(t, err)
	for _, name := range []string{"co.xpt", "co.ndjson"} {
		back := readFile(t, filepath.Join(dir, name))
		var names []string
		for _, v := range back.dataset.Variables {
			names = append(names, v.Name)
			require.LessOrEqual(t, len(v.Label), 40)
		}
		require.Equal(t, []string{"RECID", "COVAL", "COVAL1", "COVAL2", "COVAL3", "BIG"}, names, name)
		joined := ""
		for i := 1; i < 5; i++ {
			part, _ := back.rows[1][i].Text()
			require.LessOrEqual(t, len(part), 200)
			joined += part
		}
		require.Equal(t, strings.Replace(words, "\n", `\u000a`, 1), joined, name)
		require.Equal(t, Text("9007199254740993"), back.rows[1][5])
	}
	lines := readFile(t, filepath.Join(dir, "co.ndjson"))
	require.Equal(t, Row{Integer(3), {}, {}, {}, {}, Text("7")}, lines.rows[2])
	require.Equal(t, Row{Integer(4), Text(""), {}, {}, {}, Text("8")}, lines.rows[3])
	require.Equal(t, "commentText, part 2", m.Datasets[0].Variables[2].Source)
	require.Contains(t, m.Losses, Loss{"CO", "COVAL", LossLabel, "", 1})
	require.Contains(t, m.Losses, Loss{"CO", "COVAL", LossEscaped, "", 1})
	require.Contains(t, m.Losses, Loss{"CO", "COVAL", LossEmptyText, XPT5, 1})
}

func TestTextsThatVersion8DoesNotHoldAreSplit(t *testing.T) {
	long := strings.Repeat("word ", 14_000)[:69_307]
	o := exportOptions(XPT8)
	o.Remedies = Remedies{SplitTexts: true}
	dir := t.TempDir()
	m, err := Export(context.Background(), dir, []Source{column(Variable{Name: "COVAL", Type: Character}, Text(long), Text("short"))}, o)
	require.NoError(t, err)
	require.Contains(t, m.Losses, Loss{"AE", "COVAL", LossSplit, "", 1})
	back := readFile(t, filepath.Join(dir, "ae.xpt"))
	joined := ""
	for _, v := range back.rows[0][1:] {
		part, _ := v.Text()
		joined += part
	}
	require.Len(t, back.rows[0], 4)
	require.Equal(t, strings.TrimRight(long, " "), joined)
}

// TestBlanksAloneAreSplitByTheirLength cuts a long run of blanks into as few parts as there must be.
func TestBlanksAloneAreSplitByTheirLength(t *testing.T) {
	text := "a" + strings.Repeat(" ", 1000) + "b"
	o := exportOptions(NDJSON, XPT5)
	o.Remedies = Remedies{SplitTexts: true}
	dir := t.TempDir()
	m, err := Export(t.Context(), dir, []Source{column(Variable{Name: "COVAL", Type: Character}, Text(text))}, o)
	require.NoError(t, err)
	back := readFile(t, filepath.Join(dir, "ae.ndjson"))
	joined := ""
	for _, v := range back.rows[0][1:] {
		part, _ := v.Text()
		joined += part
	}
	require.Equal(t, text, joined)
	require.LessOrEqual(t, len(back.rows[0]), 8)
	require.Contains(t, m.Losses, Loss{"AE", "COVAL1", LossBlankText, XPT5, 1})
}

// TestEscapesLeaveInvalidTextsAProblem escapes a column that also has bytes that are not UTF-8.
func TestEscapesLeaveInvalidTextsAProblem(t *testing.T) {
	o := exportOptions(NDJSON, XPT5)
	o.Remedies = Remedies{EscapeControls: true}
	for _, invalid := range []string{"bad\xff", "\xed\xa0\x80", "\nbad\xc3"} {
		dir := t.TempDir()
		_, err := Export(t.Context(), dir, []Source{column(Variable{Name: "T", Type: Character}, Text("line\nend"), Text(invalid))}, o)
		var unfit *UnfitError
		require.ErrorAs(t, err, &unfit)
		require.Equal(t, map[Rule]int64{RuleUTF8: 1}, rulesOf(unfit.Problems), "%q", invalid)
		require.Empty(t, listing(t, dir))
	}
}

// TestRowsAreNumberedWithinTheKey numbers by date and record, whatever the order of the source.
func TestRowsAreNumberedWithinTheKey(t *testing.T) {
	src := memory{dataset: Dataset{Name: "AE", Variables: []Variable{
		{Name: "USUBJID", Type: Character, Key: 1}, {Name: "AESEQ", Type: WholeNumber, Key: 2, Sequence: []string{"aeStartDate", "recordId"}},
		{Name: "AESTDTC", Type: ISODate, Source: "aeStartDate"}, {Name: "RECID", Type: WholeNumber, Source: "recordId"},
	}}, rows: []Row{
		{Text("S2"), {}, Text("2026-01-02"), Integer(5)},
		{Text("S1"), Integer(77), Text("2026-03"), Integer(4)},
		{Text("S1"), {}, Text("2026-01-02"), Integer(3)},
		{Text("S1"), {}, Text("2026-01-02"), Integer(2)},
		{Text("S1"), {}, {}, Integer(9)},
	}}
	dir := t.TempDir()
	_, err := Export(t.Context(), dir, []Source{src}, exportOptions(NDJSON))
	require.NoError(t, err)
	var got [][2]int64
	for _, row := range readFile(t, filepath.Join(dir, "ae.ndjson")).rows {
		n, _ := row[1].Integer()
		id, _ := row[3].Integer()
		got = append(got, [2]int64{n, id})
	}
	require.Equal(t, [][2]int64{{1, 9}, {2, 2}, {3, 3}, {4, 4}, {1, 5}}, got)
}

func TestNamesOfFilesFitEverySystem(t *testing.T) {
	for name, want := range map[string]string{"AE": "ae", "SUPP-DM": "supp-dm", "": "", "_AE": "", "-AE": "", "A/B": "", "..": "", "É": "", "CON": "", strings.Repeat("A", 65): ""} {
		require.Equal(t, want, fileName(name), name)
	}
}

func TestNamesOfWhatDoesNotExistAreAProblem(t *testing.T) {
	o := exportOptions(JSON)
	o.Names = Names{"AE": {Variables: map[string]VariableNames{"AETREM": {Name: "X"}}}, "AF": {Name: "Y"}}
	_, err := Export(context.Background(), t.TempDir(), []Source{column(Variable{Name: "AETERM", Type: Character})}, o)
	require.ErrorContains(t, err, "AE.AETREM: name-map (1)")
	require.ErrorContains(t, err, "AF: name-map (1)")
}

func TestProposedNamesFit(t *testing.T) {
	d := Dataset{Name: "LAB-CHEMISTRY", Source: "lab-chemistry", Variables: []Variable{
		{Name: "SYSBP_STD1", Type: Double}, {Name: "SYSBP_STD3", Type: Double}, {Name: "SBPSTD1", Type: Double}, {Name: "AGE", Type: Double}, {Name: "age", Source: "age2", Type: Double},
		{Name: "1ST", Type: Double}, {Name: "ÄÖ", Type: Double, Label: "A label with a good many words in it, more than fit"},
	}}
	names := ProposeNames([]Dataset{d}, XPT5)
	fitted := names.apply(d)
	src := memory{dataset: fitted}
	require.Empty(t, surveyed(t, src).Problems(XPT5))
	require.Equal(t, "AGE", fitted.Variables[3].Name, "what fits stays")
	require.NotContains(t, names["lab-chemistry"].Variables, "AGE")
	require.Equal(t, "A label with a good many words in it", fitted.Variables[6].Label)
	require.Empty(t, ProposeNames([]Dataset{allKinds(t).dataset}, XPT5))

	alike := ProposeNames([]Dataset{{Name: "LAB-CHEM", Source: "a"}, {Name: "LAB_CHEM_", Source: "b"}, {Name: "LAB CHEM", Source: "c"}, {Name: "AE", Source: "d"}, {Name: "ae", Source: "e"}}, XPT5)
	seen := map[string]bool{"AE": true}
	for _, source := range []string{"a", "b", "c", "e"} {
		require.False(t, seen[alike[source].Name], "%s: %s", source, alike[source].Name)
		seen[alike[source].Name] = true
	}
	require.NotContains(t, alike, "d")

	// Names of devices, and those that begin no file.
	devices := ProposeNames([]Dataset{{Name: "CON", Source: "a"}, {Name: "_AE", Source: "b"}, {Name: "COM1", Source: "c"}, {Name: "DSCON", Source: "d"}}, XPT5)
	files := map[string]bool{"dscon": true}
	for _, source := range []string{"a", "b", "c"} {
		name := devices[source].Name
		require.True(t, isSASName(name, XPT5), name)
		require.NotEmpty(t, fileName(name), name)
		require.False(t, files[fileName(name)], name)
		files[fileName(name)] = true
	}
}

func TestSortingKeepsEveryRow(t *testing.T) {
	src := randomTable(11, 3000, false)
	for i := range src.rows { // shuffled, and with equal keys
		src.rows[i][0] = Integer(int64(i*7919%1000) - 500)
	}
	dir := t.TempDir()
	for _, budget := range []int{10_000, 100_000, 1 << 30} {
		s, err := newSorted(context.Background(), src, dir, []int{0}, src.dataset.types(), budget)
		require.NoError(t, err)
		for range 2 {
			got, err := readAll(s)
			require.NoError(t, err)
			require.Len(t, got.rows, len(src.rows))
			for i, row := range got.rows {
				key, _ := row[0].Integer()
				require.Equal(t, int64(i/3-500), key)
			}
			require.Equal(t, src.rows[0], got.rows[0], "equal keys keep their order")
		}
		require.NoError(t, s.Close())
		require.Empty(t, listing(t, dir))
	}
}

func TestKeysSortAsTheyCompare(t *testing.T) {
	ordered := []Value{{}, special('A'), Integer(-5), Integer(0), Integer(7), Text(""), Text("a"), Text("a\x00"), Text("a\x00b"), Text("ab"), Text("b")}
	for i := 1; i < len(ordered); i++ {
		require.Less(t, string(appendKeyValue(nil, ordered[i-1])), string(appendKeyValue(nil, ordered[i])), i)
	}
	floats := []Value{Float(-1e300), Float(-1), Float(-0.5), Float(0), Float(0.5), Float(1), Float(1e300)}
	for i := 1; i < len(floats); i++ {
		require.Less(t, string(appendKeyValue(nil, floats[i-1])), string(appendKeyValue(nil, floats[i])), i)
	}
}

// TestProgressIsMonotonicAndComplete counts every row once when it is read and once a format.
func TestProgressIsMonotonicAndComplete(t *testing.T) {
	src := randomTable(4, 5000, false)
	src.dataset.Records = 5000
	var heard []imednet.Progress
	o := exportOptions(JSON, NDJSON)
	o.Define, o.Progress = nil, func(p imednet.Progress) { heard = append(heard, p) }
	_, err := Export(t.Context(), t.TempDir(), []Source{src}, o)
	require.NoError(t, err)
	require.Equal(t, imednet.Progress{Op: "export", StudyKey: "DEMO", Done: 15000, Total: 15000}, heard[len(heard)-1])
	for i, p := range heard[:len(heard)-1] {
		require.Equal(t, int64(i+1)*progressRows, p.Done)
	}
}

func TestLevelsOfCompression(t *testing.T) {
	src := randomTable(4, 5000, false)
	var sizes []int
	for _, level := range []int{0, 1, 9} {
		var b bytes.Buffer
		o := jsonOptions(DSJC)
		o.Level = level
		require.NoError(t, WriteDatasetJSON(t.Context(), &b, src, surveyed(t, src), o))
		sizes = append(sizes, b.Len())
		back, err := readJSON(b.Bytes())
		require.NoError(t, err)
		require.Equal(t, src.rows, back.rows)
	}
	require.Equal(t, sizes[0], sizes[1])
	require.Less(t, sizes[2], sizes[1])
	for _, level := range []int{-1, 10} {
		o := jsonOptions(DSJC)
		o.Level = level
		require.ErrorAs(t, WriteDatasetJSON(t.Context(), io.Discard, src, surveyed(t, src), o), new(*imednet.ValidationError))
	}
}
