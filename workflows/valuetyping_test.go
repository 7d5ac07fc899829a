package workflows

import (
	"fmt"
	"math"
	"math/big"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
)

func TestDecimalText(t *testing.T) {
	cases := []struct {
		text  string
		f     float64
		exact bool
		whole bool
	}{
		{"0", 0, true, true}, {"-0.0", math.Copysign(0, -1), true, true}, {"000", 0, true, true},
		{"1200", 1200, true, true}, {"0.05", 0.05, true, false}, {"12.50", 12.5, true, false},
		{"1e22", 1e22, true, false}, {"1e23", 1e23, true, false}, {"123456789012345e-300", 123456789012345e-300, true, false},
		{"2.2250738585072011e-308", 2.2250738585072011e-308, false, false}, {"5e-324", 5e-324, true, false},
		{"7e-324", 5e-324, false, false}, {"1.7976931348623157e308", math.MaxFloat64, true, false},
		{"9007199254740993", 9007199254740992, false, true}, {"0.1", 0.1, true, false},
		{"36028797018963968", 36028797018963968, false, true}, // held exactly, but its shortest text is another number
		{".5", 0.5, true, false}, {"5.", 5, true, true}, {"+7", 7, true, true},
	}
	for _, tc := range cases {
		d, ok := parseDecimalText([]byte(tc.text))
		require.True(t, ok, tc.text)
		f, exact := d.float64([]byte(tc.text))
		require.Equal(t, tc.exact, exact, tc.text)
		require.Equal(t, math.Float64bits(tc.f), math.Float64bits(f), tc.text)
		_, whole := d.int64()
		require.Equal(t, tc.whole, whole, tc.text)
	}
	for _, text := range []string{"", "-", ".", "+.", "e5", "1e", "1e+", "1e5x", "1.2.3", "1-2", " 1", "1 ", "1_0", "0x1", "Inf", "٣"} {
		_, ok := parseDecimalText([]byte(text))
		require.False(t, ok, text)
	}
}

// FuzzDecimalText compares with exact rational arithmetic: a number that is accepted is the
// number that its float64's shortest text denotes, and nothing that is one is refused.
func FuzzDecimalText(f *testing.F) {
	for _, seed := range []string{"1", "-0.0", "9007199254740993", "1e308", "0012.50", "1e-400", "5e-324", "123456789012345678901234567890", "1.e5", "99999999999999999999e-5"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		d, ok := parseDecimalText([]byte(text))
		if strings.Trim(text, "0123456789+-.eE") != "" || len(text) > 40 {
			return
		}
		parsed, err := strconv.ParseFloat(text, 64)
		if (err == nil || strings.Contains(err.Error(), "range")) != ok {
			t.Fatalf("%q: read %t, strconv says %v", text, ok, err)
		}
		if !ok || d.exponent < -400 || d.exponent > 400 {
			return
		}
		want, _ := new(big.Rat).SetString(text)
		value, exact := d.float64([]byte(text))
		same := err == nil && sameNumber(want, strconv.FormatFloat(parsed, 'g', -1, 64))
		if exact != same || exact && math.Float64bits(value) != math.Float64bits(parsed) {
			t.Fatalf("%q: exact %t, want %t", text, exact, same)
		}
		if v, whole := d.int64(); whole != (want.IsInt() && want.Num().IsInt64()) || whole && want.Num().Int64() != v {
			t.Fatalf("%q: whole %t %d", text, whole, v)
		}
	})
}

func sameNumber(want *big.Rat, text string) bool {
	got, ok := new(big.Rat).SetString(text)
	return ok && got.Cmp(want) == 0
}

// FuzzValueTyping types any JSON value in every way. It never panics, a refused value leaves the
// builders alone, and a text column holds the exact text.
func FuzzValueTyping(f *testing.F) {
	for _, seed := range []string{`"a"`, `1`, `-0.0`, `true`, `null`, `""`, `"\u2028"`, `"\ud800"`, `[1]`, `{"a":"}"}`, `"2013-12"`, `"2012-02-29T10:00"`, "\"\xff\""} {
		f.Add(seed)
	}
	types := []ColumnType{TypeText, TypeFloat64, TypeDate, TypeInt64, TypeDate32, TypeTimestamp, TypeBool, TypeDictionary}
	f.Fuzz(func(t *testing.T, raw string) {
		data, err := imednet.NewRecordData([]byte(`{"X":` + raw + `}`))
		if err != nil {
			return
		}
		value, ok := data.Get("X")
		if !ok || !populated(value.Raw()) {
			return
		}
		c, reason := newCell(value.Raw())
		if reason == "" && !utf8.Valid(c.text) {
			t.Fatalf("%q became a text that is no Unicode", raw)
		}
		if reason != "" {
			return
		}
		if string(c.text) != value.Text() {
			t.Fatalf("%q lost text: %q", raw, c.text)
		}
		for _, typ := range types {
			typeOnce(t, typ, c)
		}
	})
}

func typeOnce(t *testing.T, typ ColumnType, c cell) {
	var builders []array.Builder
	for _, dt := range typ.dataTypes() {
		b := array.NewBuilder(memory.DefaultAllocator, dt)
		defer b.Release()
		builders = append(builders, b)
	}
	w := newCellWriter(&Column{Type: typ, Layout: "2006-01-02T15:04"}, builders)
	w.skip(2)
	reason := w.write(c)
	want := 3
	if reason != "" {
		want = 2
	}
	for _, b := range builders {
		if b.Len() != want {
			t.Fatalf("%s: %d rows after %q", typ, b.Len(), reason)
		}
	}
	if typ == TypeText || typ == TypeDate {
		column := builders[0].NewArray()
		defer column.Release()
		if got := column.(*array.String).Value(2); got != string(c.text) {
			t.Fatalf("%s: %q became %q", typ, c.text, got)
		}
	}
}

// FuzzMemberScanner compares the scanner with the full parser on whatever that parser accepts,
// and demands that it survives everything else.
func FuzzMemberScanner(f *testing.F) {
	for _, seed := range []string{`{}`, `{"a":1}`, ` { "a" : "b\"}" , "c":[{"d":"]"}] } `, `{"":null,"a\u0062":"x","a":1,"a":2}`, `{"a":1,}`, `{"a"1}`, `{`, `{"a":`, `[]`, `{"a":1}x`, "{\"\xff\":1}"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var got []string
		var s memberScanner
		s.reset([]byte(text))
		for s.next() {
			got = append(got, string(s.name)+"\x00"+string(s.raw))
		}
		data, err := imednet.NewRecordData([]byte(text))
		if err != nil || data.State() != imednet.Set {
			return
		}
		var want []string
		for name, value := range data.All() {
			want = append(want, name+"\x00"+string(value.Raw()))
		}
		if s.broken && strings.Contains(text, `\u`) {
			return // a name with half a surrogate pair: the record is rejected as a whole
		}
		if !utf8.ValidString(text) {
			return // names keep their bytes here, and get U+FFFD there
		}
		if s.broken || fmt.Sprintf("%q", got) != fmt.Sprintf("%q", want) {
			t.Fatalf("%q: got %q, want %q, broken %t", text, got, want, s.broken)
		}
	})
}

func TestEnteredDates(t *testing.T) {
	for text, want := range map[string]DatePrecision{
		"2013": PrecisionYear, "2013-12": PrecisionMonth, "2013-12-26": PrecisionDay, "2013-12-26T14": PrecisionHour,
		"2013-12-26T14:45": PrecisionMinute, "2013-12-26 14:45:59": PrecisionSecond, "2013-12-26T14:45:59.5Z": PrecisionFraction,
		"2013-12-26T14:45+05:30": PrecisionMinute, "2012-02-29": PrecisionDay,
		"": PrecisionUnknown, "201": PrecisionUnknown, "20131": PrecisionUnknown, "2013-13": PrecisionUnknown, "2013-00": PrecisionUnknown,
		"2013-02-29": PrecisionUnknown, "2013/12/26": PrecisionUnknown, "2013-12-26x": PrecisionUnknown, "2013-12-26T": PrecisionUnknown,
		"2013-12-26T24": PrecisionUnknown, "2013-12-26T14:60": PrecisionUnknown, "2013-12-26T14:45:60": PrecisionUnknown,
		"2013-12-26T14:45.5": PrecisionUnknown, "2013-12-26T14:45:59.": PrecisionUnknown, "2013-12-26T14:45+5": PrecisionUnknown,
		"0000-01-01": PrecisionUnknown, "2013---26": PrecisionUnknown, "UN-DEC-2013": PrecisionUnknown,
	} {
		d, ok := parseEnteredDate([]byte(text))
		require.Equal(t, want, d.precision, text)
		require.Equal(t, want != PrecisionUnknown, ok, text)
		require.Equal(t, len(text) >= 10 && ok, d.complete(), text)
	}
}

func TestShiftDates(t *testing.T) {
	cases := []struct {
		text string
		days int
		want string
	}{
		{"2013-12-26", 10, "2014-01-05"}, {"2013-12-26T14:45", -26, "2013-11-30T14:45"},
		{"2013-12-26 14:45:59.5Z", 1, "2013-12-27 14:45:59.5Z"},
		{"2013-12", 10, "2013-12"}, {"2013-12", 16, "2014-01"}, {"2013-12", -16, "2013-11"},
		{"2013", 182, "2013"}, {"2013", 183, "2014"}, {"2013", -183, "2012"},
	}
	for _, tc := range cases {
		got, ok := shiftDateText([]byte(tc.text), tc.days)
		require.True(t, ok)
		require.Equal(t, tc.want, got, "%s %+d", tc.text, tc.days)
	}
	for _, text := range []string{"UN-DEC-2013", "", "9999-12-31"} {
		_, ok := shiftDateText([]byte(text), 1)
		require.False(t, ok, text)
	}
	_, ok := shiftDateText([]byte("0001-01-01"), -1)
	require.False(t, ok)
}

func TestFoldKeyAgreesWithEqualFold(t *testing.T) {
	names := []string{"a", "A", "ſ", "s", "S", "K", "k", "K", "ß", "ẞ", "SS", "İ", "i", "ı", "Å", "å", "Å", "é", "É", "\xff"}
	for _, a := range names {
		for _, b := range names {
			if utf8.ValidString(a) && utf8.ValidString(b) {
				require.Equal(t, strings.EqualFold(a, b), foldKey(a) == foldKey(b), "%q %q", a, b)
			}
		}
	}
}

func TestScannerRefusesBrokenObjects(t *testing.T) {
	for _, text := range []string{``, `[]`, `{"a":1`, `{"a" 1}`, `{"a":1 "b":2}`, `{"a":1}}`, `{"a":"x}`, `{a:1}`, `{"a":}`, `{"a":[1}`} {
		var s memberScanner
		s.reset(jsontext.Value(text))
		for s.next() {
		}
		require.True(t, s.broken, text)
	}
}

func TestDaysInAgreesWithTheCalendar(t *testing.T) {
	for year := 1899; year <= 2101; year++ {
		for month := 1; month <= 12; month++ {
			require.Equal(t, time.Date(year, time.Month(month)+1, 0, 0, 0, 0, 0, time.UTC).Day(), daysIn(year, month))
		}
	}
}
