package expression

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// limits are the reasons for which an expression is refused although Python has a result for it. The manual
// of package extraction lists them.
var limits = []string{
	"join takes one list of texts",            // "".join("abc"), "".join({"a": 1})
	"min and max take several values",         // max("abc"), max({1: 2})
	"str works for text, numbers",             // of lists and dicts
	"% formats",                               // %r, %c, %x, %(name)s
	"more values than its text has places",    // "%%" % [1]
	"the number is out of range",              // 1e400 is an infinity
	"write the number in decimal",             // 0x10
	"of a text that is not a",                 // digits of other scripts
	"negative number cannot be raised to a f", // a complex number
}

// TestNestedExpressionsMeanWhatCPythonMeans compares with recorded results; see
// testdata/record_nested.py.
func TestNestedExpressionsMeanWhatCPythonMeans(t *testing.T) {
	file, err := os.Open("testdata/cpython_nested.tsv.gz")
	require.NoError(t, err)
	defer func() { require.NoError(t, file.Close()) }()
	unzipped, err := gzip.NewReader(file)
	require.NoError(t, err)
	lines := bufio.NewScanner(unzipped)
	compared, wrong, refused := 0, []string{}, map[string]int{}
	for lines.Scan() {
		c := strings.Split(lines.Text(), "\t")
		require.Len(t, c, 3)
		var source, want string
		require.NoError(t, json.Unmarshal([]byte(c[0]), &source))
		require.NoError(t, json.Unmarshal([]byte(c[2]), &want))
		compared++
		got, err := evaluate(source)
		switch {
		case err != nil && c[1] == "error":
		case err != nil:
			refused[limitOf(err)]++
		case describe(got) != c[1]+" "+want:
			wrong = append(wrong, source+" is "+c[1]+" "+want+", not "+describe(got))
		}
	}
	require.NoError(t, lines.Err())
	require.GreaterOrEqual(t, compared, 30_000)
	require.Empty(t, wrong[:min(len(wrong), 20)])
	require.Zero(t, refused[""], "every refusal is a documented limit")
	total := 0
	for _, n := range refused {
		total += n
	}
	require.Less(t, total, compared/100)
}

// limitOf is the limit that an error names, "" for none.
func limitOf(err error) string {
	for _, limit := range limits {
		if strings.Contains(err.Error(), limit) {
			return limit
		}
	}
	return ""
}
