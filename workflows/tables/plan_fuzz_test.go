package tables_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/workflows/tables"
)

// FuzzParsePlan demands that a plan that was read is written and read back as it was.
func FuzzParsePlan(f *testing.F) {
	study := imednettest.Generate(imednettest.GenerateOptions{Records: 50})
	mapper, err := tables.NewRecordMapper(imednettest.NewServer(study).Client())
	require.NoError(f, err)
	plan, err := mapper.Plan(f.Context(), study.Key(), tables.PlanOptions{})
	require.NoError(f, err)
	document, err := json.Marshal(plan)
	require.NoError(f, err)
	f.Add(document)
	f.Add([]byte(`{"studyKey":"S","forms":[{"formKey":"AE","columns":[{"form":"AE","name":"X","type":"text"}]}]}`))
	f.Fuzz(func(t *testing.T, document []byte) {
		plan, err := tables.ParsePlan(document)
		if err != nil {
			require.Nil(t, plan)
			return
		}
		written, err := json.Marshal(plan)
		require.NoError(t, err)
		again, err := tables.ParsePlan(written)
		require.NoError(t, err)
		rewritten, err := json.Marshal(again)
		require.NoError(t, err)
		require.Equal(t, string(written), string(rewritten))
	})
}
