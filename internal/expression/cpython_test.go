package expression

import (
	"bufio"
	"compress/gzip"
	"encoding/binary"
	"encoding/json"
	"hash/crc32"
	"math"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.starlark.net/starlark"
	"go.starlark.net/syntax"
)

// TestSixtyThousandExpressionsMeanWhatCPythonMeans compares with recorded results; see
// testdata/record_cpython.py.
func TestSixtyThousandExpressionsMeanWhatCPythonMeans(t *testing.T) {
	file, err := os.Open("testdata/cpython_cases.tsv.gz")
	require.NoError(t, err)
	defer func() { require.NoError(t, file.Close()) }()
	unzipped, err := gzip.NewReader(file)
	require.NoError(t, err)
	lines := bufio.NewScanner(unzipped)
	compared, wrong, stricter := 0, []string{}, []string{}
	for lines.Scan() {
		c := strings.Split(lines.Text(), "\t")
		require.Len(t, c, 3)
		compared++
		got, err := evaluate(c[0])
		switch {
		case err != nil && c[1] == "error":
		case err != nil:
			stricter = append(stricter, c[0])
		case describe(got) != c[1]+" "+c[2]:
			wrong = append(wrong, c[0]+" is "+c[1]+" "+c[2]+", not "+describe(got))
		}
	}
	require.NoError(t, lines.Err())
	require.GreaterOrEqual(t, compared, 50_000)
	require.Empty(t, wrong[:min(len(wrong), 20)])
	require.Equal(t, []string{"(973) ** 939"}, stricter, "whole numbers are bounded; nothing else is refused that has a result")
}

// splitmix is the generator that made the recorded pairs.
type splitmix uint64

func (m *splitmix) next() uint64 {
	*m += 0x9e3779b97f4a7c15
	z := uint64(*m)
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

func (m *splitmix) float() float64 {
	bits, kind := m.next(), m.next()%4
	switch kind {
	case 0:
		return float64(bits%100_000)/1000 - 50
	case 1:
		return float64(bits%2_000_001) / 7
	case 2:
		return float64(bits>>11) * 0x1p-53
	}
	return math.Float64frombits(bits)
}

// TestAMillionPairsOfFloats compares every bit of every result with CPython's by checksums.
func TestAMillionPairsOfFloats(t *testing.T) {
	var want map[string][]uint32
	document, err := os.ReadFile("testdata/cpython_floats.json")
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(document, &want))
	operations := map[string]func(x, y starlark.Value) (starlark.Value, error){"**": power}
	for name, token := range map[string]syntax.Token{"/": syntax.SLASH, "//": syntax.SLASHSLASH, "%": syntax.PERCENT} {
		operations[name] = func(x, y starlark.Value) (starlark.Value, error) { return arithmetic(nil, token, x, y) }
	}
	blocks := len(want["**"])
	require.Equal(t, 1000, blocks)
	m := splitmix(42)
	for block := range blocks {
		sums := map[string]uint32{}
		for range 1000 {
			x, y := m.float(), m.float()
			if math.IsNaN(x) || math.IsNaN(y) || math.IsInf(x, 0) || math.IsInf(y, 0) {
				continue
			}
			for name, run := range operations {
				if z, err := run(starlark.Float(x), starlark.Float(y)); err == nil {
					bits := binary.BigEndian.AppendUint64(nil, math.Float64bits(float64(z.(starlark.Float))))
					sums[name] = crc32.Update(sums[name], crc32.IEEETable, bits)
				}
			}
		}
		for name := range operations {
			require.Equal(t, want[name][block], sums[name], "%s, block %d", name, block)
		}
	}
}
