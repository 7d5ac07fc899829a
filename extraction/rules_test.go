package extraction_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/extraction"
)

// checkedStructure is a study with one form AE of variables TERM, SEV, and OLD, which is retired.
func checkedStructure() extraction.Structure {
	variable := func(name string) imednet.Variable {
		return imednet.Variable{VariableID: int64(name[0]), FormKey: imednet.Some("AE"), VariableName: imednet.Some(name)}
	}
	old := variable("OLD")
	old.Disabled = imednet.Some(true)
	return extraction.Structure{
		Forms:     []imednet.Form{{FormID: 1, FormKey: imednet.Some("AE")}, {FormID: 2, FormKey: imednet.Some("OFF"), Disabled: imednet.Some(true)}},
		Variables: []imednet.Variable{variable("TERM"), variable("SEV"), old},
	}
}

const (
	termRule   = `{"domain":"AE","targetField":"aeTerm","sourceFormKey":"AE","sourceVariableName":"TERM"}`
	trtsdtRule = `{"domain":"ADSL","targetField":"TRTSDT","sourceFormKey":"AE","sourceVariableName":"TERM"}`
	sevRule    = `{"domain":"AE","targetField":"aeSeverity","sourceFormKey":"AE","sourceVariableName":"SEV"}`
)

func lab(target, logic string) string {
	return `{"domain":"ADLB","targetField":"` + target + `","sourceFormKey":"AE","sourceVariableName":"SEV","businessLogic":` + logic + `}`
}

func TestConfigurationIsCheckedBeforeTheFirstRecord(t *testing.T) {
	valid := termRule + "," + sevRule
	cases := map[string]struct{ document, path, message string }{
		"unknown domain":          {`{"mappings":[` + valid + `,{"domain":"XX","targetField":"a","sourceFormKey":"AE","sourceVariableName":"TERM"}]}`, "/mappings/2/domain", "must be one of"},
		"unknown target":          {`{"mappings":[` + valid + `,{"domain":"AE","targetField":"dvTerm","sourceFormKey":"AE","sourceVariableName":"TERM"}]}`, "/mappings/2/targetField", "no such field"},
		"target twice":            {`{"mappings":[` + valid + `,{"domain":"AE","targetField":"ae_term","sourceFormKey":"AE","sourceVariableName":"SEV"}]}`, "/mappings/2/targetField", "mapped twice: mapping 0"},
		"required unmapped":       {`{"mappings":[` + termRule + `]}`, "/mappings", "AE.aeSeverity is required"},
		"unknown form":            {`{"mappings":[` + valid + `,{"domain":"ADSL","targetField":"X","sourceFormKey":"ae","sourceVariableName":"TERM"}]}`, "/mappings/2/sourceFormKey", "no form ae, but AE"},
		"unknown variable":        {`{"mappings":[` + valid + `,{"domain":"ADSL","targetField":"X","sourceFormKey":"AE","sourceVariableName":"recordData.NOPE"}]}`, "/mappings/2/sourceVariableName", "no variable NOPE"},
		"expression":              {`{"mappings":[` + valid + `,` + lab("X", `"1 +"`) + `]}`, "/mappings/2/businessLogic", "line 1, column 4"},
		"data in expression":      {`{"mappings":[` + valid + `,` + lab("X", `"record.record_data['NOPE']"`) + `]}`, "/mappings/2/businessLogic", "no variable NOPE"},
		"state key":               {`{"mappings":[` + valid + `,` + lab("X", `"state.get('AE.aeTrem')"`) + `]}`, "/mappings/2/businessLogic", "no rule sets"},
		"baseline key":            {`{"mappings":[` + valid + `,` + lab("X", `"baseline['AE.aeTerm']"`) + `]}`, "/mappings/2/businessLogic", "isBaseline"},
		"payload key":             {`{"mappings":[` + valid + `,` + lab("X", `"payload['X']"`) + `]}`, "/mappings/2/businessLogic", "no earlier rule"},
		"lookup unused":           {`{"mappings":[` + valid + `],"terminologyLookups":{"aeSevrity":{"a":"b"}}}`, "/terminologyLookups/aeSevrity", "no rule gives"},
		"lookup ambiguous":        {`{"mappings":[` + valid + `],"terminologyLookups":{"aeSeverity":{"a":"b"," A":"c"}}}`, "/terminologyLookups/aeSeverity", "different things"},
		"lookup blank":            {`{"mappings":[` + valid + `],"terminologyLookups":{"aeSeverity":{"a":" "}}}`, "/terminologyLookups/aeSeverity", "blank"},
		"widget domain":           {`{"mappings":[` + valid + `],"widgets":[{"widgetId":"w","type":"bar","title":"t","domain":"PD"}]}`, "/widgets/0/domain", "no rule gives rows"},
		"widget twice":            {`{"mappings":[` + valid + `],"widgets":[{"widgetId":"w","type":"bar","title":"t","domain":"AE"},{"widgetId":"w","type":"bar","title":"t","domain":"AE"}]}`, "/widgets/1/widgetId", "twice"},
		"phi":                     {`{"mappings":[` + valid + `],"phiFields":["NAME"]}`, "/phiFields/0", "no form has"},
		"settings":                {`{"mappings":[` + valid + `],"extraction":{"nulResult":"keep"}}`, "/extraction/nulResult", "is unknown"},
		"null result":             {`{"mappings":[` + valid + `],"extraction":{"nullResult":"drop"}}`, "/extraction/nullResult", "keep or clear"},
		"cut with a time":         {`{"mappings":[` + valid + `],"extraction":{"dataCut":"2024-05-20T12:00"}}`, "/extraction/dataCut", "without a time"},
		"cut with a zone":         {`{"mappings":[` + valid + `],"extraction":{"dataCut":"2024-05-20T12:00:00Z"}}`, "/extraction/dataCut", "whole day"},
		"cut in part":             {`{"mappings":[` + valid + `],"extraction":{"dataCut":"2024-05"}}`, "/extraction/dataCut", "whole day"},
		"cut after a gap":         {`{"mappings":[` + valid + `],"extraction":{"dataCut":"2024---20"}}`, "/extraction/dataCut", "whole day"},
		"baseline way":            {`{"mappings":[` + valid + `],"extraction":{"analysis":{"baseline":"first"}}}`, "/extraction/analysis/baseline", "must be"},
		"baseline tie":            {`{"mappings":[` + valid + `],"extraction":{"analysis":{"baselineTie":"latest"}}}`, "/extraction/analysis/baselineTie", "must be"},
		"baseline visits":         {`{"mappings":[` + valid + `],"extraction":{"analysis":{"baseline":"visits"}}}`, "/extraction/analysis/baselineVisits", "must be given"},
		"window":                  {`{"mappings":[` + valid + `],"extraction":{"analysis":{"emergentWithinDays":-1}}}`, "/extraction/analysis/emergentWithinDays", "negative"},
		"treatment start":         {`{"mappings":[` + valid + `],"extraction":{"analysis":{}}}`, "/extraction/analysis", "TRTSDT"},
		"treatment end":           {`{"mappings":[` + valid + `,` + trtsdtRule + `],"extraction":{"analysis":{"emergentWithinDays":30}}}`, "/extraction/analysis/emergentWithinDays", "TRTEDT"},
		"baseline date":           {`{"mappings":[` + valid + `,` + trtsdtRule + `,` + lab("ALT.AVAL", "null") + `],"extraction":{"analysis":{"baseline":"lastBeforeTreatment"}}}`, "/extraction/analysis/baseline", "ADLB.ADT"},
		"baseline parameter":      {`{"mappings":[` + valid + `,` + trtsdtRule + `,` + lab("AVAL", "null") + `,` + lab("ADT", "null") + `],"extraction":{"analysis":{"baseline":"lastBeforeTreatment"}}}`, "/extraction/analysis/baseline", "PARAMCD"},
		"baseline visit":          {`{"mappings":[` + valid + `,` + trtsdtRule + `,` + lab("AVAL", "null") + `],"extraction":{"analysis":{"baseline":"visits","baselineVisits":["B"]}}}`, "/extraction/analysis/baseline", "AVISIT"},
		"condition form":          {`{"mappings":[` + valid + `],"extraction":{"conditions":[{"domain":"PD","sourceFormKey":"AE","expression":"True"}]}}`, "/extraction/conditions/0/sourceFormKey", "no mapping rule"},
		"condition text":          {`{"mappings":[` + valid + `],"extraction":{"conditions":[{"domain":"AE","sourceFormKey":"AE","expression":"lambda"}]}}`, "/extraction/conditions/0/expression", "lambda"},
		"condition twice":         {`{"mappings":[` + valid + `],"extraction":{"conditions":[{"domain":"AE","sourceFormKey":"AE","expression":"True"},{"domain":"ae","sourceFormKey":"AE","expression":"True"}]}}`, "/extraction/conditions/1/expression", "already"},
		"condition payload":       {`{"mappings":[` + valid + `],"extraction":{"conditions":[{"domain":"AE","sourceFormKey":"AE","expression":"payload['aeTerm'] == 'x'"}]}}`, "/extraction/conditions/0/expression", "a condition has no payload"},
		"condition payload whole": {`{"mappings":[` + valid + `],"extraction":{"conditions":[{"domain":"AE","sourceFormKey":"AE","expression":"len(payload) == 0"}]}}`, "/extraction/conditions/0/expression", "a condition has no payload"},
		"condition context":       {`{"mappings":[` + valid + `],"extraction":{"conditions":[{"domain":"AE","sourceFormKey":"AE","expression":"context == None"}]}}`, "/extraction/conditions/0/expression", "a condition has no context"},
		"condition value":         {`{"mappings":[` + valid + `],"extraction":{"conditions":[{"domain":"AE","sourceFormKey":"AE","expression":"value == 'x'"}]}}`, "/extraction/conditions/0/expression", "a condition has no value"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			document := strings.Replace(c.document, "{", `{"studyKey":"S",`, 1)
			cfg, _ := imednet.ParseStudyConfiguration([]byte(document), imednet.ConfigurationOptions{})
			engine, err := extraction.NewEngine(cfg, extraction.WithStructure(checkedStructure()))
			require.Nil(t, engine)
			var invalid *imednet.ValidationError
			require.True(t, errors.As(err, &invalid), "%v", err)
			found := false
			for _, p := range invalid.Problems {
				found = found || p.Path == c.path && strings.Contains(p.Message, c.message)
			}
			require.True(t, found, "%+v", invalid.Problems)
		})
	}
}

func TestEveryProblemIsReportedAtOnce(t *testing.T) {
	cfg, err := imednet.ParseStudyConfiguration([]byte(`{"studyKey":"S","mappings":[`+termRule+`,`+lab("X", `"1 +"`)+`,`+lab("Y", `"open(1)"`)+`]}`), imednet.ConfigurationOptions{})
	require.NoError(t, err)
	_, err = extraction.NewEngine(cfg)
	var invalid *imednet.ValidationError
	require.True(t, errors.As(err, &invalid))
	require.Len(t, invalid.Problems, 3)
}

func TestWarnings(t *testing.T) {
	document := `{"studyKey":"S","mappings":[` + termRule + `,` + sevRule + `,
		{"domain":"ADSL","targetField":"A","sourceFormKey":"AE","sourceVariableName":"old"},
		{"domain":"ADSL","targetField":"B","sourceFormKey":"OFF","sourceVariableName":"recordId"}],
		"widgets":[{"widgetId":"w","type":"bar","title":"t","domain":"AE","xAxis":"aeSeverity","yAxis":"count"}]}`
	cfg, err := imednet.ParseStudyConfiguration([]byte(document), imednet.ConfigurationOptions{})
	require.NoError(t, err)
	engine, err := extraction.NewEngine(cfg, extraction.WithStructure(checkedStructure()))
	require.NoError(t, err)
	var paths []string
	for _, w := range engine.Warnings() {
		paths = append(paths, w.Path)
	}
	require.Equal(t, []string{"/mappings/2/sourceVariableName", "/mappings/3/sourceFormKey", "/widgets/0/yAxis"}, paths)
}

// A misspelt member is no rule, and nobody may believe that it is one.
func TestUnknownMembersAreWarnedOf(t *testing.T) {
	cfg, err := imednet.ParseStudyConfiguration([]byte(`{"studyKey":"S","note":1,"extraction":{},"mappings":[`+termRule+`,
		{"domain":"AE","targetField":"aeSeverity","sourceFormKey":"AE","sourceVariableName":"AESEV","buisnessLogic":"'x'","a/b":1}],
		"widgets":[{"widgetId":"w","type":"bar","domain":"AE"},{"widgetId":"x","type":"bar","domain":"AE","xaxis":"aeTerm"}]}`), imednet.ConfigurationOptions{})
	require.NoError(t, err)
	engine, err := extraction.NewEngine(cfg)
	require.NoError(t, err)
	const message = "is unknown and has no effect"
	require.Equal(t, []imednet.Problem{{Path: "/note", Message: message}, {Path: "/mappings/1/a~1b", Message: message}, {Path: "/mappings/1/buisnessLogic", Message: message}, {Path: "/widgets/1/xaxis", Message: message}}, engine.Warnings())
}

// What is wrong in the settings is named, all of it, at every depth.
func TestEveryProblemOfTheSettingsIsNamed(t *testing.T) {
	for settings, want := range map[string]string{
		`{"nulResult":"keep","Labels":{},"dataCut":7,"dateFormats":"x"}`:                                              "/extraction/Labels is unknown; /extraction/dataCut text; /extraction/dateFormats list; /extraction/nulResult is unknown",
		`{"analysis":{"baseLine":"visits","byDay":"yes","imputation":[{"domain":"ADAE","feild":"ASTDT"},{"day":1}]}}`: "/extraction/analysis/baseLine is unknown; /extraction/analysis/byDay true or false; /extraction/analysis/imputation/0/feild is unknown; /extraction/analysis/imputation/1/day text",
		`{"conditions":[{"domian":"AE"},5],"labels":{"AE.aeTerm":1}}`:                                                 "/extraction/conditions/0/domian is unknown; /extraction/conditions/1 object; /extraction/labels/AE.aeTerm text",
		`{"analysis":{"emergentWithinDays":1.5,"a/b":1},"":1}`:                                                        "/extraction/ is unknown; /extraction/analysis/a~1b is unknown; /extraction/analysis/emergentWithinDays whole number",
		`{"analysis":[],"conditions":{},"yesNoColumns":1}`:                                                            "/extraction/analysis object; /extraction/conditions list; /extraction/yesNoColumns true or false",
		`[]`: "/extraction object",
	} {
		cfg, err := imednet.ParseStudyConfiguration([]byte(`{"studyKey":"S","mappings":[{"domain":"ADSL","targetField":"A","sourceFormKey":"DM","sourceVariableName":"A"}],"extraction":`+settings+`}`), imednet.ConfigurationOptions{})
		require.NoError(t, err)
		_, err = extraction.NewEngine(cfg)
		var invalid *imednet.ValidationError
		require.ErrorAs(t, err, &invalid, settings)
		problems := strings.Split(want, "; ")
		require.Len(t, invalid.Problems, len(problems), "%s: %v", settings, invalid.Problems)
		for i, problem := range problems {
			path, message, _ := strings.Cut(problem, " ")
			require.Equal(t, path, invalid.Problems[i].Path)
			require.Contains(t, invalid.Problems[i].Message, message)
		}
	}
}

func TestIntervalNameNeedsTheStructure(t *testing.T) {
	cfg := imednet.StudyConfiguration{StudyKey: "S", Mappings: []imednet.MappingRule{{Domain: "ADSL", TargetField: "V", SourceFormKey: "AE", SourceVariableName: "intervalName"}}}
	_, err := extraction.NewEngine(cfg)
	require.ErrorContains(t, err, "give the structure")
	_, err = extraction.NewEngine(cfg, extraction.WithStructure(checkedStructure()))
	require.NoError(t, err)
}
