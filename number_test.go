package imednet_test

import (
	"cmp"
	"math"
	"math/big"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
)

func decimal(t *testing.T, text string) imednet.Number {
	t.Helper()
	n, ok := imednet.ParseNumber(text)
	require.True(t, ok, "%q", text)
	return n
}

func TestParseNumber(t *testing.T) {
	huge := strings.Repeat("9", 40)
	for _, c := range []struct {
		text, canonical, shown string
		decimals               int
	}{
		{"0", "0", "0", 0}, {"-0.0", "0", "-0.0", 1}, {"000", "0", "0", 0}, {"0e99999999999999999999", "0", "0", 0},
		{"5", "5", "5", 0}, {"+5", "5", "5", 0}, {"-5", "-5", "-5", 0}, {"007", "7", "7", 0}, {"5.", "5", "5", 0}, {".5", "0.5", "0.5", 1},
		{"5.00", "5", "5.00", 2}, {"1.5e1", "15", "15", 0}, {"1.50e1", "15", "15.0", 1}, {"1e3", "1000", "1000", 0}, {"1.5E-2", "0.015", "0.015", 3},
		{"00120.0500", "120.05", "120.0500", 4}, {"+.5e+02", "50", "50", 0}, {"1200", "1200", "1200", 0},
		{"1e20", "1" + strings.Repeat("0", 20), "1" + strings.Repeat("0", 20), 0}, {"1e21", "1e21", "1" + strings.Repeat("0", 21), 0},
		{"1e-21", "0." + strings.Repeat("0", 20) + "1", "0." + strings.Repeat("0", 20) + "1", 21}, {"1e-401", "1e-401", "1e-401", 401},
		{"9E350", "9e350", "9" + strings.Repeat("0", 350), 0}, {"9E400", "9e400", "9e400", 0}, {"-1.25e500", "-1.25e500", "-1.25e500", 0},
		{huge, "9." + huge[1:] + "e39", huge, 0}, {huge + huge, "9." + huge[1:] + huge + "e79", huge + huge, 0},
		{"12345678901234567890.50", "12345678901234567890.5", "12345678901234567890.50", 2},
		{"10000000000000000000000000000001", "1.0000000000000000000000000000001e31", "10000000000000000000000000000001", 0},
		{"1e999999999999999999", "1e999999999999999999", "1e999999999999999999", 0},
		{"1e10000000000000000000", "1e10000000000000000000", "1e10000000000000000000", 0},
		{"-12e-10000000000000000000", "-1.2e-9999999999999999999", "-1.2e-9999999999999999999", math.MaxInt32},
		{"0.01e1000000000000000001", "1e999999999999999999", "1e999999999999999999", 0},
		{"1e+00000000000000000000000000002", "100", "100", 0},
	} {
		n := decimal(t, c.text)
		require.Equal(t, c.canonical, n.Canonical(), c.text)
		require.Equal(t, c.shown, n.String(), c.text)
		require.Equal(t, c.decimals, n.Decimals(), c.text)
		require.False(t, n.Padded())
		again := decimal(t, n.Canonical())
		require.Zero(t, n.Compare(again), c.text)
		require.True(t, jsontext.Value(n.String()).IsValid(), c.text)
		fromBytes, ok := imednet.ParseNumber(jsontext.Value(c.text))
		require.True(t, ok)
		require.Equal(t, n, fromBytes)
	}
	for _, text := range []string{"", " ", "-", ".", "+.", "e5", "1e", "1e+", "1e5x", "1.2.3", "1-2", "--1", "1 000", "1,5", "1_0", "0x1", "Inf", "NaN", "٣", "−5", "5\x00", "\ufeff5", "\xa05", "5 e3", "1e 3"} {
		n, ok := imednet.ParseNumber(text)
		require.False(t, ok, "%q", text)
		require.Equal(t, imednet.Number{}, n)
	}
}

func TestWhiteSpaceMakesNoOtherNumber(t *testing.T) {
	five := decimal(t, "5")
	for _, text := range []string{" 5", "5 ", "\u00a05", "5\u00a0", "\t5\r\n", "\u2003\u30005\u202f\u0085"} {
		n := decimal(t, text)
		require.True(t, n.Padded(), "%q", text)
		require.True(t, n.Equal(five), "%q", text)
		v := imednet.NewValue(quote(t, text))
		require.Equal(t, text, v.Text(), "the text as entered stays")
		f, ok := v.Float64()
		require.True(t, ok)
		require.Equal(t, 5.0, f)
		i, ok := v.Int64()
		require.True(t, ok)
		require.EqualValues(t, 5, i)
	}
}

func quote(t *testing.T, text string) jsontext.Value {
	t.Helper()
	raw, err := jsontext.AppendQuote(nil, text)
	require.NoError(t, err)
	return raw
}

func TestNumberFloat64(t *testing.T) {
	for _, c := range []struct {
		text     string
		f        float64
		accuracy imednet.Accuracy
	}{
		{"0", 0, imednet.Exact}, {"-0.0", math.Copysign(0, -1), imednet.Exact}, {"0.05", 0.05, imednet.Exact}, {"1e22", 1e22, imednet.Exact}, {"1e23", 1e23, imednet.Exact},
		{"123456789012345e-300", 123456789012345e-300, imednet.Exact}, {"2.2250738585072011e-308", 2.2250738585072011e-308, imednet.Rounded},
		{"5e-324", 5e-324, imednet.Exact}, {"-7e-324", -5e-324, imednet.Rounded}, {"2e-324", 0, imednet.Underflow}, {"-1e-400", math.Copysign(0, -1), imednet.Underflow},
		{"1e-401", 0, imednet.Underflow}, {"1e-99999999999999999999", 0, imednet.Underflow}, {"2.4703282292062327e-324", 0, imednet.Underflow},
		{"1.7976931348623157e308", math.MaxFloat64, imednet.Exact}, {"1.7976931348623158e308", math.MaxFloat64, imednet.Rounded}, {"1.8e308", math.Inf(1), imednet.Overflow},
		{"-9E350", math.Inf(-1), imednet.Overflow}, {"9e401", math.Inf(1), imednet.Overflow}, {"1e99999999999999999999", math.Inf(1), imednet.Overflow},
		{"9007199254740993", 9007199254740992, imednet.Rounded}, {"36028797018963968", 36028797018963968, imednet.Rounded}, // its shortest text is another number
		{"18446744073709551616", 18446744073709551616, imednet.Rounded}, {"0.1000000000000000055511151231257827", 0.1, imednet.Rounded},
		{"1" + strings.Repeat("0", 500) + "e-500", 1, imednet.Exact}, {"0." + strings.Repeat("0", 500) + "1e501", 1, imednet.Exact},
	} {
		f, accuracy := decimal(t, c.text).Float64()
		require.Equal(t, c.accuracy, accuracy, c.text)
		require.Equal(t, math.Float64bits(c.f), math.Float64bits(f), "%s: %v", c.text, f)
	}
	f, accuracy := imednet.Number{}.Float64()
	require.Zero(t, f)
	require.Equal(t, imednet.Exact, accuracy)
	for _, raw := range []string{"1e-400", "9E350", `"-1e-400"`} {
		f, ok := imednet.NewValue(jsontext.Value(raw)).Float64()
		require.False(t, ok, raw)
		require.Zero(t, f)
	}
	require.Equal(t, []string{"exact", "rounded", "overflow", "underflow", "Accuracy(9)"},
		[]string{imednet.Exact.String(), imednet.Rounded.String(), imednet.Overflow.String(), imednet.Underflow.String(), imednet.Accuracy(9).String()})
}

func TestNumberInt64(t *testing.T) {
	for _, c := range []struct {
		text     string
		i        int64
		accuracy imednet.Accuracy
	}{
		{"0", 0, imednet.Exact}, {"-0.0", 0, imednet.Exact}, {"5.0", 5, imednet.Exact}, {"1e3", 1000, imednet.Exact}, {"1500e-2", 15, imednet.Exact}, {"-7", -7, imednet.Exact},
		{"9007199254740993", 9007199254740993, imednet.Exact}, {"9223372036854775807", math.MaxInt64, imednet.Exact}, {"-9223372036854775808", math.MinInt64, imednet.Exact},
		{"9223372036854775808", 0, imednet.Overflow}, {"-9223372036854775809", 0, imednet.Overflow}, {"1e19", 0, imednet.Overflow}, {"-1e18", -1e18, imednet.Exact},
		{"9999999999999999999", 0, imednet.Overflow}, {"1e99999999999999999999", 0, imednet.Overflow},
		{"5.9", 0, imednet.Rounded}, {"-0.5", 0, imednet.Rounded}, {"1e-99999999999999999999", 0, imednet.Rounded}, {"1.00000000000000000001", 0, imednet.Rounded},
	} {
		i, accuracy := decimal(t, c.text).Int64()
		require.Equal(t, c.accuracy, accuracy, c.text)
		require.Equal(t, c.i, i, c.text)
	}
	for _, i := range []int64{0, 1, -1, math.MinInt64, math.MaxInt64, 100} {
		got, accuracy := imednet.NewNumber(i).Int64()
		require.Equal(t, imednet.Exact, accuracy)
		require.Equal(t, i, got)
		require.Equal(t, strconv.FormatInt(i, 10), imednet.NewNumber(i).String())
	}
}

// TestNumberOrder holds a list of numbers in ascending order, each in several spellings.
func TestNumberOrder(t *testing.T) {
	long := strings.Repeat("123456789", 5)
	order := [][]string{
		{"-1e20000000000000000000"}, {"-1e10000000000000000000", "-0.1e10000000000000000001", "-10e9999999999999999999"}, {"-1e999999999999999999"},
		{"-" + long}, {"-1e25"}, {"-5.01"}, {"-5", "-5.0", "-50e-1"}, {"-1e-5"}, {"-1e-99999999999999999999"}, {"-1e-999999999999999999999"},
		{"0", "-0", "0e99999999999999999999", ".0", "0.0e-99999999999999999999"},
		{"1e-999999999999999999999"}, {"1e-10000000000000000001"}, {"1e-10000000000000000000", "10e-10000000000000000001"}, {"1e-1000000000000000000", "0.001e-999999999999999997"},
		{"1e-400"}, {"0.1"}, {"0.1000000000000000000000001"}, {"0.2"}, {"5", "5.000", "0.5e1", "+05", " 5"}, {"5.01"}, {"9"}, {"10", "1e1"},
		{"9999999999999999998"}, {"9999999999999999999", "9.999999999999999999e18"}, {"9999999999999999999.5"}, {"1e19", "10000000000000000000"},
		{long, long + ".000", long + "0e-1"}, {long + ".1"}, {long + "0"}, {long + "1"}, {"1e1048577"}, {"1e1048578"},
		{"1e999999999999999998"}, {"1e999999999999999999", "0.1e1000000000000000000", "10e999999999999999998"}, {"1.5e999999999999999999"}, {"1e1000000000000000000"},
		{"1e10000000000000000000"}, {"1.00000000000000000000001e10000000000000000000"}, {"2e10000000000000000000"}, {"1e10000000000000000001"},
	}
	keys := map[string]int{}
	for i, spellings := range order {
		for _, a := range spellings {
			x := decimal(t, a)
			if j, taken := keys[x.Canonical()]; taken {
				require.Equal(t, j, i, "%s has the key of another number", a)
			}
			keys[x.Canonical()] = i
			for j, others := range order {
				for _, b := range others {
					require.Equal(t, cmp.Compare(i, j), x.Compare(decimal(t, b)), "%s %s", a, b)
					require.Equal(t, i == j, x.Equal(decimal(t, b)))
				}
			}
		}
	}
	require.Len(t, keys, len(order), "one key a number")
	var none imednet.Number
	require.Equal(t, -1, none.Compare(decimal(t, "-1e99999999999999999999")))
	require.Equal(t, 1, decimal(t, "0").Compare(none))
	require.Zero(t, none.Compare(none))
	require.False(t, none.Equal(none), "no number equals nothing")
	require.True(t, none.IsZero())
	require.Equal(t, "", none.String()+none.Canonical())
}

func TestNumberSign(t *testing.T) {
	for text, sign := range map[string]int{"0": 0, "-0": 0, "5": 1, "-5": -1, "-1e-99999999999999999999": -1} {
		require.Equal(t, sign, decimal(t, text).Sign(), text)
	}
	require.Zero(t, imednet.Number{}.Sign())
}

func TestNumberArithmetic(t *testing.T) {
	for _, c := range [][3]string{
		{"5", "3", "2"}, {"5.0", "3", "2.0"}, {"5.25", "3.5", "1.75"}, {"0.3", "0.1", "0.2"}, {"3", "5.50", "-2.50"}, {"5", "5.00", "0.00"},
		{"1e3", "1", "999"}, {"1e25", "1e-2", "9999999999999999999999999.99"}, {"-1", "-1", "0"},
	} {
		difference, ok := decimal(t, c[0]).Minus(decimal(t, c[1]))
		require.True(t, ok)
		require.Equal(t, c[2], difference.String(), "%s - %s", c[0], c[1])
	}
	for _, c := range [][3]string{{"1", "4", "25"}, {"1", "3", "33.333333333333336"}, {"-5", "2", "-250"}, {"0", "7", "0"}} {
		percent, ok := decimal(t, c[0]).PercentOf(decimal(t, c[1]))
		require.True(t, ok)
		require.Equal(t, c[2], percent.String(), "%s of %s", c[0], c[1])
	}
	one := decimal(t, "1")
	for _, other := range []imednet.Number{{}, decimal(t, "1e9999"), decimal(t, "1e-9999"), decimal(t, "1e99999999999999999999")} {
		_, ok := one.Minus(other)
		require.False(t, ok)
		_, ok = other.Minus(one)
		require.False(t, ok)
		_, ok = other.PercentOf(one)
		require.False(t, ok)
	}
	for _, divisor := range []string{"0", "0.00", "1e4000", "1e-4000"} {
		_, ok := one.PercentOf(decimal(t, divisor))
		require.False(t, ok, divisor)
	}
}

func TestNumberJSON(t *testing.T) {
	for text, want := range map[string]string{"+5.00": "5.00", "1e3": "1000", "9E500": "9e500", "-.5": "-0.5"} {
		raw, err := decimal(t, text).MarshalJSON()
		require.NoError(t, err)
		require.Equal(t, want, string(raw))
	}
	raw, err := imednet.Number{}.MarshalJSON()
	require.NoError(t, err)
	require.Equal(t, "null", string(raw))
}

// TestHugeNumbersAreCheap reads numbers whose text would cost much if it were taken literally.
func TestHugeNumbersAreCheap(t *testing.T) {
	zeros, nines := strings.Repeat("0", 1<<20), strings.Repeat("9", 1<<20)
	a, b := decimal(t, "1e1"+zeros), decimal(t, "1e"+nines)
	require.Equal(t, 1, a.Compare(b), "10^1048576 against 10^1048576 - 1 as exponents")
	require.True(t, decimal(t, "1"+zeros).Equal(decimal(t, "1e1048576")))
	require.True(t, decimal(t, "0."+zeros+"1").Equal(decimal(t, "1e-1048577")))
	require.True(t, decimal(t, "10e"+nines).Equal(a), "a carry through every digit of an exponent")
	require.Equal(t, 1, decimal(t, nines+".1").Compare(decimal(t, nines)))
}

func TestNumbersAllocateNothing(t *testing.T) {
	for _, text := range []string{"5", "-12.50", " 5\u00a0", "1e3", "123456789.0123456789", "1.7976931348623157e308", "9E350", "1e-400"} {
		raw := []byte(text)
		require.Zero(t, testing.AllocsPerRun(100, func() {
			n, _ := imednet.ParseNumber(raw)
			n.Float64()
			n.Int64()
			n.Compare(n)
		}), text)
		require.Zero(t, testing.AllocsPerRun(100, func() { imednet.ParseNumber(text) }), text)
	}
	var buf [64]byte
	n := decimal(t, "-120.50")
	require.Zero(t, testing.AllocsPerRun(100, func() { n.AppendCanonical(buf[:0]) }))
}

func TestSortingNumbers(t *testing.T) {
	texts := []string{"10", "9", "-1", "1e1000", "0.5"}
	slices.SortFunc(texts, func(a, b string) int { return decimal(t, a).Compare(decimal(t, b)) })
	require.Equal(t, []string{"-1", "0.5", "9", "10", "1e1000"}, texts)
}

// rational is the number by exact rational arithmetic; nil when its exponent is too large for that.
func rational(text string) *big.Rat {
	text = strings.TrimSpace(text)
	if i := strings.IndexAny(text, "eE"); i >= 0 {
		if e, err := strconv.Atoi(text[i+1:]); err != nil || e < -2000 || e > 2000 {
			return nil
		}
	}
	r, _ := new(big.Rat).SetString(text)
	return r
}

var numberSeeds = []string{"1", "-0.0", "9007199254740993", "1e308", "0012.50", "1e-400", "5e-324", "123456789012345678901234567890", "1.e5",
	"99999999999999999999e-5", "0e10000000000000000000", "1e10000000000000000000", "-1e-10000000000000000000", " 5\u00a0", "9E350", "0.1e1000000000000000000", "2e-324", "+.5"}

// FuzzNumber compares with strconv and with exact rational arithmetic, where the exponent allows it.
func FuzzNumber(f *testing.F) {
	for _, seed := range numberSeeds {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		n, ok := imednet.ParseNumber(text)
		trimmed := strings.TrimSpace(text)
		plain := strings.Trim(trimmed, "0123456789+-.eE") == ""
		parsed, err := strconv.ParseFloat(trimmed, 64)
		if isNumber := plain && (err == nil || strings.Contains(err.Error(), "range")); ok != isNumber {
			t.Fatalf("%q: read %t, strconv says %v", text, ok, err)
		}
		if !ok {
			return
		}
		checkSpellings(t, text, n)
		value, accuracy := n.Float64()
		if math.Float64bits(value) != math.Float64bits(parsed) && (accuracy == imednet.Exact || accuracy == imednet.Rounded) {
			t.Fatalf("%q: %v, strconv says %v", text, value, parsed)
		}
		want := rational(text)
		if want == nil || len(text) > 4000 {
			return
		}
		if wanted := accuracyOf(want, parsed); accuracy != wanted {
			t.Fatalf("%q: %v, want %v", text, accuracy, wanted)
		}
		whole := want.IsInt() && want.Num().IsInt64()
		if v, accuracy := n.Int64(); (accuracy == imednet.Exact) != whole || whole && want.Num().Int64() != v {
			t.Fatalf("%q: %d %v", text, v, accuracy)
		}
		if got, ok := n.Rat(); ok && got.Cmp(want) != 0 || n.Sign() != want.Sign() {
			t.Fatalf("%q: %v, want %v", text, got, want)
		}
	})
}

// checkSpellings demands that a number survives each of its texts.
func checkSpellings(t *testing.T, text string, n imednet.Number) {
	fromBytes, _ := imednet.ParseNumber([]byte(text))
	if fromBytes.Canonical() != n.Canonical() || !fromBytes.Equal(n) {
		t.Fatalf("%q is another number as bytes", text)
	}
	for _, spelling := range []string{n.Canonical(), n.String()} {
		again, ok := imednet.ParseNumber(spelling)
		if !ok || !again.Equal(n) || again.Canonical() != n.Canonical() || !jsontext.Value(spelling).IsValid() {
			t.Fatalf("%q became %q", text, spelling)
		}
	}
}

func accuracyOf(want *big.Rat, f float64) imednet.Accuracy {
	switch {
	case math.IsInf(f, 0):
		return imednet.Overflow
	case f == 0 && want.Sign() != 0:
		return imednet.Underflow
	}
	if shortest, _ := new(big.Rat).SetString(strconv.FormatFloat(f, 'g', -1, 64)); shortest.Cmp(want) != 0 {
		return imednet.Rounded
	}
	return imednet.Exact
}

// FuzzNumberOrder compares two numbers, their keys and their difference with exact rational
// arithmetic, and demands that order is antisymmetric whatever the exponents.
func FuzzNumberOrder(f *testing.F) {
	for i, seed := range numberSeeds {
		f.Add(seed, numberSeeds[(i+1)%len(numberSeeds)])
	}
	f.Add("1e18", "1000000000000000000")
	f.Fuzz(func(t *testing.T, a, b string) {
		x, okX := imednet.ParseNumber(a)
		y, okY := imednet.ParseNumber(b)
		if !okX || !okY {
			return
		}
		order := x.Compare(y)
		if order != -y.Compare(x) || (order == 0) != (x.Canonical() == y.Canonical()) || x.Compare(x) != 0 {
			t.Fatalf("%q %q: %d, keys %s %s", a, b, order, x.Canonical(), y.Canonical())
		}
		p, q := rational(a), rational(b)
		if p == nil || q == nil || len(a)+len(b) > 2000 {
			return
		}
		if want := p.Cmp(q); order != want {
			t.Fatalf("%q %q: %d, want %d", a, b, order, want)
		}
		if difference, ok := x.Minus(y); ok {
			if got, ok := difference.Rat(); ok && got.Cmp(p.Sub(p, q)) != 0 {
				t.Fatalf("%q - %q: %s", a, b, difference)
			}
		}
	})
}

func BenchmarkParseNumberFloat64(b *testing.B) {
	for _, text := range []string{"5", "120.50", "36.6", "1.7976931348623157e308"} {
		raw := []byte(text)
		b.Run(text, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				n, _ := imednet.ParseNumber(raw)
				n.Float64()
			}
		})
	}
}
