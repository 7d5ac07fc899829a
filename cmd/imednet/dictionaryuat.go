package main

import (
	"github.com/go-json-experiment/json/jsontext"
	"github.com/spf13/cobra"

	"github.com/imednetgo/imednet"
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
check, some on which it fires and some on which it does not. With --against the
records are checked by another export, such as that of the study as built, and checks
with different results are listed; the exit code is then 6.

Nothing is sent to a server, unless --submit and --test-study both name a study: then the
records are sent to it, one by one, and read back. Listed by rule is whether records were
refused, queries opened, keywords set and answers cleared as the export says; the exit
code is 6 if they were not. The records stay in the study. A record of a form that is
filled in at visits registers a new subject at --site; with --registration only that
form does, and the others are sent at the first visit that has them. Other forms may take
theirs for --subject. Do that only with a study that its owner has declared a test study.`,
		Example: "  imednet dictionary uat specified.zip --json >cases.json\n  imednet dictionary uat specified.zip --against built.zip\n" +
			"  imednet dictionary uat specified.zip --submit TEST --test-study TEST \\\n    --site \"Site 01\"",
		Args:        cobra.ExactArgs(1),
		Annotations: afterReading,
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
				return a.tryDictionary(cmd.Context(), meant, trial)
			}
			built := meant
			if against != "" {
				o.study = meant.StudyKey
				if built, err = o.dictionary(cmd.Context(), a, against); err != nil {
					return err
				}
			}
			return a.acceptance(meant, built)
		},
	}
	o.argumentFlags(cmd)
	o.anyStudyFlag(cmd, "take exports that name another study than each other or than --submit")
	cmd.Flags().StringVar(&against, "against", "", "the export to test: `path` of a directory, a ZIP or a document of the Python toolkit, or store:STUDY@VERSION")
	trial.flags(cmd)
	return cmd
}

// acceptanceJSON is what came of trying every check, for machines.
type acceptanceJSON struct {
	Cases     []caseJSON             `json:"cases"`
	Uncovered []dictionary.Uncovered `json:"uncovered"`
	Failed    int                    `json:"failed"` // cases that a check answered otherwise
}

type caseJSON struct {
	RuleID   string         `json:"ruleId"`
	Form     string         `json:"form"`
	Data     jsontext.Value `json:"data"`
	Expected imednet.YesNo  `json:"expected"`
	Answered imednet.YesNo  `json:"answered"`
	Passed   bool           `json:"passed"`
}

func (a *app) acceptance(meant, built *dictionary.Dictionary) error {
	maker, err := dictionary.NewChecker(meant)
	if err != nil {
		return err
	}
	judge, err := dictionary.NewChecker(built)
	if err != nil {
		return err
	}
	cases, uncovered := maker.Cases()
	result := acceptanceJSON{Cases: []caseJSON{}, Uncovered: append([]dictionary.Uncovered{}, uncovered...)}
	for _, c := range cases {
		answered := judge.Answer(c)
		result.Cases = append(result.Cases, caseJSON{c.RuleID, c.Form, c.Data.Raw(), c.Acts, answered, answered == c.Acts})
		if answered != c.Acts {
			result.Failed++
		}
	}
	if err := a.printAcceptance(result); err != nil {
		return err
	}
	if result.Failed > 0 {
		return &invalidError{"some checks behave differently from the export"}
	}
	return nil
}

func (a *app) printAcceptance(r acceptanceJSON) error {
	if a.json {
		return a.writeJSON(r)
	}
	rules, failed := map[string]bool{}, map[string]int{}
	for _, c := range r.Cases {
		rules[c.RuleID] = true
		if !c.Passed {
			failed[c.RuleID]++
		}
	}
	t := newTable(a.out, "RULE", "FORM", "EXPECTED", "ANSWERED", "DATA")
	for _, c := range r.Cases {
		if !c.Passed && failed[c.RuleID] > 0 {
			failed[c.RuleID] = 0 // the first of each rule is enough
			if err := t.add(c.RuleID, c.Form, acts(c.Expected), acts(c.Answered), string(c.Data)); err != nil {
				return err
			}
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
	return a.printf("%d records for %d checks: %d with different results; %d checks not covered\n", len(r.Cases), len(rules), r.Failed, len(r.Uncovered))
}

func acts(v imednet.YesNo) string {
	switch v {
	case imednet.Yes:
		return "acts"
	case imednet.No:
		return "is quiet"
	}
	return "undecided"
}
