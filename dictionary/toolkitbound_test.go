package dictionary_test

import (
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/dictionary"
)

// documentWithRule is a document of the Python toolkit with one rule that holds a member.
func documentWithRule(member string) string {
	return `{"metadata":{},"forms":[{"formKey":"A","variables":[{"variableName":"Q"}],"businessLogic":[{"id":"1","type":"Form","status":"Active",` +
		member + `}]}],"unassignedBusinessLogic":[]}`
}

// manyOf repeats a value in a list.
func manyOf(value string, n int) string {
	return "[" + strings.TrimSuffix(strings.Repeat(value+",", n), ",") + "]"
}

// TestDocumentsAreBounded refuses documents of which few bytes would take many times their size in memory, before any of it is kept.
func TestDocumentsAreBounded(t *testing.T) {
	for name, c := range map[string]struct {
		document, pointer, problem string
	}{
		"values":              {`{"forms":[{"formKey":"A","other":` + manyOf("0", 8_000_000) + `}]}`, "", "more than 8,000,000 values"},
		"members of a part":   {`{"forms":[{"formKey":"A","extraAttributes":{` + strings.Repeat(`"a":0,`, 1000) + `"b":0}}]}`, "/forms/0/extraAttributes", "more than 1,000 members"},
		"members of a root":   {`{` + strings.Repeat(`"a":0,`, 1000) + `"forms":[]}`, "", "more than 1,000 members"},
		"members of logic":    {documentWithRule(`"logic":{` + strings.Repeat(`"a":true,`, 1000) + `"b":true}`), "/forms/0/businessLogic/0/logic", "more than 1,000 members"},
		"forms":               {`{"forms":` + manyOf(`{"formKey":""}`, 250_001) + `}`, "/forms", "more than 250,000"},
		"questions":           {`{"forms":[{"formKey":"A","variables":` + manyOf(`{"variableName":""}`, 150_000) + `},{"formKey":"B","variables":` + manyOf(`{"variableName":""}`, 100_001) + `}]}`, "/forms/1/variables", "more than 250,000"},
		"rules":               {`{"forms":[{"formKey":"A","businessLogic":` + manyOf(`{}`, 150_000) + `}],"unassignedBusinessLogic":` + manyOf(`{}`, 100_001) + `}`, "/unassignedBusinessLogic", "more than 250,000"},
		"logic":               {documentWithRule(`"logic":{"a":` + manyOf(`""`, 4_000_000) + `}`), "/forms/0/businessLogic/0/logic", "more than 4,000,000"},
		"elements of XML":     {documentWithRule(`"logicRawXml":"<BusinessLogic>` + strings.Repeat(`\u003ca/>`, 4_000_000) + `</BusinessLogic>"`), "/forms/0/businessLogic/0/logicRawXml", "more than 4,000,000"},
		"attributes of XML":   {documentWithRule(`"logicRawXml":"<BusinessLogic ` + strings.Repeat(`a='' `, 4_000_000) + `/>"`), "/forms/0/businessLogic/0/logicRawXml", "more than 4,000,000"},
		"two documents":       {`{"forms":[]}{"forms":[]}`, "", "is not JSON"},
		"no document":         {` `, "", "is not JSON"},
		"half a document":     {`{"forms":[]`, "", "is not JSON"},
		"warnings":            {`{"metadata":{"validationWarnings":` + manyOf(`"w"`, 250_001) + `},"forms":[{"formKey":"A"}]}`, "/metadata/validationWarnings", "more than 250,000"},
		"warnings in the cap": {`{"metadata":{"validationWarnings":` + manyOf(`"w"`, 200_000) + `},"forms":[{"formKey":"A"}]}`, "", ""},
		"rules in the cap":    {`{"forms":[{"formKey":"A"}],"unassignedBusinessLogic":` + manyOf(`{}`, 2_000) + `}`, "", ""},
		"logic in the cap":    {documentWithRule(`"logic":{"a":` + manyOf(`""`, 20_000) + `}`), "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&before)
			files := map[string][]byte{dictionary.ToolkitFile: []byte(c.document)}
			_, err := dictionary.ReadFiles(files, dictionary.ReadOptions{})
			runtime.ReadMemStats(&after)
			if c.problem == "" {
				require.NoError(t, err)
				return
			}
			var decode *imednet.DecodeError
			require.ErrorAs(t, err, &decode)
			require.Contains(t, decode.Problem, c.problem)
			require.Equal(t, c.pointer, decode.Pointer)
			require.Less(t, (after.TotalAlloc-before.TotalAlloc)>>20, uint64(400), "MB were allocated for %d MB", len(c.document)>>20)
		})
	}
}
