package main

import (
	"fmt"
	"io"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/extraction"
)

// printCounts prints where every record and every row went.
func printCounts(out io.Writer, studyKey string, result *extraction.ExtractionResult) {
	records := result.Report.Records
	fmt.Fprintf(out, "study %s: %d records, %d read by rules, left out: %d deleted, %d of deleted subjects, %d without a rule, %d without a subject\n", studyKey, records.In, records.Out,
		records.Excluded[extraction.ExcludedDeleted], records.Excluded[extraction.ExcludedDeletedSubject], records.Excluded[extraction.ExcludedNoRule], records.Excluded[extraction.ExcludedNoSubject])
	for _, domain := range extraction.Domains() {
		if c, ok := result.Report.Domains[domain]; ok {
			fmt.Fprintf(out, "%-4s %6d rows, %d rejected\n", domain, c.Out, c.Rejected)
		}
	}
	serious, emergent := 0, 0
	subjects := map[string]bool{}
	for _, e := range result.AdverseEvents {
		subjects[e.SubjectKey] = true
		if e.AESerious == imednet.Yes {
			serious++
		}
	}
	for _, e := range result.ADAERecords {
		if e.TreatmentEmergent == imednet.Yes {
			emergent++
		}
	}
	fmt.Fprintf(out, "adverse events: %d subjects, %d serious, %d treatment-emergent\n", len(subjects), serious, emergent)
}

// printLineage prints a sentence on where the first change from baseline comes from.
func printLineage(out io.Writer, result *extraction.ExtractionResult) error {
	for _, r := range result.ADLBRecords {
		if r.Change.IsZero() {
			continue
		}
		for _, field := range []string{"AVAL", "CHG"} {
			sentence, err := extraction.Explain(r.CanonicalRow, field)
			if err != nil {
				return err
			}
			fmt.Fprintf(out, "lineage: %s\n", sentence)
		}
		return nil
	}
	return nil
}

// printStandards scores the rows against the profile of the configuration and prints which
// conformance rules found something.
func printStandards(out io.Writer, cfg imednet.StudyConfiguration, result *extraction.ExtractionResult) error {
	profile, err := extraction.NewProfileRegistry().Profile(cfg.ReportingProfile)
	if err != nil {
		return err
	}
	report := extraction.NewStandardsReadinessValidator(profile).ScoreRecords(result.Rows(), cfg.TerminologyLookups)
	if report.Score != nil {
		fmt.Fprintf(out, "standards readiness (%s): %.2f, %d of %d fields, %d unmapped terms\n", profile.Name, *report.Score, report.Validated, report.Expected, len(report.Warnings))
	}
	conformance, err := extraction.NewConformance(extraction.ConformanceRules())
	if err != nil {
		return err
	}
	conformance.All(result.Rows())
	for _, r := range conformance.Results() {
		if r.State == extraction.RuleFindings {
			fmt.Fprintf(out, "%s: %d issues: %s\n", r.ID, r.Count, r.Description)
		}
	}
	return nil
}
