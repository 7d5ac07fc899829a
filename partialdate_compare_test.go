package imednet_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
)

func ExamplePartialDate_Compare() {
	for _, pair := range [][2]string{
		{"2013-05", "2013-06-10"},
		{"2013-05", "2013-05-10"},
		{"2013-05-10T05", "2013-05-10T05:59"},
		{"2013-05-10", "2013-05-10"},
		{"2013-05-10T10:00:00+02:00", "2013-05-10T08:00:00Z"},
	} {
		a, _ := imednet.ParsePartialDate(pair[0])
		b, _ := imednet.ParsePartialDate(pair[1])
		fmt.Printf("%s, %s: %v, by the day %v\n", a, b, a.Compare(b), a.CompareDay(b))
	}
	// Output:
	// 2013-05, 2013-06-10: before, by the day before
	// 2013-05, 2013-05-10: not certain, by the day not certain
	// 2013-05-10T05, 2013-05-10T05:59: not certain, by the day same
	// 2013-05-10, 2013-05-10: not certain, by the day same
	// 2013-05-10T10:00:00+02:00, 2013-05-10T08:00:00Z: same, by the day same
}

func interval(tb testing.TB, text string) imednet.DateInterval {
	tb.Helper()
	v, err := imednet.ParseDateInterval(text)
	require.NoError(tb, err, text)
	return v
}

func TestOrderOfDates(t *testing.T) {
	for _, c := range []struct {
		a, b          string
		moment, byDay imednet.Order
	}{
		{"2013", "2014", imednet.Before, imednet.Before},
		{"2013", "2013", imednet.NotCertain, imednet.NotCertain},
		{"2013-12", "2014", imednet.Before, imednet.Before},
		{"2013-05-31", "2013-06", imednet.Before, imednet.Before},
		{"2013-05-31", "2013-05", imednet.NotCertain, imednet.NotCertain},
		{"2013-05-10", "2013-05-10", imednet.NotCertain, imednet.Same},
		{"2013-05-10T05", "2013-05-10T05:59", imednet.NotCertain, imednet.Same},
		{"2013-05-10T05", "2013-05-10T06", imednet.Before, imednet.Same},
		{"2013-05-10T05:59:59", "2013-05-10T06", imednet.Before, imednet.Same},
		{"2013-05-10T05:59:59", "2013-05-10T05:59:59", imednet.Same, imednet.Same},
		{"2013-05-10T05:59:59", "2013-05-10T05:59:59.0", imednet.NotCertain, imednet.Same},
		{"2013-05-10T05:59:59.5", "2013-05-10T05:59:59.50", imednet.NotCertain, imednet.Same},
		{"2013-05-10T05:59:59.5", "2013-05-10T05:59:59.60", imednet.Before, imednet.Same},
		{"2013-05-10T05:59:59.5", "2013-05-10T05:59:59.5", imednet.Same, imednet.Same},
		{"2013-05-10T24:00:00", "2013-05-11T00:00:00", imednet.Same, imednet.Same},
		{"2013-05-10T10:00:00+02:00", "2013-05-10T08:00:00Z", imednet.Same, imednet.Same},
		{"2013-05-10T23:00-05:00", "2013-05-11T01:00Z", imednet.After, imednet.Before},
		// One offset is unknown: it may be anything from -12:00 to +14:00.
		{"2013-05-10T10:00:00Z", "2013-05-10T10:00:00", imednet.NotCertain, imednet.Same},
		{"2013-05-10T10:00:00Z", "2013-05-11T00:00:00", imednet.NotCertain, imednet.Before},
		{"2013-05-10T10:00:00Z", "2013-05-11T00:00:01", imednet.Before, imednet.Before},
		{"2013-05-10T10:00:00Z", "2013-05-09T22:00:00", imednet.NotCertain, imednet.After},
		{"2013-05-10T10:00:01Z", "2013-05-09T22:00:00", imednet.After, imednet.After},
		{"2013-05-10T10:00:00Z", "2013-05-12", imednet.Before, imednet.Before},
		{"2013-05-10T10:00:00Z", "2013-05-11", imednet.NotCertain, imednet.Before},
		{"2003---15", "2003-01-14", imednet.After, imednet.After},
		{"2003---15", "2003-01-15", imednet.NotCertain, imednet.NotCertain},
		{"--12-15", "2003", imednet.NotCertain, imednet.NotCertain},
		{"--02-29", "0004-02-28", imednet.After, imednet.After},
		{"--02-29", "9996-03-01", imednet.Before, imednet.Before},
		{"2003-12-15T-:15", "2003-12-15T00:14", imednet.After, imednet.Same},
		{"2003-12-15T13:-:17", "2003-12-15T13:59:18", imednet.Before, imednet.Same},
		{"2003-12-01/2003-12-10", "2003-12-11", imednet.Before, imednet.Before},
		{"2003-12-01/2003-12-10", "2003-12-10", imednet.NotCertain, imednet.NotCertain},
		{"2003-12-01/2003-12-10", "2003-12-05", imednet.NotCertain, imednet.NotCertain},
		{"2003-12-01T10:00/2003-12-01T10:30", "2003-12-01T10:31", imednet.Before, imednet.Same},
		{"2003-12-01T10:00:00/2003-12-01T10:00:00", "2003-12-01T10:00:00", imednet.Same, imednet.Same},
		// One offset of the four ends is enough to make the others' matter.
		{"2013-05-10T10:00", "2013-05-10T11:00/2013-05-11T00:00Z", imednet.NotCertain, imednet.NotCertain},
		{"2013-05-10T10:00", "2013-05-10T11:00Z/2013-05-11T00:00", imednet.NotCertain, imednet.NotCertain},
		{"2013-05-10T10:00", "2013-05-11T11:00/2013-05-13T00:00Z", imednet.NotCertain, imednet.Before},
		{"2013-05-10T10:00", "2013-05-11T12:01/2013-05-13T00:00Z", imednet.Before, imednet.Before},
		{"", "2003", imednet.NotCertain, imednet.NotCertain},
		{"", "", imednet.NotCertain, imednet.NotCertain},
	} {
		a, b := interval(t, c.a), interval(t, c.b)
		require.Equal(t, c.moment, a.Compare(b), "%s %s", c.a, c.b)
		require.Equal(t, c.moment.Reverse(), b.Compare(a), "%s %s", c.b, c.a)
		require.Equal(t, c.byDay, a.CompareDay(b), "%s %s by the day", c.a, c.b)
		require.Equal(t, c.byDay.Reverse(), b.CompareDay(a), "%s %s by the day", c.b, c.a)
	}
	for order, name := range map[imednet.Order]string{imednet.NotCertain: "not certain", imednet.Before: "before", imednet.Same: "same", imednet.After: "after"} {
		require.Equal(t, name, order.String())
	}
}

func TestIntervals(t *testing.T) {
	for text, want := range map[string]string{
		" 20031201/2003-12-10 ": "2003-12-01/2003-12-10", "2003/2004-02": "2003/2004-02", "2003-12-10": "2003-12-10", "2003/2003": "2003", "": "",
		"2003-12-01T10:00:00.123456789+01:00/2003-12-01T11:00:00.123456789+01:00": "2003-12-01T10:00:00.123456789+01:00/2003-12-01T11:00:00.123456789+01:00",
		"2003-12-01T10:00Z/2003-12-01T09:30":                                      "2003-12-01T10:00Z/2003-12-01T09:30",
	} {
		v := interval(t, text)
		require.Equal(t, want, v.String(), text)
		require.Equal(t, v, interval(t, v.String()))
	}
	for text, want := range map[string]error{
		"2004/2003": imednet.ErrReversedInterval, "2003-12-10/2003-12-09": imednet.ErrReversedInterval, "2003/": imednet.ErrNotDate, "/2003": imednet.ErrNotDate, "/": imednet.ErrNotDate,
		"2003-12-01/10": imednet.ErrNotDate, "2003-12-01/P5D": imednet.ErrNotDate, "2003 / 2004": imednet.ErrNotDate, "2003/2004/2005": imednet.ErrNotDate, "2003/2004-13": imednet.ErrNoSuchDate, "2003/-": imednet.ErrDateUnknown,
	} {
		_, err := imednet.ParseDateInterval(text)
		require.Equal(t, want, err, text)
	}
	_, single := interval(t, "2003/2004").Single()
	require.False(t, single)
	_, single = interval(t, "").Single()
	require.False(t, single)
	d, single := interval(t, "2003-12").Single()
	require.True(t, single)
	require.Equal(t, partial(t, "2003-12"), d)
	require.Equal(t, "2003", interval(t, "2003/2004").Start().String())
	require.Equal(t, "2004", interval(t, "2003/2004").End().String())
}

func TestCompletionsOfDates(t *testing.T) {
	for text, want := range map[string][2]string{
		"2003": {"2003-01-01T00:00:00", "2003-12-31T23:59:59"}, "2012-02": {"2012-02-01T00:00:00", "2012-02-29T23:59:59"},
		"2003---31": {"2003-01-31T00:00:00", "2003-12-31T23:59:59"}, "--02-29": {"0004-02-29T00:00:00", "9996-02-29T23:59:59"}, "--02": {"0001-02-01T00:00:00", "9999-02-28T23:59:59"},
		"2003-12-15T-:15": {"2003-12-15T00:15:00", "2003-12-15T23:15:59"}, "2003-12-15T13:-:17": {"2003-12-15T13:00:17", "2003-12-15T13:59:17"},
		"----15": {"0001-01-15T00:00:00", "9999-12-15T23:59:59"}, "-----T07:15Z": {"0001-01-01T07:15:00Z", "9999-12-31T07:15:59Z"},
		"2003-12-15T13:05:17.25+01:00": {"2003-12-15T13:05:17.25+01:00", "2003-12-15T13:05:17.25+01:00"}, "": {"", ""},
	} {
		require.Equal(t, want, [2]string{partial(t, text).First().String(), partial(t, text).Last().String()}, text)
	}
}

func TestSortDates(t *testing.T) {
	want := []string{"2003-01-01T00:00:00Z", "2003", "2003-02-01T00:00+01:00", "2003-02", ""}
	var dates []imednet.PartialDate
	for _, text := range []string{"", "2003-02", "2003", "2003-02-01T00:00+01:00", "2003-01-01T00:00:00Z"} {
		dates = append(dates, partial(t, text))
	}
	slices.SortFunc(dates, imednet.CompareEarliest)
	for i, d := range dates {
		require.Equal(t, want[i], d.String())
	}
	require.Zero(t, imednet.CompareEarliest(imednet.PartialDate{}, imednet.PartialDate{}))
	require.Negative(t, imednet.CompareEarliest(dates[0], imednet.PartialDate{}))
	require.Positive(t, imednet.CompareEarliest(imednet.PartialDate{}, dates[0]))
}

// randomParts are the parts of a date, -1 where one is unknown; digits of the fraction come last.
type randomParts struct {
	parts  [6]int
	digits int
	frac   int
	offset *int // minutes
}

var partValues = [6][]int{{2003, 2004}, {1, 2, 12}, {1, 28, 29, 31}, {0, 5, 23}, {0, 59}, {0, 59}}

// choose draws parts that are some date's, in a narrow range so that dates meet.
func choose(r *rand.Rand) randomParts {
	for {
		var p randomParts
		depth := 1 + r.IntN(6)
		for i, values := range partValues {
			p.parts[i] = -1
			if i < depth && r.IntN(5) > 0 {
				p.parts[i] = values[r.IntN(len(values))]
			}
		}
		if p.parts[5] >= 0 && r.IntN(2) == 0 {
			p.digits = 1 + r.IntN(2)
			p.frac = r.IntN(2) * 5
		}
		if slices.Max(p.parts[3:]) >= 0 && r.IntN(2) == 0 {
			offset := []int{0, 60, -330, 840, -720}[r.IntN(5)]
			p.offset = &offset
		}
		if len(p.completions(0, false)) > 0 && slices.Max(p.parts[:]) >= 0 {
			return p
		}
	}
}

func (p randomParts) text() string {
	layouts := [6]string{"%04d", "-%02d", "-%02d", "T%02d", ":%02d", ":%02d"}
	last := 0
	for i, v := range p.parts {
		if v >= 0 {
			last = i
		}
	}
	var text string
	for i, v := range p.parts[:last+1] {
		if v < 0 {
			text += map[bool]string{true: "", false: layouts[i][:1]}[i == 0] + "-"
			continue
		}
		text += fmt.Sprintf(layouts[i], v)
	}
	if p.digits > 0 {
		text += fmt.Sprintf(".%0*d", p.digits, p.frac)
	}
	if p.offset != nil {
		o := max(*p.offset, -*p.offset)
		text += fmt.Sprintf("%c%02d:%02d", map[bool]rune{true: '-', false: '+'}[*p.offset < 0], o/60, o%60)
	}
	return text
}

// completions enumerates completions: both ends of each unknown part and some in between. The
// fraction goes to so many digits; zoned says that the offset matters.
func (p randomParts) completions(digits int, zoned bool) []time.Time {
	every := [6][]int{{1, 4, 2003, 2004, 9996, 9999}, {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}, {1, 15, 28, 29, 30, 31}, {0, 5, 23}, {0, 30, 59}, {0, 30, 59}}
	for i, v := range p.parts {
		if v >= 0 {
			every[i] = []int{v}
		}
	}
	nanos := []int{0}
	unit := 1_000_000_000
	for range p.digits {
		unit /= 10
	}
	nanos[0] = p.frac * unit
	finest := 1_000_000_000
	for range digits {
		finest /= 10
	}
	if unit > finest {
		nanos = append(nanos, nanos[0]+unit-finest)
	}
	offsets := []int{0}
	if p.offset != nil {
		offsets[0] = *p.offset
	} else if zoned {
		offsets = []int{-720, 0, 840}
	}
	var all []time.Time
	for _, y := range every[0] {
		for _, m := range every[1] {
			for _, d := range every[2] {
				if time.Date(y, time.Month(m), d, 0, 0, 0, 0, time.UTC).Day() != d {
					continue
				}
				all = appendMoments(all, time.Date(y, time.Month(m), d, 0, 0, 0, 0, time.UTC), every, nanos, offsets)
			}
		}
	}
	return all
}

func appendMoments(all []time.Time, day time.Time, every [6][]int, nanos, offsets []int) []time.Time {
	for _, h := range every[3] {
		for _, m := range every[4] {
			for _, s := range every[5] {
				for _, n := range nanos {
					for _, o := range offsets {
						all = append(all, day.Add(time.Duration(h)*time.Hour+time.Duration(m-o)*time.Minute+time.Duration(s)*time.Second+time.Duration(n)))
					}
				}
			}
		}
	}
	return all
}

// orderOf is the order that all pairs have, found from the extremes of what was enumerated.
func orderOf(a, b []time.Time) imednet.Order {
	firstA, lastA := slices.MinFunc(a, time.Time.Compare), slices.MaxFunc(a, time.Time.Compare)
	firstB, lastB := slices.MinFunc(b, time.Time.Compare), slices.MaxFunc(b, time.Time.Compare)
	switch {
	case lastA.Before(firstB):
		return imednet.Before
	case firstA.After(lastB):
		return imednet.After
	case firstA.Equal(lastA) && firstB.Equal(lastB):
		return imednet.Same
	}
	return imednet.NotCertain
}

func days(moments []time.Time) []time.Time {
	out := make([]time.Time, len(moments))
	for i, m := range moments {
		out[i] = m.Truncate(24 * time.Hour)
	}
	return out
}

func TestOrderHoldsForEveryCompletion(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	seen := map[imednet.Order]int{}
	for range 4_000 {
		p, q := choose(r), choose(r)
		if r.IntN(4) == 0 {
			q.parts = p.parts
			if r.IntN(2) == 0 {
				q.digits, q.frac, q.offset = p.digits, p.frac, p.offset
			}
		}
		if len(q.completions(0, false)) == 0 {
			continue
		}
		if q.parts[5] < 0 {
			q.digits, q.frac = 0, 0
		}
		if slices.Max(q.parts[3:]) < 0 {
			q.offset = nil
		}
		a, b := partial(t, p.text()), partial(t, q.text())
		digits, zoned := max(p.digits, q.digits), p.offset != nil || q.offset != nil
		want := orderOf(p.completions(digits, zoned), q.completions(digits, zoned))
		require.Equal(t, want, a.Compare(b), "%s %s", p.text(), q.text())
		require.Equal(t, want.Reverse(), b.Compare(a), "%s %s", q.text(), p.text())
		seen[want]++

		p.offset, q.offset = nil, nil
		byDay := orderOf(days(p.completions(0, false)), days(q.completions(0, false)))
		require.Equal(t, byDay, a.CompareDay(b), "%s %s by the day", p.text(), q.text())
	}
	for _, order := range []imednet.Order{imednet.Before, imednet.Same, imednet.After, imednet.NotCertain} {
		require.Greater(t, seen[order], 25, order)
	}
}
