package imednet

import (
	"fmt"
	"slices"
	"strings"

	"github.com/imednetgo/imednet/internal/standardnames"
)

// The defaults of a study configuration (as the Python package has them).
const (
	defaultConfigurationVersion = "1.0.0"
	defaultReportingProfile     = "general"
	maxLayoutCols               = 12
)

// canonicalFields lists the wire names of the domains whose model is closed. The analysis
// domains ADSL, ADAE and ADLB (CDISC ADaM) take any field and have none listed.
var canonicalFields = map[string][]string{
	"AE": {"subjectKey", "aeTerm", "aeDecod", "aeSeverity", "aeSerious", "aeStartDate", "aeEndDate",
		"aeOutcome", "aeRelationship", "aeActionTaken"},
	"PD":   {"subjectKey", "dvTerm", "dvCategory", "dvSeverity", "dvDate", "dvStatus"},
	"DD":   {"subjectKey", "ddTerm", "ddCategory", "ddSerious", "ddDate"},
	"ADSL": nil,
	"ADAE": nil,
	"ADLB": nil,
}

// Validate checks a configuration, whether parsed or built in code. The error is a
// *[ValidationError] with every problem and its JSON pointer. The zero values of Version,
// ReportingProfile and LayoutCols mean their defaults.
func (c *StudyConfiguration) Validate() error {
	if problems := c.problems(); len(problems) > 0 {
		return &ValidationError{What: "study configuration", Problems: problems}
	}
	return nil
}

func (c *StudyConfiguration) problems() []Problem {
	var ps problemList
	ps.require("/studyKey", c.StudyKey)
	switch c.ReportingProfile {
	case "", "device", "drug", "general":
	default:
		ps.add("/reportingProfile", reportingProfileMessage)
	}
	for i := range c.Mappings {
		c.Mappings[i].check(fmt.Sprintf("/mappings/%d", i), &ps)
	}
	for i := range c.Widgets {
		c.Widgets[i].check(fmt.Sprintf("/widgets/%d", i), &ps)
	}
	for i, name := range c.PHIFields {
		ps.require(fmt.Sprintf("/phiFields/%d", i), name)
	}
	return ps
}

func (m *MappingRule) check(at string, ps *problemList) {
	ps.require(at+"/targetField", m.TargetField)
	ps.require(at+"/sourceFormKey", m.SourceFormKey)
	if IsBlank(m.SourceVariableName) && m.FallbackValue == nil && m.BusinessLogic == nil {
		ps.add(at+"/sourceVariableName", "a rule needs a source variable, a fallback value or business logic")
	}
	switch m.Choose {
	case "", ChooseFirst, ChooseLast, ChooseEarliest, ChooseLatest:
	default:
		ps.add(at+"/choose", "must be one of: first, last, earliest, latest")
	}
	domain := strings.ToUpper(m.Domain)
	fields, known := canonicalFields[domain]
	if !known {
		ps.add(at+"/domain", "must be one of: AE, PD, DD, ADSL, ADAE, ADLB")
		return
	}
	if fields != nil && !IsBlank(m.TargetField) && canonicalField(domain, m.TargetField) == "" {
		ps.add(at+"/targetField", fmt.Sprintf("%s has no such field; it has %s", domain, strings.Join(fields, ", ")))
	}
}

func (w *WidgetConfig) check(at string, ps *problemList) {
	ps.require(at+"/widgetId", w.WidgetID)
	ps.require(at+"/type", w.Type)
	ps.require(at+"/domain", w.Domain)
	if w.LayoutCols < 0 || w.LayoutCols > maxLayoutCols {
		ps.add(at+"/layoutCols", layoutColsMessage)
	}
}

const (
	reportingProfileMessage = "must be one of: device, drug, general"
	layoutColsMessage       = "must be a whole number from 1 to 12"
)

// canonicalField returns the wire name of a closed domain's field that is given by its wire or
// attribute name ("aeTerm" or "ae_term"); "" when there is none.
func canonicalField(domain, name string) string {
	i := slices.IndexFunc(canonicalFields[domain], func(field string) bool {
		return field == name || standardnames.Snake(field) == name
	})
	if i < 0 {
		return ""
	}
	return canonicalFields[domain][i]
}

// problemList collects problems.
type problemList []Problem

func (ps *problemList) add(path, message string) {
	*ps = append(*ps, Problem{Path: path, Message: message})
}

func (ps *problemList) require(path, text string) {
	if IsBlank(text) {
		ps.add(path, "must not be blank")
	}
}
