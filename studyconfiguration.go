package imednet

import "github.com/go-json-experiment/json/jsontext"

// StudyConfiguration describes how a study's forms map to canonical safety data. The Python package
// reads the same document. [ParseStudyConfiguration] reads and checks it.
type StudyConfiguration struct {
	Version            string                       `json:"version,omitzero"`          // zero is "1.0.0"
	StudyKey           string                       `json:"studyKey"`                  // required
	ReportingProfile   string                       `json:"reportingProfile,omitzero"` // device, drug or general; zero is general
	Mappings           []MappingRule                `json:"mappings"`
	TerminologyLookups map[string]map[string]string `json:"terminologyLookups"` // field or DOMAIN.field → raw → canonical
	Widgets            []WidgetConfig               `json:"widgets"`
	PHIFields          []string                     `json:"phiFields"` // variables that can identify a person
	// Unknown holds members that this library does not know, as one JSON object; nil when there are none.
	Unknown jsontext.Value `json:",embed"`
}

// MappingRule derives one target field of a domain from one variable of a form. The rules of a form
// are applied in the order of the document.
type MappingRule struct {
	Domain             string         `json:"domain"`             // AE, PD, DD, ADSL, ADAE or ADLB
	TargetField        string         `json:"targetField"`        // wire name of the canonical field
	SourceFormKey      string         `json:"sourceFormKey"`      // form to read
	SourceVariableName string         `json:"sourceVariableName"` // may be "" if FallbackValue or BusinessLogic gives the value
	FallbackValue      *string        `json:"fallbackValue"`      // used if the source is missing
	BusinessLogic      *string        `json:"businessLogic"`      // expression; see package extraction
	IsBaseline         bool           `json:"isBaseline"`
	Choose             string         `json:"choose,omitzero"` // for ADSL: the value to take if records differ; empty means none
	Unknown            jsontext.Value `json:",embed"`
}

// Values of MappingRule.Choose. First and last refer to the order in which the records were
// created, earliest and latest to the order of the dates that they contain. The Python package
// always takes the last and does not know this member.
const (
	ChooseFirst    = "first"
	ChooseLast     = "last"
	ChooseEarliest = "earliest"
	ChooseLatest   = "latest"
)

// WidgetConfig describes one widget of a dashboard of canonical data.
type WidgetConfig struct {
	WidgetID   string         `json:"widgetId"`
	Type       string         `json:"type"`
	Title      string         `json:"title"`
	Domain     string         `json:"domain"`
	XAxis      *string        `json:"xAxis"`
	YAxis      *string        `json:"yAxis"`
	LayoutCols int            `json:"layoutCols,omitzero"` // 1 to 12; zero is 12
	Unknown    jsontext.Value `json:",embed"`
}
