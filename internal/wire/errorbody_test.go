package wire

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
)

func TestParseErrorBody(t *testing.T) {
	cases := map[string]struct {
		status int
		body   string
		want   imednet.APIError
	}{
		"envelope": {400, `{"metadata":{"status":"BAD_REQUEST","error":{"code":"1000","description":"wrong","field":{"attribute":"size","value":"abc"}}}}`,
			imednet.APIError{Envelope: true, Status: "BAD_REQUEST", Code: "1000", Description: "wrong", Attribute: "size", Value: "abc"}},
		"code as number":  {500, `{"metadata":{"error":{"code":9000,"description":null}}}`, imednet.APIError{Code: "9000", Description: "Internal Server Error"}},
		"value as object": {400, `{"metadata":{"error":{"field":{"attribute":"a","value":{"b":[1]}}}}}`, imednet.APIError{Attribute: "a", Value: `{"b":[1]}`, Description: "Bad Request"}},
		"error empty":     {403, `{"metadata":{"status":"FORBIDDEN","error":{}}}`, imednet.APIError{Status: "FORBIDDEN", Description: "Forbidden"}},
		"error a text":    {403, `{"metadata":{"error":"no"}}`, imednet.APIError{Description: "Forbidden"}},
		"gateway":         {403, `{"message":"Forbidden key"}`, imednet.APIError{Description: "Forbidden key"}},
		"spring":          {404, `{"status":404,"error":"Not Found","path":"/x"}`, imednet.APIError{Status: "404", Description: "Not Found"}},
		"nested error":    {400, `{"error":{"code":"x","message":"m"}}`, imednet.APIError{Code: "x", Description: "m"}},
		"list":            {500, `[1]`, imednet.APIError{Description: "[1]"}},
		"text":            {502, " upstream gone\n", imednet.APIError{Description: "upstream gone"}},
		"HTML":            {503, "<!doctype html><HTML><head><TITLE> Try later </TITLE></head>", imednet.APIError{Description: "Try later"}},
		"HTML no title":   {503, "<html></html>", imednet.APIError{Description: "Service Unavailable"}},
		"empty":           {401, "", imednet.APIError{Description: "Unauthorized"}},
		"cut JSON":        {500, `{"metadata":`, imednet.APIError{Description: `{"metadata":`}},
		"long":            {500, strings.Repeat("é", 300), imednet.APIError{Description: strings.Repeat("é", 250) + "…"}},
		"unknown status":  {599, "", imednet.APIError{}},
	}
	for name, c := range cases {
		c.want.StatusCode = c.status
		require.Equal(t, &c.want, ParseErrorBody(c.status, []byte(c.body)), name)
	}
}

func FuzzParseErrorBody(f *testing.F) {
	for _, seed := range []string{``, `{}`, `[`, `{"metadata":{"error":{"code":"1","field":{"attribute":"a","value":"v"}}}}`,
		`{"message":"m","error":{"message":1}}`, "<html><title>t</title>", "text \xff", `{"error":"` + strings.Repeat("x", 600) + `"}`} {
		f.Add(400, []byte(seed))
	}
	f.Fuzz(func(t *testing.T, status int, body []byte) {
		e := ParseErrorBody(status, body)
		require.Equal(t, status, e.StatusCode)
		require.True(t, utf8.ValidString(e.Description))
		require.LessOrEqual(t, len(e.Description), maxDescription+len("…")+2)
		if e.Value != "" && len(e.Value) > 40 && !strings.Contains(e.Attribute+e.Code, e.Value) {
			require.NotContains(t, e.Error(), e.Value)
		}
	})
}

func FuzzParsePage(f *testing.F) {
	f.Add([]byte(`{"metadata":{"timestamp":"2026-03-02 14:05:31"},"pagination":{"currentPage":0,"size":500,"totalPages":1,"totalElements":2},"data":[{"siteId":1},{"siteId":2}]}`))
	f.Add([]byte(`{"pagination":{"totalElements":"0"},"data":[]}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		p, err := ParsePage(Sites, Ask{Size: 500, From: 1, Rising: true}, nil, body, nil)
		if err != nil {
			return
		}
		require.Len(t, p.IDs, len(p.Rows))
		require.LessOrEqual(t, int64(len(p.Rows)), p.Total)
		for i := range p.IDs {
			require.Positive(t, p.IDs[i].Number)
			require.True(t, i == 0 || p.IDs[i].Number > p.IDs[i-1].Number)
		}
	})
}
