package rest_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
)

// A reply that answers another request, without rows that could tell, says so in its path. A path that is
// not one of the API's says nothing.
func TestRepliesToOtherRequestsAreSeen(t *testing.T) {
	const root = "/api/v1/edc/studies"
	for path, want := range map[string]bool{
		root + "/A%201/sites": true, root + "/A 1/sites": true, root + "/a%201/sites": true, "/gateway" + root + "/A%201/sites": true,
		"/x": true, "": true, "sites": true, root + "/A%201": true, root + "/A%201/sites/": true, root + "/100%/jobs": true,
		root: false, root + "/A%201/forms": false, root + "/B/sites": false, root + "/A%25201/sites": false, root + "/100%/sites": false,
	} {
		asked := 0
		client := start(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			asked++
			io.WriteString(w, strings.Replace(envelope(0, 500, 0), `"metadata":{`, `"metadata":{"path":"`+path+`",`, 1))
		}))
		var err error
		for _, err = range client.Sites(t.Context(), "A 1", imednet.ListOptions{}) {
		}
		if want {
			require.NoError(t, err, path)
			continue
		}
		require.ErrorIs(t, err, imednet.ErrProtocol, path)
		require.ErrorContains(t, err, "answers another request")
		require.NotContains(t, err.Error(), root)
		require.Equal(t, 3, asked, path)
	}
}
