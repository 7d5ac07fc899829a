package dictionary

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// The words of two places may be the same in another order of blanks.
func TestTrialsOfTwoPlacesAreTwo(t *testing.T) {
	one := trialBegin{StudyKey: "S", SiteName: "North Wing", SubjectKey: "1"}
	two := trialBegin{StudyKey: "S", SiteName: "North", SubjectKey: "Wing 1"}
	require.False(t, one.same(&two))
	two = one
	two.Time, two.Rules = two.Time.Add(1), []string{}
	require.True(t, one.same(&two))
}
