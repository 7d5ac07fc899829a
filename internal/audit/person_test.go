package audit

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
)

// Nobody becomes a second person by spelling, and who is another stays one.
func TestSamePerson(t *testing.T) {
	for _, same := range [][2]string{
		{"anna", "anna"}, {"anna", "ANNA"}, {"José", "Jose\u0301"}, {"ａnna", "anna"}, {"ﬁnn", "FINN"},
		{"Strauß", "STRAUSS"}, {"STRAUẞ", "strauss"}, {"anna", "anna\u200b"}, {"anna", "an\u00adna"}, {"anna", "\u2060anna\ufeff"},
		{"anna", "a\u202enna"}, {"Σοφός", "ΣΟΦΌΣ"}, {"\u212aarl", "karl"}, {"ſam", "SAM"}, {"anna", "anna\ufe0f"}, {"anna b", "anna\u00a0b"},
		{"anna", "anna\u3164"}, {"J\u030cana", "\u01f0ana"},
		{"anna x", "anna  x"}, {"anna x", " Anna\tx "}, {"anna x", "anna\u2003\u00a0x"}, {"İnan", "inan"}, {"ırmak", "IRMAK"}, {"ırmak", "irmak"}, {"di\u0307lek", "DİLEK"},
	} {
		require.True(t, SamePerson(same[0], same[1]), "%+q", same)
		require.True(t, SamePerson(same[1], same[0]), "%+q", same)
	}
	for _, other := range [][2]string{{"anna", "bert"}, {"anna", "annb"}, {"anna", "anna b"}, {"anna", ""}, {"müller", "muller"}, {"anna1", "anna2"}, {"annab", "anna b"}, {"anna.x", "annax"}, {"anna", "аnna"}} {
		require.False(t, SamePerson(other[0], other[1]), "%+q", other)
	}
}

// One key and one subject are one person's, under whatever names; a proof that several may have given is nobody's.
func TestSameActor(t *testing.T) {
	by := func(proof string) *imednet.Identity { return &imednet.Identity{Authenticated: proof} }
	const issuer = "https://login.example.org"
	for _, proof := range []string{ByKey("90b17fe9cb836517"), BySubject(issuer, "007")} {
		require.True(t, SameActor("anna", by(proof), "annb", by(proof)), proof)
		require.False(t, SameActor("anna", by(proof), "annb", nil), proof)
	}
	key, subject := ByKey("90b17fe9cb836517"), BySubject(issuer, "007")
	both := func(proof, also string) *imednet.Identity {
		return &imednet.Identity{Authenticated: proof, AlsoBy: []string{also}}
	}
	for _, same := range [][2]*imednet.Identity{{both(key, subject), by(subject)}, {both(key, subject), both(subject, key)}, {both(key, subject), both(ByKey("b6d15f9de5ee228d"), subject)}} {
		require.True(t, SameActor("anna", same[0], "maria", same[1]), same)
		require.True(t, SameActor("maria", same[1], "anna", same[0]), same)
	}
	require.False(t, SameActor("anna", both("os-user", "os-user"), "maria", both(key, "os-user")))
	seated, account := both(key, FromAccount("asmith")), by("os-user")
	require.True(t, SameActor("anna", seated, "asmith", account))
	require.True(t, SameActor("asmith", account, "anna", seated))
	require.False(t, SameActor("anna", seated, "bert", account))
	require.False(t, SameActor("anna", seated, "asmith", nil))
	require.False(t, SameActor("anna", seated, "bert", both(ByKey("b6d15f9de5ee228d"), FromAccount("asmith"))), "two keys are two persons at any account")
	require.False(t, SameActor("anna", both(key, subject), "maria", by(ByKey("b6d15f9de5ee228d"))))
	for _, others := range [][2]string{
		{BySubject(issuer, "007"), BySubject(issuer, "008")}, {BySubject(issuer, "007"), BySubject(issuer+"/b", "007")}, {ByKey("90b17fe9cb836517"), ByKey("b6d15f9de5ee228d")},
		{"oidc " + issuer, "oidc " + issuer}, {"os-user", "os-user"}, {"", ""},
	} {
		require.False(t, SameActor("anna", by(others[0]), "annb", by(others[1])), others)
	}
	require.Equal(t, "oidc https://login.example.org subject 3f838626a8fe6e9d", BySubject(issuer, "007"))
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
