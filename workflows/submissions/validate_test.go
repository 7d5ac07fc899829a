package submissions_test

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"math"
	"testing"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/workflows/submissions"
)

// formDesign is a study of two forms with a variable of every type; it counts how often it is listed.
type formDesign struct{ listed int }

var designTypes = []string{"TEXT", "MEMO", "RADIO", "DROPDOWN", "CHECKBOX", "NUMBER", "INTEGER", "DECIMAL", "DATE", "Date/Time Precision", "TIME", "FILE", "", "HOLOGRAM"}

func (d *formDesign) Forms(context.Context, string, imednet.ListOptions) iter.Seq2[imednet.Form, error] {
	d.listed++
	return func(yield func(imednet.Form, error) bool) {
		_ = yield(imednet.Form{FormID: 1, FormKey: imednet.Some("AE")}, nil) &&
			yield(imednet.Form{FormID: 2, FormKey: imednet.Some("OLD"), Disabled: imednet.Some(true)}, nil)
	}
}

func (d *formDesign) Variables(context.Context, string, imednet.ListOptions) iter.Seq2[imednet.Variable, error] {
	return func(yield func(imednet.Variable, error) bool) {
		for i, typ := range designTypes {
			v := imednet.Variable{VariableID: int64(i + 1), FormID: imednet.Some(int64(1)), VariableName: imednet.Some(fmt.Sprintf("V%d", i)), VariableType: imednet.Some(typ)}
			if !yield(v, nil) { // the form key is left out: the id has to do
				return
			}
		}
		_ = yield(imednet.Variable{VariableID: 90, FormKey: imednet.Some("AE"), VariableName: imednet.Some("GONE"), Deleted: imednet.Some(true)}, nil) &&
			yield(imednet.Variable{VariableID: 91, FormKey: imednet.Some("AE"), VariableName: imednet.Some("OFF"), Disabled: imednet.Some(true)}, nil)
	}
}

func ofType(t testing.TB, typ string) string {
	for i, known := range designTypes {
		if known == typ {
			return fmt.Sprintf("V%d", i)
		}
	}
	t.Fatalf("no variable of type %q", typ)
	return ""
}

func problemsOf(t testing.TB, cache *submissions.SchemaCache, items ...imednet.Submission) []submissions.RecordProblem {
	err := cache.Validate(t.Context(), "S1", items)
	if err == nil {
		return nil
	}
	var invalid *submissions.InvalidRecordsError
	require.ErrorAs(t, err, &invalid)
	return invalid.Problems
}

func newCache(t testing.TB, src submissions.SchemaSource) *submissions.SchemaCache {
	cache, err := submissions.NewSchemaCache(src)
	require.NoError(t, err)
	return cache
}

func TestSchemasNeedASource(t *testing.T) {
	cache, err := submissions.NewSchemaCache(nil)
	require.ErrorAs(t, err, new(*imednet.ValidationError))
	require.Nil(t, cache)
}

func unscheduled(data map[string]any) imednet.Submission {
	return imednet.Submission{Kind: imednet.NewRecord, FormKey: "AE", SubjectKey: "01-001", Data: data}
}

func TestEveryVariableTypeTakesItsValuesOnly(t *testing.T) {
	const (
		text, numeric, whole, boolean = "Value must be a string", "Value must be numeric", "Value must be an integer", "Value must be boolean"
		date                          = "Value must be a date such as 2024-02-29, 2024-02 or 2024, that is in the calendar"
		timeOfDay                     = "Value must be a time such as 14:05 or 14:05:59"
		scalar                        = "Value must be a string, a finite number, a boolean or null"
	)
	cache := newCache(t, &formDesign{})
	for _, c := range []struct {
		typ    string
		value  any
		reason string
	}{
		{"TEXT", "x", ""}, {"TEXT", "", ""}, {"TEXT", nil, ""}, {"TEXT", 5, text}, {"TEXT", true, text},
		{"MEMO", "long\ntext", ""}, {"RADIO", "Yes", ""}, {"RADIO", "1", ""}, {"RADIO", 1, text}, {"DROPDOWN", "B", ""},
		{"CHECKBOX", true, ""}, {"CHECKBOX", "true", boolean}, {"CHECKBOX", 1, boolean},
		{"NUMBER", 5, ""}, {"NUMBER", 5.5, ""}, {"NUMBER", json.Number("5.50"), ""}, {"NUMBER", jsontext.Value("1e3"), ""}, {"NUMBER", uint8(3), ""},
		{"NUMBER", true, numeric}, {"NUMBER", "5", numeric}, {"NUMBER", math.NaN(), scalar}, {"NUMBER", math.Inf(1), scalar},
		{"INTEGER", 5, ""}, {"INTEGER", 5.0, ""}, {"INTEGER", 5.5, whole}, {"INTEGER", true, whole}, {"DECIMAL", float32(2.5), ""},
		{"DATE", "2024-02-29", ""}, {"DATE", "2024-02", ""}, {"DATE", "2024", ""}, {"DATE", "", ""}, {"DATE", "2023-02-29", date}, {"DATE", "29/02/2024", date}, {"DATE", 20240229, text},
		{"Date/Time Precision", "2024-02-29T14:05", ""}, {"Date/Time Precision", "2024-02-29T25:00", date},
		{"TIME", "14:05", ""}, {"TIME", "14:05:59", ""}, {"TIME", "14:05:59.5", ""}, {"TIME", "14", ""}, {"TIME", "00:00", ""}, {"TIME", "24:00", ""},
		{"TIME", " 14:05", ""}, {"TIME", "14:05 ", ""}, {"TIME", "\u00a014:05\n", ""}, {"TIME", "", ""}, {"TIME", " ", ""}, {"TIME", "\t\u3000", ""}, {"DATE", " ", ""}, {"DATE", " 2024-02 ", ""},
		{"TIME", "25:00", timeOfDay}, {"TIME", "14:60", timeOfDay}, {"TIME", "14:05:60", timeOfDay}, {"TIME", "9:05", timeOfDay}, {"TIME", "1405", timeOfDay}, {"TIME", "T14:05", timeOfDay}, {"TIME", "2 pm", timeOfDay},
		{"TIME", "-", timeOfDay}, {"TIME", "14:-", timeOfDay}, {"TIME", "-:05", timeOfDay}, {"TIME", "14:-:59", timeOfDay}, {"TIME", "14:05:-", timeOfDay},
		{"TIME", "14:05Z", timeOfDay}, {"TIME", "14:05+01:00", timeOfDay}, {"TIME", "14:05-01", timeOfDay}, {"TIME", "14Z", timeOfDay}, {"TIME", "14:05 Z", timeOfDay}, {"TIME", "14:05/15:05", timeOfDay},
		{"TIME", 1405, text}, {"TIME", jsontext.Value(`" 14:05"`), ""}, {"TIME", jsontext.Value("null"), ""}, {"TIME", json.RawMessage("null"), ""}, {"TEXT", jsontext.Value(" null "), ""},
		{"NUMBER", jsontext.Value("null"), ""}, {"CHECKBOX", jsontext.Value("null"), ""}, {"DATE", jsontext.Value("null"), ""}, {"FILE", nil, ""}, {"FILE", jsontext.Value("null"), ""}, {"HOLOGRAM", jsontext.Value("null"), ""},
		{"TEXT", jsontext.Value(nil), ""}, {"TEXT", json.RawMessage(nil), ""}, {"TEXT", json.Number("null"), scalar}, {"TEXT", json.Number(`"x"`), scalar}, {"TEXT", json.Number(""), scalar},
		{"TEXT", jsontext.Value("nul"), scalar}, {"TEXT", jsontext.Value(""), scalar}, {"TEXT", jsontext.Value("[null]"), scalar},
		{"FILE", "x", "the API takes no files or signatures"},
		{"", "x", ""}, {"", 1, ""}, {"HOLOGRAM", true, ""}, {"HOLOGRAM", []string{"x"}, scalar}, {"TEXT", map[string]any{}, scalar}, {"NUMBER", json.Number("five"), scalar},
	} {
		t.Run(fmt.Sprintf("%s %v", c.typ, c.value), func(t *testing.T) {
			name := ofType(t, c.typ)
			problems := problemsOf(t, cache, unscheduled(map[string]any{name: c.value}))
			if c.reason == "" {
				require.Empty(t, problems)
				return
			}
			require.Equal(t, []submissions.RecordProblem{{FormKey: "AE", Variable: name, Reason: c.reason}}, problems)
		})
	}
}

func TestEverythingWrongIsReportedAtOnce(t *testing.T) {
	cache := newCache(t, &formDesign{})
	err := cache.Validate(t.Context(), "S1", []imednet.Submission{
		unscheduled(map[string]any{"V0": "fine"}),
		unscheduled(map[string]any{"V5": "secret", "v0": "x", "GONE": "x", "OFF": "x", "NEW": 1}),
		{Kind: imednet.NewRecord, FormKey: "OLD", SubjectKey: "01-001"},
		{Kind: imednet.NewRecord, FormKey: "ZZ", SubjectKey: "01-001"},
		{Kind: imednet.NewRecord, FormID: 77, SubjectKey: "01-001"},
		{Kind: imednet.NewRecord, SubjectKey: "01-001"},
		{Kind: imednet.NewRecord, FormKey: "AE", FormID: 2, SubjectKey: "01-001"},
		{Kind: imednet.NewRecord, FormKey: "AE", SubjectKey: "a", SubjectID: 1},
		{FormKey: "AE", SiteName: "s", SubjectKey: "a"},
		{FormKey: "AE", IntervalName: "Day 1", RecordID: 5},
		{FormKey: "AE"},
		{FormKey: "AE", SubjectKey: "01-001"},
		{FormKey: "AE", SubjectKey: "01-001", IntervalName: " "},
	})
	var invalid *submissions.InvalidRecordsError
	require.ErrorAs(t, err, &invalid)
	require.Equal(t, []submissions.RecordProblem{
		{Index: 1, FormKey: "AE", Variable: "GONE", Reason: "the variable is deleted"},
		{Index: 1, FormKey: "AE", Reason: "unknown variable", Place: "variable 2 of 5 in ascending order", Unknown: "NEW"},
		{Index: 1, FormKey: "AE", Variable: "OFF", Reason: "the variable is disabled"},
		{Index: 1, FormKey: "AE", Variable: "V5", Reason: "Value must be numeric"},
		{Index: 1, FormKey: "AE", Reason: "unknown variable; the form has V0, and case counts", Place: "variable 5 of 5 in ascending order", Unknown: "v0"},
		{Index: 2, FormKey: "OLD", Reason: "the form is disabled"},
		{Index: 3, Reason: "Form key not found", Place: "formKey", Unknown: "ZZ"},
		{Index: 4, Reason: "Form id not found", Place: "formId", Unknown: "77"},
		{Index: 5, Reason: "the record names no form"},
		{Index: 6, FormKey: "AE", Reason: "formKey and formId name different forms"},
		{Index: 7, FormKey: "AE", Reason: "more than one subject identifier is given"},
		{Index: 8, FormKey: "AE", Reason: "a registration names a site and no subject: the server assigns the subject key, and with one the record would be an update"},
		{Index: 9, FormKey: "AE", Reason: "an interval needs a subject"},
		{Index: 10, FormKey: "AE", Reason: "names neither a site to register at, nor a subject, nor a record"},
		{Index: 11, FormKey: "AE", Reason: "names a subject and neither an interval nor a record: if a new unscheduled record is meant, Kind must be NewRecord"},
		{Index: 12, FormKey: "AE", Reason: "intervalName is blank"},
	}, invalid.Problems)
	require.Contains(t, err.Error(), "problems in the records: 16, nothing was sent; item 2, form AE, variable GONE: the variable is deleted")
	require.NotContains(t, err.Error(), "secret")
}

func TestAnUnknownFormIsLookedUpOnce(t *testing.T) {
	design := &formDesign{}
	cache := newCache(t, design)
	require.Empty(t, problemsOf(t, cache, unscheduled(nil)))
	require.Equal(t, 1, design.listed)
	for range 3 {
		require.Len(t, problemsOf(t, cache, imednet.Submission{Kind: imednet.NewRecord, FormKey: "ZZ", SubjectKey: "x"}, imednet.Submission{Kind: imednet.NewRecord, FormID: 9, SubjectKey: "x"}), 2)
	}
	require.Equal(t, 2, design.listed)
	_, err := cache.Refresh(t.Context(), "S1")
	require.NoError(t, err)
	require.Equal(t, 3, design.listed)
}

func TestReadinessGivesItsReasons(t *testing.T) {
	cache := newCache(t, &formDesign{})
	data := map[string]any{"V0": "x", "V5": "no number", "ZZ": 1}
	r, err := cache.Readiness(t.Context(), "S1", unscheduled(data))
	require.NoError(t, err)
	require.InDelta(t, 100.0/14, r.Score, 1e-9, "retired variables are not expected")
	require.Contains(t, r.Reasons, "Unknown variable: 3 of 3 in ascending order")
	require.Contains(t, r.Reasons, "Invalid variable V5: Value must be numeric")
	require.Contains(t, r.Reasons, "Missing expected variable: V1")
	require.NotContains(t, r.Reasons, "Missing expected variable: GONE")
	none, err := cache.Readiness(t.Context(), "S1", imednet.Submission{FormKey: "ZZ"})
	require.NoError(t, err)
	require.Equal(t, submissions.Readiness{Reasons: []string{"Form key not found"}}, none)
}
