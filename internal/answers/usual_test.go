package answers_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet/internal/answers"
)

var (
	variables = []answers.Name{
		{Text: "AETERM"}, {Text: "AESEV"}, {Text: "Twin"}, {Text: "TWIN"}, {Text: "AESER", Retired: true}, {Text: "AESER"}, {Text: "näme"},
		{Text: "a"}, {Text: "b"}, {Text: `a":1,"b`}, {Text: `c\`},
		{Text: "EXTRA", Extra: true}, {Text: "twin", Extra: true},
	}
	keysThatCome   = []string{"AETERM", "aeterm", "AeTerm", "AESEV", "aesev", "Twin", "TWIN", "twin", "AESER", "näme", "NÄME", `n\u00e4me`, "EXTRA", "extra", "NOBODY", `\ud800`, "", "a\xff", "a", "b", `a\":1,\"b`, `c\\`}
	valuesThatCome = []string{`"x"`, `""`, `null`, `"a \"quote\""`, `1.5`, `["b","}"]`, `{"AETERM":"inner"}`, `" "`, `"ä"`}
)

// randomObjects are records of which most have the keys of the one before, or nearly so.
func randomObjects(r *rand.Rand, count int) (objects []string) {
	var keys []string
	for range count {
		switch r.IntN(5) {
		case 0:
			keys = nil
			for range r.IntN(8) {
				keys = append(keys, keysThatCome[r.IntN(len(keysThatCome))])
			}
		case 1:
			if at := r.IntN(len(keys) + 1); at < len(keys) {
				keys = slices.Delete(slices.Clone(keys), at, at+1)
			} else {
				keys = append(slices.Clone(keys), keysThatCome[r.IntN(len(keysThatCome))])
			}
		}
		var members []string
		for _, key := range keys {
			members = append(members, fmt.Sprintf(`"%s":%s`, key, valuesThatCome[r.IntN(len(valuesThatCome))]))
		}
		object := "{" + strings.Join(members, []string{",", ",", ",", " , "}[r.IntN(4)]) + "}"
		if r.IntN(10) == 0 {
			object = " " + strings.ReplaceAll(object, ":", " : ") + "\n"
		}
		if r.IntN(20) == 0 {
			object = object[:r.IntN(len(object))]
		}
		objects = append(objects, object)
	}
	return objects
}

// sorted is what a matcher says of a record, in memory of its own.
type sorted struct {
	OK      bool
	Slots   []string
	Touched []int
	Strays  []string
}

func sortedBy(m *answers.Matcher, object []byte) sorted {
	if !m.Collect(object) {
		return sorted{}
	}
	s := sorted{OK: true, Touched: slices.Sorted(slices.Values(m.Touched()))}
	for _, slot := range m.Slots() {
		s.Slots = append(s.Slots, fmt.Sprintf("%d %s=%s", slot.State, slot.Key, slot.Raw))
	}
	for _, stray := range m.Strays() {
		s.Strays = append(s.Strays, fmt.Sprintf("%d %s=%s", stray.Fate, stray.Key, stray.Raw))
	}
	return s
}

// TestARecordIsSortedAsIfItWereTheFirst: a matcher that remembers the keys of the records before says the
// same as one that saw none, though the memory of those records is used for something else.
func TestARecordIsSortedAsIfItWereTheFirst(t *testing.T) {
	for seed := range uint64(300) {
		m, memory := answers.Compile(variables), make([]byte, 0, 1000)
		for i, object := range randomObjects(rand.New(rand.NewPCG(seed, 1)), 40) {
			memory = append(memory[:0], object...)
			want := sortedBy(answers.Compile(variables), []byte(object))
			require.Equal(t, want, sortedBy(m, memory), "record %d of %d: %s", i, seed, object)
			copy(memory[:cap(memory)], bytes.Repeat([]byte("?"), cap(memory)))
		}
	}
}
