package structure_test

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/workflows/structure"
)

// held lists records that are given as JSON.
type held []string

func (h held) Records(context.Context, string, imednet.ListOptions) iter.Seq2[imednet.Record, error] {
	return func(yield func(imednet.Record, error) bool) {
		for i, text := range h {
			var members map[string]any
			if err := json.Unmarshal([]byte(text), &members); err != nil {
				yield(imednet.Record{}, err)
				return
			}
			members["recordId"] = i + 1
			raw, err := json.Marshal(members)
			if err == nil {
				var rec imednet.Record
				rec, err = imednet.Decode[imednet.Record](raw)
				if !yield(rec, err) {
					return
				}
				continue
			}
			yield(imednet.Record{}, err)
			return
		}
	}
}

// Records count under the old name and the new one, once each, where they hold an answer and are not deleted.
func TestCountRecords(t *testing.T) {
	before := design(t, `{"studyKey":"S","intervals":[{"intervalId":5,"intervalName":"Day 1","positiveSlack":3,"forms":[{"formId":1,"formKey":"AE"},{"formId":2,"formKey":"VS"}]}],
		"forms":[{"form":{"formId":1,"formKey":"AE","formName":"Events"},"variables":[{"variableId":11,"variableName":"AETERM","formId":1},{"variableId":12,"variableName":"AESEV","label":"Severity","formId":1}]},
		{"form":{"formId":2,"formKey":"VS"},"variables":[{"variableId":21,"variableName":"PULSE","formId":2}]},
		{"form":{"formId":3,"formKey":"OLD"},"variables":[]}]}`)
	after := design(t, `{"studyKey":"S","intervals":[{"intervalId":5,"intervalName":"Day 1","positiveSlack":7,"forms":[{"formId":1,"formKey":"AE"}]}],
		"forms":[{"form":{"formId":1,"formKey":"AE","formName":"Adverse Events"},"variables":[{"variableId":11,"variableName":"AEDECOD","formId":1},{"variableId":12,"variableName":"AESEV","label":"Grade","formId":1},{"variableId":13,"variableName":"NEW","formId":1}]},
		{"form":{"formId":2,"formKey":"VS"},"variables":[]}]}`)
	changes, err := structure.Compare(before, after)
	require.NoError(t, err)
	records := held{
		`{"formKey":"AE","intervalId":5,"recordData":{"aeterm":"Headache","AESEV":" "}}`,
		`{"formId":1,"recordData":{"AEDECOD":"Nausea","AETERM":"Nausea","AESEV":"Mild"}}`,
		`{"formKey":"AE","deleted":true,"recordData":{"AETERM":"Rash","AESEV":"Mild"}}`,
		`{"formKey":"VS","intervalId":5,"recordData":{"PULSE":70}}`,
		`{"formKey":"VS","recordData":{"PULSE":null,"AETERM":"x"}}`,
		`{"formKey":"OLD","recordData":{}}`,
		`{"formKey":"OTHER","intervalId":6,"recordData":{"AETERM":"x"}}`,
	}
	impacts, err := structure.CountRecords(t.Context(), records, "S", before, after, changes)
	require.NoError(t, err)
	got := map[string]int64{}
	for i, impact := range impacts {
		require.Equal(t, changes[i], impact.Change)
		got[impact.Change.String()] = impact.Records
	}
	require.Equal(t, map[string]int64{
		"AE formName changed: Events → Adverse Events": 2,
		"AE.AEDECOD renamed: AE.AETERM → AE.AEDECOD":   2,
		"AE.AESEV label changed: Severity → Grade":     1,
		"AE.NEW added":     0,
		"OLD removed":      1,
		"VS.PULSE removed": 1,
		"interval Day 1 positiveSlack changed: 3 → 7": 2,
		"interval Day 1, form VS unassigned":          1,
	}, got)
	tests := make([]structure.AnswerTest, len(changes))
	for i, c := range changes {
		if c.Variable == "AESEV" {
			tests[i] = func(v imednet.Value) bool { return v.Text() != "Mild" }
		}
	}
	for name, tests := range map[string][]structure.AnswerTest{"as many tests as changes": tests, "fewer": tests[:slices.IndexFunc(tests, func(t structure.AnswerTest) bool { return t != nil })+1]} {
		impacts, err = structure.CountRecords(t.Context(), records, "S", before, after, changes, tests...)
		require.NoError(t, err)
		for _, impact := range impacts {
			require.Equal(t, got[impact.Change.String()], impact.Records, "%s: %s", name, impact.Change) // one blank instead of one answer
		}
	}
	_, err = structure.CountRecords(t.Context(), nil, "S", before, after, changes)
	require.ErrorAs(t, err, new(*imednet.ValidationError))
	text, err := json.Marshal(impacts[0])
	require.NoError(t, err)
	require.Contains(t, string(text), fmt.Sprintf(`"records":%d`, impacts[0].Records))
}

func design(t *testing.T, text string) *structure.Design {
	t.Helper()
	d, err := structure.Read(strings.NewReader(text))
	require.NoError(t, err)
	return d
}
