package criteria_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/workflows/criteria"
)

// TestTextsThatCannotBeSentAreMatchedHere: a subject key and an answer with a quote or a backslash select what any
// other does.
func TestTextsThatCannotBeSentAreMatchedHere(t *testing.T) {
	study := imednettest.Generate(imednettest.GenerateOptions{Records: 300})
	server := imednettest.NewServer(study)
	d := dataExtraction(t, server.Client())
	of := func(key string) criteria.RecordCriteria {
		return criteria.RecordCriteria{Subjects: imednet.Where("subjectKey", imednet.Equal, key)}
	}
	before, _ := recordIDs(t, d, study.Key(), of("01-001"))
	require.NotEmpty(t, before)
	var subject int64
	for s, err := range server.Client().Subjects(t.Context(), study.Key(), imednet.ListOptions{}) {
		require.NoError(t, err)
		if s.SubjectKey.Or("") == "01-001" {
			subject = s.SubjectID
		}
	}
	const key = `O'Neil "1\2`
	require.NoError(t, study.RenameSubject(subject, key))
	after, _ := recordIDs(t, d, study.Key(), of(key))
	require.Equal(t, before, after)

	forms := of(key)
	forms.Records = imednet.Where("formKey", imednet.Equal, "AE").And("recordStatus", imednet.NotEqual, `"`)
	some, report := recordIDs(t, d, study.Key(), forms)
	require.NotEmpty(t, some)
	require.Less(t, len(some), len(before))
	require.Equal(t, report.Read, report.Yielded+report.Deleted+report.Unmatched)
	nobody, _ := recordIDs(t, d, study.Key(), criteria.RecordCriteria{RecordData: imednet.Where("AETERM", imednet.Equal, `no "such" term`)})
	require.Empty(t, nobody)
}
