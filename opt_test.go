package imednet_test

import (
	"fmt"
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
)

func TestOptStates(t *testing.T) {
	type row struct {
		S imednet.Opt[string]       `json:"s,omitzero"`
		I imednet.Opt[int64]        `json:"i,omitzero"`
		B imednet.Opt[bool]         `json:"b,omitzero"`
		T imednet.Opt[imednet.Time] `json:"t,omitzero"`
		D imednet.Opt[imednet.Date] `json:"d,omitzero"`
	}
	cases := []struct {
		wire          string
		s, i, b, t, d imednet.Presence
		back          string // "" is the same as wire
	}{
		{`{}`, imednet.Absent, imednet.Absent, imednet.Absent, imednet.Absent, imednet.Absent, ""},
		{`{"s":null,"i":null,"b":null,"t":null,"d":null}`, imednet.Null, imednet.Null, imednet.Null, imednet.Null, imednet.Null, ""},
		{`{"s":"","i":"","b":"","t":"","d":""}`, imednet.Blank, imednet.Blank, imednet.Blank, imednet.Blank, imednet.Blank, ""},
		{`{"s":"x","i":5,"b":true,"t":"2024-01-02 03:04:05","d":"2024-01-02"}`, imednet.Set, imednet.Set, imednet.Set, imednet.Set, imednet.Set, ""},
		{`{"s":" ","i":0,"b":false}`, imednet.Set, imednet.Set, imednet.Set, imednet.Absent, imednet.Absent, ""},
		{`{"s":7,"i":"5","b":"TRUE","t":"2024-01-02T03:04:05Z"}`, imednet.Set, imednet.Set, imednet.Set, imednet.Set, imednet.Absent, `{"s":"7","i":5,"b":true,"t":"2024-01-02 03:04:05"}`},
		{`{"s":["x"],"i":5.5,"b":1,"t":1,"d":20240102}`, imednet.Misfit, imednet.Misfit, imednet.Misfit, imednet.Misfit, imednet.Misfit, ""},
		{`{"s":{},"i":true,"b":"yes","t":"today","d":"2024-02-30"}`, imednet.Misfit, imednet.Misfit, imednet.Misfit, imednet.Misfit, imednet.Misfit, ""},
		{`{"i":1e2,"b":"false"}`, imednet.Absent, imednet.Set, imednet.Set, imednet.Absent, imednet.Absent, `{"i":100,"b":false}`},
		{`{"i":99999999999999999999}`, imednet.Absent, imednet.Misfit, imednet.Absent, imednet.Absent, imednet.Absent, ""},
		{`{"i":"0x10"}`, imednet.Absent, imednet.Misfit, imednet.Absent, imednet.Absent, imednet.Absent, ""},
	}
	for _, c := range cases {
		var r row
		require.NoError(t, json.Unmarshal([]byte(c.wire), &r))
		require.Equal(t, []imednet.Presence{c.s, c.i, c.b, c.t, c.d}, []imednet.Presence{r.S.Presence(), r.I.Presence(), r.B.Presence(), r.T.Presence(), r.D.Presence()}, c.wire)
		back, err := json.Marshal(r)
		require.NoError(t, err)
		if c.back == "" {
			c.back = c.wire
		}
		require.Equal(t, c.back, string(back))
	}
}

func TestOptInCode(t *testing.T) {
	require.Equal(t, imednet.Blank, imednet.Some("").Presence())
	require.Equal(t, imednet.Set, imednet.Some(int64(0)).Presence())
	require.Equal(t, imednet.Null, imednet.NullOf[bool]().Presence())
	require.Equal(t, "x", imednet.Opt[string]{}.Or("x"))
	v, ok := imednet.Some(int64(7)).Get()
	require.True(t, ok)
	require.EqualValues(t, 7, v)
	require.Nil(t, imednet.Some("x").Raw())
	var names []string
	for s := imednet.Absent; s <= imednet.Misfit+1; s++ {
		names = append(names, s.String())
	}
	require.Equal(t, []string{"absent", "null", "blank", "set", "misfit", "Presence(5)"}, names)
}

func TestOptPrintsAsItsValue(t *testing.T) {
	var misfit imednet.Opt[int64]
	require.NoError(t, misfit.UnmarshalJSON([]byte(`"five"`)))
	require.Equal(t, "01-002", fmt.Sprint(imednet.Some("01-002")))
	require.Equal(t, "7 true", fmt.Sprintf("%v %s", imednet.Some[int64](7), imednet.Some(true)))
	require.Equal(t, `"five"`, fmt.Sprint(misfit))
	require.Equal(t, "2026-03-04", fmt.Sprint(imednet.Some(imednet.Date{Year: 2026, Month: 3, Day: 4})))
	for _, none := range []imednet.Opt[string]{{}, imednet.NullOf[string](), imednet.Some("")} {
		require.Empty(t, fmt.Sprint(none))
	}
}

// A text with half a surrogate pair or with bytes that are no UTF-8 has no exact Go string that is
// text, so it is a misfit with its JSON rather than another key with U+FFFD in it.
func TestTextThatIsNoUnicodeIsAMisfit(t *testing.T) {
	for _, raw := range []string{`"a\ud800b"`, `"\udc00"`, "\"a\xffb\""} {
		var o imednet.Opt[string]
		require.NoError(t, o.UnmarshalJSON([]byte(raw)))
		require.Equal(t, imednet.Misfit, o.Presence(), raw)
		require.Equal(t, raw, string(o.Raw()))
		require.Equal(t, "", o.Or(""))
	}
	var o imednet.Opt[string]
	require.NoError(t, o.UnmarshalJSON([]byte(`"a\ud83d\ude00b\ufffd"`)))
	require.Equal(t, "a😀b\ufffd", o.Or(""))
}
