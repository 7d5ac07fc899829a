package dictionary_test

import (
	"bytes"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet/dictionary"
)

// fits checks a document against the part of JSON Schema that the toolkit's uses.
func fits(t *testing.T, root, schema map[string]any, v any, at string) {
	t.Helper()
	if ref, ok := schema["$ref"].(string); ok {
		schema = root["$defs"].(map[string]any)[strings.TrimPrefix(ref, "#/$defs/")].(map[string]any)
	}
	name := "null"
	switch v := v.(type) {
	case map[string]any:
		name = "object"
		members, _ := schema["properties"].(map[string]any)
		for _, key := range slices.Sorted(maps.Keys(v)) {
			if members == nil {
				break // any members
			}
			require.Contains(t, members, key, at)
			fits(t, root, members[key].(map[string]any), v[key], at+"/"+key)
		}
		required, _ := schema["required"].([]any)
		for _, key := range required {
			require.Contains(t, v, key, at)
		}
	case []any:
		name = "array"
		for _, item := range v {
			fits(t, root, schema["items"].(map[string]any), item, at+"/-")
		}
	case string:
		name = "string"
	case json.Number:
		name = "integer"
		require.NotContains(t, v.String(), ".", at)
	case bool:
		name = "boolean"
	}
	if words, ok := schema["enum"].([]any); ok {
		require.Contains(t, words, v, at)
		return
	}
	allowed, several := schema["type"].([]any)
	if !several {
		allowed = []any{schema["type"]}
	}
	require.Contains(t, allowed, name, at)
}

func decoded(t *testing.T, raw []byte) map[string]any {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	var v map[string]any
	require.NoError(t, d.Decode(&v))
	return v
}

// TestTheToolkitsDocumentsFitTheSchema also holds that the schema knows every member that is written.
func TestTheToolkitsDocumentsFitTheSchema(t *testing.T) {
	schema := decoded(t, dictionary.ToolkitSchema())
	own := toolkitBytes(t, read(t, entryExport().dir(t), "S"))
	fits(t, schema, schema, decoded(t, []byte(own)), "")
	for _, name := range []string{"sample", "sample_v2"} {
		raw, err := os.ReadFile(filepath.Join(samples(t), name, "canonical.json"))
		require.NoError(t, err)
		fits(t, schema, schema, decoded(t, raw), name)
	}
}
