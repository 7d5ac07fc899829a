package listing

import (
	"errors"
	"iter"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
)

func TestOfSubjectAsksNarrowlyWhereItCan(t *testing.T) {
	id := func(s *imednet.Visit) int64 { return s.VisitID }
	run := func(base imednet.Filter, key string, refused error) (asked []string, found []int64) {
		rows, err := OfSubject(func(f imednet.Filter) iter.Seq2[imednet.Visit, error] {
			text, err := f.Encode(imednet.Visits)
			require.NoError(t, err)
			asked = append(asked, text)
			switch {
			case Names(f, "subjectId") && refused != nil:
				return Failed[imednet.Visit](refused)
			case Names(f, "subjectId"):
				return visits(1, 3)
			case Names(f, "subjectKey"):
				return visits(2, 3)
			}
			return visits(1, 2, 3, 4)
		}, base, imednet.Visits, 7, key, id)
		if err != nil {
			require.ErrorIs(t, err, refused)
			return asked, nil
		}
		for _, v := range rows {
			found = append(found, v.VisitID)
		}
		return asked, found
	}
	asked, found := run(imednet.Filter{}, "K", nil)
	require.Equal(t, []string{"subjectKey==K", "subjectId==7"}, asked)
	require.Equal(t, []int64{1, 2, 3}, found)
	asked, _ = run(imednet.Where("visitId", imednet.Greater, 1), "K", nil)
	require.Equal(t, []string{"visitId>1;subjectKey==K", "subjectId==7;visitId>1"}, asked)
	for name, base := range map[string]imednet.Filter{
		"joined by OR":  imednet.Where("visitId", imednet.Greater, 1).Or("visitId", imednet.Less, 9),
		"names the id":  imednet.Where("subjectId", imednet.Less, 9),
		"names the key": imednet.Where("subjectKey", imednet.NotEqual, "L"),
	} {
		text, err := base.Encode(imednet.Visits)
		if err != nil {
			continue
		}
		asked, _ := run(base, "K", nil)
		require.Equal(t, []string{text}, asked, name)
	}
	asked, found = run(imednet.Filter{}, "a\nb", nil)
	require.Equal(t, []string{""}, asked, "a key that no filter can hold")
	require.Equal(t, []int64{1, 2, 3, 4}, found)
	asked, found = run(imednet.Filter{}, "K", imednet.ErrUnsupportedFilter)
	require.Equal(t, []string{"subjectKey==K", "subjectId==7", ""}, asked)
	require.Equal(t, []int64{1, 2, 3, 4}, found)
	_, found = run(imednet.Filter{}, "K", errors.New("broken"))
	require.Nil(t, found)
}

func visits(ids ...int64) iter.Seq2[imednet.Visit, error] {
	return func(yield func(imednet.Visit, error) bool) {
		for _, id := range ids {
			if !yield(imednet.Visit{VisitID: id}, nil) {
				return
			}
		}
	}
}
