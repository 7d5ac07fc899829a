package listing

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
)

func TestCollectKeepsWhatCameBeforeTheError(t *testing.T) {
	broken := errors.New("broken")
	rows, err := Collect(func(yield func(int, error) bool) {
		_ = yield(1, nil) && yield(2, nil) && yield(0, broken)
	})
	require.ErrorIs(t, err, broken)
	require.Equal(t, []int{1, 2}, rows)
	_, err = Collect(Failed[int](broken))
	require.ErrorIs(t, err, broken)
}

func TestNarrowAddsOnlyWhatTheAPITakes(t *testing.T) {
	site := func(f imednet.Filter) string {
		text, err := Narrow(f, imednet.Subjects, "siteName", "North").Encode(imednet.Subjects)
		require.NoError(t, err)
		return text
	}
	require.Equal(t, "siteName==North", site(imednet.Filter{}))
	require.Equal(t, "subjectId>5;siteName==North", site(imednet.Where("subjectId", imednet.Greater, 5)))
	require.Equal(t, "siteName!=South", site(imednet.Where("siteName", imednet.NotEqual, "South")), "an attribute stands once")
	either := imednet.Where("subjectId", imednet.Equal, 1).Or("subjectId", imednet.Equal, 2)
	require.Equal(t, either, Narrow(either, imednet.Subjects, "siteName", "North"))
	require.True(t, Narrow(imednet.Filter{}, imednet.Subjects, "siteName", "a\nb").IsZero(), "no filter can hold the value")
}

func TestRefuseNamesTheAttribute(t *testing.T) {
	f := imednet.Where("siteName", imednet.Equal, "North")
	require.NoError(t, Refuse(f, "subjectKey", "is set by the call"))
	require.EqualError(t, Refuse(f, "siteName", "is set by the call"), "imednet: invalid filter: siteName: is set by the call")
}
