package jsonscan_test

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet/internal/jsonscan"
)

var lenient = []jsontext.Options{jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true)}

// texts are what JSON is made of, and what it is not made of.
var texts = []string{
	`{}`, `[]`, `{"a":1}`, `{"a":1,"a":2}`, `[1,2]`, `{"a":[{"b":null}],"c":{"d":true,"e":false}}`, ` { "a" : [ 1 , 2 ] , "b" : "c" } `,
	"\t[\r\n]\n", `""`, `"a\"b\\c\/d\b\f\n\r\té"`, `"𝄞"`, `"\ud834"`, `"\udd1e\ud834"`, "\"\xff\xfe\"", "\"\xc3\"",
	`0`, `-0`, `-1.5e+10`, `1E5`, `1e-05`, `0.00`, `123456789012345678901234567890`, `true`, `false`, `null`,
	``, ` `, `{`, `}`, `[`, `]`, `{]`, `[}`, `{"a"}`, `{"a":}`, `{"a":1,}`, `{,}`, `[,]`, `[1,]`, `[1 2]`, `{"a":1 "b":2}`, `{a:1}`, `{'a':1}`, `{1:2}`,
	`{"a":1}}`, `[1]]`, `{} {}`, `1 2`, `{"a":1},`, `{"a"::1}`, `{"a" 1}`, `"`, `"\`, `"\"`, `"\x"`, `"\u12"`, `"\u12g4"`, `"\U1234"`, "\"\n\"", "\"\x00\"", "\"\x1f\"",
	"\"\x7f\"", `"12345678`, `"1234567"`, `"12345678"`, `"123456789"`, `"1234567\"90"`, `-`, `+1`, `01`, `1.`, `.5`, `1e`, `1e+`, `--1`, `1.e5`, `0x1`, `NaN`, `Infinity`,
	`tru`, `truex`, `nul`, `nulll`, `fals`, `True`, "\ufeff{}", "{\u00a0}", "{\v}", "\x00", `{"a":1}` + "\x00", `// c`, `/* c */{}`,
	strings.Repeat(`[`, 9_999) + strings.Repeat(`]`, 9_999), strings.Repeat(`[`, 10_000) + strings.Repeat(`]`, 10_000),
	strings.Repeat(`[`, 10_001) + strings.Repeat(`]`, 10_001), strings.Repeat(`{"":`, 10_000) + `1` + strings.Repeat(`}`, 10_000),
	strings.Repeat(`{"":`, 10_001) + `1` + strings.Repeat(`}`, 10_001), strings.Repeat(`[`, 100_000),
}

func TestWhatIsJSONForJSONTextIsJSON(t *testing.T) {
	for _, text := range texts {
		agree(t, []byte(text))
		agree(t, []byte(`{"x":`+text+`}`))
		agree(t, []byte(`[`+text+`]`))
		agree(t, []byte(`[1,`+text+`,"`+text+`"]`))
	}
}

func TestMutatedTextsAreJudgedAsJSONTextDoes(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	alphabet := []byte("\"\\{}[],:0123456789.eE+-truefalsn \t\n\x00\x1f\x7f\x80\xffuU/")
	for range 30_000 {
		text := []byte(texts[r.IntN(len(texts)-6)])
		for range 1 + r.IntN(3) {
			at := r.IntN(len(text) + 1)
			switch c := alphabet[r.IntN(len(alphabet))]; {
			case r.IntN(3) == 0 || at == len(text):
				text = append(text[:at:at], append([]byte{c}, text[at:]...)...)
			case r.IntN(2) == 0:
				text = append(text[:at:at], text[at+1:]...)
			default:
				text[at] = c
			}
		}
		agree(t, text)
	}
}

func FuzzScan(f *testing.F) {
	for _, text := range texts {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) { agree(t, text) })
}

// agree compares every walk over a text with what jsontext makes of it.
func agree(t *testing.T, text []byte) {
	t.Helper()
	valid := jsontext.Value(text).IsValid(lenient...)
	require.Equal(t, valid, jsonscan.Valid(text), "%.100q", text)
	names, members, isObject := slowMembers(text)
	for _, read := range []bool{true, false} {
		o := jsonscan.WalkObject(text)
		i := 0
		for ; o.Next(); i++ {
			if valid {
				require.Less(t, i, len(members), "%.100q", text)
				require.Equal(t, string(names[i]), string(o.Name), "%.100q", text)
				require.Equal(t, bytes.IndexByte(names[i], '\\') >= 0, o.Escaped, "%.100q", text)
			}
			if !read {
				continue
			}
			value := o.Value()
			require.Equal(t, value == nil, o.Invalid(), "%.100q", text)
			if value != nil && i < len(members) {
				require.Equal(t, string(members[i]), string(value), "%.100q", text)
			}
		}
		require.Equal(t, valid && isObject, !o.Invalid(), "%.100q", text)
		if valid && isObject {
			require.Equal(t, len(members), i)
		}
		require.False(t, o.Next())
	}
	agreeByName(t, text)
	agreeByForm(t, text)
	agreeInPlace(t, text)
	elements, isArray := slowElements(text)
	o := jsonscan.WalkObject(slices.Concat([]byte(`{"before":[],"list": `), text, []byte(` , "after" : 1 }`)))
	require.True(t, o.Next(), "before")
	require.True(t, o.Next(), "list")
	require.Equal(t, `"list"`, string(o.Name))
	a := o.Array()
	n := 0
	for ; a.Next(); n++ {
		if value := a.Value(); valid && !tooDeep(text) {
			require.Less(t, n, len(elements), "%.100q", text)
			require.Equal(t, string(elements[n]), string(value), "%.100q", text)
		}
	}
	require.False(t, a.Next())
	if valid && !tooDeep(text) {
		require.Equal(t, isArray, !a.Invalid(), "%.100q", text)
	}
	if !a.Invalid() && valid {
		require.Len(t, elements, n)
		require.True(t, o.Next())
		require.Equal(t, `"after"`, string(o.Name))
		require.False(t, o.Next())
		require.False(t, o.Invalid())
	}
}

// tooDeep reports whether a text can stand alone but not within an object.
func tooDeep(text []byte) bool {
	return !jsontext.Value(slices.Concat([]byte(`{"":`), text, []byte(`}`))).IsValid(lenient...)
}

func slowMembers(text []byte) (names, values []jsontext.Value, isObject bool) {
	dec := jsontext.NewDecoder(bytes.NewBuffer(bytes.Clone(text)), lenient...)
	if dec.PeekKind() != '{' {
		return nil, nil, false
	}
	_, _ = dec.ReadToken()
	for dec.PeekKind() == '"' {
		name, err := dec.ReadValue()
		if err != nil {
			return names, values, true
		}
		names = append(names, name.Clone())
		value, err := dec.ReadValue()
		if err != nil {
			return names, values, true
		}
		values = append(values, value.Clone())
	}
	return names, values, true
}

func slowElements(text []byte) (values []jsontext.Value, isArray bool) {
	dec := jsontext.NewDecoder(bytes.NewBuffer(bytes.Clone(text)), lenient...)
	if dec.PeekKind() != '[' {
		return nil, false
	}
	_, _ = dec.ReadToken()
	for dec.PeekKind() > 0 && dec.PeekKind() != ']' {
		value, err := dec.ReadValue()
		if err != nil {
			return values, true
		}
		values = append(values, value.Clone())
	}
	return values, true
}
