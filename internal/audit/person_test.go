package audit

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// Nobody becomes a second person by spelling, and who is another stays one.
func TestSamePerson(t *testing.T) {
	for _, same := range [][2]string{
		{"anna", "anna"}, {"anna", "ANNA"}, {"José", "Jose\u0301"}, {"ａnna", "anna"}, {"ﬁnn", "FINN"},
		{"Strauß", "STRAUSS"}, {"STRAUẞ", "strauss"}, {"anna", "anna\u200b"}, {"anna", "an\u00adna"}, {"anna", "\u2060anna\ufeff"},
		{"anna", "a\u202enna"}, {"Σοφός", "ΣΟΦΌΣ"}, {"\u212aarl", "karl"}, {"ſam", "SAM"}, {"anna", "anna\ufe0f"}, {"anna b", "anna\u00a0b"},
		{"anna", "anna\u3164"}, {"J\u030cana", "\u01f0ana"},
	} {
		require.True(t, SamePerson(same[0], same[1]), "%+q", same)
		require.True(t, SamePerson(same[1], same[0]), "%+q", same)
	}
	for _, other := range [][2]string{{"anna", "bert"}, {"anna", "annb"}, {"anna", "anna b"}, {"anna", ""}, {"müller", "muller"}, {"İnan", "inan"}, {"anna1", "anna2"}} {
		require.False(t, SamePerson(other[0], other[1]), "%+q", other)
	}
}

// A name of a log's own, in whatever spelling, is nobody's; and who acts, or why, is not a text that nobody sees.
func TestNamesAndReasonsAreSeen(t *testing.T) {
	for _, name := range []string{"import", "IMPORT", " import ", "import\u200b", "ｉmport", "\u200b", "\u3164", "\u00ad\u2060", "\u00a0"} {
		c := &Checker{}
		c.User("UserID", name)
		require.Len(t, c.Problems(), 1, "%+q", name)
	}
	for _, reason := range []string{"", " ", "\u200b", "\u3164\n", "\ufeff", "\u200e\u2060", "\u2800"} {
		c := &Checker{}
		c.RequiredComment("Reason", reason)
		require.Len(t, c.Problems(), 1, "%+q", reason)
	}
	c := &Checker{}
	require.Equal(t, "anna", c.User("UserID", " anna "))
	require.Equal(t, "因為", c.RequiredComment("Reason", "因為"))
	require.Equal(t, "👩‍⚕️ ok", c.RequiredComment("Reason", "👩‍⚕️ ok"), "what is joined stays joined")
	require.Empty(t, c.Problems())
}
