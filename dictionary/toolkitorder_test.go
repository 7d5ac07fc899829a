package dictionary_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet/dictionary"
)

// Rules without an id come before others of their sequence, as the toolkit sorts them, and stay there when
// the document is read and written again.
func TestRulesWithoutAnIDAreWrittenFirst(t *testing.T) {
	x := ruleExport("<true/>")
	x[dictionary.RulesFile] += "Form,No id,Active,,F,10,\nWorkflow,W,Active,7,,10,\nWorkflow,X,Active,,,10,\n"
	written := func(d *dictionary.Dictionary) string {
		var text strings.Builder
		_, err := d.Toolkit(dictionary.ToolkitOptions{}).WriteTo(&text)
		require.NoError(t, err)
		return text.String()
	}
	first := written(read(t, x.dir(t), "S"))
	names := regexp.MustCompile(`"name": "(No id|Rule|W|X)"`).FindAllString(first, -1)
	require.Equal(t, []string{`"name": "No id"`, `"name": "Rule"`, `"name": "X"`, `"name": "W"`}, names)
	require.Equal(t, first, written(document(t, first)))
}
