package main

import (
	"context"
	"iter"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/spf13/cobra"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/extraction"
)

type explainOptions struct {
	canonical canonicalOptions
	domain    string
	query     extraction.LineageQuery
}

func newExplain(a *app) *cobra.Command {
	o := explainOptions{canonical: canonicalOptions{draft: true}}
	cmd := &cobra.Command{
		Use:     "explain",
		GroupID: groupData,
		Short:   "Explain where values of canonical data come from",
		Long: `Explain where values of canonical data come from: record, revision, variable, rule and
configuration. Below a derived or computed value are the values from which it was
made. --record or --subject, --domain and --field select the values; omitted flags
select all. Rejected rows are also explained, with the reasons.`,
		Example:     "  imednet explain --configuration cardio.json --record 100073\n  imednet explain --configuration cardio.json --cached \\\n    --subject 01-001 --domain ADAE --field TRTEMFL",
		Args:        cobra.NoArgs,
		Annotations: afterReading,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if cmd.Flags().Changed("record") && o.query.RecordID <= 0 {
				return usagef("--record must be the id of a record")
			}
			o.query.Domain = extraction.Domain(strings.ToUpper(o.domain))
			return a.canonical(cmd.Context(), o.canonical, func(r canonicalRun) error {
				return a.explain(cmd.Context(), r, o.query)
			})
		},
	}
	o.canonical.flags(cmd)
	cmd.Flags().Int64Var(&o.query.RecordID, "record", 0, "`id` of the record from which the values come")
	cmd.Flags().StringVar(&o.query.SubjectKey, "subject", "", "`key` of the subject")
	cmd.Flags().StringVar(&o.domain, "domain", "", "AE, PD, DD, ADSL, ADAE or ADLB")
	choices(cmd, "domain", "AE", "PD", "DD", "ADSL", "ADAE", "ADLB")
	cmd.Flags().StringVar(&o.query.Field, "field", "", "`name` of the field, such as aeTerm")
	return cmd
}

func (a *app) explain(ctx context.Context, r canonicalRun, q extraction.LineageQuery) error {
	if revisions, ok := r.source.(imednet.RevisionReader); ok && (q.RecordID != 0 || q.SubjectKey != "") {
		r.options.Revisions = revisions // one subject's; of a whole study they would be a listing for each
	}
	r.options.Progress = nil // it would stand between the lines
	rows := r.engine.Lineage(ctx, r.source, q, r.options)
	if a.json {
		_, err := writeArray(a.out, rows, func(row extraction.RowLineage) (jsontext.Value, error) { return json.Marshal(row) })
		return err
	}
	return a.printLineage(rows)
}

func (a *app) printLineage(rows iter.Seq2[extraction.RowLineage, error]) error {
	for row, err := range rows {
		if err != nil {
			return err
		}
		title := string(row.Row.Domain) + " of subject " + row.Row.SubjectKey
		if id := row.Row.RecordID(); id != 0 {
			title += ", record " + number(id) + " of form " + row.Row.FormKey()
		}
		lines := []string{title}
		for _, v := range row.Rejected {
			lines = append(lines, "  rejected: "+strings.TrimSpace(v.Field+" "+v.Message))
		}
		for _, l := range row.Values {
			for line := range strings.Lines(l.Tree()) { // what it was made of stands below it, further in
				lines = append(lines, "  "+strings.TrimSuffix(line, "\n"))
			}
		}
		for _, line := range lines {
			if err := a.printf("%s\n", printable(line)); err != nil {
				return err
			}
		}
	}
	return nil
}
