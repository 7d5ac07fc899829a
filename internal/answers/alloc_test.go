package answers_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet/internal/answers"
)

var record = []byte(`{"AETERM":"Headache","aesev":1,"AESTDT":"2024-01-02","aesev":2,"N\u0041ME":"x","AEOTHER":null,"note":"a \"b\"","AESER":true}`)

var plainRecord = []byte(`{"AETERM":"Headache","aesev":1,"AESTDT":"2024-01-02","aesev":2,"note":"a \"b\""}`)

func recordMatcher() *answers.Matcher {
	return answers.Compile([]answers.Name{{Text: "AETERM"}, {Text: "AESEV"}, {Text: "AESTDT"}, {Text: "NAME"}, {Text: "AEOTHER"}, {Text: "AESER"}})
}

func TestSteadyStateAllocatesNothing(t *testing.T) {
	m := recordMatcher()
	require.True(t, m.Collect(record))
	require.Zero(t, testing.AllocsPerRun(100, func() { m.Collect(record) }))
	require.Zero(t, testing.AllocsPerRun(100, func() { answers.Lookup(plainRecord, "AESEV") }))
	var index answers.Index
	ordinary := []byte(`{"AETERM":"Headache","AESEV":1,"AESTDT":"2024-01-02"}`)
	require.True(t, index.Reset(ordinary))
	require.Zero(t, testing.AllocsPerRun(100, func() { index.Reset(ordinary); index.Find("AESEV") }), "a record with the keys of the one before")
	padded := []byte("\u00a0\tYes\u3000")
	require.Zero(t, testing.AllocsPerRun(100, func() { answers.Bool(padded) }))
	blank := []byte(`"\u00a0 \t"`)
	require.Zero(t, testing.AllocsPerRun(100, func() { answers.Missing(blank) }))
	plain := []byte(`"plain ä"`)
	require.Zero(t, testing.AllocsPerRun(100, func() { answers.Unquote(plain, nil) }))
}

func BenchmarkCollect(b *testing.B) {
	m := recordMatcher()
	b.SetBytes(int64(len(record)))
	b.ReportAllocs()
	for b.Loop() {
		m.Collect(record)
	}
}

func BenchmarkLookup(b *testing.B) {
	b.SetBytes(int64(len(record)))
	b.ReportAllocs()
	for b.Loop() {
		answers.Lookup(record, "AESTDT")
	}
}
