package main

import (
	"github.com/spf13/cobra"

	"github.com/imednetgo/imednet/workflows/subjects"
)

func newSubject(a *app) *cobra.Command {
	var o subjects.Options
	cmd := &cobra.Command{
		Use:     "subject STUDY SUBJECT",
		GroupID: groupData,
		Short:   "Show everything about one subject",
		Long: `Show everything about one subject: visits, records and queries. Answers are shown only
with --json. If a part cannot be read, the others are shown and the command fails.`,
		Example:     "  imednet subject CARDIO 01-001\n  imednet subject CARDIO 01-001 --revisions --json",
		Args:        cobra.ExactArgs(2),
		Annotations: afterReading,
		RunE: func(cmd *cobra.Command, args []string) error {
			client, err := a.client()
			if err != nil {
				return err
			}
			workflow, err := subjects.NewSubjectData(client)
			if err != nil {
				return err
			}
			data, failed := workflow.AllSubjectData(cmd.Context(), args[0], args[1], o)
			if data == nil {
				return failed
			}
			if a.json {
				return orFirst(failed, a.writeJSON(data))
			}
			return orFirst(failed, a.printSubject(data))
		},
	}
	cmd.Flags().BoolVar(&o.Codings, "codings", false, "also read the codings")
	cmd.Flags().BoolVar(&o.Revisions, "revisions", false, "also read the audit trail")
	cmd.Flags().BoolVar(&o.IncludeDeleted, "include-deleted", false, "include soft-deleted rows")
	return cmd
}

func (a *app) printSubject(d *subjects.SubjectComprehensiveData) error {
	s := d.Subject
	if err := a.printf("%s\n\n", printable("Subject "+s.SubjectKey.Or("")+", "+s.SiteName.Or("no site")+", "+s.SubjectStatus.Or("no status"))); err != nil {
		return err
	}
	records := newTable(a.out, recordRows.columns...)
	for _, r := range d.Records {
		if err := records.add(recordRows.cells(r)...); err != nil {
			return err
		}
	}
	if err := records.flush(); err != nil {
		return err
	}
	if len(d.Queries) > 0 {
		if err := a.printf("\n"); err != nil {
			return err
		}
	}
	queries := newTable(a.out, queryRows.columns...)
	for _, q := range d.Queries {
		if err := queries.add(queryRows.cells(q)...); err != nil {
			return err
		}
	}
	if err := queries.flush(); err != nil {
		return err
	}
	return a.printf("\n%s\n", d)
}
