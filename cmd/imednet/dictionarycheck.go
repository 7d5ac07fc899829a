package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/dictionary"
	lists "github.com/imednetgo/imednet/internal/listing"
)

// joinedOptions are what check and survey share.
type joinedOptions struct {
	dictionaryOptions
	source sourceOptions
	path   string
}

func (o *joinedOptions) flags(cmd *cobra.Command) {
	o.optionFlags(cmd, &o.path, "the export")
	o.source.flags(cmd)
	_ = cmd.MarkFlagRequired("dictionary")
	o.anyStudyFlag(cmd, "apply an export of another study, or one most of whose forms the study lacks")
}

// withJoined runs do over a study and its dictionary, put side by side.
func (a *app) withJoined(ctx context.Context, o joinedOptions, study string, do func(studySource, *dictionary.Joined, *dictionary.Checker) error) error {
	o.study = study
	d, err := o.dictionary(ctx, a, o.path)
	if err != nil {
		return err
	}
	return a.withSource(ctx, o.source, func(s studySource) error {
		joined, err := o.join(ctx, a, d, s, study)
		if err != nil {
			return err
		}
		checker, err := dictionary.NewChecker(d)
		if err != nil {
			return err
		}
		return do(s, joined, checker)
	})
}

func newDictionaryCheck(a *app) *cobra.Command {
	var o joinedOptions
	var role string
	cmd := &cobra.Command{
		Use:   "check STUDY",
		Short: "List records that violate edit checks, with their queries",
		Long: `List the records on which the export's edit checks fire today, with the queries that
exist for them. A check that opens queries but has none was missed. Checks about other
records of the subject, its keywords or the interval are evaluated on those of the study;
checks of which anything is not known are undecided and counted.`,
		Example:     "  imednet dictionary check CARDIO --dictionary export.zip\n  imednet dictionary check CARDIO --dictionary export.zip --json",
		Args:        cobra.ExactArgs(1),
		Annotations: afterReading,
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.withJoined(cmd.Context(), o, args[0], func(s studySource, joined *dictionary.Joined, _ *dictionary.Checker) error {
				var options []dictionary.CheckerOption
				if role != "" {
					options = append(options, dictionary.WithRole(role))
				}
				checker, err := studyChecker(cmd.Context(), s, args[0], joined, options...)
				if err != nil {
					return err
				}
				return a.checkStudy(cmd.Context(), s, args[0], joined, checker)
			})
		},
	}
	o.flags(cmd)
	cmd.Flags().StringVar(&role, "role", "", "`name` of the user's role, for checks that ask for it")
	return cmd
}

// studyChecker evaluates the rules of a study, whose records are read once more if rules need those beside their
// own.
func studyChecker(ctx context.Context, s studySource, study string, joined *dictionary.Joined, options ...dictionary.CheckerOption) (*dictionary.Checker, error) {
	checker, err := dictionary.NewChecker(joined.Dictionary, options...)
	if err != nil || !checker.NeedsSurroundings() {
		return checker, err
	}
	data := dictionary.SurroundingData{Records: s.Records(ctx, study, imednet.ListOptions{})}
	if data.Subjects, err = lists.Collect(s.Subjects(ctx, study, imednet.ListOptions{})); err != nil {
		return nil, err
	}
	if data.Intervals, err = lists.Collect(s.Intervals(ctx, study, imednet.ListOptions{})); err != nil {
		return nil, err
	}
	if data.Queries, err = lists.Collect(s.Queries(ctx, study, imednet.ListOptions{})); err != nil {
		return nil, err
	}
	data.Queries = append([]imednet.Query{}, data.Queries...) // none, which is known
	around, err := joined.Surroundings(ctx, data)
	if err != nil {
		return nil, err
	}
	return dictionary.NewChecker(joined.Dictionary, append(options, dictionary.WithSurroundings(around))...)
}

// checkJSON is what a check found, for machines.
type checkJSON struct {
	Breaches []dictionary.Breach    `json:"breaches"`
	Report   dictionary.CheckReport `json:"report"`
}

func (a *app) checkStudy(ctx context.Context, source studySource, study string, joined *dictionary.Joined, checker *dictionary.Checker) error {
	var queries []imednet.Query
	known := false
	if reader, ok := source.(imednet.QueryReader); ok {
		var err error
		if queries, err = lists.Collect(reader.Queries(ctx, study, imednet.ListOptions{})); err != nil {
			return err
		}
		known = true
	}
	run := checker.Study(ctx, joined, source.Records(ctx, study, imednet.ListOptions{}), queries)
	all := checkJSON{Breaches: []dictionary.Breach{}}
	t := newTable(a.out, "RECORD", "FORM", "RULE", "ABOUT", "REFUSES", "QUERIES")
	for b, err := range run.Breaches() {
		if err != nil {
			return err
		}
		if a.json {
			all.Breaches = append(all.Breaches, b)
			continue
		}
		found := strings.Trim(strings.Join(strings.Fields(fmt.Sprint(b.QueryIDs)), ", "), "[]")
		if !known {
			found = "not known"
		}
		if err := t.add(fmt.Sprint(b.RecordID), b.Outcome.Form, b.Outcome.Rule, strings.Join(b.Outcome.Reports, ", "), yesNo(b.Outcome.Refuses), found); err != nil {
			return err
		}
	}
	all.Report = run.Report()
	if a.json {
		return a.writeJSON(all)
	}
	if err := t.flush(); err != nil {
		return err
	}
	for _, r := range all.Report.Outside {
		if err := a.printf("not in the study: %s\n", printable(r.String())); err != nil {
			return err
		}
	}
	return a.printf("%s\n", all.Report)
}

func newDictionarySurvey(a *app) *cobra.Command {
	var o joinedOptions
	cmd := &cobra.Command{
		Use:   "survey STUDY",
		Short: "Count missing answers and answers outside their lists",
		Long: `Count, question by question, the answers that are missing although the export requires
them, and those that are not choices of the question. Answers to questions that rules
hide or disable, or that the study has no variable in use for, are excused; if that
depends on more than the record they are undecided. Unclear answers stand under keys that differ from the question only in
case, so that none can be chosen.`,
		Example:     "  imednet dictionary survey CARDIO --dictionary export.zip --cached",
		Args:        cobra.ExactArgs(1),
		Annotations: afterReading,
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.withJoined(cmd.Context(), o, args[0], func(s studySource, joined *dictionary.Joined, checker *dictionary.Checker) error {
				survey, err := joined.Survey(cmd.Context(), checker, s.Records(cmd.Context(), args[0], imednet.ListOptions{}))
				if err != nil {
					return err
				}
				return a.printSurvey(survey, joined)
			})
		},
	}
	o.flags(cmd)
	return cmd
}

// surveyJSON is a survey beside how the export and the study join, for machines.
type surveyJSON struct {
	*dictionary.Survey
	Conflicts        []dictionary.Conflict `json:"conflicts"`
	OnlyInAPI        []string              `json:"onlyInApi"`
	OnlyInDictionary []string              `json:"onlyInDictionary"`
}

func (a *app) printSurvey(s *dictionary.Survey, joined *dictionary.Joined) error {
	if a.json {
		return a.writeJSON(surveyJSON{s, append([]dictionary.Conflict{}, joined.Conflicts...), append([]string{}, joined.OnlyInAPI...), append([]string{}, joined.OnlyInDictionary...)})
	}
	t := newTable(a.out, "FORM", "QUESTION", "REQUIRED", "RECORDS", "MISSING", "EXCUSED", "UNDECIDED", "OUTSIDE", "UNCLEAR")
	for _, f := range s.Forms {
		for _, q := range f.Questions {
			if q.Missing+q.Excused+q.Undecided+q.Unlisted+q.Unclear == 0 {
				continue
			}
			if err := t.add(f.Form, q.Question, string(q.Required), number(f.Records), number(q.Missing), number(q.Excused), number(q.Undecided), number(q.Unlisted), number(q.Unclear)); err != nil {
				return err
			}
		}
	}
	if err := t.flush(); err != nil {
		return err
	}
	for _, c := range joined.Conflicts {
		if err := a.printf("%s\n", printable(c.String())); err != nil {
			return err
		}
	}
	return a.printf("%s\n%s\n", joined, s)
}

func yesNo(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}
