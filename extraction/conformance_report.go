package extraction

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// ConformanceReport is the outcome of a run in the format of CDISC CORE's JSON report: what was
// checked, a summary of the findings, each kept finding, and the state of every rule.
type ConformanceReport struct {
	Details  ReportDetails    `json:"Conformance_Details"`
	Datasets []ReportDataset  `json:"Dataset_Details"`
	Summary  []FindingSummary `json:"Issue_Summary"`
	Findings []RuleFinding    `json:"Issue_Details"`
	Rules    []RuleResult     `json:"Rules_Report"`
}

// String is the report in one line.
func (r ConformanceReport) String() string {
	var findings int64
	for _, s := range r.Summary {
		findings += s.Count
	}
	return fmt.Sprintf("%d findings by %d of %d rules", findings, len(r.Summary), len(r.Rules))
}

// ReportDetails identifies what a [ConformanceReport] covers, and when it was generated.
type ReportDetails struct {
	StudyKey      string    `json:"Study"`
	Configuration string    `json:"Configuration"` // version
	Commit        string    `json:"Commit,omitzero"`
	At            time.Time `json:"Report_Generation"` // UTC
	FindingLimit  int       `json:"Issue_Limit_Per_Rule"`
}

// ReportDataset is one domain in a [ConformanceReport].
type ReportDataset struct {
	Domain Domain `json:"domain"`
	Rows   int64  `json:"length"`
}

// FindingSummary is the number of findings of one rule that has any.
type FindingSummary struct {
	Domain      Domain   `json:"dataset"`
	Rule        string   `json:"rule"`
	Description string   `json:"message"`
	Severity    Severity `json:"severity"`
	Count       int64    `json:"issues"`
}

// Report returns the complete report, which has the time of the clock ([WithClock]).
func (c *Conformance) Report(configuration Configuration) ConformanceReport {
	report := ConformanceReport{
		Details: ReportDetails{
			StudyKey: configuration.StudyKey, Configuration: configuration.Version, Commit: configuration.Commit,
			At: c.clock.Now().UTC(), FindingLimit: c.limit,
		},
		Datasets: []ReportDataset{}, Summary: []FindingSummary{}, Findings: []RuleFinding{}, Rules: c.Results(),
	}
	for _, domain := range slices.Sorted(maps.Keys(c.records)) {
		report.Datasets = append(report.Datasets, ReportDataset{domain, c.records[domain]})
	}
	for _, r := range report.Rules {
		if r.Count > 0 {
			report.Summary = append(report.Summary, FindingSummary{r.Domain, r.ID, r.Description, r.Severity, r.Count})
		}
		report.Findings = append(report.Findings, r.Findings...)
	}
	return report
}

// JSON returns the report as indented JSON. It contains subject keys and values.
func (r ConformanceReport) JSON() ([]byte, error) {
	return json.Marshal(r, jsontext.WithIndent("  "), jsontext.AllowInvalidUTF8(true), json.Deterministic(true))
}

// Configuration returns the identity of the engine's configuration, for reports.
func (e *Engine) Configuration() Configuration { return e.plan.configuration }
