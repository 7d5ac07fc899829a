package tables_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/workflows/tables"
)

// The dictionary's word decides that a variable is a date where the API's says nothing that is known, and nothing else.
func TestTheDictionarysWordForADate(t *testing.T) {
	for _, c := range []struct {
		api, dictionary string
		want            tables.ColumnType
	}{
		{"", "Date/Time Precision", tables.TypeDate},
		{"", "Date/Time", tables.TypeDate},
		{"PARTIAL_DATE", "Date/Time Precision", tables.TypeDate},
		{"DATE", "Date/Time Precision", tables.TypeDate},
		{"DATE", "Date/Time", tables.TypeDate},
		{"DATE", "Text", tables.TypeDate},
		{"DATE", "", tables.TypeDate},
		{"TEXT", "Date/Time Precision", tables.TypeText},
		{"RADIO", "Date/Time", tables.TypeText},
		{"TIME", "Date/Time", tables.TypeText},
		{"NUMBER", "Date/Time", tables.TypeFloat64},
		{"", "Number", tables.TypeText},
		{"UNSEEN", "", tables.TypeText},
		{"UNSEEN", "Unseen", tables.TypeText},
	} {
		src := &tableSource{forms: []imednet.Form{formOf(1, "F")}, variables: []imednet.Variable{question(1, "F", "X", c.api, "x")}}
		plan, err := checked(t, src).Plan(t.Context(), "DEMO", tables.PlanOptions{DictionaryTypes: map[string]string{"F.X": c.dictionary, "F.Y": "Date/Time"}})
		require.NoError(t, err)
		column := plan.Forms[0].Columns[0]
		require.Equal(t, c.want, column.Type, "%+v", c)
		require.Equal(t, c.dictionary, column.DictionaryType)
		require.Equal(t, c.api, column.DeclaredType)
	}
}

// A column whose question takes partial dates stays one that holds them, although no answer is partial yet; that of
// another date is narrowed as ever.
func TestAQuestionThatTakesPartialDatesIsNotNarrowed(t *testing.T) {
	for _, answers := range [][]string{{`"2013-01-01"`, `"2013-01-02"`}, {`"2013-01-01T11:00"`, `"2013-01-01T10:00"`}} {
		for word, kept := range map[string]bool{"Date/Time Precision": true, "precisiondate": true, "Date/Time": false, "": false, "Text": false} {
			for _, api := range []string{"DATE", ""} {
				src := &tableSource{forms: []imednet.Form{formOf(1, "F")}, variables: []imednet.Variable{question(1, "F", "X", api, "x")}}
				for i, a := range answers {
					src.records = append(src.records, answer(t, int64(i+1), "F", `{"X":`+a+`}`))
				}
				mapper := checked(t, src)
				plan, err := mapper.Plan(t.Context(), "DEMO", tables.PlanOptions{DictionaryTypes: map[string]string{"F.X": word}})
				require.NoError(t, err)
				if plan.Forms[0].Columns[0].Type != tables.TypeDate {
					continue
				}
				plan, _, err = mapper.InferPlan(t.Context(), "DEMO", tables.InferOptions{Plan: plan})
				require.NoError(t, err)
				require.Equal(t, kept, plan.Forms[0].Columns[0].Type == tables.TypeDate, "%s over %s", word, api)
				require.Equal(t, word, plan.Forms[0].Columns[0].DictionaryType)
			}
		}
	}
	require.Equal(t, tables.TypeDate, inferred(t, "Date/Time Precision", `"2013-01-01"`).Type, "the API's own word counts as well")
}
