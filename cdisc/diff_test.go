package cdisc

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// written writes a table in every format into a directory and opens the files.
func written(t *testing.T, src memory, formats ...Format) map[Format]*File {
	files := map[Format]*File{}
	for _, f := range formats {
		path := filepath.Join(t.TempDir(), "t"+f.Extension())
		data := writeXPT
		if f.isJSON() {
			data = writeJSON
		}
		require.NoError(t, os.WriteFile(path, data(t, src, f), 0o600))
		file, err := OpenFile(path)
		require.NoError(t, err)
		require.Equal(t, f, file.Format())
		files[f] = file
	}
	return files
}

func diff(t *testing.T, a, b Source, key ...string) *DiffReport {
	r, err := Diff(context.Background(), a, b, DiffOptions{Key: key, TempDir: t.TempDir()})
	require.NoError(t, err)
	return r
}

func TestEqualTablesAreEqualInEveryFormat(t *testing.T) {
	files := written(t, allKinds(t), XPT5, XPT8, JSON, NDJSON, DSJC)
	for _, a := range files {
		for _, b := range files {
			r := diff(t, a, b)
			require.True(t, r.Equal, "%s %s: %v", a.Format(), b.Format(), r.Differences)
			require.Equal(t, int64(24), r.Cells)
			require.Equal(t, "equal: 3 rows, 24 values compared", r.String())
		}
	}
}

func TestDifferencesAreFoundByKey(t *testing.T) {
	a := allKinds(t)
	b := allKinds(t)
	b.rows[0], b.rows[2] = b.rows[2], b.rows[0] // the order does not count
	b.rows[2][3] = Float(0.2)
	b.rows[1][1] = Text("DEMO-01-004")
	b.dataset.Variables[2].Label = "Term"
	for _, f := range []Format{XPT5, NDJSON} {
		r := diff(t, written(t, a, NDJSON)[NDJSON], written(t, b, f)[f])
		require.Equal(t, []string{"STUDYID", "USUBJID"}, r.Key)
		require.Equal(t, []Difference{
			{Kind: DiffLabel, Variable: "TERM", First: "Reported Term", Second: "Term"},
			{Kind: DiffValue, Key: []string{`"DEMO"`, `"DEMO-01-001"`}, Variable: "AVAL", First: "0.1", Second: "0.2"},
			{Kind: DiffFirst, Key: []string{`"DEMO"`, `"DEMO-01-002"`}},
			{Kind: DiffSecond, Key: []string{`"DEMO"`, `"DEMO-01-004"`}},
		}, r.Differences)
		require.Equal(t, "4 differences: 3 and 3 rows, 16 values compared", r.String())
	}
	both := diff(t, written(t, a, XPT5)[XPT5], written(t, b, XPT8)[XPT8], "usubjid")
	require.Equal(t, int64(4), both.Count)
	inOrder := diff(t, written(t, a, XPT5)[XPT5], written(t, b, XPT8)[XPT8])
	require.Empty(t, inOrder.Key)
	require.Equal(t, []string{"1"}, inOrder.Differences[1].Key)
}

func TestEmptyAndMissingDifferUnlessXPORTIsInvolved(t *testing.T) {
	a := column(Variable{Name: "A", Type: Character}, Text(""), Text("x "))
	b := column(Variable{Name: "A", Type: Character}, Value{}, Text("x"))
	x, y := written(t, a, NDJSON, XPT5), written(t, b, NDJSON, XPT5)
	require.Equal(t, int64(2), diff(t, x[NDJSON], y[NDJSON]).Count)
	require.True(t, diff(t, x[NDJSON], y[XPT5]).Equal)
	require.True(t, diff(t, x[XPT5], y[NDJSON]).Equal)
}

func TestTablesOfOtherVariables(t *testing.T) {
	a := column(Variable{Name: "A", Type: Character}, Text("1"))
	b := column(Variable{Name: "B", Type: Character}, Text("1"))
	c := column(Variable{Name: "A", Type: Double}, Float(1))
	c.dataset.Label = "Other"
	require.Equal(t, []Difference{{Kind: DiffVariable, Variable: "A", First: "A"}, {Kind: DiffVariable, Variable: "B", Second: "B"}}, diff(t, a, b).Differences)
	require.Equal(t, []Difference{{Kind: DiffDataset, First: "AE Adverse Events", Second: "AE Other"}, {Kind: DiffType, Variable: "A"}}, diff(t, a, c).Differences)
	_, err := Diff(context.Background(), a, b, DiffOptions{Key: []string{"A"}, TempDir: t.TempDir()})
	require.ErrorContains(t, err, "not in both tables")
	_, err = Diff(context.Background(), a, b, DiffOptions{})
	require.ErrorContains(t, err, "TempDir")
}

func TestManyDifferencesAreCounted(t *testing.T) {
	a, b := randomTable(5, 1000, false), randomTable(6, 1000, false)
	dir := t.TempDir()
	r, err := Diff(context.Background(), a, b, DiffOptions{TempDir: dir, Limit: 3})
	require.NoError(t, err)
	require.Len(t, r.Differences, 3)
	require.Greater(t, r.Count, int64(1000))
	require.Empty(t, listing(t, dir), "what was sorted is removed")
}
