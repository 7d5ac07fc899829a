package errtext

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestText(t *testing.T) {
	for want, got := range map[string]string{
		"cache: open: no such file":                         Text("cache", "open", "no such file", ""),
		"cache: open: no such file (make it)":               Text("cache", "open", "no such file", "make it", "study", "", "record", ID(0)),
		"cache: sync: study S: no answer":                   Text("cache", "sync", "no answer", "", "study", "S", "record", ID(0)),
		"cache: read: record 5: is no record":               Text("cache", "read", "is no record", "", "study", "", "record", ID(5)),
		"ledger: set: study S, stream records: held (wait)": Text("ledger", "set", "held", "wait", "study", "S", "stream", "records", "file", ""),
	} {
		require.Equal(t, want, got)
	}
}
