package imednet_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
)

// What is not sent by the server's rules is not sent at all, and a number is sent as it was given.
func TestASubmissionIsSentAsItWasGiven(t *testing.T) {
	exact, ok := imednet.ExactNumber("1.50")
	require.True(t, ok)
	body, err := imednet.EncodeSubmissions([]imednet.Submission{
		{Kind: imednet.ExistingRecord, IntentKey: "row 7", Line: 7, FormKey: "VS", RecordID: 5, Data: map[string]any{"B": exact, "A": nil, "C": "x", "a": true}},
		{SiteID: 3, FormID: 9},
	})
	require.NoError(t, err)
	require.Equal(t, `[{"formKey":"VS","data":{"A":null,"B":1.50,"C":"x","a":true},"recordId":5},{"formId":9,"data":{},"siteId":3}]`, string(body))
}

// A number of package encoding/json is a number, with its digits; one that is none is not sent.
func TestANumberOfTheStandardLibraryIsSentAsANumber(t *testing.T) {
	encode := func(value any) (string, error) {
		body, err := imednet.EncodeSubmissions([]imednet.Submission{{FormKey: "VS", RecordID: 5, Data: map[string]any{"B": value}}})
		return string(body), err
	}
	for _, digits := range []string{"1.50", "-0", "1e3", "9007199254740993"} {
		body, err := encode(json.Number(digits))
		require.NoError(t, err)
		require.Equal(t, `[{"formKey":"VS","data":{"B":`+digits+`},"recordId":5}]`, body)
	}
	for _, text := range []string{"", "five", "0x10", "01", "null", "true", `"5"`, "5,6"} {
		_, err := encode(json.Number(text))
		require.Error(t, err, text)
	}
}

func TestTheKindOfASubmissionIsNeverGuessed(t *testing.T) {
	for name, c := range map[string]struct {
		item    imednet.Submission
		want    imednet.SubmissionKind
		problem string
	}{
		"site":                       {imednet.Submission{SiteName: "S"}, imednet.RegisterSubject, ""},
		"site by id":                 {imednet.Submission{SiteID: 1}, imednet.RegisterSubject, ""},
		"interval":                   {imednet.Submission{SubjectID: 1, IntervalName: "Day 1"}, imednet.ScheduledRecord, ""},
		"record":                     {imednet.Submission{RecordOID: "o"}, imednet.ExistingRecord, ""},
		"record of a subject":        {imednet.Submission{SubjectKey: "1", RecordID: 5}, imednet.ExistingRecord, ""},
		"new record, said":           {imednet.Submission{Kind: imednet.NewRecord, SubjectOID: "o"}, imednet.NewRecord, ""},
		"subject alone":              {imednet.Submission{SubjectKey: "1"}, "", "Kind must be NewRecord"},
		"scheduled without interval": {imednet.Submission{Kind: imednet.ScheduledRecord, SubjectKey: "1"}, "", "Kind is scheduled record, but its keys make a new record"},
		"new with interval":          {imednet.Submission{Kind: imednet.NewRecord, SubjectKey: "1", IntervalID: 3}, "", "Kind is new record"},
		"site and subject":           {imednet.Submission{SiteID: 1, SubjectKey: "1"}, "", "no subject"},
		"site and interval":          {imednet.Submission{SiteID: 1, IntervalID: 1}, "", "neither an interval nor a record"},
		"interval alone":             {imednet.Submission{IntervalID: 1}, "", "needs a subject"},
		"nothing":                    {imednet.Submission{FormKey: "AE"}, "", "names neither a site"},
	} {
		kind, err := c.item.KindOf()
		require.Equal(t, c.want, kind, name)
		if c.problem == "" {
			require.NoError(t, err, name)
			continue
		}
		require.ErrorAs(t, err, new(*imednet.ValidationError), name)
		require.ErrorContains(t, err, c.problem, name)
	}
}
