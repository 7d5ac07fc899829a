package rest_test

import (
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet/imednettest"
)

// rawRequest is a request as no client of this library sends it, and what the contract says of it.
type rawRequest struct {
	method, path string
	query        string
	drop, set    string // a header that is left out, or set to something else
	status       int
	attribute    string
}

// rawRequests are requests of which one thing is wrong, beside some with nothing wrong.
var rawRequests = []rawRequest{
	{path: "/DEMO/records", query: "page=0&size=500&sort=recordId%2CASC", status: 200},
	{path: "/DEMO/records", query: "", status: 200},
	{path: "/DEMO/records", query: "sort=recordId%2Cdesc&size=1", status: 200},
	{path: "/DEMO/records", query: "filter=recordId%3E100100", status: 200},
	{path: "/DEMO/users", query: "includeInactive=false", status: 200},
	{path: "", query: "size=25", status: 200},
	{path: "/DEMO/records", query: "size=501", status: 400, attribute: "size"},
	{path: "/DEMO/records", query: "size=0", status: 400, attribute: "size"},
	{path: "/DEMO/records", query: "size=-1", status: 400, attribute: "size"},
	{path: "/DEMO/records", query: "size=5.0", status: 400, attribute: "size"},
	{path: "/DEMO/records", query: "size=007", status: 400, attribute: "size"},
	{path: "/DEMO/records", query: "size=", status: 400, attribute: "size"},
	{path: "/DEMO/records", query: "size=5&size=6", status: 400, attribute: "size"},
	{path: "/DEMO/records", query: "page=-1", status: 400, attribute: "page"},
	{path: "/DEMO/records", query: "page=one", status: 400, attribute: "page"},
	{path: "/DEMO/records", query: "limit=5", status: 400, attribute: "limit"},
	{path: "/DEMO/records", query: "sort=nothing%2CASC", status: 400, attribute: "sort"},
	{path: "/DEMO/records", query: "sort=recordId", status: 400, attribute: "sort"},
	{path: "/DEMO/records", query: "sort=recordId%2Cup", status: 400, attribute: "sort"},
	{path: "/DEMO/records", query: "sort=recordId%2CASC&sort=recordId%2CDESC", status: 400, attribute: "sort"},
	{path: "/DEMO/records", query: "filter=", status: 400, attribute: "filter"},
	{path: "/DEMO/records", query: "filter=recordId%20%3E%201", status: 400, attribute: "filter"},
	{path: "/DEMO/records", query: "filter=recordId%3E1%3BrecordId%3C9", status: 400, attribute: "filter"},
	{path: "/DEMO/records", query: "filter=formKey%3D%3DAE%2CrecordId%3C9%3BsiteId%3E1", status: 400, attribute: "filter"},
	{path: "/DEMO/records", query: "filter=nothing%3D%3D1", status: 400, attribute: "filter"},
	{path: "/DEMO/records", query: "filter=recordId%3D%3D%22x", status: 400, attribute: "filter"},
	{path: "/DEMO/records", query: "filter=dateCreated%3E2024-01-01%2000%3A00%3A00", status: 400, attribute: "filter"},
	{path: "/DEMO/records", query: "filter=dateCreated%3E0001-01-01T00%3A00%3A00Z", status: 200},
	{path: "/DEMO/records", query: "filter=dateCreated%3E2024-02-29T23%3A59%3A59%2B14%3A00", status: 200},
	{path: "/DEMO/records", query: "filter=dateCreated%3E0000-01-01T00%3A00%3A00Z", status: 400, attribute: "filter"},
	{path: "/DEMO/records", query: "filter=dateCreated%3E2023-02-29T00%3A00%3A00Z", status: 400, attribute: "filter"},
	{path: "/DEMO/records", query: "filter=dateCreated%3E2024-01-01T24%3A00%3A00Z", status: 400, attribute: "filter"},
	{path: "/DEMO/records", query: "filter=dateCreated%3E2024-01-01T23%3A59%3A60Z", status: 400, attribute: "filter"},
	{path: "/DEMO/records", query: "filter=dateCreated%3E2024-01-01T00%3A00%3A00%2B14%3A01", status: 400, attribute: "filter"},
	{path: "/DEMO/records", query: "filter=dateCreated%3E2024-01-01T00%3A00%3A00-12%3A30", status: 400, attribute: "filter"},
	{path: "/DEMO/records", query: "filter=dateCreated%3E2024-01-01T00%3A00%3A00%2B24%3A00", status: 400, attribute: "filter"},
	{path: "/DEMO/records", query: "filter=dateCreated%3E2024-01-01T00%3A00%3A00.5Z", status: 400, attribute: "filter"},
	{path: "/DEMO/visits", query: "filter=visitDate%3E0001-01-01", status: 200},
	{path: "/DEMO/visits", query: "filter=visitDate%3E0000-01-01", status: 400, attribute: "filter"},
	{path: "/DEMO/visits", query: "filter=visitDate%3E2023-02-29", status: 400, attribute: "filter"},
	{path: "/DEMO/records", query: "recordDataFilter=", status: 400, attribute: "recordDataFilter"},
	{path: "/DEMO/visits", query: "recordDataFilter=A%3D%3D1", status: 400, attribute: "recordDataFilter"},
	{path: "/DEMO/visits", query: "includeInactive=true", status: 400, attribute: "includeInactive"},
	{path: "/DEMO/users", query: "includeInactive=1", status: 400, attribute: "includeInactive"},
	{path: "/DEMO/users", query: "filter=login%3D%3D%22a%22", status: 400, attribute: "filter"},
	{path: "/DEMO/records", query: "filter=a;b", status: 400, attribute: "query"},
	{path: "/DEMO/records", query: "size=%zz", status: 400, attribute: "query"},
	{path: "/DEMO/jobs/x", query: "page=0", status: 400, attribute: "page"},
	{path: "/DEMO/jobs/x/results", query: "b=1&a=2", status: 400, attribute: "a"},
	{method: http.MethodPost, path: "/DEMO/records", query: "notify=true", status: 400, attribute: "notify"},
	{path: "/DEMO/jobs/x", status: 404},
	{path: "/DEMO/nothing", status: 404},
	{path: "/DEMO/records/1", status: 404},
	{path: "/NOPE/records", status: 403},
	{path: "/DEMO/records", drop: "x-api-key", status: 401},
	{path: "/DEMO/records", set: "x-imn-security-key", status: 401},
	{path: "/DEMO/records", drop: "Accept", status: 406, attribute: "Accept"},
	{path: "/DEMO/records", set: "Content-Type", status: 415, attribute: "Content-Type"},
	{method: http.MethodPut, path: "/DEMO/records", status: 405},
	{method: http.MethodDelete, path: "/DEMO/records", status: 405},
	{method: http.MethodPost, path: "/DEMO/visits", status: 405},
}

// send sends the request and returns everything of the answer but its date.
func (r rawRequest) send(t *testing.T, c *http.Client, base string) (status int, body string, header http.Header) {
	u, err := url.Parse(base + "/api/v1/edc/studies" + r.path)
	require.NoError(t, err)
	u.RawQuery = r.query
	method := r.method
	if method == "" {
		method = http.MethodGet
	}
	request, err := http.NewRequestWithContext(t.Context(), method, u.String(), nil)
	require.NoError(t, err)
	for name, value := range map[string]string{"x-api-key": imednettest.APIKey, "x-imn-security-key": imednettest.SecurityKey, "Accept": "application/json", "Content-Type": "application/json"} {
		switch name {
		case r.drop:
		case r.set:
			request.Header.Set(name, "text/other")
		default:
			request.Header.Set(name, value)
		}
	}
	response, err := c.Do(request)
	require.NoError(t, err)
	defer response.Body.Close()
	read, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	response.Header.Del("Date")
	return response.StatusCode, string(read), response.Header
}

// Requests that are valid and not are answered as the contract has it, and the same over HTTP and
// without a network: no client but this one checks what it sends.
func TestRawRequestsAreAnsweredAlikeOnEveryWay(t *testing.T) {
	server := imednettest.NewServer(imednettest.Generate(imednettest.GenerateOptions{Records: 300}))
	base := imednettest.Start(t, server)
	inMemory := &http.Client{Transport: server.Transport()}
	for _, r := range rawRequests {
		status, body, header := r.send(t, onceOnly(), base)
		require.Equal(t, r.status, status, "%+v", r)
		if r.attribute != "" {
			require.Contains(t, body, `"code":"1000"`, "%+v", r)
			require.Contains(t, body, `"attribute":"`+r.attribute+`"`, "%+v", r)
		} else if status != 200 {
			require.NotContains(t, body, `"field"`, "%+v", r)
		}
		sameStatus, sameBody, sameHeader := r.send(t, inMemory, base)
		require.Equal(t, status, sameStatus, "%+v", r)
		require.Equal(t, body, sameBody, "%+v", r)
		header.Del("Connection")
		require.Equal(t, header, sameHeader, "%+v", r)
		require.Equal(t, r.status == 200, strings.Contains(body, `"data":[`), "%+v", r)
	}
}
