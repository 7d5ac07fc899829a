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

const want = `records 100004 AESEV updated
records 100004 AETERM updated
failed: the queue did not acknowledge a message
records 100004 dateModified updated
records 100006 dateModified updated
records 100006 deleted updated
all sent; 5 changes arrived
all sent; 5 changes arrived
`
