package main

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestOutput(t *testing.T) {
	var out strings.Builder
	require.NoError(t, run(t.Context(), &out))
	require.Equal(t, want, out.String())
}

const want = `made the report: 21 subjects at 3 sites, 125 visits, 13 open queries, 991 records
200 OK, a page: true
200 OK, a page: true
404 Not Found, a page: false
`
