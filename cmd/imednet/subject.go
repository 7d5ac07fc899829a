package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/imednetgo/imednet/workflows/subjects"
)

// subjectOptions say what of a subject is shown, and out of what.
type subjectOptions struct {
	subjects.Options
	source   sourceOptions
	noValues bool
	changes  int
}

func newSubject(a *app) *cobra.Command {
	var o subjectOptions
	cmd := &cobra.Command{
		Use:     "subject STUDY SUBJECT",
		GroupID: groupData,
		Short:   "Show everything about one subject",
		Long: `Show everything about one subject: visits by date, the forms of each visit with their
answers, queries and, out of the mirror, the newest changes. If a part cannot be read,
the others are shown and the command fails.`,
		Example:     "  imednet subject CARDIO 01-001\n  imednet subject CARDIO 01-001 --cached --changes 50\n  imednet subject CARDIO 01-001 --revisions --json",
		Args:        cobra.ExactArgs(2),
		Annotations: afterReading,
		RunE: func(cmd *cobra.Command, args []string) error {
			if o.changes < 0 {
				return usagef("--changes must not be negative")
			}
			return a.withSource(cmd.Context(), o.source, func(s studySource) error {
				return a.showSubject(cmd.Context(), s, args[0], args[1], o)
			})
		},
	}
	o.source.flags(cmd)
	cmd.Flags().BoolVar(&o.Codings, "codings", false, "also read the codings")
	cmd.Flags().BoolVar(&o.Revisions, "revisions", false, "also read the audit trail")
	cmd.Flags().BoolVar(&o.IncludeDeleted, "include-deleted", false, "include soft-deleted rows")
	cmd.Flags().BoolVar(&o.noValues, "no-answers", false, "show the forms without their answers")
	cmd.Flags().IntVar(&o.changes, "changes", 20, "with --cached, show so `many` of the newest changes")
	return cmd
}

func (a *app) showSubject(ctx context.Context, source studySource, study, key string, o subjectOptions) error {
	workflow, err := subjects.NewSubjectData(source)
	if err != nil {
		return err
	}
	data, failed := workflow.AllSubjectData(ctx, study, key, o.Options)
	if data == nil {
		return failed
	}
	if a.json {
		return orFirst(failed, a.writeJSON(data))
	}
	page, err := a.readSubjectPage(ctx, source, data, o)
	if err != nil {
		return orFirst(failed, err)
	}
	return orFirst(failed, a.printSubject(page))
}
