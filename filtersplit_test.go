package imednet_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
)

// TestAFilterIsSplitWhereTextsCannotBeSent: what is asked of a server and what is kept select together what the
// filter does, and nothing invalid becomes valid.
func TestAFilterIsSplitWhereTextsCannotBeSent(t *testing.T) {
	all := imednet.Where("formKey", imednet.Equal, "AE").And("subjectKey", imednet.Equal, `01-"001`).And("recordStatus", imednet.NotEqual, "a\nb")
	asked, kept := all.Split()
	text, err := asked.Encode(imednet.Records)
	require.NoError(t, err)
	require.Equal(t, "formKey==AE", text)
	require.NoError(t, all.ValidateLocal(imednet.Records))
	row := func(key, status string) *imednet.Record {
		return &imednet.Record{FormKey: imednet.Some("AE"), SubjectKey: imednet.Some(key), RecordStatus: imednet.Some(status)}
	}
	require.True(t, imednet.MatchRow(kept, row(`01-"001`, "x")))
	require.False(t, imednet.MatchRow(kept, row(`01-"002`, "x")))
	require.False(t, imednet.MatchRow(kept, row(`01-"001`, "a\nb")))

	either := imednet.Where("formKey", imednet.Equal, "AE").Or("subjectKey", imednet.Equal, `a\b`)
	asked, kept = either.Split()
	require.True(t, asked.IsZero(), "an alternative cannot be asked for alone")
	require.True(t, imednet.MatchRow(kept, row("other", "")))
	require.True(t, imednet.MatchRow(kept, &imednet.Record{SubjectKey: imednet.Some(`a\b`)}))
	require.False(t, imednet.MatchRow(kept, &imednet.Record{SubjectKey: imednet.Some("ab")}))

	for name, invalid := range map[string]imednet.Filter{
		"unknown attribute": imednet.Where("nobody", imednet.Equal, `"`),
		"mixed":             imednet.Where("formKey", imednet.Equal, `"`).And("formId", imednet.Equal, 1).Or("siteId", imednet.Equal, 1),
		"empty":             imednet.Where("formKey", imednet.Equal, ""),
	} {
		require.Error(t, invalid.ValidateLocal(imednet.Records), name)
	}
	require.NoError(t, imednet.Where("AETERM", imednet.Contains, `a\d"`).ValidateAnswers())
	require.Error(t, imednet.Where("AETERM", imednet.Contains, `(`).ValidateAnswers(), "it would select nothing")
}

// TestARangeIsSplitIntoOneBoundAndTheOther: of several conditions on an attribute the first is asked for, and both
// hold; alternatives on one attribute are all kept.
func TestARangeIsSplitIntoOneBoundAndTheOther(t *testing.T) {
	between := imednet.Where("recordId", imednet.GreaterOrEqual, 3).And("formKey", imednet.Equal, "AE").And("recordId", imednet.Less, 5)
	require.NoError(t, between.ValidateLocal(imednet.Records))
	require.Error(t, between.Validate(imednet.Records))
	asked, kept := between.Split()
	text, err := asked.Encode(imednet.Records)
	require.NoError(t, err)
	require.Equal(t, "recordId>=3;formKey==AE", text)
	var selected []int64
	for id := range int64(8) {
		r := &imednet.Record{RecordID: id, FormKey: imednet.Some("AE")}
		require.Equal(t, asked.MatchRecord(r) && kept.MatchRecord(r), between.MatchRecord(r))
		if between.MatchRecord(r) {
			selected = append(selected, id)
		}
	}
	require.Equal(t, []int64{3, 4}, selected)

	either := imednet.Where("recordId", imednet.Equal, 1).Or("recordId", imednet.Equal, 2)
	require.NoError(t, either.ValidateLocal(imednet.Records))
	asked, kept = either.Split()
	require.True(t, asked.IsZero())
	require.Equal(t, either, kept)

	answers := imednet.Where("AGE", imednet.GreaterOrEqual, 18).And("AGE", imednet.Less, 65)
	require.NoError(t, answers.ValidateAnswers())
	_, err = answers.EncodeRecordData()
	require.Error(t, err)
}
