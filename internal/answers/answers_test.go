package answers_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet/internal/answers"
	"github.com/imednetgo/imednet/internal/answers/examples"
)

func TestExamples(t *testing.T) {
	for _, e := range examples.Answers() {
		raw := []byte(e.JSON)
		require.Equal(t, e.Missing, answers.Missing(raw), e.JSON)
		require.Equal(t, !e.NotUnicode, answers.IsUnicode(raw), e.JSON)
		if e.JSON == "" || e.JSON == "null" {
			continue
		}
		text, isUnicode := answers.Unquote(raw, nil)
		require.Equal(t, e.Text, string(text), e.JSON)
		require.Equal(t, !e.NotUnicode, isUnicode, e.JSON)
		require.Equal(t, e.Padded, len(answers.TrimSpace(text)) != len(text), e.JSON)
		value, known := answers.Bool(text)
		require.Equal(t, e.Flag != "", known, e.JSON)
		require.Equal(t, e.Flag == "Y", value, e.JSON)
	}
}

func TestAbsence(t *testing.T) {
	for raw, want := range map[string]answers.Absence{
		"": answers.Absent, " ": answers.Absent, "null": answers.Null, ` null `: answers.Null, `""`: answers.Empty,
		`" "`: answers.WhiteSpace, `"\t\r\n\f\u0085\u00A0\u2003 "`: answers.WhiteSpace, "\"\u3000\"": answers.WhiteSpace,
		`"\u0041"`: answers.Answered, `"\\t"`: answers.Answered, `" \b"`: answers.Answered, `"\u00a0x\u00a0"`: answers.Answered,
		`"x\t"`: answers.Answered, `"\ud800"`: answers.Answered, "0": answers.Answered, "false": answers.Answered, "[]": answers.Answered,
		`"\u00"`: answers.Answered, `"`: answers.Empty,
	} {
		require.Equal(t, want, answers.AbsenceOf([]byte(raw)), raw)
		require.Equal(t, want == answers.Answered || want == answers.WhiteSpace, answers.Populated([]byte(raw)), raw)
	}
}

func TestTrimSpaceIsThatOfTheStandardLibrary(t *testing.T) {
	for r := rune(0); r <= unicode.MaxRune; r++ {
		if r > 0x3100 && r < unicode.MaxRune-10 {
			continue
		}
		text := string(r) + "x y" + string(r)
		require.Equal(t, strings.TrimSpace(text), answers.TrimSpace(text), "%U", r)
		require.Equal(t, strings.TrimSpace(text), string(answers.TrimSpace([]byte(text))), "%U", r)
		require.Equal(t, strings.TrimSpace(string(r)) == "", answers.Blank(string(r)), "%U", r)
	}
	require.Equal(t, "\xa0x\x85", answers.TrimSpace(" \xa0x\x85\t"), "single bytes are no white space")
}

func TestFold(t *testing.T) {
	names := []string{"AETERM", "aeterm", "aeſtk", "AESTK", "aest\u212a", "Größe", "GRÖSSE", "GRÖẞE", "größe", "ΣΊΣΥΦΟΣ", "σίσυφος", "", "a\xff", "A\xff", "a\ufffd", "ı", "i", "I", "İ"}
	for _, a := range names {
		for _, b := range names {
			same := strings.EqualFold(a, b) && utf8.ValidString(a+b) || a == b
			require.Equal(t, same, answers.Fold(a) == answers.Fold(b), "%q %q", a, b)
			require.Equal(t, same, answers.Same(a, b), "%q %q", a, b)
			require.Equal(t, answers.Fold(a), string(answers.AppendFold(nil, a)), "%q", a)
		}
	}
}

func TestKeyExamples(t *testing.T) {
	matcher := answers.Compile([]answers.Name{{Text: "AETERM"}})
	for _, e := range examples.Keys() {
		found := answers.Lookup([]byte(e.Object), "AETERM")
		require.Equal(t, e.Raw, string(found.Raw), e.Object)
		require.Equal(t, e.Spellings, found.Spellings, e.Object)
		require.Equal(t, e.Repeats, found.Repeats, e.Object)
		require.Equal(t, e.Spellings > 1, found.Ambiguous(), e.Object)
		index, ok := answers.NewIndex([]byte(e.Object))
		require.True(t, ok)
		require.Equal(t, found, index.Find("AETERM"), e.Object)

		require.True(t, matcher.Collect([]byte(e.Object)))
		slot := matcher.Slots()[0]
		require.Equal(t, e.Raw, string(slot.Raw), e.Object)
		require.Equal(t, e.Spellings > 1, slot.State == answers.Contested, e.Object)
		require.Equal(t, e.Spellings == 0, slot.State == answers.Vacant, e.Object)
		repeated := 0
		for _, s := range matcher.Strays() {
			if s.Fate == answers.Repeated {
				repeated++
			}
		}
		require.Equal(t, e.Repeats, repeated, e.Object)
	}
}

func TestTwinExamples(t *testing.T) {
	names := []string{"AESER", "aeser"}
	declared := answers.Declare(slices.Values(names))
	matcher := answers.Compile([]answers.Name{{Text: names[0]}, {Text: names[1]}})
	for _, e := range examples.Twins() {
		index, ok := answers.NewIndex([]byte(e.Object))
		require.True(t, ok)
		index.Declared = declared
		require.True(t, matcher.Collect([]byte(e.Object)))
		for i, want := range []struct {
			raw     string
			unclear bool
		}{{e.Upper, e.UpperUnclear}, {e.Lower, e.LowerUnclear}} {
			found := declared.Lookup([]byte(e.Object), names[i])
			require.Equal(t, want.raw, string(found.Raw), "%s %s", names[i], e.Object)
			require.Equal(t, want.unclear, found.Ambiguous(), "%s %s", names[i], e.Object)
			require.Equal(t, found, index.Find(names[i]), "%s %s", names[i], e.Object)
			slot := matcher.Slots()[i]
			require.Equal(t, want.raw, string(slot.Raw), "%s %s", names[i], e.Object)
			require.Equal(t, want.unclear, slot.State == answers.Contested, "%s %s", names[i], e.Object)
			require.Equal(t, strings.Count(e.Object, `"AESER"`) > 1 && i == 0, index.Contested(found), "%s %s", names[i], e.Object)
		}
	}
	require.False(t, declared.Same("AESER", "aeser"))
	require.False(t, declared.Same("Aeser", "aeser"))
	require.True(t, declared.Same("aeser", "aeser"))
	require.True(t, declared.Same("other", "OTHER"))
}

// told is what a matcher says of an object, in one text.
func told(m *answers.Matcher, object string) string {
	if !m.Collect([]byte(object)) {
		return "broken"
	}
	var b strings.Builder
	for i, s := range m.Slots() {
		if s.State != answers.Vacant {
			fmt.Fprintf(&b, "%d:%d:%s=%s ", i, s.State, s.Key, s.Raw)
		}
	}
	for _, s := range m.Strays() {
		fmt.Fprintf(&b, "-%d:%s=%s ", s.Fate, s.Key, s.Raw)
	}
	return strings.TrimSpace(b.String())
}

func TestMatcher(t *testing.T) {
	m := answers.Compile([]answers.Name{{Text: "A"}, {Text: "B"}, {Text: "case"}, {Text: "CASE"}, {Text: "extra", Extra: true}})
	for _, c := range [][2]string{
		{`{"A":1,"B":2}`, `0:2:A=1 1:2:B=2`},
		{`{"b":2,"a":1}`, `0:1:a=1 1:1:b=2`},
		{`{"A":1,"a":2}`, `0:2:A=1 -1:a=2`},
		{`{"a":1,"A":2}`, `0:2:A=2 -1:a=1`},
		{`{"A":1,"A":2,"A":3}`, `0:2:A=3 -3:A=1 -3:A=2`},
		{`{"a":"","a":"x"}`, `0:1:a="x"`},
		{`{"case":1,"CASE":2,"Case":3}`, `2:2:case=1 3:2:CASE=2 -2:Case=3`},
		{`{"extra":1,"other":2,"gone":null,"blank":""}`, `4:2:extra=1 -1:other=2`},
		{`{"extra":1,"extra":2}`, `4:2:extra=2 -3:extra=1`},
		{`{"Extra":1}`, `-1:Extra=1`},
		{`{"other":1,"other":2}`, `-1:other=1 -1:other=2`},
		{`{"A\ud800":1,"\ud800":2}`, `-1:A\ud800=1 -1:\ud800=2`},
		{"{\"a\xff\":1}", "-1:a\xff=1"},
		{`{"\u0041":"x\"}","B" : [ "]" , {"a":1} ] }`, `0:2:A="x\"}" 1:2:B=[ "]" , {"a":1} ]`},
		{`{"":1}`, `-1:=1`},
		{`{"A":1`, `broken`}, {`[]`, `broken`}, {`{"A":1}{}`, `broken`}, {`{"A":1,}`, `broken`}, {`{"A" 1}`, `broken`}, {``, `broken`}, {`{"A":}`, `broken`}, {`{,"A":1}`, `broken`},
		{`{}`, ``},
	} {
		require.Equal(t, c[1], told(m, c[0]), c[0])
		require.Equal(t, c[1], told(m, c[0]), "again: %s", c[0])
	}
}

func TestRetiredNamesGiveWay(t *testing.T) {
	m := answers.Compile([]answers.Name{{Text: "A", Retired: true}, {Text: "A"}, {Text: "B"}, {Text: "B"}, {Text: "C", Retired: true}, {Text: "C", Retired: true}})
	require.Equal(t, `1:2:A=1 2:2:B=2 4:2:C=3`, told(m, `{"A":1,"B":2,"C":3}`))
	require.Equal(t, `1:1:a=1 2:1:b=2 4:1:c=3`, told(m, `{"a":1,"b":2,"c":3}`))
}

func TestMoreSpellingsThanAreRemembered(t *testing.T) {
	m := answers.Compile([]answers.Name{{Text: "A"}})
	for i := range 10_100 {
		require.Equal(t, fmt.Sprintf("-1:k%d=1", i), told(m, fmt.Sprintf(`{"k%d":1}`, i)))
	}
	require.Equal(t, "0:1:a=1", told(m, `{"a":1}`))
}

func TestIndexNames(t *testing.T) {
	index, ok := answers.NewIndex([]byte(`{"b":1,"a":2,"b":3,"A":4}`))
	require.True(t, ok)
	require.Equal(t, []string{"b", "a", "A"}, index.Names())
	require.Equal(t, "3", string(index.Find("B").Raw))
	_, ok = answers.NewIndex([]byte(`{"b":1`))
	require.False(t, ok)
	require.Equal(t, answers.Found{}, answers.Lookup([]byte(`{"b":1`), "b"), "nothing is taken from a broken object")
}

// TestAnIndexOfAnotherObjectIsNew: nothing of the object before is left, whatever keys the two share.
func TestAnIndexOfAnotherObjectIsNew(t *testing.T) {
	wide := func(n int, more string) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, `"K%d":%d,`, i, i)
		}
		return "{" + b.String() + more + "}"
	}
	objects := []string{
		`{}`, `{"a":1}`, `{"A":1}`, `{"a":2,"A":1}`, `{"a":1,"b":2}`, `{"b":2,"a":1}`, `{"a":1,"a":2}`, `{"a":1,"b":2,"a":3}`, `{"a":1,"b":2,"c":3}`,
		`{"\u0061":7}`, `{"\ud800":7,"a":1}`, wide(15, `"a":1`), wide(16, `"a":1`), wide(16, `"a":1,"K3":"x"`), wide(17, `"A":1`), wide(17, `"A":1,"k5":5`), wide(40, `"a":1,"b":2`), wide(40, `"b":1,"a":2`),
	}
	names := []string{"a", "A", "b", "K3", "k3", "K5", "K16", "K39", "none"}
	for _, declared := range []answers.Declared{nil, answers.Declare(slices.Values([]string{"a", "A", "K3"}))} {
		for _, before := range objects {
			for _, object := range objects {
				fresh, _ := answers.NewIndex([]byte(object))
				used, _ := answers.NewIndex([]byte(before))
				fresh.Declared, used.Declared = declared, declared
				for _, name := range names { // what finding makes must not be left either
					used.Find(name)
				}
				require.True(t, used.Reset([]byte(object)))
				require.Equal(t, fresh.Names(), used.Names(), "%s after %s", object, before)
				for _, name := range names {
					require.Equal(t, fresh.Find(name), used.Find(name), "%s in %s after %s", name, object, before)
					require.Equal(t, fresh.Exactly(name), used.Exactly(name), "%s in %s after %s", name, object, before)
					require.Equal(t, fresh.Contested(fresh.Find(name)), used.Contested(used.Find(name)), "%s in %s after %s", name, object, before)
				}
			}
		}
	}
	index := &answers.Index{}
	require.False(t, index.Reset([]byte(`{"a":1`)))
}

// TestAnAnswerIsContested by another of the same name that is not blank, whatever the order.
func TestAnAnswerIsContested(t *testing.T) {
	for object, want := range map[string]bool{
		`{"A":1,"a":2}`: true, `{"a":2,"A":1}`: true, `{"A":1,"A":2}`: true, `{"A":"","a":2}`: true, `{"A":1,"a":2,"a":1}`: true,
		`{"A":1}`: false, `{"A":1,"a":1}`: false, `{"A":1,"a":" "}`: false, `{"A":1,"a":null}`: false, `{"A":1,"b":2,"B":3}`: false, `{"b":1}`: false, `{"a":1}`: false,
	} {
		index, ok := answers.NewIndex([]byte(object))
		require.True(t, ok)
		require.Equal(t, want, index.Contested(index.Find("A")), object)
	}
}

// TestAbsenceLooksPastTheFirstCharacter where that does not decide.
func TestAbsenceLooksPastTheFirstCharacter(t *testing.T) {
	for raw, want := range map[string]answers.Absence{
		`"" `: answers.Empty, ` ""`: answers.Empty, `"  "`: answers.WhiteSpace, `"\t"`: answers.WhiteSpace, `"\u0020"`: answers.WhiteSpace,
		"\"\u00a0\"": answers.WhiteSpace, "\"\u00e4\"": answers.Answered, `"\\"`: answers.Answered, `"\u0041"`: answers.Answered, `" a"`: answers.Answered,
		`"a"`: answers.Answered, ` "a" `: answers.Answered, `"\""`: answers.Answered, "\"\u0000\"": answers.Answered, `null`: answers.Null, ``: answers.Absent, `0`: answers.Answered,
	} {
		require.Equal(t, want, answers.AbsenceOf([]byte(raw)), raw)
	}
}
