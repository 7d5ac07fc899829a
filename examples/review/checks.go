package main

import (
	"context"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/extraction"
	"github.com/imednetgo/imednet/triage"
)

const configuration = `{
	"studyKey": "DEMO",
	"mappings": [
		{"domain": "AE", "targetField": "aeTerm", "sourceFormKey": "AE", "sourceVariableName": "AETERM"},
		{"domain": "AE", "targetField": "aeSeverity", "sourceFormKey": "AE", "sourceVariableName": "AESEV"},
		{"domain": "AE", "targetField": "aeSerious", "sourceFormKey": "AE", "sourceVariableName": "AESER"},
		{"domain": "AE", "targetField": "aeStartDate", "sourceFormKey": "AE", "sourceVariableName": "AESTDTC"},
		{"domain": "AE", "targetField": "aeEndDate", "sourceFormKey": "AE", "sourceVariableName": "AEENDTC"}
	]
}`

// check extracts the study's adverse events and returns what should be reviewed: rows that were
// rejected, and rows that are implausible. The texts hold no answers.
func check(ctx context.Context, source imednet.RecordSource) ([]triage.Finding, error) {
	config, err := imednet.ParseStudyConfiguration([]byte(configuration), imednet.ConfigurationOptions{})
	if err != nil {
		return nil, err
	}
	variables := map[string]string{}
	for _, m := range config.Mappings {
		variables[m.TargetField] = m.SourceVariableName
	}
	result, err := extraction.ExtractCanonicalRecords(ctx, source, config, extraction.Options{InMemory: true})
	if err != nil {
		return nil, err
	}
	var findings []triage.Finding
	for _, row := range result.ValidationErrors {
		for _, e := range row.Findings {
			findings = append(findings, triage.Finding{
				StudyKey: config.StudyKey, Severity: "HIGH", Summary: e.Message,
				Link: triage.Link{RecordID: row.RecordID, FormKey: row.FormKey, Variable: variables[e.Field], Rule: e.Type},
			})
		}
	}
	for _, f := range result.Findings {
		findings = append(findings, triage.Finding{
			StudyKey: config.StudyKey, Severity: "MEDIUM", Summary: f.Message,
			Link: triage.Link{RecordID: f.RecordID, FormKey: f.FormKey, Variable: variables[f.Field], Rule: f.Code},
		})
	}
	return findings, nil
}
