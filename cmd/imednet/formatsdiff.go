package main

import (
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/imednetgo/imednet/cdisc"
)

func newFormatsDiff(a *app) *cobra.Command {
	var o cdisc.DiffOptions
	var values bool
	var encoding string
	cmd := &cobra.Command{
		Use:   "diff A B",
		Short: "Compare two XPORT or Dataset-JSON files",
		Long: `Compare two XPORT or Dataset-JSON files, of any version and form, by matching rows
with equal keys. The output is that they are equal, or the number of differences and
the first of them. The key is the one named by a Dataset-JSON file, or --key; without
a key rows are compared in order.

The keys of differing rows are shown; their values only with --values.`,
		Example:     "  imednet formats diff submission/ae.xpt submission/ae.json\n  imednet formats diff ours.xpt theirs.xpt --key USUBJID,AESEQ --values",
		Args:        cobra.ExactArgs(2),
		Annotations: afterReading,
		RunE: func(cmd *cobra.Command, args []string) error {
			first, err := cdisc.OpenFile(args[0], cdisc.WithEncoding(cdisc.Encoding(encoding)))
			if err != nil {
				return err
			}
			second, err := cdisc.OpenFile(args[1], cdisc.WithEncoding(cdisc.Encoding(encoding)))
			if err != nil {
				return err
			}
			o.TempDir = os.TempDir()
			report, err := cdisc.Diff(cmd.Context(), first, second, o)
			if err != nil {
				return err
			}
			return a.showDiff(report, values)
		},
	}
	cmd.Flags().StringSliceVar(&o.Key, "key", nil, "`variables` by which rows are matched")
	cmd.Flags().IntVar(&o.Limit, "limit", 20, "number of differences to show")
	cmd.Flags().StringVar(&encoding, "encoding", string(cdisc.UTF8), "encoding of texts in the XPORT files: "+strings.Join(encodings, ", "))
	choices(cmd, "encoding", encodings...)
	cmd.Flags().BoolVar(&values, "values", false, "show the values that differ")
	return cmd
}

func (a *app) showDiff(r *cdisc.DiffReport, values bool) error {
	if !values {
		for i := range r.Differences {
			if r.Differences[i].Kind == cdisc.DiffValue {
				r.Differences[i].First, r.Differences[i].Second = "", ""
			}
		}
	}
	err := a.printDiff(r)
	if err == nil && !r.Equal {
		return &differError{"the files differ"}
	}
	return err
}

func (a *app) printDiff(r *cdisc.DiffReport) error {
	if a.json {
		return a.writeJSON(r)
	}
	if r.Equal {
		return a.printf("%s\n", r)
	}
	t := newTable(a.out, "DIFFERENCE", "KEY", "VARIABLE", "FIRST", "SECOND")
	for _, d := range r.Differences {
		if err := t.add(string(d.Kind), strings.Join(d.Key, " "), d.Variable, d.First, d.Second); err != nil {
			return err
		}
	}
	return orFirst(t.flush(), a.printf("%s\n", r))
}
