package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet/imednettest"
)

// What a server sends after the end of a reply is not printed: net/http writes it to the standard logger,
// and it may be the rest of a row.
func TestBytesAfterAReplyAreNotPrinted(t *testing.T) {
	const needle = "NEEDLE-of-a-subject"
	study := imednettest.Generate(imednettest.GenerateOptions{StudyKey: "OWN", Records: 1200})
	server := imednettest.NewServer(study)
	base := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer := httptest.NewRecorder()
		server.ServeHTTP(answer, r)
		conn, buffered, err := http.NewResponseController(w).Hijack()
		if err != nil {
			panic(http.ErrAbortHandler)
		}
		defer conn.Close()
		fmt.Fprintf(buffered, "HTTP/1.1 %d OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s%s", answer.Code, answer.Body.Len(), answer.Body, needle)
		buffered.Flush()
	}))
	t.Cleanup(base.Close)
	s := newShell(t, "IMEDNET_BASE_URL="+base.URL)
	for range 3 {
		out, problems := s.run(exitOK, "records", "extract", "OWN")
		require.NotEmpty(t, out)
		require.NotContains(t, problems, needle)
	}
}
