package imednet_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
)

// TestNoValue: rows without a value, and with one, are selected here; no server is asked for them.
func TestNoValue(t *testing.T) {
	without, with := imednet.Where("A", imednet.Equal, imednet.NoValue{}), imednet.Where("A", imednet.NotEqual, imednet.NoValue{})
	for answers, missing := range map[string]bool{
		`{}`: true, `{"A":null}`: true, `{"A":""}`: true, `{"A":" "}`: true,
		`{"A":"x"}`: false, `{"A":"null"}`: false, `{"A":"0"}`: false, `{"A":0}`: false, `{"A":false}`: false,
	} {
		data, err := imednet.NewRecordData([]byte(answers))
		require.NoError(t, err)
		require.Equal(t, missing, without.MatchAnswers(data), answers)
		require.Equal(t, !missing, with.MatchAnswers(data), answers)
	}
	require.NoError(t, without.ValidateAnswers())
	require.Error(t, imednet.Where("A", imednet.Less, imednet.NoValue{}).ValidateAnswers())
	require.Error(t, imednet.Where("A", imednet.Contains, imednet.NoValue{}).ValidateAnswers())
	_, err := without.EncodeRecordData()
	require.ErrorContains(t, err, "filter it yourself")

	filter := imednet.Where("recordStatus", imednet.Equal, imednet.NoValue{}).And("formKey", imednet.Equal, "AE")
	require.NoError(t, filter.ValidateLocal(imednet.Records))
	require.Error(t, filter.Validate(imednet.Records))
	asked, kept := filter.Split()
	require.Equal(t, imednet.Where("formKey", imednet.Equal, "AE").Conditions(), asked.Conditions())
	require.Equal(t, imednet.Where("recordStatus", imednet.Equal, imednet.NoValue{}).Conditions(), kept.Conditions())
}

// TestMisspeltAttributes are answered by those that come near.
func TestMisspeltAttributes(t *testing.T) {
	for name, near := range map[string]string{"subjectkey": "subjectKey", "subjctKey": "subjectKey", "anotationId": "annotationId"} {
		require.ErrorContains(t, imednet.Where(name, imednet.Equal, "x").Validate(imednet.Queries), "; did you mean "+near)
	}
	require.NotContains(t, imednet.Where("zzz", imednet.Equal, "x").Validate(imednet.Queries).Error(), "did you mean")
}

// TestTextAttributes: what is text in the rows of every resource that has it.
func TestTextAttributes(t *testing.T) {
	for name, want := range map[string]bool{
		"subjectKey": true, "annotationType": true, "recordStatus": true, "siteName": true, "recordOid": true,
		"siteId": false, "deleted": false, "dateModified": false, "visitDate": false, "unheardOf": false,
	} {
		require.Equal(t, want, imednet.IsTextAttribute(name), name)
	}
}
