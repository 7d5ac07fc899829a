package main

import (
	"context"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/extraction"
)

func newValidate(a *app) *cobra.Command {
	o := canonicalOptions{draft: true}
	var profile string
	cmd := &cobra.Command{
		Use:     "validate",
		GroupID: groupData,
		Short:   "Check canonical data against the standards of a configuration",
		Long: `Check canonical data against the standards named by a study configuration: rejected
rows, findings of the extraction, fields that the profile requires, terms that are in
no terminology, and the conformance rules. The exit code is 6 if a row was rejected or
anything of severity ERROR was found: an event whose seriousness is unknown, a
required field that is missing or wrong, a violated rule, or a rule that failed
itself. Rules that could not be checked are listed with the reason. --profile
selects another profile.`,
		Example:     "  imednet validate --configuration cardio.json --cached\n  imednet validate --configuration cardio.json --cached \\\n    --profile sponsor.json --json",
		Args:        cobra.NoArgs,
		Annotations: afterReading,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.validate(cmd.Context(), o, profile)
		},
	}
	o.flags(cmd)
	cmd.Flags().StringVar(&profile, "profile", "", "standards profile in a JSON `file` (default: that named by the configuration)")
	return cmd
}

// validationJSON is what `validate --json` writes.
type validationJSON struct {
	StudyKey    string                              `json:"studyKey"`
	Rejected    int                                 `json:"rejected"`
	Errors      int64                               `json:"errors"`   // of the extraction, the profile and the rules, of severity ERROR
	Findings    []extraction.Finding                `json:"findings"` // of the extraction
	Readiness   extraction.StandardsReadinessReport `json:"readiness"`
	Conformance extraction.ConformanceReport        `json:"conformance"`
}

func (v *validationJSON) count() {
	for _, f := range v.Findings {
		if f.Severity == extraction.SeverityError {
			v.Errors++
		}
	}
	for _, d := range v.Readiness.Domains {
		v.Errors += d.Errors
	}
	for _, s := range v.Conformance.Summary {
		if s.Severity == extraction.SeverityError {
			v.Errors += s.Count
		}
	}
	v.Errors += int64(len(v.inState(extraction.RuleError)))
}

// inState are the rules that ended in a state.
func (v *validationJSON) inState(state extraction.RuleState) []extraction.RuleResult {
	return slices.DeleteFunc(slices.Clone(v.Conformance.Rules), func(r extraction.RuleResult) bool { return r.State != state })
}

func (a *app) validate(ctx context.Context, o canonicalOptions, profile string) error {
	var v validationJSON
	err := a.canonical(ctx, o, func(r canonicalRun) (err error) {
		v, err = check(ctx, r, profile)
		return err
	})
	switch {
	case err != nil:
		return err
	case a.json:
		err = a.writeJSON(v)
	default:
		err = a.printValidation(v)
	}
	if err == nil && (v.Rejected > 0 || v.Errors > 0) {
		return &invalidError{"the data do not meet the standards"}
	}
	return err
}

// check holds rows against profile and rules, one subject after the other.
func check(ctx context.Context, r canonicalRun, profileFile string) (validationJSON, error) {
	v := validationJSON{StudyKey: r.config.StudyKey, Findings: []extraction.Finding{}}
	profile, err := readProfile(profileFile, r.config)
	if err != nil {
		return v, err
	}
	rules, err := extraction.NewConformance(r.engine.ConformanceRules())
	if err != nil {
		return v, err
	}
	if slices.Contains(r.engine.Fields(extraction.ADSL), "DTHDT") {
		r.options.Visits = r.source
	}
	var failed error
	subjects := func(yield func(extraction.SubjectRows) bool) {
		for subject, err := range r.engine.Run(ctx, r.source, r.options).Subjects() {
			if err != nil {
				failed = err
				return
			}
			v.Rejected += len(subject.Rejected)
			v.Findings = append(v.Findings, subject.Findings...)
			rules.Subject(subject)
			if !yield(subject) {
				return
			}
		}
	}
	v.Readiness = extraction.NewStandardsReadinessValidator(profile).ScoreSubjects(subjects, r.config.TerminologyLookups)
	v.Conformance = rules.Report(r.engine.Configuration())
	v.count()
	return v, failed
}

// readProfile reads a profile from a file, or takes the one that the configuration names.
func readProfile(file string, config imednet.StudyConfiguration) (extraction.Profile, error) {
	if file == "" {
		return extraction.NewProfileRegistry().Profile(config.ReportingProfile)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return extraction.Profile{}, err
	}
	return extraction.ParseProfile(text)
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
	for _, row := range slices.Concat(extractionIssues(v.Findings), profileIssues(v.Readiness), ruleIssues(v.Conformance)) {
		if err := issues.add(row...); err != nil {
			return err
		}
	}
	return orFirst(orFirst(issues.flush(), a.printUnmapped(v.Readiness.Warnings)), a.printStates(v))
}

// printStates says how many rules were checked, and why the others were not: by reason.
func (a *app) printStates(v validationJSON) error {
	skipped, failed := v.inState(extraction.RuleSkipped), v.inState(extraction.RuleError)
	checked := len(v.Conformance.Rules) - len(skipped) - len(failed)
	if err := a.printf("\n%d of %d rules checked\n", checked, len(v.Conformance.Rules)); err != nil {
		return err
	}
	if checked == len(v.Conformance.Rules) {
		return nil
	}
	t := newTable(a.out, "RULES", "STATE", "REASON")
	reasons := tally(slices.Concat(failed, skipped), func(r extraction.RuleResult, n string) []string {
		return []string{n, string(r.State), r.Reason}
	})
	for _, row := range reasons {
		if err := t.add(row...); err != nil {
			return err
		}
	}
	return t.flush()
}

// extractionIssues counts the findings of the extraction that say the same.
func extractionIssues(list []extraction.Finding) [][]string {
	return tally(list, func(f extraction.Finding, n string) []string {
		return []string{f.Code, string(f.Domain), string(f.Severity), n, strings.TrimSpace(f.Field + " " + f.Message)}
	})
}

func ruleIssues(r extraction.ConformanceReport) [][]string {
	var rows [][]string
	for _, s := range r.Summary {
		rows = append(rows, []string{s.Rule, string(s.Domain), string(s.Severity), number(s.Count), s.Description})
	}
	return rows
}

// profileIssues counts the findings of the profile that say the same.
func profileIssues(r extraction.StandardsReadinessReport) [][]string {
	return tally(r.Findings, func(v extraction.ProfileFinding, n string) []string {
		return []string{"profile", string(v.Domain), string(v.Severity), n, v.Message}
	})
}

// printUnmapped lists the terms that their terminologies do not know.
func (a *app) printUnmapped(warnings []extraction.TermFinding) error {
	terms := tally(warnings, func(w extraction.TermFinding, n string) []string {
		return []string{string(w.Domain), w.Field, n, w.Term.String()}
	})
	if len(terms) == 0 {
		return nil
	}
	t := newTable(a.out, "UNMAPPED", "FIELD", "ROWS", "TERM")
	for _, row := range terms {
		if err := t.add(row...); err != nil {
			return err
		}
	}
	return orFirst(a.printf("\n"), t.flush())
}

// tally makes one row of all that give the same cells, with their number in it, in order of the
// cells.
func tally[T any](list []T, cells func(item T, n string) []string) [][]string {
	const between = "\x00"
	counts, first := map[string]int{}, map[string]T{}
	for _, item := range list {
		key := strings.Join(cells(item, ""), between)
		if counts[key]++; counts[key] == 1 {
			first[key] = item
		}
	}
	var rows [][]string
	for _, key := range slices.Sorted(maps.Keys(counts)) {
		rows = append(rows, cells(first[key], number(counts[key])))
	}
	return rows
}
