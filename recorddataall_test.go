package imednet

import (
	"bytes"
	"math/rand/v2"
	"testing"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/stretchr/testify/require"
)

var objectsOfAnswers = []string{
	`{}`, `{"A":1,"a":"x","A":null}`, ` { "A" : [1, {"b":2}] , "\u0041" : "\ud800" } `, `{"é":"ü","\ud800":1,"a\"b":2,"":3}`, "{\"\xff\":\"\xfe\"}",
	`{"LONG":"` + string(bytes.Repeat([]byte("0123456789"), 20)) + `","N":-1.50e+3,"T":true,"F":false}`, `null`, `[]`, `5`, `"x"`, ``, `{"A":1`, `{"A":`, `{"A"`, `{`, `{"A":1,}`, `{"A":tru}`,
}

// TestMembersAreThoseOfPackageJSONText also where the text ceases to be JSON on the way.
func TestMembersAreThoseOfPackageJSONText(t *testing.T) {
	for _, text := range objectsOfAnswers {
		sameAnswers(t, []byte(text))
	}
	const alphabet = "\"\\{}[],:0123456789.eE+-truefalsn \t\n\x00\x1f\x7f\x80\xffuU/"
	r := rand.New(rand.NewPCG(9, 10))
	for range 30_000 {
		text := []byte(objectsOfAnswers[r.IntN(len(objectsOfAnswers))])
		for range 1 + r.IntN(3) {
			at, c := r.IntN(len(text)+1), alphabet[r.IntN(len(alphabet))]
			if at == len(text) || r.IntN(2) == 0 {
				text = append(text[:at:at], append([]byte{c}, text[at:]...)...)
				continue
			}
			text[at] = c
		}
		sameAnswers(t, text)
	}
}

func FuzzAnswers(f *testing.F) {
	for _, text := range objectsOfAnswers {
		f.Add([]byte(text))
	}
	f.Fuzz(sameAnswers)
}

func sameAnswers(t *testing.T, text []byte) {
	type member struct{ name, value string }
	var want, got []member
	dec := jsontext.NewDecoder(bytes.NewBuffer(bytes.Clone(text)), lenient)
	if dec.PeekKind() == '{' {
		_, _ = dec.ReadToken()
		for dec.PeekKind() == '"' {
			token, err := dec.ReadToken()
			if err != nil {
				break
			}
			name := token.String()
			value, err := dec.ReadValue()
			if err != nil {
				break
			}
			want = append(want, member{name, string(value)})
		}
	}
	for name, value := range (RecordData{text}).All() {
		got = append(got, member{name, string(value.Raw())})
	}
	require.Equal(t, want, got, "%.200q", text)
}
