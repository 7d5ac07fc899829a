package imednet_test

import (
	"math"
	"testing"
	"time"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
)

func numberOf(text string) imednet.Number {
	n, _ := imednet.ParseNumber(text)
	return n
}

func TestFilterMatch(t *testing.T) {
	noon := time.Date(2024, 3, 1, 12, 0, 0, 0, time.UTC)
	day := imednet.Date{Year: 2024, Month: 3, Day: 1}
	where := imednet.Where
	cases := []struct {
		filter imednet.Filter
		wire   string // "" is absent
		want   bool
	}{
		{where("a", imednet.Equal, "x"), `"x"`, true},
		{where("a", imednet.Equal, "x"), `"X"`, false},
		{where("a", imednet.NotEqual, "x"), `"X"`, true},
		{where("a", imednet.Less, "b"), `"a"`, true},
		{where("a", imednet.Equal, "10"), `10`, true},
		{where("a", imednet.Greater, "9"), `10`, true},
		{where("a", imednet.Greater, "9.5"), `10`, true},
		{where("a", imednet.Greater, "z"), `10`, false},
		{where("a", imednet.Greater, 9), `"10"`, true},
		{where("a", imednet.Greater, int64(9007199254740992)), `9007199254740993`, true},
		{where("a", imednet.Equal, int64(9007199254740992)), `9007199254740993`, false},
		{where("a", imednet.LessOrEqual, 9), `8.5`, true},
		{where("a", imednet.GreaterOrEqual, 1.5), `"1.50"`, true},
		{where("a", imednet.Greater, 9.5), `"9E350"`, true},
		{where("a", imednet.Greater, 0.0), `"1e-400"`, true},
		{where("a", imednet.Less, -1.5), `"-9e350"`, true},
		{where("a", imednet.NotEqual, 0.0), `"1e-400"`, true},
		{where("a", imednet.Equal, 0.0), `"1e-400"`, false},
		{where("a", imednet.Equal, 9007199254740992.0), `"9007199254740993"`, false},
		{where("a", imednet.Equal, 0.3), `"0.30000000000000001"`, false},
		{where("a", imednet.Equal, math.Inf(1)), `"9E350"`, false},
		{where("a", imednet.Greater, numberOf("9.5")), `" 10"`, true},
		{where("a", imednet.Equal, numberOf("9.5")), `"09.50"`, true},
		{where("a", imednet.Less, numberOf("9E350")), `"8.9e350"`, true},
		{where("a", imednet.Greater, numberOf("9.5")), `"Yes"`, false},
		{where("a", imednet.LessOrEqual, imednet.Number{}), `"5"`, false},
		{where("a", imednet.Equal, 9), `"nine"`, false},
		{where("a", imednet.NotEqual, 9), `"nine"`, true},
		{where("a", imednet.Equal, true), `"TRUE"`, true},
		{where("a", imednet.Equal, false), `true`, false},
		{where("a", imednet.GreaterOrEqual, noon), `"2024-03-01 12:00:00"`, true},
		{where("a", imednet.GreaterOrEqual, noon.Add(time.Nanosecond)), `"2024-03-01 12:00:00"`, true},
		{where("a", imednet.Equal, noon.Add(500*time.Millisecond)), `"2024-03-01 12:00:00.5"`, true},
		{where("a", imednet.Equal, noon), `"2024-03-01 12:00:00.999"`, true},
		{where("a", imednet.Greater, noon), `"2024-03-01 12:00:00.999"`, false},
		{where("a", imednet.Greater, noon), `"2024-03-01T07:00:01-05:00"`, true},
		{where("a", imednet.Less, imednet.NewTime(noon)), `"2024-03-01"`, true},
		{where("a", imednet.Equal, day), `"2024-03-01"`, true},
		{where("a", imednet.Equal, noon), `"soon"`, false},
		{where("a", imednet.Equal, noon), `[2024,3,1,12,0]`, true},
		{where("a", imednet.Contains, "bronch"), `"Acute BRONCHITIS"`, true},
		{where("a", imednet.Contains, "("), `"("`, false},
		{where("a", imednet.Contains, 1), `"1"`, false},
		{where("a", imednet.Equal, "x"), ``, false},
		{where("a", imednet.NotEqual, "x"), ``, true},
		{where("a", imednet.NotEqual, "x"), `null`, true},
		{where("a", imednet.Less, "x"), `""`, false},
		{where("a", imednet.Equal, []int{1}), `1`, false},
		{where("a", "??", 1), `1`, false},
		{where("a", imednet.Greater, 1).And("b", imednet.Equal, "y"), `2`, true},
		{where("a", imednet.Greater, 1).And("b", imednet.Equal, "n"), `2`, false},
		{where("a", imednet.Greater, 9).Or("b", imednet.Equal, "y"), `2`, true},
		{where("a", imednet.Greater, 9).Or("b", imednet.Equal, "n"), `2`, false},
		{where("a", imednet.Greater, 1).And("b", imednet.Equal, "y").Or("b", imednet.Equal, "y"), `2`, false},
		{imednet.Filter{}, ``, true},
	}
	for _, c := range cases {
		got := c.filter.Match(func(attribute string) (imednet.Value, bool) {
			if attribute == "b" {
				return imednet.NewValue(jsontext.Value(`"y"`)), true
			}
			return imednet.NewValue(jsontext.Value(c.wire)), c.wire != ""
		})
		require.Equal(t, c.want, got, "%v against %s", c.filter.Conditions(), c.wire)
	}
}

func TestMatchRecord(t *testing.T) {
	rec, err := imednet.Decode[imednet.Record]([]byte(`{"recordId":7,"formKey":"AE","siteId":"12","visitId":null,"deleted":true,"dateModified":"2024-03-01 12:00:00"}`))
	require.NoError(t, err)
	for _, f := range []imednet.Filter{
		imednet.Where("recordId", imednet.Greater, 6),
		imednet.Where("formKey", imednet.Equal, "AE").And("siteId", imednet.Equal, 12),
		imednet.Where("deleted", imednet.Equal, true),
		imednet.Where("visitId", imednet.NotEqual, 3),
		imednet.Where("subjectKey", imednet.NotEqual, "S"),
		imednet.Where("dateModified", imednet.LessOrEqual, time.Date(2024, 3, 1, 12, 0, 0, 0, time.UTC)),
		{},
	} {
		require.True(t, f.MatchRecord(&rec), "%v", f.Conditions())
	}
	for _, f := range []imednet.Filter{
		imednet.Where("recordId", imednet.Greater, 7),
		imednet.Where("visitId", imednet.Equal, 3),
		imednet.Where("recordData", imednet.Equal, "x"),
		imednet.Where("dateModified", imednet.Less, time.Date(2024, 3, 1, 12, 0, 0, 0, time.UTC)),
	} {
		require.False(t, f.MatchRecord(&rec), "%v", f.Conditions())
	}
	built := imednet.Record{RecordID: 1, FormKey: imednet.Some("A\"B")}
	require.True(t, imednet.Where("formKey", imednet.Equal, "A\"B").MatchRecord(&built))
}

// TestEveryOperatorOverEveryOrder holds each operator against a value below, at and above its own.
func TestEveryOperatorOverEveryOrder(t *testing.T) {
	holds := map[imednet.Operator][3]bool{ // of a record id that is less, equal, greater
		imednet.Equal: {false, true, false}, imednet.NotEqual: {true, false, true},
		imednet.Less: {true, false, false}, imednet.LessOrEqual: {true, true, false},
		imednet.Greater: {false, false, true}, imednet.GreaterOrEqual: {false, true, true},
	}
	for op, want := range holds {
		for i, id := range []int64{119, 120, 121} {
			r := imednet.Record{RecordID: id, FormKey: imednet.Some("AE")}
			require.Equal(t, want[i], imednet.Where("recordId", op, 120).MatchRecord(&r), "%d %s 120", id, op)
			require.Equal(t, want[i], imednet.Where("recordId", op, 120.0).MatchRecord(&r), "%d %s 120.0", id, op)
			require.Equal(t, want[i], imednet.Where("recordId", op, "120").MatchRecord(&r), "%d %s text", id, op)
		}
	}
}

// TestDatesMatchAsTheyAreRead compares dates as filters do, in every notation that the rest of the library
// reads, and only where the order is certain.
func TestDatesMatchAsTheyAreRead(t *testing.T) {
	noon := time.Date(2014, 2, 3, 12, 0, 0, 0, time.UTC)
	day := imednet.Date{Year: 2014, Month: 2, Day: 3}
	for _, c := range []struct {
		wire  string
		want  any
		order string // of the answer: <, = or >; "" cannot be decided
	}{
		{`" 2014-02-03"`, day, "="}, {`"2014-02-03\u00a0"`, day, "="}, {`"20140203"`, day, "="}, {`20140203`, day, "="},
		{`"2014-02-02T24:00"`, noon, "<"}, {`"2014-02-03T24:00"`, noon, ">"},
		{`" 2014-02-03T12:00:00"`, noon, "="}, {`"20140203T120000"`, noon, "="}, {`"2014-02-03T13:00:00+01"`, noon, "="},
		{`"2014-02-03T12:00:00,9"`, noon, "="}, {`"2014-02-03T12:00:00.9+0000"`, noon, "="},
		{`"2014-02-03T12:00"`, noon, ""}, {`"2014-02-03T11:59"`, noon, "<"}, {`"2014-02-03T12:01"`, noon, ">"},
		{`"2014-02-03T12:30+01:00"`, noon, "<"}, {`"2014-02-03 13"`, noon, ">"}, {`"2014-02-03T10:00"`, day, ">"}, {`"2014-02-03T-:15"`, day, ">"},
		{`"2014-02"`, time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC), ""},
		{`"2014-02"`, noon, ""}, {`"2014-01"`, noon, "<"}, {`"2014-03"`, noon, ">"}, {`"2013"`, day, "<"}, {`"2014---15"`, day, ""},
		{`"--02-03"`, noon, ""}, {`"2014-02-30"`, noon, ""}, {`"03-FEB-2014"`, noon, ""}, {`1391421600`, noon, ""}, {`true`, noon, ""},
	} {
		lookup := func(string) (imednet.Value, bool) { return imednet.NewValue(jsontext.Value(c.wire)), true }
		holds := func(op imednet.Operator) bool { return imednet.Where("a", op, c.want).Match(lookup) }
		got := ""
		for order, op := range map[string]imednet.Operator{"<": imednet.Less, "=": imednet.Equal, ">": imednet.Greater} {
			if holds(op) {
				got += order
			}
		}
		require.Equal(t, c.order, got, c.wire)
		require.Equal(t, c.order != "=", holds(imednet.NotEqual), c.wire)
	}
}
