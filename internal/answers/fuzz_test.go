package answers_test

import (
	"bytes"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/imednetgo/imednet/internal/answers"
)

var lenient = []jsontext.Options{jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true)}

// member is a name and a value as the full parser has them.
type member struct{ name, raw string }

// parse reads an object with the full parser; ok is false for anything else.
func parse(text string) (members []member, ok bool) {
	if raw := jsontext.Value(text); !raw.IsValid(lenient...) || raw.Kind() != '{' {
		return nil, false
	}
	dec := jsontext.NewDecoder(bytes.NewReader([]byte(text)), lenient...)
	_, _ = dec.ReadToken()
	for dec.PeekKind() != '}' {
		name, _ := dec.ReadToken()
		key := name.String()
		raw, _ := dec.ReadValue()
		members = append(members, member{key, string(raw)})
	}
	return members, true
}

var objects = []string{
	`{}`, `{"a":1}`, ` { "a" : "b\"}" , "c":[{"d":"]"}] } `, `{"":null,"a\u0062":"x","a":1,"a":2}`, `{"a":1,}`, `{"a"1}`, `{`,
	`{"a":`, `[]`, `{"a":1}x`, "{\"\xff\":1}", `{"\ud800":1}`, `{"aeterm":"a","AeTerm":"b"}`, `{"AETERM":1,"aeterm":2,"AETERM":3}`,
}

// FuzzScanner compares with the full parser on whatever that accepts, and demands that the scanner
// survives everything else. Names that are no Unicode keep their spelling here and get U+FFFD there.
func FuzzScanner(f *testing.F) {
	for _, seed := range objects {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var s answers.Scanner
		var got []member
		mangled := map[int]bool{}
		s.Reset([]byte(text))
		for s.Next() {
			mangled[len(got)] = s.Mangled || !utf8.Valid(s.Name)
			got = append(got, member{string(s.Name), string(s.Raw)})
		}
		want, ok := parse(text)
		if !ok {
			return
		}
		if s.Broken() || len(got) != len(want) {
			t.Fatalf("%q: %d members, want %d, broken %t", text, len(got), len(want), s.Broken())
		}
		for i := range want {
			if got[i].raw != want[i].raw || !mangled[i] && got[i].name != want[i].name || mangled[i] && !strings.Contains(want[i].name, "\ufffd") {
				t.Fatalf("%q: got %q, want %q", text, got[i], want[i])
			}
		}
	})
}

// FuzzKeys finds a name in four ways, which must agree: by the rule written out over the full
// parser's members, by Lookup, by Index and by Matcher.
func FuzzKeys(f *testing.F) {
	for _, seed := range objects {
		f.Add(seed, "AETERM")
		f.Add(seed, "a")
	}
	f.Fuzz(func(t *testing.T, text, name string) {
		members, ok := parse(text)
		if !ok || !utf8.ValidString(text) || !utf8.ValidString(name) || strings.Contains(text, `\u`) {
			return
		}
		want, spellings := ruled(members, name)
		found := answers.Lookup([]byte(text), name)
		index, _ := answers.NewIndex([]byte(text))
		if string(found.Raw) != want || found.Spellings != spellings {
			t.Fatalf("%q in %q: %q of %d, want %q of %d", name, text, found.Raw, found.Spellings, want, spellings)
		}
		if other := index.Find(name); string(other.Raw) != want || other.Spellings != spellings || other.Repeats != found.Repeats {
			t.Fatalf("%q in %q: the index says %q of %d", name, text, other.Raw, other.Spellings)
		}
		m := answers.Compile([]answers.Name{{Text: name}})
		if !m.Collect([]byte(text)) || string(m.Slots()[0].Raw) != want || (m.Slots()[0].State == answers.Contested) != (spellings > 1) {
			t.Fatalf("%q in %q: the matcher says %+v", name, text, m.Slots()[0])
		}
		checkNothingLost(t, m, members)
	})
}

// ruled is the rule of keys, written out.
func ruled(members []member, name string) (raw string, spellings int) {
	different := map[string]string{}
	for _, m := range members {
		if strings.EqualFold(m.name, name) {
			different[m.name] = m.raw
		}
	}
	if exact, ok := different[name]; ok {
		return exact, 1
	}
	if len(different) == 1 {
		for _, only := range different {
			raw = only
		}
	}
	return raw, len(different)
}

// checkNothingLost demands that every populated value is in a slot or a stray.
func checkNothingLost(t *testing.T, m *answers.Matcher, members []member) {
	populated, kept := 0, len(m.Strays())
	for _, member := range members {
		if answers.Populated([]byte(member.raw)) {
			populated++
		}
	}
	for _, s := range m.Slots() {
		if answers.Populated(s.Raw) {
			kept++
		}
	}
	if populated != kept {
		t.Fatalf("%d values came, %d were kept", populated, kept)
	}
}

// FuzzMissing compares with the full parser's reading of one value.
func FuzzMissing(f *testing.F) {
	for _, seed := range []string{`null`, `""`, `" \u00a0"`, `"\t\u2003"`, `"\\t"`, `0`, `[]`, `"\ud800"`, "\"\xff\"", `"\ud83d\ude00"`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		raw := jsontext.Value(text)
		missing := answers.Missing(raw)
		got, isUnicode := answers.Unquote(raw, make([]byte, 3, 100))
		if !raw.IsValid(lenient...) {
			return
		}
		want := raw.Kind() == 'n'
		if raw.Kind() == '"' {
			trimmed := bytes.Trim(raw, " \t\r\n")
			plain, err := jsontext.AppendUnquote(nil, trimmed)
			want = strings.TrimSpace(string(plain)) == ""
			if string(got) != string(plain) || isUnicode != (err == nil) || isUnicode != answers.IsUnicode(raw) {
				t.Fatalf("%q became %q, want %q, Unicode %t", text, got, plain, isUnicode)
			}
		}
		if missing != want {
			t.Fatalf("%q: missing %t", text, missing)
		}
	})
}
