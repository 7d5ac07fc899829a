package phi

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestHas(t *testing.T) {
	s := Of("Date_of-Birth", "DM.INITIALS")
	require.True(t, s.Has("DM", "DATEOFBIRTH"))
	require.True(t, s.Has("AE", "date of birth"))
	require.True(t, s.Has("dm", "initials"))
	require.False(t, s.Has("AE", "INITIALS"))
	require.False(t, s.Has("DM", "BIRTH"))
}

func TestName(t *testing.T) {
	for _, spelling := range []string{"DateOfBirth", "date_of_birth", "DATE OF BIRTH", "Date-of-Birth", "date\u00a0of\u2011birth", "\tdate__of--birth ", "Date‐of–Birth"} {
		require.Equal(t, Name("dateofbirth"), Name(spelling), "%q", spelling)
	}
	require.Equal(t, Name("dm.dob"), Name("DM . DOB"), "blanks around the point")
	require.Equal(t, Name("GEBURTSTAG_ÄRZTE"), Name("geburtstag ärzte"))
	require.NotEqual(t, Name("DM.DOB"), Name("DMDOB"), "the point counts")
}

func TestNamesPutTheFormFirst(t *testing.T) {
	require.Equal(t, [2]string{Name("dm.initials"), Name("initials")}, Names("DM", "INITIALS"))
}

func TestUnmatched(t *testing.T) {
	study := Of("subjectKey")
	study.AddVariable("DM", "DOB")
	require.Equal(t, []string{"AE.DOB", "D.O.B"}, study.Unmatched([]string{"dob", "dm.dob", "AE.DOB", "Subject Key", "D.O.B"}))
	require.Empty(t, study.Unmatched(nil))
}

// TestASetFindsWhatItsNamesSay compares Has with the names that it stands for, for every character of
// ASCII and some others, within and at the end of names.
func TestASetFindsWhatItsNamesSay(t *testing.T) {
	var variables []string
	for c := range rune(0x180) {
		variables = append(variables, "a"+string(c)+"Z9")
	}
	variables = append(variables, "", "\xff", "a\xffb", "K", "K", "ſ", "straße", "e\u0301", "\u2028x", strings.Repeat("long_NAME ", 20))
	for _, listed := range variables {
		for _, form := range []string{"", "ae", "Ä_E", "\xff"} {
			set := Of(listed)
			full := Of(form + "." + listed)
			for _, asked := range []string{listed, strings.ToUpper(listed), "other"} {
				names := Names(form, asked)
				require.Equal(t, set[names[0]] || set[names[1]], set.Has(form, asked), "%q of %q in %q", asked, form, listed)
				require.Equal(t, full[names[0]] || full[names[1]], full.Has(form, asked), "%q of %q in the full name of %q", asked, form, listed)
			}
		}
	}
}
