package tables

import (
	"math"
	"testing"
	"unicode/utf8"

	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/answers"
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
		n, ok := imednet.ParseNumber(tc.text)
		require.True(t, ok, tc.text)
		f, accuracy := n.Float64()
		require.Equal(t, tc.exact, accuracy == imednet.Exact, tc.text)
		require.Equal(t, math.Float64bits(tc.f), math.Float64bits(f), tc.text)
		_, accuracy = n.Int64()
		require.Equal(t, tc.whole, accuracy == imednet.Exact, tc.text)
	}
	for _, text := range []string{"", "-", ".", "+.", "e5", "1e", "1e+", "1e5x", "1.2.3", "1-2", "1 0", "1_0", "0x1", "Inf", "٣"} {
		_, ok := imednet.ParseNumber(text)
		require.False(t, ok, text)
	}
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
		if !ok || !answers.Populated(value.Raw()) {
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
	w := newCellWriter(memory.DefaultAllocator, &Column{Type: typ, Layout: "2006-01-02T15:04"}, room{})
	defer w.release()
	w.skip(2)
	reason := w.write(c)
	want := 3
	if reason != "" {
		want = 2
	}
	columns := w.arrays(nil)
	for _, column := range columns {
		defer column.Release()
		if column.Len() != want {
			t.Fatalf("%s: %d rows after %q", typ, column.Len(), reason)
		}
	}
	if typ == TypeText || typ == TypeDate {
		if got := columns[0].(*array.String).Value(2); got != string(c.text) {
			t.Fatalf("%s: %q became %q", typ, c.text, got)
		}
	}
}

func TestEnteredDates(t *testing.T) {
	for text, want := range map[string]imednet.DatePrecision{
		"2013": imednet.PrecisionYear, "2013-12": imednet.PrecisionMonth, "2013-12-26": imednet.PrecisionDay, "2013-12-26T14": imednet.PrecisionHour,
		"2013-12-26T14:45": imednet.PrecisionMinute, "2013-12-26 14:45:59": imednet.PrecisionSecond, "2013-12-26T14:45:59.5Z": imednet.PrecisionFraction,
		"2013-12-26T14:45+05:30": imednet.PrecisionMinute, "2012-02-29": imednet.PrecisionDay,
		"": imednet.PrecisionUnknown, "201": imednet.PrecisionUnknown, "20131": imednet.PrecisionUnknown, "2013-13": imednet.PrecisionUnknown, "2013-00": imednet.PrecisionUnknown,
		"2013-02-29": imednet.PrecisionUnknown, "2013/12/26": imednet.PrecisionUnknown, "2013-12-26x": imednet.PrecisionUnknown, "2013-12-26T": imednet.PrecisionUnknown,
		"2013-12-26T24": imednet.PrecisionUnknown, "2013-12-26T14:60": imednet.PrecisionUnknown, "2013-12-26T14:45:60": imednet.PrecisionUnknown,
		"2013-12-26T14:45.5": imednet.PrecisionUnknown, "2013-12-26T14:45:59.": imednet.PrecisionUnknown, "2013-12-26T14:45+5": imednet.PrecisionUnknown,
		"0000-01-01": imednet.PrecisionUnknown, "2013---26": imednet.PrecisionYear, "UN-DEC-2013": imednet.PrecisionUnknown,
	} {
		d, err := imednet.ParsePartialDate(text)
		require.Equal(t, want, d.Precision(), text)
		require.Equal(t, want == imednet.PrecisionUnknown && text != "", err != nil, text)
		_, complete := d.Date()
		require.Equal(t, len(text) >= 10 && want != imednet.PrecisionYear && err == nil, complete, text)
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
