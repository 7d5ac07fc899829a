package cache

import (
	"testing"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/stretchr/testify/require"
)

// TestTheMembersOfARow: answers are members of an object recordData alone. A recordData that is none, and an object
// under another name, is one member, and a name that is repeated is one for each time.
func TestTheMembersOfARow(t *testing.T) {
	type members = map[memberName]jsontext.Value
	for row, want := range map[string]members{
		`{"recordId":1,"recordData":{"A":"x","B":{"C":1}}}`: {{member: "recordId"}: jsontext.Value("1"), {variable: "A"}: jsontext.Value(`"x"`), {variable: "B"}: jsontext.Value(`{"C":1}`)},
		`{"recordData":null}`:                               {{member: "recordData"}: jsontext.Value("null")},
		`{"recordData":"text"}`:                             {{member: "recordData"}: jsontext.Value(`"text"`)},
		`{"recordData":[{"A":1}]}`:                          {{member: "recordData"}: jsontext.Value(`[{"A":1}]`)},
		`{"recordData":{}}`:                                 {},
		`{"keywords":{"A":"x"}}`:                            {{member: "keywords"}: jsontext.Value(`{"A":"x"}`)},
		`{"a":1,"a":2,"recordData":{"A":1,"a":2,"A":3}}`: {
			{member: "a"}: jsontext.Value("1"), {member: "a", nth: 1}: jsontext.Value("2"),
			{variable: "A"}: jsontext.Value("1"), {variable: "a"}: jsontext.Value("2"), {variable: "A", nth: 1}: jsontext.Value("3"),
		},
	} {
		got, err := membersOf([]byte(row))
		require.NoError(t, err, row)
		require.Equal(t, want, members(got), row)
	}
	_, err := membersOf([]byte(`{"a":`))
	require.Error(t, err)
}
