package imednet_test

import (
	stdjson "encoding/json"
	"errors"
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
)

const camelConfiguration = `{
  "studyKey": " DEMO ", "reportingProfile": "Device",
  "mappings": [
    {"domain": "ae", "targetField": "ae_term", "sourceFormKey": "AE", "sourceVariableName": "AETERM",
     "fallbackValue": 7.50, "businessLogic": " ", "isBaseline": "yes", "note": {"by":1}},
    {"domain": "ADSL", "targetField": "anything", "sourceFormKey": "DM", "sourceVariableName": "", "businessLogic": "value"}
  ],
  "terminologyLookups": {"AE.aeSeverity": {" 1 ": " MILD ", "2": 2}},
  "widgets": [{"widgetId": "w1", "type": "bar", "title": "", "domain": "AE", "xAxis": "aeTerm", "yAxis": ""}],
  "phiFields": ["INIT", "DOB"], "extra": [1, 2]
}`

const snakeConfiguration = `{
  "study_key": "DEMO", "reporting_profile": "device", "version": "1.0.0",
  "mappings": [
    {"domain": "AE", "target_field": "aeTerm", "source_form_key": "AE", "source_variable_name": "AETERM",
     "fallback_value": "7.50", "business_logic": null, "is_baseline": true, "note": {"by":1}},
    {"domain": "ADSL", "target_field": "anything", "source_form_key": "DM", "source_variable_name": null, "business_logic": "value"}
  ],
  "terminology_lookups": {"AE.aeSeverity": {"1": "MILD", "2": "2"}},
  "widgets": [{"widget_id": "w1", "type": "bar", "title": "", "domain": "AE", "x_axis": "aeTerm", "layout_cols": "12"}],
  "phi_fields": ["INIT", "DOB"], "extra": [1, 2]
}`

func TestParseStudyConfiguration(t *testing.T) {
	camel, err := imednet.ParseStudyConfiguration([]byte(camelConfiguration), imednet.ConfigurationOptions{})
	require.NoError(t, err)
	snake, err := imednet.ParseStudyConfiguration([]byte(snakeConfiguration), imednet.ConfigurationOptions{})
	require.NoError(t, err)
	require.Equal(t, camel.Mappings, snake.Mappings)
	require.Equal(t, camel.TerminologyLookups, snake.TerminologyLookups)
	require.Equal(t, camel.Widgets, snake.Widgets)

	require.Equal(t, "1.0.0", camel.Version)
	require.Equal(t, "DEMO", camel.StudyKey)
	require.Equal(t, "device", camel.ReportingProfile)
	rule := camel.Mappings[0]
	require.Equal(t, "AE", rule.Domain)
	require.Equal(t, "aeTerm", rule.TargetField)
	require.Equal(t, "7.50", *rule.FallbackValue, "number text keeps its digits")
	require.Nil(t, rule.BusinessLogic)
	require.True(t, rule.IsBaseline)
	require.JSONEq(t, `{"note":{"by":1}}`, string(rule.Unknown))
	require.Equal(t, map[string]string{"1": "MILD", "2": "2"}, camel.TerminologyLookups["AE.aeSeverity"])
	require.Equal(t, 12, camel.Widgets[0].LayoutCols)
	require.Nil(t, camel.Widgets[0].YAxis)
	require.JSONEq(t, `{"extra":[1, 2]}`, string(camel.Unknown))
}

func TestStudyConfigurationRoundTripsInBothCodecs(t *testing.T) {
	want, err := imednet.ParseStudyConfiguration([]byte(camelConfiguration), imednet.ConfigurationOptions{})
	require.NoError(t, err)
	v1, err := stdjson.Marshal(want)
	require.NoError(t, err)
	v2, err := json.Marshal(want)
	require.NoError(t, err)
	require.JSONEq(t, string(v1), string(v2))
	var got imednet.StudyConfiguration
	require.NoError(t, stdjson.Unmarshal(v1, &got))
	require.Equal(t, want.Mappings, got.Mappings)
	require.JSONEq(t, `{"extra":[1,2]}`, string(got.Unknown))
}

func TestParseStudyConfigurationReportsEveryProblem(t *testing.T) {
	cases := map[string]struct {
		document string
		options  imednet.ConfigurationOptions
		want     []string
	}{
		"no JSON":          {`{`, imednet.ConfigurationOptions{}, []string{""}},
		"no object":        {`[]`, imednet.ConfigurationOptions{}, []string{""}},
		"blank key":        {`{"studyKey":"\u00a0"}`, imednet.ConfigurationOptions{}, []string{"/studyKey"}},
		"profile":          {`{"studyKey":"A","reportingProfile":"vaccine"}`, imednet.ConfigurationOptions{}, []string{"/reportingProfile"}},
		"blank profile":    {`{"studyKey":"A","reportingProfile":""}`, imednet.ConfigurationOptions{}, []string{"/reportingProfile"}},
		"both names":       {`{"studyKey":"A","study_key":"B"}`, imednet.ConfigurationOptions{}, []string{"/studyKey"}},
		"name twice":       {`{"studyKey":"A","studyKey":"B"}`, imednet.ConfigurationOptions{}, []string{"/studyKey"}},
		"mappings no list": {`{"studyKey":"A","mappings":{"a":1}}`, imednet.ConfigurationOptions{}, []string{"/mappings"}},
		"rule no object":   {`{"studyKey":"A","mappings":[1]}`, imednet.ConfigurationOptions{}, []string{"/mappings/0"}},
		"domain and target": {`{"studyKey":"A","mappings":[
			{"domain":"XX","targetField":"a","sourceFormKey":"F","sourceVariableName":"V"},
			{"domain":"PD","targetField":"aeTerm","sourceFormKey":"F","sourceVariableName":"V"},
			{"domain":"DD","targetField":" ","sourceFormKey":"","sourceVariableName":"V"}]}`,
			imednet.ConfigurationOptions{}, []string{"/mappings/0/domain", "/mappings/1/targetField", "/mappings/2/targetField", "/mappings/2/sourceFormKey"}},
		"widgets": {`{"studyKey":"A","widgets":[{"widgetId":"w","type":"t","domain":"AE","layoutCols":0},{"widgetId":"","type":"t","domain":"AE","layoutCols":13},{"widgetId":"w","type":"t","domain":"AE","layoutCols":1.5}]}`,
			imednet.ConfigurationOptions{}, []string{"/widgets/0/layoutCols", "/widgets/1/layoutCols", "/widgets/2/layoutCols", "/widgets/1/widgetId"}},
		"baseline":      {`{"studyKey":"A","mappings":[{"domain":"AE","targetField":"aeTerm","sourceFormKey":"F","sourceVariableName":"V","isBaseline":"maybe"}]}`, imednet.ConfigurationOptions{}, []string{"/mappings/0/isBaseline"}},
		"lookups":       {`{"studyKey":"A","terminologyLookups":{"f":{"a":[1]},"g":3,"a/b":{"~":{}}}}`, imednet.ConfigurationOptions{}, []string{"/terminologyLookups/f/a", "/terminologyLookups/g", "/terminologyLookups/a~1b/~0"}},
		"phi":           {`{"studyKey":"A","phiFields":["A",""]}`, imednet.ConfigurationOptions{}, []string{"/phiFields/1"}},
		"refused extra": {`{"studyKey":"A","later":1,"widgets":[{"widgetId":"w","type":"t","domain":"AE","color":"red"}]}`, imednet.ConfigurationOptions{RefuseUnknown: true}, []string{"/widgets/0/color", "/later"}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			_, err := imednet.ParseStudyConfiguration([]byte(c.document), c.options)
			var invalid *imednet.ValidationError
			require.True(t, errors.As(err, &invalid), "%v", err)
			var paths []string
			for _, p := range invalid.Problems {
				paths = append(paths, p.Path)
			}
			require.Equal(t, c.want, paths)
		})
	}
}

func TestValidateTakesZeroValuesAsDefaults(t *testing.T) {
	c := imednet.StudyConfiguration{StudyKey: "A", Widgets: []imednet.WidgetConfig{{WidgetID: "w", Type: "bar", Domain: "AE"}}}
	require.NoError(t, c.Validate())
	doc, err := json.Marshal(c)
	require.NoError(t, err)
	read, err := imednet.ParseStudyConfiguration(doc, imednet.ConfigurationOptions{RefuseUnknown: true})
	require.NoError(t, err)
	require.Equal(t, "general", read.ReportingProfile)
	require.Equal(t, 12, read.Widgets[0].LayoutCols)
	require.EqualError(t, (&imednet.StudyConfiguration{}).Validate(), "imednet: invalid study configuration: /studyKey: must not be blank")
}

func TestParseBool(t *testing.T) {
	for text, want := range map[string]bool{"true": true, " YES ": true, "1": true, "y": true, "T": true, "false": false, "0": false, "No": false, "n": false, "F": false} {
		got, known := imednet.ParseBool(text)
		require.True(t, known, text)
		require.Equal(t, want, got, text)
	}
	for _, text := range []string{"", "on", "off", "1.0", "maybe", "ja"} {
		_, known := imednet.ParseBool(text)
		require.False(t, known, text)
	}
}

// FuzzParseStudyConfiguration demands that what was read is written and read back as it was.
func FuzzParseStudyConfiguration(f *testing.F) {
	f.Add([]byte(camelConfiguration))
	f.Add([]byte(`{"study_key":"S","version":"1","mappings":[{"domain":"AE","target_field":"aeTerm","x":1}],"phi_fields":null,"more":[]}`))
	f.Fuzz(func(t *testing.T, document []byte) {
		config, err := imednet.ParseStudyConfiguration(document, imednet.ConfigurationOptions{})
		if err != nil {
			return
		}
		written, err := stdjson.Marshal(config)
		require.NoError(t, err)
		again, err := imednet.ParseStudyConfiguration(written, imednet.ConfigurationOptions{})
		require.NoError(t, err, string(written))
		rewritten, err := stdjson.Marshal(again)
		require.NoError(t, err)
		require.Equal(t, string(written), string(rewritten))
	})
}

// TestAConfigurationIsReadAsEditorsSaveIt: some put a byte order mark before the text, and others save it as UTF-16.
func TestAConfigurationIsReadAsEditorsSaveIt(t *testing.T) {
	c, err := imednet.ParseStudyConfiguration([]byte("\ufeff{\"studyKey\": \"S\"}"), imednet.ConfigurationOptions{})
	require.NoError(t, err)
	require.Equal(t, "S", c.StudyKey)
	for text, want := range map[string]string{
		"\xff\xfe{\x00}\x00":          "the document is UTF-16: save it as UTF-8",
		"\xfe\xff\x00{\x00}":          "the document is UTF-16: save it as UTF-8",
		"{\"studyKey\": \"S\",\n}":    "the document is not JSON from line 2 on",
		"{\"studyKey\":\n \"ä\"  é":   "the document is not JSON from line 2 on",
		"":                            "the document is empty",
		" \n":                         "the document is empty",
		"\ufeff":                      "the document is empty",
		"\ufeff\ufeff{}":              "the document is not JSON from line 1 on",
		"{\"studyKey\": \"S\"} {}":    "the document is not JSON from line 1 on",
		"{\"studyKey\": \"S\"":        "the document ends before its JSON does",
		"\n\n{\n\"studyKey\": 'S'}":   "the document is not JSON from line 4 on",
		"\ufeff{\"studyKey\": \"S\" ": "the document ends before its JSON does",
	} {
		_, err := imednet.ParseStudyConfiguration([]byte(text), imednet.ConfigurationOptions{})
		var invalid *imednet.ValidationError
		require.ErrorAs(t, err, &invalid, "%q", text)
		require.Equal(t, want, invalid.Problems[0].Message, "%q", text)
	}
}
