package imednet_test

import (
	"testing"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
)

func data(t *testing.T, raw string) imednet.RecordData {
	t.Helper()
	d, err := imednet.NewRecordData([]byte(raw))
	require.NoError(t, err)
	return d
}

func TestRecordDataKeepsNamesAndOrder(t *testing.T) {
	raw := `{"b":1.50,"a":"x","A":"y","b":2,"é\u0041":null,"":[1]}`
	d := data(t, " "+raw+"\n")
	require.Equal(t, raw, string(d.Raw()))
	var names, values []string
	for name, v := range d.All() {
		names = append(names, name)
		values = append(values, string(v.Raw()))
	}
	require.Equal(t, []string{"b", "a", "A", "b", "éA", ""}, names)
	require.Equal(t, []string{"1.50", `"x"`, `"y"`, "2", "null", "[1]"}, values)
	for range d.All() {
		break
	}
}

func TestRecordDataLookup(t *testing.T) {
	d := data(t, `{"aeterm":"low","AETERM":"up","aesev":1,"TWICE":1,"TWICE":2,"Mixed":3,"MIXED":4}`)
	for _, c := range []struct {
		name, want string
		n          int
	}{
		{"aeterm", "low", 1}, {"AETERM", "up", 1}, {"AESEV", "1", 1}, {"TWICE", "2", 1}, {"none", "", 0},
		{"AeTerm", "", 2}, {"mixed", "", 2}, {"twice", "2", 1},
	} {
		v, n := d.Lookup(c.name)
		require.Equal(t, c.n, n, c.name)
		require.Equal(t, c.want, v.Text(), c.name)
	}
	v, ok := d.Get("TWICE")
	require.True(t, ok)
	require.Equal(t, "2", v.Text(), "the last one counts")
	_, ok = d.Get("twice")
	require.False(t, ok)
}

func TestRecordDataStates(t *testing.T) {
	require.Equal(t, imednet.Absent, imednet.RecordData{}.Presence())
	require.True(t, imednet.RecordData{}.IsZero())
	for raw, want := range map[string]imednet.Presence{`null`: imednet.Null, `{}`: imednet.Set, `[]`: imednet.Misfit, `"x"`: imednet.Misfit} {
		d := data(t, raw)
		require.Equal(t, want, d.Presence(), raw)
		require.False(t, d.IsZero())
		for range d.All() {
			t.Fatal("a member of " + raw)
		}
	}
	for _, raw := range []string{``, `{`, `{"SECRET":}`, `{} {}`} {
		_, err := imednet.NewRecordData([]byte(raw))
		require.Error(t, err)
		require.NotContains(t, err.Error(), "SECRET")
	}
}

func TestValue(t *testing.T) {
	value := func(raw string) imednet.Value { return imednet.NewValue(jsontext.Value(raw)) }
	for raw, want := range map[string]struct {
		text    string
		missing bool
		number  string // as Float64 sees it, "" for none
		whole   bool
	}{
		`null`:                 {"", true, "", false},
		``:                     {"", true, "", false},
		`""`:                   {"", true, "", false},
		`" \u00a0\t"`:          {" \u00a0\t", true, "", false},
		`0`:                    {"0", false, "0", true},
		`"0"`:                  {"0", false, "0", true},
		`1.50`:                 {"1.50", false, "1.5", false},
		`"1e3"`:                {"1e3", false, "1000", true},
		`5.0`:                  {"5.0", false, "5", true},
		`false`:                {"false", false, "", false},
		`[]`:                   {"[]", false, "", false},
		`{}`:                   {"{}", false, "", false},
		`"0x10"`:               {"0x10", false, "", false},
		`"1_0"`:                {"1_0", false, "", false},
		`"NaN"`:                {"NaN", false, "", false},
		`"Inf"`:                {"Inf", false, "", false},
		`1e999`:                {"1e999", false, "", false},
		`"\ud83d\ude00"`:       {"😀", false, "", false},
		`18446744073709551617`: {"18446744073709551617", false, "18446744073709552000", false},
		`9007199254740993`:     {"9007199254740993", false, "9007199254740992", true},
	} {
		v := value(raw)
		require.Equal(t, want.text, v.Text(), raw)
		require.Equal(t, want.missing, v.Missing(), raw)
		f, isNumber := v.Float64()
		require.Equal(t, want.number != "", isNumber, raw)
		if isNumber {
			require.Equal(t, want.number, jsonNumber(f), raw)
		}
		_, whole := v.Int64()
		require.Equal(t, want.whole, whole, raw)
	}
	n, ok := value(`9007199254740993`).Int64()
	require.True(t, ok)
	require.EqualValues(t, 9007199254740993, n, "no detour through float64")
	for raw, want := range map[string]bool{`true`: true, `"False"`: false} {
		b, ok := value(raw).Bool()
		require.True(t, ok)
		require.Equal(t, want, b)
	}
	for _, raw := range []string{`1`, `"yes"`, `null`} {
		_, ok := value(raw).Bool()
		require.False(t, ok, raw)
	}
}

func TestExactNumber(t *testing.T) {
	for _, text := range []string{"1.50", "-0.0", "18446744073709551617", "1E+2"} {
		v, ok := imednet.ExactNumber(text)
		require.True(t, ok, text)
		require.Equal(t, text, string(v))
	}
	for _, text := range []string{"", "NaN", "01", "1,5", `"1"`, "1 2", "+1"} {
		_, ok := imednet.ExactNumber(text)
		require.False(t, ok, text)
	}
}

func FuzzDecodeRecord(f *testing.F) {
	for _, seed := range []string{
		`{"recordId":1}`,
		`{"recordId":"7","formId":null,"formKey":"","siteId":1.0,"deleted":"true","dateModified":"2024-01-02 03:04:05","zzz":[1],"keywords":[{"keywordId":1}],"recordData":{"A":1.50,"a":"\ud800","A":2}}`,
		`{"recordId":1,"recordId":2,"keywords":[{"x":{}}],"recordData":[],"y":"\xff"}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		rec, err := imednet.Decode[imednet.Record](raw)
		if err != nil {
			require.IsType(t, &imednet.DecodeError{}, err)
			return
		}
		require.Positive(t, rec.RecordID)
		require.Equal(t, raw, []byte(rec.Raw), "the row is kept byte for byte")
		for name := range rec.RecordData.All() {
			_, found := rec.RecordData.Get(name)
			require.True(t, found)
		}
		rec.Raw = nil
		fields, err := imednet.Encode(rec)
		require.NoError(t, err)
		again, err := imednet.Decode[imednet.Record](fields)
		require.NoError(t, err, "%s", fields)
		again.Raw = nil
		once, err := imednet.Encode(again)
		require.NoError(t, err)
		require.Equal(t, string(fields), string(once), "fields survive a round trip")
	})
}
