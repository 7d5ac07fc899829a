package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/imednetgo/imednet/dictionary"
)

func newDictionaryUAT(a *app) *cobra.Command {
	var o dictionaryOptions
	var against string
	var trial trialOptions
	cmd := &cobra.Command{
		Use:   "uat PATH",
		Short: "Generate records that test every edit check of an export",
		Long: `Generate synthetic records that test every active edit check of an export: for each
check, some on which it fires and some on which it does not. Checks that no record can
test are listed with the reason, as are those whose records may miss that they were built
otherwise: with these the exit code is 6.

With --against the records are checked by another export, such as that of the study as
built. Listed is each rule that fires on other records, does something else when it
fires, whatever that is, or exists on one side only; the exit code is then 6. Rules that
no record tests are compared as they are written.

Nothing is sent to a server, unless --submit and --test-study both name a study: then the
records are sent to it, one by one, and read back. Listed by rule is whether records were
refused, queries opened, keywords set and answers cleared as the export says; the exit
code is 6 if they were not, and also if a check was not tried or its records do not tell
it from another build, which are both listed with the reason. What is sent is kept in a
file: after an error or a crash the same command goes on where the last one ended, and
sends nothing twice. The records stay in the study. A record of a form that is filled in
at visits registers a new subject at --site; with --registration only that form does, and
the others are sent at the first visit that has them. Other forms may take theirs for
--subject. Do that only with a study that its owner has declared a test study.`,
		Example: "  imednet dictionary uat specified.zip --json >cases.json\n  imednet dictionary uat specified.zip --against built.zip\n" +
			"  imednet dictionary uat specified.zip --submit TEST --test-study TEST \\\n    --site \"Site 01\"",
		Args:        cobra.ExactArgs(1),
		Annotations: map[string]string{afterInterrupt: afterTrial},
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := trial.check(); err != nil {
				return err
			}
			o.study = trial.study
			meant, err := o.dictionary(cmd.Context(), a, args[0])
			if err != nil {
				return err
			}
			if trial.study != "" {
				return a.tryDictionary(cmd.Context(), meant, o, trial)
			}
			built := meant
			if against != "" {
				o.study = meant.StudyKey
				if built, err = o.dictionary(cmd.Context(), a, against); err != nil {
					return err
				}
			}
			return a.acceptance(meant, built, against != "")
		},
	}
	o.argumentFlags(cmd)
	o.anyStudyFlag(cmd, "take exports that name another study than each other or than --submit")
	cmd.Flags().StringVar(&against, "against", "", "the export to test: `path` of a directory, a ZIP or a document of the Python toolkit, or store:STUDY@VERSION")
	trial.flags(cmd)
	return cmd
}

// acceptance tests the rules of one export; those of another are compared with them, as they are written where no record tells.
func (a *app) acceptance(meant, built *dictionary.Dictionary, compared bool) error {
	maker, err := dictionary.NewChecker(meant)
	if err != nil {
		return err
	}
	judge, err := dictionary.NewChecker(built)
	if err != nil {
		return err
	}
	result, err := maker.Against(judge)
	if err != nil {
		return err
	}
	if err := a.printAcceptance(result); err != nil {
		return err
	}
	if len(result.Differences) > 0 {
		return &invalidError{"some checks behave differently from the export"}
	}
	if !compared && len(result.Untold) > 0 {
		return &invalidError{fmt.Sprintf("%d checks are not told from every other build: the records may miss such a build", len(result.Untold))}
	}
	return nil
}

func (a *app) printAcceptance(r *dictionary.Acceptance) error {
	if a.json {
		return a.writeJSON(r)
	}
	tried, differ := map[string]bool{}, map[string]bool{}
	for _, c := range r.Cases {
		tried[c.Form+" "+c.RuleID] = true
	}
	t := newTable(a.out, "RULE", "FORM", "DIFFERENCE", "SPECIFIED", "BUILT", "DATA")
	for _, d := range r.Differences {
		differ[d.Form+" "+d.RuleID] = true
		if err := t.add(d.RuleID, d.Form, string(d.Kind), d.Specified, d.Built, string(d.Data.Raw())); err != nil {
			return err
		}
	}
	if err := t.flush(); err != nil {
		return err
	}
	for _, u := range r.Uncovered {
		if err := a.printf("not covered: rule %s: %s\n", printable(u.RuleID), printable(u.Why)); err != nil {
			return err
		}
	}
	if err := a.printUntold(r.Untold); err != nil {
		return err
	}
	return a.printf("%d records for %d checks: %d with different results; %d checks not covered; %d not told from every other build; %d rules differ\n", len(r.Cases), len(tried), r.Failed, len(r.Uncovered), len(r.Untold), len(differ))
}

// printUntold lists the builds of rules that the records do not show.
func (a *app) printUntold(rules []dictionary.Untold) error {
	for _, u := range rules {
		if err := a.printf("not told apart: rule %s: %d other builds, such as %s\n", printable(u.RuleID), u.Number, printable(strings.Join(u.Builds, " | "))); err != nil {
			return err
		}
	}
	return nil
}
