package cdisc

import (
	"bytes"
	"compress/zlib"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

var made = time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)

func day(t *testing.T, text string) Value {
	at, err := time.Parse(time.DateOnly, text)
	require.NoError(t, err)
	return Integer(at.Unix() / secondsPerDay)
}

// allKinds is a table with every kind of column that agencies take.
func allKinds(t *testing.T) memory {
	return memory{dataset: Dataset{Name: "TST", Label: "Test of all kinds", Variables: []Variable{
		{Name: "STUDYID", Label: "Study Identifier", Type: Character, Key: 1},
		{Name: "USUBJID", Label: "Unique Subject Identifier", Type: Character, Key: 2},
		{Name: "TERM", Label: "Reported Term", Type: Character},
		{Name: "AVAL", Label: "Analysis Value", Type: Double},
		{Name: "TRTEMFL", Label: "Treatment Emergent Analysis Flag", Type: Character},
		{Name: "ASTDT", Label: "Analysis Start Date", Type: Date, Format: "E8601DA10."},
		{Name: "PARTDTC", Label: "Partial Date", Type: ISODate},
		{Name: "WEIGHT", Label: "Weight, digits as collected", Type: Decimal},
	}}, rows: []Row{
		{Text("DEMO"), Text("DEMO-01-001"), Text("one"), Float(0.1), Text("Y"), day(t, "2014-01-02"), Text("2003-12"), Text("70.50")},
		{Text("DEMO"), Text("DEMO-01-002"), Text("two"), Float(-118.625), Text("N"), day(t, "1959-12-31"), {}, {}},
		{Text("DEMO"), Text("DEMO-01-003"), Text(`é "ü" <&> ☃`), {}, {}, {}, Text("2003"), Text("0.10")},
	}}
}

// longNames is a table that only version 8 holds.
func longNames() memory {
	return memory{dataset: Dataset{Name: "LONGNAM", Label: "Version 8", Variables: []Variable{
		{Name: "A_VARIABLE_NAME_OF_MORE_THAN_8", Label: "A label that is quite a bit longer than forty bytes, which version 5 cannot hold", Type: Double},
		{Name: "TXT", Label: strings.Repeat("é", 30), Type: Character},
		{Name: "B", Label: "Extremes", Type: Double, Format: "BEST12."},
	}}, rows: []Row{
		{Float(1.5), Text(strings.Repeat("x", 300)), Float(0x1p-260)},
		{Float(0), Text(""), Float(math.Nextafter(0x1p252, 0))},
		{special('A'), Text("☃"), Float(1 << 53)},
		{Float(math.Copysign(0, -1)), Text("z"), Float(1.0 / 3)},
	}}
}

func surveyed(t testing.TB, src Source) *Survey {
	s, err := NewSurvey(context.Background(), src)
	require.NoError(t, err)
	return s
}

func writeXPT(t testing.TB, src Source, f Format) []byte {
	var b bytes.Buffer
	require.NoError(t, WriteXPT(context.Background(), &b, src, surveyed(t, src), XPTOptions{Format: f, Created: made}))
	return b.Bytes()
}

func jsonOptions(f Format) JSONOptions {
	return JSONOptions{Format: f, Created: made, Modified: time.Date(2026, 2, 28, 23, 59, 59, 0, time.UTC), Originator: "Example", SourceSystem: "iMednet EDC",
		SourceSystemVersion: "unknown", StudyOID: "DEMO", MetaDataVersionOID: "MDV.DEMO.1", MetaDataRef: "define.xml", FileOID: "DEMO.TST.2026-03-01T08:00:00Z"}
}

func writeJSON(t testing.TB, src Source, f Format) []byte {
	var b bytes.Buffer
	require.NoError(t, WriteDatasetJSON(context.Background(), &b, src, surveyed(t, src), jsonOptions(f)))
	return b.Bytes()
}

// TestBytesAreThoseOfAnIndependentWriter compares with files that a program in Python wrote from
// the specifications alone.
func TestBytesAreThoseOfAnIndependentWriter(t *testing.T) {
	for name, c := range map[string]struct {
		got  []byte
		want string
	}{
		"xpt5":   {writeXPT(t, allKinds(t), XPT5), "9853c820cea77096c29f58b406a179e1e8c218afe2842d34b0b8a8fdd376f761"},
		"xpt8":   {writeXPT(t, longNames(), XPT8), "bc06b71e6e378d650a5d14eb8eb4ae14639a29b061a228f78e4fefe9fc513f35"},
		"json":   {writeJSON(t, allKinds(t), JSON), "171df12095f13209486e86d4b3e7624ca7dfc96025b8a97cd6fd58993d12bd52"},
		"ndjson": {writeJSON(t, allKinds(t), NDJSON), "bf285a84ee5c39417652fae867c589097922d1f137aa9c33d7ab40c240ccbae8"},
	} {
		sum := sha256.Sum256(c.got)
		require.Equal(t, c.want, hex.EncodeToString(sum[:]), name)
	}
	packed := writeJSON(t, allKinds(t), DSJC)
	plain, err := zlib.NewReader(bytes.NewReader(packed))
	require.NoError(t, err)
	lines, err := io.ReadAll(plain)
	require.NoError(t, err)
	require.Equal(t, string(writeJSON(t, allKinds(t), NDJSON)), string(lines))
}

func TestNumbersOfSystem360(t *testing.T) {
	for x, want := range map[float64]uint64{
		0: 0, 1: 0x4110000000000000, -118.625: 0xc276a00000000000, 0.1: 0x401999999999999a, 1.0 / 3: 0x4055555555555554,
		0x1p-260: 0x0010000000000000, math.Nextafter(0x1p252, 0): 0x7ffffffffffffff8, math.Copysign(0, -1): 0,
	} {
		bits, ok := toIBM(x)
		require.True(t, ok, x)
		require.Equal(t, want, bits, x)
		back, exact := fromIBM(bits)
		require.True(t, exact, x)
		require.Equal(t, x, back)
	}
	for _, x := range []float64{math.NaN(), math.Inf(1), math.Inf(-1), 0x1p252, -0x1p252, math.Nextafter(0x1p-260, 0), math.SmallestNonzeroFloat64, math.MaxFloat64} {
		_, ok := toIBM(x)
		require.False(t, ok, x)
		require.False(t, inIBMRange(x) && !math.IsNaN(x), x)
	}
}

func FuzzNumbersOfSystem360(f *testing.F) {
	for _, x := range []float64{0, 1, -118.625, 0.1, 1e75, 1e-78, 5e-324} {
		f.Add(x)
	}
	f.Fuzz(func(t *testing.T, x float64) {
		bits, ok := toIBM(x)
		if ok != (!math.IsNaN(x) && !math.IsInf(x, 0) && inIBMRange(x)) {
			t.Fatalf("%v converts: %v", x, ok)
		}
		if !ok {
			return
		}
		if back, exact := fromIBM(bits); back != x || !exact {
			t.Fatalf("%v became %v", x, back)
		}
		if bits != 0 && bits>>52&15 == 0 {
			t.Fatalf("%v is not normalised: %x", x, bits)
		}
	})
}
