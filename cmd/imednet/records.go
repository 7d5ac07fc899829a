package main

import (
	"cmp"
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/workflows/criteria"
)

func newRecords(a *app) *cobra.Command {
	cmd := parent("records", "Find records", newRecordsList(a), newRecordsExtract(a))
	cmd.GroupID = groupData
	return cmd
}

type extractOptions struct {
	records, data, subjects, visits []string
	text, includeDeleted            bool
	source                          sourceOptions
	shown                           listOptions
}

func newRecordsExtract(a *app) *cobra.Command {
	var o extractOptions
	cmd := &cobra.Command{
		Use:   "extract STUDY",
		Short: "List the records that match, with filters on subjects and visits",
		Long: `List the records that match filters on records, answers, subjects and visits. A filter
is key=value, or with !=, <, <=, > or >= instead of =, or "key is blank" or "is not
blank"; several of the same kind must all match. true and false are read as booleans
and numbers as numbers unless --text is given; attributes that are text stay text.
Answers are shown only with --json. The server evaluates --data-filter by rules
of its own, and the mirror does not; "imednet records list --where" compares answers as
this program reads them, and with --cached too. Records of soft-deleted subjects are
left out with soft-deleted ones, and counted.`,
		Example:     "  imednet records extract CARDIO --record-filter formKey=AE \\\n    --subject-filter 'siteName=Site 01'\n  imednet records extract CARDIO \\\n    --record-filter 'dateModified>=2026-01-01T00:00:00Z' --json",
		Args:        cobra.ExactArgs(1),
		Annotations: afterReading,
		RunE: func(cmd *cobra.Command, args []string) error {
			selection, err := o.criteria()
			if err != nil {
				return err
			}
			return a.withSource(cmd.Context(), o.source, func(s studySource) error {
				return a.extractRecords(cmd.Context(), s, args[0], selection, o.shown)
			})
		},
	}
	o.source.flags(cmd)
	o.shown.flags(cmd)
	f := cmd.Flags()
	f.StringArrayVar(&o.records, "record-filter", nil, "`key=value` of the record; repeatable")
	f.StringArrayVar(&o.data, "data-filter", nil, "`variable=value` of the answers, also =~ for contains; repeatable")
	f.StringArrayVar(&o.subjects, "subject-filter", nil, "`key=value` of the record's subject; repeatable")
	f.StringArrayVar(&o.visits, "visit-filter", nil, "`key=value` of the record's visit; repeatable")
	f.BoolVar(&o.text, "text", false, "treat every value as text, so that 007 stays 007")
	f.BoolVar(&o.includeDeleted, "include-deleted", false, "include soft-deleted records, and those of soft-deleted subjects and visits")
	return cmd
}

func (o extractOptions) criteria() (criteria.RecordCriteria, error) {
	c := criteria.RecordCriteria{IncludeDeleted: o.includeDeleted}
	for _, part := range []struct {
		args  []string
		parse func([]string, bool) (imednet.Filter, error)
		to    *imednet.Filter
	}{{o.records, parseFilter, &c.Records}, {o.data, parseDataFilter, &c.RecordData}, {o.subjects, parseFilter, &c.Subjects}, {o.visits, parseFilter, &c.Visits}} {
		filter, err := part.parse(part.args, o.text)
		if err != nil {
			return c, err
		}
		*part.to = filter
	}
	return c, nil
}

func (a *app) extractRecords(ctx context.Context, source studySource, study string, selection criteria.RecordCriteria, shown listOptions) error {
	workflow, err := criteria.NewDataExtraction(source)
	if err != nil {
		return err
	}
	run := workflow.Extract(ctx, study, selection)
	if a.inTable(shown) {
		if err := a.printf("Extracting records for study '%s'...\n", study); err != nil {
			return err
		}
	}
	n, err := writeRows(a, shown, run.Records(), recordRows)
	report := run.Report()
	err = a.noteDoubtful(a.noteUnclear(a.noteNotAsked(err, report), report.Unclear), report.Doubtful)
	switch {
	case err != nil || !a.inTable(shown):
		return a.noteLeftOut(err, report.Deleted)
	case n == 0 && report.Deleted == 0:
		return a.printf("No records found matching the criteria.\n")
	}
	return a.printf("Found %d matching records; %d read, %d deleted (%d with their subject) and %d others left out.\n",
		n, report.Read, report.Deleted, report.OfDeletedSubjects, report.Unmatched)
}

// noteNotAsked says on standard error that subjects or visits match whose records were not read,
// because they are deleted themselves.
func (a *app) noteNotAsked(err error, report criteria.RecordReport) error {
	if err == nil && report.DeletedSubjects+report.DeletedVisits > 0 {
		_, err = fmt.Fprintf(a.errOut, "%d deleted subjects and %d deleted visits match and were left out; --include-deleted takes theirs\n",
			report.DeletedSubjects, report.DeletedVisits)
	}
	return err
}

var recordRows = listing[imednet.Record]{
	columns: []column[imednet.Record]{
		{"record", "RECORD", func(r imednet.Record) any { return r.RecordID }},
		{"form", "FORM", func(r imednet.Record) any { return textCell(r.FormKey) }},
		{"subject", "SUBJECT", func(r imednet.Record) any { return textCell(r.SubjectKey) }},
		{"visitId", "VISIT", func(r imednet.Record) any { return orNothing(r.VisitID.Or(0)) }},
		{"status", "STATUS", func(r imednet.Record) any { return textCell(r.RecordStatus) }},
		{"modified", "MODIFIED", func(r imednet.Record) any { return timeCell(r.DateModified) }},
		{"deleted", "DELETED", func(r imednet.Record) any { return cmp.Or(unreadable(&r), flagCell(r.Deleted, "deleted")) }},
	},
	encode: imednet.Encode[imednet.Record],
}
