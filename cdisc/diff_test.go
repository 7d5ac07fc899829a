package cdisc

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
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

// TestNumbersThatAFloat64DoesNotHoldDiffer compares numbers that only rounding makes equal.
func TestNumbersThatAFloat64DoesNotHoldDiffer(t *testing.T) {
	one := func(typ Type, v Value) Source {
		return memory{dataset: Dataset{Name: "AE", Variables: []Variable{{Name: "N", Type: typ}}}, rows: []Row{{v}}}
	}
	xpt := written(t, one(Double, Float(1<<53)).(memory), XPT5)[XPT5]
	for name, c := range map[string]struct {
		other Source
		equal bool
	}{
		"the same whole number": {one(WholeNumber, Integer(1<<53)), true},
		"the next whole number": {one(WholeNumber, Integer(1<<53+1)), false},
		"the same as a decimal": {one(Decimal, Text("9007199254740992.0")), true},
		"the next as a decimal": {one(Decimal, Text("9007199254740993")), false},
		"a digit more":          {one(Decimal, Text("9007199254740992.0000000000001")), false},
	} {
		values := 0
		for _, d := range diff(t, xpt, c.other).Differences {
			if d.Kind == DiffValue {
				values++
			}
		}
		require.Equal(t, c.equal, values == 0, name)
		values = 0
		for _, d := range diff(t, c.other, xpt).Differences {
			if d.Kind == DiffValue {
				values++
			}
		}
		require.Equal(t, c.equal, values == 0, name)
	}
	equal := diff(t, one(WholeNumber, Integer(1<<53+1)), one(Decimal, Text("9007199254740993.00")))
	require.Equal(t, int64(1), equal.Count, "%v", equal.Differences) // the types alone
}

// TestNumbersAreComparedAsTheyAre compares numbers in XPORT with the same and with those next to them, also
// where the shortest digits of a float64 are not all of its digits.
func TestNumbersAreComparedAsTheyAre(t *testing.T) {
	one := func(typ Type, v Value) memory {
		return memory{dataset: Dataset{Name: "AE", Variables: []Variable{{Name: "N", Type: typ}}}, rows: []Row{{v}}}
	}
	for name, c := range map[string]struct {
		x     float64
		other memory
		equal bool
	}{
		"2^55":                       {1 << 55, one(WholeNumber, Integer(1<<55)), true},
		"2^55 as its shortest":       {1 << 55, one(WholeNumber, Integer(36028797018963970)), false},
		"2^60 as a decimal":          {1 << 60, one(Decimal, Text("1152921504606846976.0")), true},
		"its shortest digits":        {1 << 60, one(Decimal, Text("1152921504606847000")), true},
		"other digits":               {1 << 60, one(Decimal, Text("1152921504606846975")), false},
		"-2^63":                      {-1 << 63, one(WholeNumber, Integer(-1<<63)), true},
		"2^63 - 1":                   {1 << 63, one(WholeNumber, Integer(1<<63-1)), false},
		"1e22":                       {1e22, one(Decimal, Text("10000000000000000000000")), true},
		"1e75":                       {1e75, one(Decimal, Text("1"+strings.Repeat("0", 75))), true},
		"a tenth":                    {0.1, one(Decimal, Text("0.10")), true},
		"all digits of its float64":  {0.1, one(Decimal, Text("0.1000000000000000055511151231257827021181583404541015625")), true},
		"one digit of them less":     {0.1, one(Decimal, Text("0.100000000000000005551115123125782702118158340454101562")), false},
		"too small for any float64":  {0, one(Decimal, Text("1e-400")), false},
		"too large for any float64":  {1, one(Decimal, Text("1e400")), false},
		"an exponent beyond reading": {1, one(Decimal, Text("1e999999999")), false},
	} {
		xpt := written(t, one(Double, Float(c.x)), XPT5)[XPT5]
		require.Equal(t, c.equal, !hasKind(diff(t, xpt, c.other), DiffValue), name)
		require.Equal(t, c.equal, !hasKind(diff(t, c.other, xpt), DiffValue), name)
	}
	whole, decimal := one(WholeNumber, Integer(1<<60)), one(Decimal, Text("1152921504606847000"))
	require.True(t, hasKind(diff(t, whole, decimal), DiffValue))
	decimal.rows = []Row{{Text("1152921504606846976")}}
	require.False(t, hasKind(diff(t, whole, decimal), DiffValue))
}

func hasKind(r *DiffReport, kind DiffKind) bool {
	return slices.ContainsFunc(r.Differences, func(d Difference) bool { return d.Kind == kind })
}

// TestNumbersOfMoreBitsThanAFloat64Differ compares a number of 56 bits, as mainframes write them, with the
// float64 next to it.
func TestNumbersOfMoreBitsThanAFloat64Differ(t *testing.T) {
	near := memory{dataset: Dataset{Name: "AE", Variables: []Variable{{Name: "K", Type: Character}, {Name: "N", Type: Double}}}, rows: []Row{{Text("a"), Float(15)}, {Text("b"), Float(1)}}}
	file := written(t, near, XPT5)[XPT5]
	wide := func(bits string) *File {
		data, err := os.ReadFile(file.Path())
		require.NoError(t, err)
		bytes := strings.Replace(string(data), "\x41\xf0\x00\x00\x00\x00\x00\x00", bits, 1)
		require.NotEqual(t, string(data), bytes)
		path := filepath.Join(t.TempDir(), "ae.xpt")
		require.NoError(t, os.WriteFile(path, []byte(bytes), 0o600))
		other, err := OpenFile(path)
		require.NoError(t, err)
		return other
	}
	one := wide("\x41\xf0\x00\x00\x00\x00\x00\x01")
	digits := near // 15 + 2^-52
	digits.dataset.Variables = []Variable{near.dataset.Variables[0], {Name: "N", Type: Decimal}}
	digits.rows = []Row{{Text("a"), Text("15.0000000000000002220446049250313080847263336181640625")}, {Text("b"), Text("1")}}
	for _, key := range [][]string{nil, {"K"}, {"N"}} {
		require.False(t, diff(t, one, file, key...).Equal, key)
		require.False(t, diff(t, one, wide("\x41\xf0\x00\x00\x00\x00\x00\x03"), key...).Equal, key)
		require.True(t, diff(t, one, wide("\x41\xf0\x00\x00\x00\x00\x00\x01"), key...).Equal, key)
		require.True(t, diff(t, one, digits, key...).Equal, key)
	}
}

// TestMicrosecondsThatSASDoesNotHoldDiffer compares a date-time with the number next to it.
func TestMicrosecondsThatSASDoesNotHoldDiffer(t *testing.T) {
	const micros = 253402300799_000_001 // 9999-12-31T23:59:59.000001
	require.False(t, keepsMicros(micros))
	near := memory{dataset: Dataset{Name: "AE", Variables: []Variable{{Name: "T", Type: Double}}}, rows: []Row{{Float(sasNumber(Datetime, micros))}}}
	exact := memory{dataset: Dataset{Name: "AE", Variables: []Variable{{Name: "T", Type: Datetime}}}, rows: []Row{{Integer(micros)}}}
	require.False(t, diff(t, written(t, near, XPT5)[XPT5], exact).Equal)
}

func TestBlanksBehindALabelDoNotDifferInXPORT(t *testing.T) {
	src := memory{dataset: Dataset{Name: "AE", Label: "Events ", Variables: []Variable{{Name: "T", Label: "Term ", Type: Character}}}, rows: []Row{{Text("x")}}}
	files := written(t, src, XPT5, JSON)
	require.True(t, diff(t, files[XPT5], files[JSON]).Equal)
	trimmed := src
	trimmed.dataset.Label = "Events"
	require.False(t, diff(t, trimmed, files[JSON]).Equal)
}

func TestErrorsNameAFileOnce(t *testing.T) {
	dir := t.TempDir()
	for _, path := range []string{dir, filepath.Join(dir, "nothing.xpt")} {
		_, err := OpenFile(path)
		require.Equal(t, 1, strings.Count(err.Error(), dir), err)
	}
}

func TestErrorsSayWhichFileIsDamaged(t *testing.T) {
	src := allKinds(t)
	good := written(t, src, JSON)[JSON]
	path := filepath.Join(t.TempDir(), "cut.json")
	data := writeJSON(t, src, JSON)
	require.NoError(t, os.WriteFile(path, data[:len(data)-4], 0o600))
	cut, err := OpenFile(path)
	require.NoError(t, err)
	_, err = Diff(t.Context(), good, cut, DiffOptions{TempDir: t.TempDir()})
	require.ErrorIs(t, err, ErrFormat)
	require.ErrorContains(t, err, path)
	require.NoError(t, os.WriteFile(path, []byte("a letter"), 0o600))
	_, err = OpenFile(path)
	require.ErrorIs(t, err, ErrFormat)
	require.ErrorContains(t, err, path)
	require.ErrorContains(t, err, "neither Dataset-JSON")
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
	require.Equal(t, []Difference{{Kind: DiffDataset, First: "AE Adverse Events", Second: "AE Other"}, {Kind: DiffType, Variable: "A", First: "string", Second: "float"}}, diff(t, a, c).Differences)
	d := column(Variable{Name: "A", Type: Character}, Text("1"))
	d.dataset.Variables[0].Name = "ID"
	r := diff(t, a, d) // the key is not in both
	require.Equal(t, int64(2), r.Count)
	require.Empty(t, r.Key)
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

// TestWhatTablesSayOfTheirVariables differs although every value is the same.
func TestWhatTablesSayOfTheirVariables(t *testing.T) {
	a := column(Variable{Name: "A", Type: Double, Format: "8.2"}, Float(1))
	kinds := func(b memory) (list []DiffKind) {
		for _, x := range diff(t, a, b).Differences {
			list = append(list, x.Kind)
		}
		return list
	}
	require.Empty(t, kinds(column(Variable{Name: "A", Type: Double, Format: "8.2"}, Float(1))))
	require.Equal(t, []DiffKind{DiffFormat}, kinds(column(Variable{Name: "A", Type: Double}, Float(1))))
	require.Equal(t, []DiffKind{DiffType}, kinds(column(Variable{Name: "A", Type: WholeNumber, Format: "8.2"}, Integer(1))))
	require.Equal(t, []DiffKind{DiffType}, kinds(column(Variable{Name: "A", Type: Decimal, Format: "8.2"}, Text("1.0"))))
	require.Equal(t, []DiffKind{DiffType, DiffValue}, kinds(column(Variable{Name: "A", Type: Decimal, Format: "8.2"}, Text("2"))))

	twice := column(Variable{Name: "A", Type: Double, Format: "8.2"}, Float(1))
	twice.dataset.Variables = append(twice.dataset.Variables, Variable{Name: "a", Type: Double})
	twice.rows[0] = append(twice.rows[0], Float(2))
	require.Equal(t, []DiffKind{DiffVariable}, kinds(twice), "a name twice")
	require.True(t, diff(t, twice, twice).Equal)
	turned := memory{dataset: a.dataset, rows: []Row{{a.rows[0][1], a.rows[0][0]}}}
	turned.dataset.Variables = []Variable{a.dataset.Variables[1], a.dataset.Variables[0]}
	require.Empty(t, kinds(turned), "the order of variables does not count")
}

// TestKeysThatRepeatOrAreMissing pairs rows of equal keys in their order; a missing key is a key.
func TestKeysThatRepeatOrAreMissing(t *testing.T) {
	v := Variable{Name: "A", Type: Character}
	table := func(rows ...Row) memory {
		m := column(v)
		m.rows = rows
		return m
	}
	one, two, none := Integer(1), Integer(2), Value{}
	a := table(Row{one, Text("x")}, Row{one, Text("y")}, Row{none, Text("z")})
	require.True(t, diff(t, a, table(Row{none, Text("z")}, Row{one, Text("x")}, Row{one, Text("y")})).Equal)
	require.Equal(t, int64(2), diff(t, a, table(Row{none, Text("z")}, Row{one, Text("y")}, Row{one, Text("x")})).Count)
	require.Equal(t, []Difference{{Kind: DiffFirst, Key: []string{"1"}}}, diff(t, a, table(Row{none, Text("z")}, Row{one, Text("x")})).Differences)
	require.Equal(t, []Difference{{Kind: DiffFirst, Key: []string{"missing"}}, {Kind: DiffSecond, Key: []string{"2"}}}, diff(t, a, table(Row{two, Text("z")}, Row{one, Text("x")}, Row{one, Text("y")})).Differences)
	blank := column(Variable{Name: "K", Type: Character, Key: 2}, Text("a"), Text("a\t"), Text("a "))
	require.True(t, diff(t, blank, memory{dataset: blank.dataset, rows: []Row{blank.rows[2], blank.rows[0], blank.rows[1]}}).Equal)
}
