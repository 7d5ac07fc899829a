// Command safety extracts canonical safety data from a study, says where one value comes from, and
// scores the data against the standards profile of its configuration.
//
// Without flags it runs on a generated study. With -data DIR it runs on the CDISC pilot study in
// that folder, for which cdiscpilot01.json is a ready configuration.
package main

import (
	"context"
	_ "embed"
	"flag"
	"fmt"
	"io"
	"log"
	"os"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/extraction"
	"github.com/imednetgo/imednet/imednettest"
)

//go:embed demo.json
var demoConfiguration []byte

//go:embed cdiscpilot01.json
var pilotConfiguration []byte

func main() {
	log.SetFlags(0)
	dir := flag.String("data", "", "folder of the pilot study; empty generates a study")
	flag.Parse()
	if err := run(context.Background(), os.Stdout, *dir); err != nil {
		log.Fatal(err)
	}
}

// openStudy returns a generated study, or the one in a folder, with its configuration.
func openStudy(dir string) (*imednettest.Study, []byte, error) {
	if dir == "" {
		return imednettest.Generate(imednettest.GenerateOptions{}), demoConfiguration, nil
	}
	study, err := imednettest.LoadDir(dir)
	return study, pilotConfiguration, err
}

func run(ctx context.Context, out io.Writer, dir string) error {
	study, document, err := openStudy(dir)
	if err != nil {
		return err
	}
	client := imednettest.NewServer(study).Client() // a *rest.Client in a real program
	cfg, err := imednet.ParseStudyConfiguration(document, imednet.ConfigurationOptions{})
	if err != nil {
		return err
	}
	structure, err := extraction.ReadStructure(ctx, client, cfg.StudyKey)
	if err != nil {
		return err
	}
	engine, err := extraction.NewEngine(cfg, extraction.WithStructure(structure))
	if err != nil {
		return err
	}
	result, err := engine.Extract(ctx, client, extraction.ExtractOptions{InMemory: true})
	if err != nil {
		return err
	}
	printCounts(out, cfg.StudyKey, result)
	if err := printLineage(out, result); err != nil {
		return err
	}
	return printStandards(out, cfg, result)
}

func printCounts(out io.Writer, studyKey string, result *extraction.ExtractionResult) {
	records := result.Report.Records
	fmt.Fprintf(out, "study %s: %d records, %d read by rules, left out: %d deleted, %d without a rule, %d without a subject\n", studyKey, records.In, records.Out,
		records.Excluded[extraction.ExcludedDeleted], records.Excluded[extraction.ExcludedNoRule], records.Excluded[extraction.ExcludedNoSubject])
	for _, domain := range extraction.Domains() {
		if c, ok := result.Report.Domains[domain]; ok {
			fmt.Fprintf(out, "%-4s %6d rows, %d rejected\n", domain, c.Out, c.Rejected)
		}
	}
	serious, emergent := 0, 0
	subjects := map[string]bool{}
	for _, e := range result.AdverseEvents {
		subjects[e.SubjectKey] = true
		if e.AESerious == extraction.Yes {
			serious++
		}
	}
	for _, e := range result.ADAERecords {
		if e.TreatmentEmergent == extraction.Yes {
			emergent++
		}
	}
	fmt.Fprintf(out, "adverse events: %d subjects, %d serious, %d treatment-emergent\n", len(subjects), serious, emergent)
}

// printLineage explains the first change from baseline.
func printLineage(out io.Writer, result *extraction.ExtractionResult) error {
	for _, r := range result.ADLBRecords {
		if r.Change.IsZero() {
			continue
		}
		for _, field := range []string{"AVAL", "CHG"} {
			sentence, err := extraction.Explain(r.Row, field)
			if err != nil {
				return err
			}
			fmt.Fprintf(out, "lineage: %s\n", sentence)
		}
		return nil
	}
	return nil
}

func printStandards(out io.Writer, cfg imednet.StudyConfiguration, result *extraction.ExtractionResult) error {
	profile, err := extraction.NewProfileRegistry().Profile(cfg.ReportingProfile)
	if err != nil {
		return err
	}
	report := extraction.NewStandardsReadinessValidator(profile).ScoreRecords(result.Rows(), cfg.TerminologyLookups)
	if report.Score != nil {
		fmt.Fprintf(out, "standards readiness (%s): %.2f, %d of %d fields, %d unmapped terms\n", profile.Name, *report.Score, report.Validated, report.Expected, len(report.Warnings))
	}
	conformance, err := extraction.NewConformance(extraction.ConformanceRules(), 0)
	if err != nil {
		return err
	}
	conformance.All(result.Rows())
	for _, r := range conformance.Results() {
		if r.State == extraction.RuleIssues {
			fmt.Fprintf(out, "%s: %d issues: %s\n", r.ID, r.Count, r.Description)
		}
	}
	return nil
}
