package wire_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/wire"
)

// A kind that is looked up by its resource reads the ids of its rows, and shows what does not fit.
func TestKindsByResource(t *testing.T) {
	for _, resource := range []imednet.Resource{
		imednet.Sites, imednet.Forms, imednet.Intervals, imednet.Variables, imednet.Subjects, imednet.Visits,
		imednet.Records, imednet.RecordRevisions, imednet.Queries, imednet.Codings, imednet.Users,
	} {
		k, ok := wire.OfStudy(resource)
		require.True(t, ok, resource)
		require.Equal(t, resource, k.Resource)
		id, member, want := "41", "dateCreated", wire.RowID{Number: 41}
		switch resource {
		case imednet.Users:
			id, member, want = `"u-41"`, "login", wire.RowID{Text: "u-41"}
		case imednet.Codings:
			member = "dateCoded"
		}
		body := fmt.Sprintf(`{"pagination":{"totalElements":1},"data":[{%q:%s,%q:[7]}]}`, resource.ID(), id, member)
		page, err := wire.ParsePage(k, wire.Ask{Size: 1}, http.Header{}, []byte(body), nil)
		require.NoError(t, err, resource)
		require.Equal(t, []wire.RowID{want}, page.IDs, resource)
		require.Equal(t, []string{member}, imednet.Misfits(&page.Rows[0]), "%s: a member that does not fit is seen behind the interface", resource)
		require.Error(t, k.Decode([]byte(`[]`), new(any)), resource)
	}
	for _, resource := range []imednet.Resource{imednet.Studies, imednet.Jobs, "", "nothing"} {
		_, ok := wire.OfStudy(resource)
		require.False(t, ok, resource)
	}
}
