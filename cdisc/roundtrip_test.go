package cdisc

import (
	"bytes"
	"context"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// asXPT is what a reader of XPORT gives back for a row.
func asXPT(d Dataset, row Row) Row {
	out := make(Row, len(row))
	for i, v := range row {
		cell := xptCell{typ: d.Variables[i].Type}
		switch {
		case !d.Variables[i].Type.isNumeric():
			out[i] = Text(strings.TrimRight(v.text, " "))
		case v.IsMissing():
			out[i] = v
		default:
			bits, _ := cell.number(v)
			x, _ := fromIBM(bits)
			out[i] = Float(x)
		}
	}
	return out
}

func TestXPTReadsWhatItWrites(t *testing.T) {
	for _, f := range []Format{XPT5, XPT8} {
		for name, src := range map[string]memory{"kinds": allKinds(t), "empty": {dataset: allKinds(t).dataset}, "random": randomTable(7, 200, true)} {
			r, err := NewXPTReader(bytes.NewReader(writeXPT(t, src, f)))
			require.NoError(t, err)
			require.Equal(t, f, r.Format())
			back, err := readAll(r)
			require.NoError(t, err, name)
			require.Equal(t, src.dataset.Label, back.dataset.Label)
			require.Len(t, back.rows, len(src.rows))
			for i := range src.rows {
				require.Equal(t, asXPT(src.dataset, src.rows[i]), back.rows[i], "%s %s row %d", f, name, i)
			}
			for i, v := range src.dataset.Variables {
				require.Equal(t, []string{v.Name, v.Label, v.Format}, []string{back.dataset.Variables[i].Name, back.dataset.Variables[i].Label, back.dataset.Variables[i].Format})
			}
		}
	}
	r, err := NewXPTReader(bytes.NewReader(writeXPT(t, longNames(), XPT8)))
	require.NoError(t, err)
	back, err := readAll(r)
	require.NoError(t, err)
	require.Equal(t, longNames().dataset.Variables[0].Label, back.dataset.Variables[0].Label)
	require.Equal(t, int64(4), back.dataset.Records)
	require.Equal(t, special('A'), back.rows[2][0])
	require.Equal(t, Float(0), back.rows[3][0], "negative zero is zero")
}

func TestDatasetJSONReadsWhatItWrites(t *testing.T) {
	for _, f := range []Format{JSON, NDJSON, DSJC} {
		for name, src := range map[string]memory{"kinds": allKinds(t), "empty": {dataset: allKinds(t).dataset}, "random": randomTable(3, 200, false)} {
			r, err := NewJSONReader(bytes.NewReader(writeJSON(t, src, f)))
			require.NoError(t, err)
			back, err := readAll(r)
			require.NoError(t, err, name)
			require.Equal(t, len(src.rows), len(back.rows))
			for i := range src.rows {
				require.Equal(t, src.rows[i], back.rows[i], "%s %s row %d", f, name, i)
			}
			for i, v := range src.dataset.Variables {
				require.Equal(t, v.Type, back.dataset.Variables[i].Type, v.Name)
				require.Equal(t, v.Key, back.dataset.Variables[i].Key)
			}
		}
	}
}

// randomTable has every type and texts of all scripts. For XPORT it leaves out what that cannot
// hold.
func randomTable(seed uint64, rows int, xpt bool) memory {
	r := rand.New(rand.NewPCG(seed, seed))
	m := memory{dataset: Dataset{Name: "RND", Label: "Random", Variables: []Variable{
		{Name: "KEY", Label: "Key", Type: WholeNumber, Key: 1}, {Name: "TXT", Type: Character}, {Name: "DBL", Type: Double},
		{Name: "DT", Type: Date, Format: "DATE9."}, {Name: "DTM", Type: Datetime, Format: "E8601DT19."}, {Name: "TM", Type: Time, Format: "TIME8."},
	}}}
	if !xpt {
		m.dataset.Variables = append(m.dataset.Variables, Variable{Name: "YES", Type: Boolean})
	}
	alphabet := []rune("ab \"\\<>&é☃\U0001F600")
	if !xpt {
		alphabet = append(alphabet, '\n', '\t', 0, 0x1f, 0x2028)
	}
	for i := range rows {
		row := Row{Integer(int64(i)), {}, {}, {}, {}, {}}
		if r.IntN(4) > 0 {
			var b strings.Builder
			for range r.IntN(20) {
				b.WriteRune(alphabet[r.IntN(len(alphabet))])
			}
			row[1] = Text(b.String())
		}
		if r.IntN(4) > 0 {
			row[2] = Float(math.Ldexp(r.NormFloat64(), r.IntN(400)-200))
			row[3] = Integer(r.Int64N(2000000) - 100000)
			row[4] = Integer((r.Int64N(4e9) - 2e9) * microsPerSecond)
			row[5] = Integer(r.Int64N(secondsPerDay) * microsPerSecond)
		}
		if !xpt {
			row = append(row, Bool(r.IntN(2) == 0))
		}
		m.rows = append(m.rows, row)
	}
	return m
}

// TestFilesOfOthersAreRead reads the samples of CDISC where they are at hand: each dataset in four
// formats has equal rows.
func TestFilesOfOthersAreRead(t *testing.T) {
	samples := filepath.Join("..", "..", "shared", "formats", "samples")
	files, _ := filepath.Glob(filepath.Join(samples, "*", "*.xpt"))
	if len(files) == 0 {
		t.Skip("the samples are not here")
	}
	for _, path := range files {
		x, err := OpenFile(path)
		require.NoError(t, err, path)
		rows, err := readAll(x)
		require.NoError(t, err, path)
		for _, extension := range []string{".json", ".ndjson", ".dsjc"} {
			other := strings.TrimSuffix(path, ".xpt") + extension
			if _, err := os.Stat(other); err != nil {
				continue
			}
			y, err := OpenFile(other)
			require.NoError(t, err, other)
			back, err := readAll(y)
			require.NoError(t, err, other)
			require.Equal(t, len(rows.rows), len(back.rows), other)
		}
	}
}

func TestRowsAreReadOnce(t *testing.T) {
	r, err := NewXPTReader(bytes.NewReader(writeXPT(t, allKinds(t), XPT5)))
	require.NoError(t, err)
	_, err = readAll(r)
	require.NoError(t, err)
	_, err = readAll(r)
	require.ErrorContains(t, err, "were read before")
}

func TestRowsThatChangeAreRefused(t *testing.T) {
	src := allKinds(t)
	s := surveyed(t, src)
	longer := allKinds(t)
	longer.rows[1][2] = Text("a text that is longer than any before")
	shorter := allKinds(t)
	shorter.rows = shorter.rows[:2]
	more := allKinds(t)
	more.rows = append(more.rows, more.rows[0])
	changes := map[string]memory{"longer": longer, "shorter": shorter, "more": more}
	for name, row := range map[string]Row{
		"another text":        {Text("DEMO"), Text("DEMO-01-001"), Text("One"), Float(0.1), Text("Y"), day(t, "2014-01-02"), Text("2003-12"), Text("70.50")},
		"another number":      {Text("DEMO"), Text("DEMO-01-001"), Text("one"), Float(0.5), Text("Y"), day(t, "2014-01-02"), Text("2003-12"), Text("70.50")},
		"NaN":                 {Text("DEMO"), Text("DEMO-01-001"), Text("one"), Float(math.NaN()), Text("Y"), day(t, "2014-01-02"), Text("2003-12"), Text("70.50")},
		"missing":             {Text("DEMO"), Text("DEMO-01-001"), Text("one"), Float(0.1), Text("Y"), day(t, "2014-01-02"), Text("2003-12"), {}},
		"empty for a missing": {Text("DEMO"), Text("DEMO-01-001"), Text(""), Float(0.1), Text("Y"), day(t, "2014-01-02"), Text("2003-12"), Text("70.50")},
	} {
		changed := allKinds(t)
		changed.rows[0] = row
		changes[name] = changed
	}
	swapped := allKinds(t)
	swapped.rows[0], swapped.rows[1] = swapped.rows[1], swapped.rows[0]
	changes["swapped"] = swapped
	for name, changed := range changes {
		err := WriteXPT(context.Background(), &bytes.Buffer{}, changed, s, XPTOptions{Created: made})
		require.ErrorIs(t, err, ErrChanged, name)
		require.ErrorContains(t, err, "dataset TST")
		err = WriteDatasetJSON(context.Background(), &bytes.Buffer{}, changed, s, jsonOptions(NDJSON))
		require.ErrorIs(t, err, ErrChanged, name)
	}
}
