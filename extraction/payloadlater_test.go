package extraction_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/extraction"
)

// TestPayloadHoldsWhatWasLeftAfterItWasFirstAsked: a rule that looks into payload while nothing is there hides nothing
// from the rules behind it.
func TestPayloadHoldsWhatWasLeftAfterItWasFirstAsked(t *testing.T) {
	early, late := `payload.get(value, "nothing yet")`, `payload["X2"] + str(len(payload.keys()))`
	cfg := imednet.StudyConfiguration{StudyKey: "S", Mappings: []imednet.MappingRule{
		{Domain: "ADAE", TargetField: "X1", SourceFormKey: "AE", SourceVariableName: "V", BusinessLogic: &early},
		{Domain: "ADAE", TargetField: "X2", SourceFormKey: "AE", SourceVariableName: "V"},
		{Domain: "ADAE", TargetField: "X3", SourceFormKey: "AE", SourceVariableName: "V", BusinessLogic: &late},
	}}
	data, err := imednet.NewRecordData([]byte(`{"V":"v"}`))
	require.NoError(t, err)
	var list extraction.RecordList
	for id := range int64(2) {
		list = append(list, imednet.Record{RecordID: id + 1, FormKey: imednet.Some("AE"), SubjectID: imednet.Some(int64(1)), SubjectKey: imednet.Some("K"), RecordData: data})
	}
	result, err := extraction.ExtractCanonicalRecords(context.Background(), list, cfg, extraction.Options{})
	require.NoError(t, err)
	require.Empty(t, result.ValidationErrors)
	require.Len(t, result.ADAERecords, 2)
	for _, row := range result.ADAERecords {
		require.Equal(t, "nothing yet", row.Text("X1"))
		require.Equal(t, "v", row.Text("X2"))
		require.Equal(t, "v2", row.Text("X3"))
	}
}
