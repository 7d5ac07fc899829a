package jsonscan_test

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet/internal/jsonscan"
)

// agreeByName compares a walk that expects each member by its name with one that does not.
func agreeByName(t *testing.T, text []byte) {
	t.Helper()
	names, _, _ := slowMembers(text)
	expecting, plain := jsonscan.WalkObject(text), jsonscan.WalkObject(text)
	for i := 0; ; i++ {
		require.False(t, expecting.NextIs(`"no such name":`))
		expected := i < len(names) && !bytes.Contains(names[i], []byte{'\\'}) && expecting.NextIs(string(names[i])+":")
		more := plain.Next()
		if !expected {
			require.Equal(t, more, expecting.Next(), "%.100q", text)
		}
		require.Equal(t, expected || more, more, "%.100q", text)
		if !more {
			break
		}
		require.Equal(t, string(plain.Name), string(expecting.Name), "%.100q", text)
		require.Equal(t, plain.Escaped, expecting.Escaped, "%.100q", text)
		require.Equal(t, isPlain(plain.Name), plain.ASCII, "%.100q", text)
		value := plain.Value()
		require.Equal(t, string(value), string(expecting.Value()), "%.100q", text)
		require.Equal(t, plain.Offset(), expecting.Offset())
		require.Equal(t, isPlain(value), plain.Plain, "%.100q", text)
		require.Equal(t, plain.Plain, expecting.Plain)
		require.False(t, expecting.Invalid() != plain.Invalid())
	}
	require.Equal(t, plain.Invalid(), expecting.Invalid(), "%.100q", text)
	require.False(t, expecting.NextIs(`"a":`))
}

func isPlain(value []byte) bool {
	return len(value) > 0 && value[0] == '"' && !slices.ContainsFunc(value, func(c byte) bool { return c == '\\' || c >= 0x80 })
}

// agreeInPlace compares the elements of an array that are walked where they stand with those that are read first.
func agreeInPlace(t *testing.T, text []byte) {
	t.Helper()
	page := slices.Concat([]byte(`{"list": [ `), text, []byte(` , {"last":1} ] }`))
	walked, read := jsonscan.WalkObject(page), jsonscan.WalkObject(page)
	require.True(t, walked.Next())
	require.True(t, read.Next())
	a, b := walked.Array(), read.Array()
	for b.Next() {
		require.True(t, a.Next())
		value := b.Value()
		inner := a.Object()
		for inner.Next() {
			_ = inner.Value()
		}
		whole := a.Behind(&inner)
		if value == nil || value[0] != '{' {
			require.Nil(t, whole, "%.100q", text)
			require.Equal(t, string(value), string(a.Value()), "%.100q", text)
			continue
		}
		require.Equal(t, string(value), string(whole), "%.100q", text)
		require.Equal(t, inner.Offset(), b.Offset())
	}
	require.False(t, a.Next())
	require.Equal(t, b.Invalid(), a.Invalid(), "%.100q", text)
	require.Equal(t, read.Next(), walked.Next())
	require.Equal(t, read.Invalid(), walked.Invalid())
}

func TestAnObjectThatWasNotWalkedToItsEndIsNotPassed(t *testing.T) {
	o := jsonscan.WalkObject([]byte(`{"list":[{"a":1,"b":2},3]}`))
	require.True(t, o.NextIs(`"list":`))
	require.False(t, o.NextIs(`"list":`), "its value was not read")
	list := o.Array()
	require.True(t, list.Next())
	inner := list.Object()
	require.True(t, inner.NextIs(`"a":`))
	require.Nil(t, list.Behind(&inner))
	require.Equal(t, `{"a":1,"b":2}`, string(list.Value()))
	require.True(t, list.Next())
	inner = list.Object()
	require.False(t, inner.Next())
	require.Nil(t, list.Behind(&inner), "it is no object")
	require.Equal(t, `3`, string(list.Value()))
	require.False(t, list.Next())
	require.False(t, o.Next())
	require.False(t, o.Invalid())
}

// agreeByForm compares a walk that expects each member in its usual form with one that does not.
func agreeByForm(t *testing.T, text []byte) {
	t.Helper()
	names, _, _ := slowMembers(text)
	expecting, plain := jsonscan.WalkObject(text), jsonscan.WalkObject(text)
	for i := 0; ; i++ {
		more, value := plain.Next(), []byte(nil)
		if more {
			value = plain.Value()
		}
		require.Zero(t, expecting.Expect(`"no such name":`))
		if i < len(names) && expecting.Expect(string(names[i])+":") != 0 {
			first := expecting.Expect(string(names[i]) + ":")
			require.False(t, expecting.ExpectedLiteral("no such value"))
			if found, ok := readExpected(&expecting); ok {
				require.True(t, more, "%.100q", text)
				require.Equal(t, first, found[0])
				require.Equal(t, string(value), found, "%.100q", text)
				require.Equal(t, plain.Offset(), expecting.Offset())
				continue
			}
		}
		require.Equal(t, more, expecting.Next(), "%.100q", text)
		if !more {
			break
		}
		require.False(t, expecting.Expect(string(plain.Name)+":") != 0, "the value was not read")
		require.Equal(t, string(value), string(expecting.Value()), "%.100q", text)
	}
	require.Equal(t, plain.Invalid(), expecting.Invalid(), "%.100q", text)
	require.Zero(t, expecting.Expect(`"a":`))
}

func readExpected(o *jsonscan.Object) (value string, ok bool) {
	if quoted, ok := o.ExpectedPlain(); ok {
		return string(quoted), true
	}
	if n, ok := o.ExpectedDigits(); ok {
		return strconv.FormatInt(n, 10), true
	}
	for _, literal := range []string{"null", "true", "false"} {
		if o.ExpectedLiteral(literal) {
			return literal, true
		}
	}
	return "", false
}

func TestUsualFormsAreReadInOneStep(t *testing.T) {
	for _, value := range []string{`""`, `"a b"`, `0`, `7`, `123456789012345678`, `null`, `true`, `false`} {
		for _, text := range []string{`{"a":%s}`, `{"a":%s,"b":1}`} {
			o := jsonscan.WalkObject(fmt.Appendf(nil, text, value))
			require.NotZero(t, o.Expect(`"a":`))
			found, ok := readExpected(&o)
			require.True(t, ok, value)
			require.Equal(t, value, found)
		}
	}
	for _, value := range []string{`"é"`, `"\n"`, `"\\"`, `01`, `-1`, `1.0`, `1e1`, `1234567890123456789`, `[]`, `{}`, `nul`, `"a`, `1 `, "\"\xff\""} {
		o := jsonscan.WalkObject(fmt.Appendf(nil, `{"a":%s}`, value))
		require.NotZero(t, o.Expect(`"a":`))
		_, ok := readExpected(&o)
		require.False(t, ok, value)
	}
	for _, text := range []string{``, `{`, `{}`, `{"a"`, `{"a":`, `{"a" :1}`, `{"b":1}`, `["a":1]`} {
		o := jsonscan.WalkObject([]byte(text))
		require.Zero(t, o.Expect(`"a":`), text)
	}
}
