package imednettest

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/imednetgo/imednet"
)

// maxBody is the greatest body that the server reads: about what an API gateway lets through.
const maxBody = 10 << 20

// ServeHTTP answers one request as the API contract says.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(io.LimitReader(r.Body, maxBody+1))
	if err != nil {
		panic(http.ErrAbortHandler) // the client broke off
	}
	values, err := url.ParseQuery(r.URL.RawQuery)
	c := &call{method: r.Method, path: r.URL.EscapedPath(), query: values, badQuery: err != nil, header: r.Header, body: body, origin: originOf(r)}
	x := s.begin(c)
	defer x.end()
	answer, err := x.answer(r.Context())
	if err != nil {
		panic(http.ErrAbortHandler) // the connection breaks without an answer
	}
	if err := x.write(r.Context(), w, answer); err != nil {
		panic(http.ErrAbortHandler)
	}
}

// contentType is application/json for everything that looks like JSON, damaged or not.
func contentType(body []byte) string {
	if len(body) > 0 && (body[0] == '{' || body[0] == '[') {
		return "application/json"
	}
	return http.DetectContentType(body)
}

func originOf(r *http.Request) string {
	if r.URL.IsAbs() { // no network between
		return r.URL.Scheme + "://" + r.URL.Host
	}
	if r.TLS != nil {
		return "https://" + r.Host
	}
	return "http://" + r.Host
}

// render writes the body: a bare job, or the envelope.
func (r *reply) render(c *call) []byte {
	if r.bare != nil {
		return r.bare
	}
	if r.failure != nil && r.gateway {
		return append(appendMember(nil, '{', "message", appendString(nil, http.StatusText(r.status))), '}')
	}
	if r.failure != nil {
		return r.renderFailure(c)
	}
	dst := make([]byte, 0, len(r.page.buf)+len(r.page.ends)+512)
	dst = append(dst, `{"metadata":{"status":"OK","method":"GET","path":`...)
	dst = appendString(dst, c.path)
	dst = append(dst, `,"timestamp":`...)
	dst = appendTime(dst, r.time.Unix())
	dst = append(dst, `,"error":{}},"pagination":{"currentPage":`...)
	dst = strconv.AppendInt(dst, int64(r.number), 10)
	dst = append(dst, `,"size":`...)
	dst = strconv.AppendInt(dst, int64(r.size), 10)
	dst = append(dst, `,"totalPages":`...)
	dst = strconv.AppendInt(dst, int64((r.page.total+r.size-1)/max(1, r.size)), 10)
	dst = append(dst, `,"totalElements":`...)
	dst = strconv.AppendInt(dst, int64(r.page.total), 10)
	dst = append(dst, `,"sort":[`...)
	for i, key := range r.sort {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(dst, `{"property":`...)
		dst = appendString(dst, key.property)
		dst = append(dst, [2]string{`,"direction":"ASC"}`, `,"direction":"DESC"}`}[boolIndex(key.descending)]...)
	}
	dst = append(dst, "]}"...)
	if !r.omitData {
		dst = append(dst, `,"data":[`...)
		for i, row := range r.page.rows() {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = append(dst, row...)
		}
		dst = append(dst, ']')
	}
	return append(dst, '}')
}

func (r *reply) renderFailure(c *call) []byte {
	dst := append([]byte(nil), `{"metadata":{"status":`...)
	dst = appendString(dst, strings.ToUpper(strings.NewReplacer(" ", "_", "-", "_").Replace(http.StatusText(r.status))))
	dst = append(dst, `,"path":`...)
	dst = appendString(dst, c.path)
	dst = append(dst, `,"timestamp":`...)
	dst = appendTime(dst, r.time.Unix())
	dst = append(dst, `,"error":{"code":`...)
	dst = appendString(dst, r.failure.code)
	dst = append(dst, `,"description":`...)
	dst = appendString(dst, r.failure.description)
	if r.failure.attribute != "" {
		dst = append(dst, `,"field":{"attribute":`...)
		dst = appendString(dst, r.failure.attribute)
		dst = append(dst, `,"value":`...)
		dst = appendString(dst, r.failure.value)
		dst = append(dst, '}')
	}
	return append(dst, "}}}"...)
}

// Start serves s over HTTP on this computer until the test ends, and returns the base URL.
func Start(tb testing.TB, s *Server) (baseURL string) {
	tb.Helper()
	server := httptest.NewServer(s)
	tb.Cleanup(func() {
		server.CloseClientConnections()
		server.Close()
	})
	return server.URL
}

// listingPath is where a resource is listed; imednet.Resource has the wire's spelling.
func listingPath(studyKey string, resource imednet.Resource) string {
	if resource == imednet.Studies {
		return apiRoot
	}
	return apiRoot + "/" + url.PathEscape(studyKey) + "/" + string(resource)
}
