package audit

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// The value was computed apart: SHA-256 over 0000000000000001 "d" 0000000000000002 "ab" 0000000000000000.
func TestHash(t *testing.T) {
	require.Equal(t, "6cdb5d66517cf160", Hash("d", "ab", "")[:16])
	seen := map[string]bool{}
	for _, fields := range [][]string{{"ab", "c"}, {"a", "bc"}, {"abc"}, {"abc", ""}, {"", "abc"}, {}} {
		h := Hash("d", fields...)
		require.True(t, IsHash(h))
		require.False(t, seen[h], "two lists of fields are hashed alike")
		seen[h] = true
	}
	require.NotEqual(t, Hash("d", "x"), Hash("e", "x"))
	for _, no := range []string{"", strings.Repeat("g", 64), strings.Repeat("A", 64), strings.Repeat("a", 63)} {
		require.False(t, IsHash(no))
	}
}

func TestHeads(t *testing.T) {
	hash := Hash("d")
	for _, study := range []string{"S", "two words", `quo"te\`, "é\n", ""} {
		for _, sequence := range []int64{0, 1, 1 << 60} {
			want := hash
			if sequence == 0 {
				want = ""
			}
			line := FormatHead("k/1", sequence, want, study)
			require.NotContains(t, line, "\n")
			var got string
			n, h, err := ParseHead(" "+line+"\n", "k/1", &got)
			require.NoError(t, err, line)
			require.Equal(t, []any{study, sequence, want}, []any{got, n, h})
		}
	}
}

func TestBadHeads(t *testing.T) {
	good := FormatHead("k/1", 3, Hash("d"), "S")
	for _, line := range []string{"", "k/1", "k/2" + good[3:], strings.ReplaceAll(good, `"S"`, "S"), strings.ReplaceAll(good, " 3 ", " -3 "),
		strings.ReplaceAll(good, " 3 ", " x "), strings.ReplaceAll(good, " 3 ", " 0 "), good[:len(good)-1], good + "0", `k/1 "S" 3 -`} {
		var study string
		_, _, err := ParseHead(line, "k/1", &study)
		require.Error(t, err, line)
	}
}

// FuzzParseHead demands that whatever is read is written the same.
func FuzzParseHead(f *testing.F) {
	f.Add(FormatHead("k/1", 3, Hash("d"), "S"))
	f.Fuzz(func(t *testing.T, line string) {
		var study string
		n, h, err := ParseHead(line, "k/1", &study)
		if err != nil {
			return
		}
		var again string
		m, g, err := ParseHead(FormatHead("k/1", n, h, study), "k/1", &again)
		require.NoError(t, err)
		require.Equal(t, []any{n, h, study}, []any{m, g, again})
	})
}

// Stored times sort as text does, and the Python package's forms are read.
func TestTimes(t *testing.T) {
	base := time.Date(2026, 3, 1, 8, 0, 0, 0, time.FixedZone("", 7200))
	require.Equal(t, "2026-03-01T06:00:00.000000+00:00", FormatTime(base))
	require.Less(t, FormatTime(base), FormatTime(base.Add(time.Microsecond)))
	for _, s := range []string{"2026-03-01T06:00:00.000000+00:00", "2026-03-01T06:00:00+00:00", "2026-03-01T08:00:00+02:00", "2026-03-01T06:00:00"} {
		got, ok := ParseTime(s)
		require.True(t, ok, s)
		require.True(t, base.Equal(got), s)
	}
	_, ok := ParseTime("yesterday")
	require.False(t, ok)
}

func TestRowsDiffer(t *testing.T) {
	row := Row{"a", int64(1), nil, []byte("x")}
	require.Equal(t, -1, row.Differs(Row{"a", int64(1), nil, []byte("x")}))
	require.Equal(t, 0, row.Differs(Row{[]byte("a"), int64(1), nil, []byte("x")}), "a blob is no text")
	require.Equal(t, 1, row.Differs(Row{"a", "1", nil, []byte("x")}))
	require.Equal(t, 2, row.Differs(Row{"a", int64(1), "", []byte("x")}))
	require.Equal(t, 3, row.Differs(Row{"a", int64(1), nil, []byte("y")}))
}
