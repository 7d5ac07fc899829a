package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/imednetgo/imednet/pipeline"
	"github.com/imednetgo/imednet/workflows"
	"github.com/spf13/cobra"
)

type exportOptions struct {
	source   sourceOptions
	dir      string
	format   string
	forms    []string
	phi      []string
	keyFile  string
	deleted  bool
	strict   bool
	noGuard  bool
	hive     bool
	fileRows int
}

func newExport(a *app) *cobra.Command {
	var o exportOptions
	cmd := &cobra.Command{
		Use:     "export STUDY",
		GroupID: groupData,
		Short:   "Write the records of a study as Parquet, CSV or NDJSON",
		Long: `Write the records of a study as tables, one for each form, with a manifest that says
what they are and a file of the values that did not fit. A directory holds one export:
writing again replaces it as a whole when the last row is written, not before.

With --deidentify-key-file subjects get pseudonyms, dates move, and the --phi variables are
dropped. Other free text stays: the command lists where.`,
		Example:     "  imednet export CARDIO --dir out\n  imednet export CARDIO --cached --dir out --format csv --forms AE,DM\n  imednet export CARDIO --dir out --deidentify-key-file secret --phi DM.BRTHDTC",
		Args:        cobra.ExactArgs(1),
		Annotations: map[string]string{afterInterrupt: "what the directory held before is untouched; run the command again"},
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(o.phi) > 0 && o.keyFile == "" {
				return usagef("--phi needs --deidentify-key-file")
			}
			return a.withSource(cmd.Context(), o.source, func(s studySource) error {
				return a.export(cmd.Context(), s, args[0], o)
			})
		},
	}
	o.source.flags(cmd)
	f := cmd.Flags()
	f.StringVar(&o.dir, "dir", "", "`directory` to write to")
	f.StringVar(&o.format, "format", "parquet", "parquet, csv or ndjson")
	f.StringSliceVar(&o.forms, "forms", nil, "only these form `keys`")
	f.BoolVar(&o.deleted, "include-deleted", false, "keep soft-deleted records")
	f.BoolVar(&o.strict, "strict", false, "fail at the first value that does not fit")
	f.BoolVar(&o.hive, "hive", false, "directories that engines read as one table")
	f.BoolVar(&o.noGuard, "no-formula-guard", false, "leave text in CSV that a spreadsheet takes for a formula")
	f.IntVar(&o.fileRows, "file-rows", 0, "rows of a file (default 1000000)")
	f.StringVar(&o.keyFile, "deidentify-key-file", "", "`file` with the secret, 16 bytes or more")
	f.StringSliceVar(&o.phi, "phi", nil, "`variables` that identify a person, NAME or FORM.NAME")
	required(cmd, "dir")
	return cmd
}

func (a *app) export(ctx context.Context, source studySource, study string, o exportOptions) error {
	mapper, err := o.mapper(source)
	if err != nil {
		return err
	}
	bar := a.progress()
	defer bar.finish()
	p, err := pipeline.New(pipeline.WithProgress(bar.report))
	if err != nil {
		return err
	}
	write := map[string]func(context.Context, *workflows.RecordMapper, string, string, pipeline.DataSetOptions) (*pipeline.Manifest, error){
		"parquet": p.WriteParquet, "csv": p.WriteCSV, "ndjson": p.WriteNDJSON}[o.format]
	if write == nil {
		return usagef("--format is parquet, csv or ndjson")
	}
	manifest, err := write(ctx, mapper, study, o.dir, pipeline.DataSetOptions{
		Map:  workflows.MapOptions{Forms: o.forms, IncludeDeleted: o.deleted, Strict: o.strict},
		Hive: o.hive, NoFormulaGuard: o.noGuard, FileRows: o.fileRows,
	})
	if err != nil {
		return err
	}
	bar.finish()
	if a.json {
		return a.writeJSON(manifest)
	}
	return a.printManifest(manifest, o.dir)
}

func (o exportOptions) mapper(source studySource) (*workflows.RecordMapper, error) {
	if o.keyFile == "" {
		return workflows.NewRecordMapper(source)
	}
	key, err := os.ReadFile(o.keyFile)
	if err != nil {
		return nil, err
	}
	mapper, err := workflows.NewRecordMapper(source, workflows.WithDeidentification(workflows.Deidentification{Key: key, PHIFields: o.phi}))
	return mapper, err
}

func (a *app) printManifest(m *pipeline.Manifest, dir string) error {
	t := newTable(a.out, "FORM", "ROWS", "FILES")
	for _, table := range m.Tables {
		if err := t.add(table.FormKey, number(table.Rows), number(len(table.Files))); err != nil {
			return err
		}
	}
	if err := t.flush(); err != nil {
		return err
	}
	r := m.Report
	lines := fmt.Sprintf("%d records = %d rows in %s + %d rejected + %d deleted + %d of other forms; %d values did not fit\n",
		r.Records, r.Rows, dir, r.RecordsRejected, r.Deleted, r.OtherForms+r.OtherVisits, m.Rejects)
	err := a.printf("%s", lines)
	if m.Deidentified && len(m.UntouchedText) > 0 {
		err = errors.Join(err, a.printf("Free text that was not touched: %d columns, listed in the manifest under untouchedText.\n", len(m.UntouchedText)))
	}
	return err
}
