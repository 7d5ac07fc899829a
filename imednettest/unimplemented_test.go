package imednettest_test

import (
	"context"
	"fmt"
	"iter"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/workflows/queries"
)

type fakeClient struct{ imednettest.Unimplemented }

func (fakeClient) Queries(context.Context, string, imednet.ListOptions) iter.Seq2[imednet.Query, error] {
	return imednettest.Rows(imednet.Query{AnnotationID: 1}, imednet.Query{AnnotationID: 2})
}

// A fake client has the one method that the test is about.
func ExampleUnimplemented() {
	management, err := queries.NewQueryManagement(fakeClient{})
	if err != nil {
		fmt.Println(err)
		return
	}
	counts, err := management.QueryStateCounts(context.Background(), "DEMO", queries.Options{})
	fmt.Println(counts.Unknown, err)
	// Output: 2 <nil>
}

func TestUnimplemented(t *testing.T) {
	fake := fakeClient{}
	for _, err := range fake.Records(t.Context(), "S", imednet.ListOptions{}) {
		require.ErrorIs(t, err, imednettest.ErrUnimplemented)
	}
	lists := 0
	count := func(_ any, err error) bool {
		lists++
		require.ErrorIs(t, err, imednettest.ErrUnimplemented)
		return true
	}
	fake.Studies(t.Context(), imednet.ListOptions{})(func(s imednet.Study, err error) bool { return count(s, err) })
	fake.Sites(t.Context(), "S", imednet.ListOptions{})(func(s imednet.Site, err error) bool { return count(s, err) })
	fake.Users(t.Context(), "S", imednet.ListOptions{})(func(s imednet.User, err error) bool { return count(s, err) })
	require.Equal(t, 3, lists)
	_, err := fake.SubmitRecords(t.Context(), "S", nil, imednet.SubmitOptions{})
	require.ErrorIs(t, err, imednettest.ErrUnimplemented)
	_, err = fake.Job(t.Context(), "S", "b")
	require.ErrorIs(t, err, imednettest.ErrUnimplemented)
}
