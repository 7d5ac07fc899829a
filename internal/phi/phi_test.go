package phi

import (
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
