package extraction

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
)

// TestTermsMatchExactlyFirst, then in any case; several in other cases are a guess, which is not made.
// Repeated, because the order of a map is random.
func TestTermsMatchExactlyFirst(t *testing.T) {
	for range 50 {
		terms := newTerminology(map[string]string{"mild": "MILD", "Mild": "OTHER", " sev ": "SEVERE", "SEV": "SEVERE", "3": "GRADE 3"})
		for text, want := range map[string]string{"mild": "MILD", " Mild ": "OTHER", "MILD": "MILD", "miLD": "", "Sev": "SEVERE", "GRADE 3": "GRADE 3"} {
			canonical, known := terms.find(TextValue(text))
			if text == "MILD" { // in another case ambiguous, but a canonical term already
				require.True(t, known)
			}
			require.Equal(t, want, canonical, text)
			require.Equal(t, want != "", known, text)
		}
		number, ok := imednet.ParseNumber("3.0")
		require.True(t, ok)
		canonical, known := terms.find(NumberValue(number))
		require.True(t, known)
		require.Equal(t, "GRADE 3", canonical)
	}
	require.Nil(t, newTerminology(nil))
}

// TestTermsOfADomainComeFirst, unless there are none.
func TestTermsOfADomainComeFirst(t *testing.T) {
	all := newTerminologies(map[string]map[string]string{"ADAE.S": {"1": "A"}, "S": {"1": "B"}, "ADLB.S": {}})
	named := func(name string) *terminology { return all[name] }
	for domain, want := range map[Domain]string{ADAE: "A", ADLB: "B", ADSL: "B"} {
		canonical, known := terminologyOf(domain, "S", named).find(TextValue("1"))
		require.True(t, known)
		require.Equal(t, want, canonical)
	}
	require.Nil(t, terminologyOf(ADAE, "OTHER", named))
}
