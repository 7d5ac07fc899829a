package main

import (
	"context"
	"os"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/extraction"
	"github.com/spf13/cobra"
)

type canonicalOptions struct {
	source        sourceOptions
	configuration string
	deleted       bool
}

func (o *canonicalOptions) flags(cmd *cobra.Command) {
	o.source.flags(cmd)
	cmd.Flags().StringVar(&o.configuration, "configuration", "", "the study configuration's `file`")
	cmd.Flags().BoolVar(&o.deleted, "include-deleted", false, "keep soft-deleted records")
	required(cmd, "configuration")
}

func newExtract(a *app) *cobra.Command {
	var o canonicalOptions
	cmd := &cobra.Command{
		Use:     "extract",
		GroupID: groupData,
		Short:   "Turn records into canonical data by a study configuration",
		Long: `Turn records into canonical data by a study configuration. People get the numbers and
what a person should look at; the rows are in the JSON, with the rejected ones and why.
The configuration names the study.`,
		Example:     "  imednet extract --configuration cardio.json\n  imednet extract --configuration cardio.json --cached --json >safety.json",
		Args:        cobra.NoArgs,
		Annotations: afterReading,
		RunE: func(cmd *cobra.Command, _ []string) error {
			result, _, err := a.canonical(cmd.Context(), o)
			switch {
			case err != nil:
				return err
			case a.json:
				return a.writeJSON(result)
			}
			return a.printExtraction(result)
		},
	}
	o.flags(cmd)
	return cmd
}

// canonical applies the configuration to its study.
func (a *app) canonical(ctx context.Context, o canonicalOptions) (*extraction.ExtractionResult, imednet.StudyConfiguration, error) {
	text, err := os.ReadFile(o.configuration)
	if err != nil {
		return nil, imednet.StudyConfiguration{}, err
	}
	config, err := imednet.ParseStudyConfiguration(text, imednet.ConfigurationOptions{})
	if err != nil {
		return nil, config, err
	}
	bar := a.progress()
	defer bar.finish()
	var result *extraction.ExtractionResult
	err = a.withSource(ctx, o.source, func(s studySource) error {
		// The mirror serves subject by subject, the server does so at a listing for each.
		options := extraction.ExtractOptions{IncludeDeleted: o.deleted, InMemory: !o.source.cached, Progress: bar.report}
		structure, err := extraction.ReadStructure(ctx, s, config.StudyKey)
		if err != nil {
			return err
		}
		engine, err := extraction.NewEngine(config, extraction.WithStructure(structure))
		if err != nil {
			return err
		}
		result, err = engine.Extract(ctx, s, options)
		return err
	})
	return result, config, err
}

func (a *app) printExtraction(x *extraction.ExtractionResult) error {
	t := newTable(a.out, "DOMAIN", "CANDIDATES", "ROWS", "REJECTED")
	for _, domain := range extraction.Domains() {
		if c, ok := x.Report.Domains[domain]; ok {
			if err := t.add(string(domain), number(c.In), number(c.Out), number(c.Rejected)); err != nil {
				return err
			}
		}
	}
	if err := t.flush(); err != nil {
		return err
	}
	r := x.Report.Records
	if err := a.printf("%d subjects; %d records, %d of them read by rules\n\n", x.Report.Subjects, r.In, r.Out); err != nil {
		return err
	}
	findings := newTable(a.out, "FINDING", "DOMAIN", "RECORD", "FORM", "FIELD", "MESSAGE")
	for _, f := range x.Findings {
		record := ""
		if f.RecordID != 0 {
			record = number(f.RecordID)
		}
		if err := findings.add(f.Code, string(f.Domain), record, f.FormKey, f.Field, f.Message); err != nil {
			return err
		}
	}
	return orFirst(findings.flush(), a.printf("%d findings\n", len(x.Findings)))
}

func newValidate(a *app) *cobra.Command {
	var o canonicalOptions
	cmd := &cobra.Command{
		Use:     "validate",
		GroupID: groupData,
		Short:   "Check canonical data against the standards that a study configuration names",
		Long: `Check canonical data against the standards that a study configuration names: rejected
rows, fields that the profile requires, and the conformance rules. Exit code 6 when a row
was rejected, a required field is missing or wrong, or a rule of severity ERROR is broken.`,
		Example:     "  imednet validate --configuration cardio.json --cached",
		Args:        cobra.NoArgs,
		Annotations: afterReading,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.validate(cmd.Context(), o)
		},
	}
	o.flags(cmd)
	return cmd
}

// validationJSON is what `validate --json` writes.
type validationJSON struct {
	StudyKey    string                              `json:"studyKey"`
	Rejected    int                                 `json:"rejected"`
	Errors      int64                               `json:"errors"` // of the profile and of rules of severity ERROR
	Readiness   extraction.StandardsReadinessReport `json:"readiness"`
	Conformance extraction.ConformanceReport        `json:"conformance"`
}

func (v *validationJSON) count() {
	for _, d := range v.Readiness.Domains {
		v.Errors += d.Errors
	}
	for _, s := range v.Conformance.Summary {
		if s.Severity == extraction.SeverityError {
			v.Errors += s.Count
		}
	}
}

func (a *app) validate(ctx context.Context, o canonicalOptions) error {
	result, config, err := a.canonical(ctx, o)
	if err != nil {
		return err
	}
	profile, err := extraction.NewProfileRegistry().Profile(config.ReportingProfile)
	if err != nil {
		return err
	}
	rules, err := extraction.NewConformance(extraction.ConformanceRules(), 0)
	if err != nil {
		return err
	}
	rules.All(result.Rows())
	v := validationJSON{StudyKey: config.StudyKey, Rejected: len(result.ValidationErrors),
		Readiness:   extraction.NewStandardsReadinessValidator(profile).ScoreRecords(result.Rows(), config.TerminologyLookups),
		Conformance: rules.Report(extraction.Configuration{StudyKey: config.StudyKey, Version: config.Version}, imednet.SystemClock())}
	v.count()
	if a.json {
		err = a.writeJSON(v)
	} else {
		err = a.printValidation(v)
	}
	if err == nil && (v.Rejected > 0 || v.Errors > 0) {
		return &invalidError{"the data do not meet the standards"}
	}
	return err
}

func (a *app) printValidation(v validationJSON) error {
	t := newTable(a.out, "DOMAIN", "ROWS", "EXPECTED", "VALID", "ERRORS")
	for _, d := range v.Readiness.Domains {
		if err := t.add(string(d.Domain), number(d.Records), number(d.Expected), number(d.Validated), number(d.Errors)); err != nil {
			return err
		}
	}
	if err := t.flush(); err != nil {
		return err
	}
	score := "nothing to score"
	if v.Readiness.Score != nil {
		score = number(v.Readiness.Validated) + " of " + number(v.Readiness.Expected) + " fields"
	}
	if err := a.printf("profile %s: %s; %d rows rejected, %d unmapped terms\n\n", v.Readiness.Profile, score, v.Rejected, len(v.Readiness.Warnings)); err != nil {
		return err
	}
	issues := newTable(a.out, "RULE", "DATASET", "SEVERITY", "ISSUES", "MESSAGE")
	for _, s := range v.Conformance.Summary {
		if err := issues.add(s.Rule, string(s.Domain), string(s.Severity), number(s.Count), s.Description); err != nil {
			return err
		}
	}
	return issues.flush()
}
