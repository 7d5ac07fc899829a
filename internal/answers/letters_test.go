package answers_test

import (
	"strings"
	"testing"
	"unicode"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet/internal/answers"
)

// lettersOf is what [answers.AppendLetters] promises, one character after the other.
func lettersOf(name string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, name)
}

func requireLetters(t *testing.T, a, b string) {
	t.Helper()
	require.Equal(t, lettersOf(a), string(answers.AppendLetters(nil, a)), "%q", a)
	require.Equal(t, lettersOf(a) == lettersOf(b), answers.SameLetters(a, b), "%q %q", a, b)
}

func TestLetters(t *testing.T) {
	for r := rune(0); r <= unicode.MaxRune; r++ {
		if got, want := string(answers.AppendLetters(nil, string(r))), lettersOf(string(r)); got != want {
			require.Equal(t, want, got, "%U", r)
		}
	}
	words := []string{"", "Form Key", "FORM KEY", "form_key", "formKey", "formKeys", "form", " ", "Größe", "GRÖSSE", "größe 2", "\xff", "a\xff", "A", "\u0130", "i", "\u212a", "k", "\u0663", "\u01c5"}
	for _, a := range words {
		for _, b := range words {
			requireLetters(t, a, b)
		}
	}
	header := "Time Control"
	require.Zero(t, testing.AllocsPerRun(100, func() { answers.SameLetters(header, "TIME_CONTROL") }))
}

func FuzzLetters(f *testing.F) {
	f.Add("Form Key", "form_key")
	f.Fuzz(func(t *testing.T, a, b string) { requireLetters(t, a, b) })
}
