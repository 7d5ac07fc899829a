package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime/debug"
	"time"

	"github.com/spf13/cobra"

	"github.com/imednetgo/imednet/dictionary"
	"github.com/imednetgo/imednet/pipeline"
	"github.com/imednetgo/imednet/workflows/tables"
)

type exportOptions struct {
	source  sourceOptions
	files   fileOptions
	layout  string
	phi     []string
	keyFile string
	text    []string
	ages    []string
	records exportSelection
	strict  bool
	verify  bool
	recipe  pipeline.Recipe // of the plan that wants it

	dictionary givenDictionary
	choices    string
}

func (o exportOptions) check() error {
	if err := o.checkChoices(); err != nil {
		return err
	}
	if len(o.phi)+len(o.text)+len(o.ages) > 0 && o.keyFile == "" {
		return usagef("--phi, --free-text and --ages require --deidentify-key-file")
	}
	return orFirst(o.files.check(), oneOf("--layout", o.layout, pipeline.PerForm, pipeline.Wide, pipeline.Hive, pipeline.HivePerForm))
}

func newExport(a *app) *cobra.Command {
	var o exportOptions
	cmd := &cobra.Command{
		Use:     "export STUDY",
		GroupID: groupData,
		Short:   "Write the records of a study as Parquet, CSV or NDJSON",
		Long: `Write the records of a study as tables, with a manifest that describes them and a file
of the values that did not fit. A directory holds one export per prefix: writing again
replaces it entirely once the last row is written, not before. With --layout hive
or hive-forms several studies share a directory. --check verifies the files, even after an export
was killed.

--site, --subject, --visit, --where, --forms and --variables select records and columns;
the manifest records the selection. --infer-types and --extra-columns first read every
answer once; --plan takes the columns of an earlier export, so that they stay the same.

--layout forms writes one table per form, wide one table of all forms, and hive one
table per form in directories that query engines read as one table. For a study of
very many columns, hive-forms gives each of these tables its own columns only; tell
the engine to merge columns by name.

With --dictionary, answers to questions with choices are shown by them, as the design
export lists them: --choices text, code (the text where there is none) or both, which
adds a column NAME_CODE; captions have no HTML. Answers that are not one choice, or
whose choice would be shown like another, stay as they are, and are counted on standard
error. --where selects answers as they were received. The metadata of a column have the
list. --categories also makes the columns dictionaries of Arrow that begin with it, for
readers with categories or factors.

With --deidentify-key-file subjects get pseudonyms, dates are shifted, the --phi
variables are dropped, and all text is masked except that of the variables listed in
--free-text.`,
		Example:     "  imednet export CARDIO --dir out\n  imednet export CARDIO --cached --dir out --format csv --forms AE,DM\n  imednet export CARDIO --dir out --layout wide\n  imednet export CARDIO --dir out --deidentify-key-file secret --phi DM.BRTHDTC",
		Args:        cobra.ExactArgs(1),
		Annotations: map[string]string{afterInterrupt: "the previous content of the directory is unchanged; run the command again"},
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := o.check(); err != nil {
				return err
			}
			if o.verify {
				return a.checkExport(args[0], o)
			}
			return a.withSource(cmd.Context(), o.source, func(s studySource) error {
				return a.export(cmd.Context(), s, args[0], o)
			})
		},
	}
	o.source.flags(cmd)
	o.files.flags(cmd, pipeline.DefaultPrefix)
	o.records.flags(cmd)
	f := cmd.Flags()
	f.StringVar(&o.layout, "layout", string(pipeline.PerForm), "forms, wide, hive or hive-forms")
	choices(cmd, "layout", "forms", "wide", "hive", "hive-forms")
	f.BoolVar(&o.verify, "check", false, "write no export: complete one that was killed, and compare every file with the manifest")
	f.BoolVar(&o.strict, "strict", false, "fail at the first value that does not fit")
	f.StringVar(&o.keyFile, "deidentify-key-file", "", "`file` with the secret, 16 bytes or more")
	f.StringSliceVar(&o.phi, "phi", nil, "`variables` that identify a person, NAME or FORM.NAME")
	f.StringSliceVar(&o.text, "free-text", nil, "text `variables` that have been reviewed and may pass, NAME or FORM.NAME")
	f.StringSliceVar(&o.ages, "ages", nil, "`variables` that hold ages; 90 and over become 90")
	o.dictionary.flags(cmd, "show answers by the choices of the study's design export")
	f.StringVar(&o.choices, "choices", "", "with --dictionary: text (the default), code or both")
	choices(cmd, "choices", "text", "code", "both")
	required(cmd, "dir")
	return cmd
}

// checkChoices keeps codes out of files without persons: a column that was added could hold what a
// dropped one held.
func (o exportOptions) checkChoices() error {
	switch {
	case (o.choices != "" || o.records.categories) && o.dictionary.path == "":
		return usagef("--choices and --categories go with --dictionary")
	case o.records.categories && o.files.format != string(pipeline.Parquet):
		return usagef("--categories goes with --format parquet")
	case o.choices == string(dictionary.ChoicesAsBoth) && o.keyFile != "":
		return usagef("--choices both and --deidentify-key-file exclude each other; use text or code")
	case o.choices != "":
		return oneOf("--choices", o.choices, dictionary.ChoicesAsText, dictionary.ChoicesAsCode, dictionary.ChoicesAsBoth)
	}
	return nil
}

// exportMemory is where Go's collector begins to work harder, unless GOMEMLIMIT says otherwise: what the
// export of a very wide study needs for a moment goes at once.
const exportMemory = 320 << 20

func (a *app) export(ctx context.Context, source studySource, study string, o exportOptions) error {
	manifest, err := a.writeExport(ctx, source, study, o)
	switch {
	case err != nil:
		return err
	case a.json:
		return a.writeJSON(manifest)
	}
	return a.printManifest(manifest, o.files.dir)
}

// writeExport writes the records of a study as files.
func (a *app) writeExport(ctx context.Context, source studySource, study string, o exportOptions) (*pipeline.Manifest, error) {
	if os.Getenv("GOMEMLIMIT") == "" {
		defer debug.SetMemoryLimit(debug.SetMemoryLimit(exportMemory))
	}
	shown, err := a.withChoices(ctx, o.dictionary, dictionary.ChoiceMode(cmp.Or(o.choices, string(dictionary.ChoicesAsText))), source, study)
	if err != nil {
		return nil, err
	}
	mapper, err := o.mapper(shown.source)
	if err != nil {
		return nil, err
	}
	selection, err := o.records.mapOptions(ctx, mapper, study, shown)
	if err != nil {
		return nil, err
	}
	// In a wide table all metadata columns are needed to tell deleted records apart.
	selection.Strict, selection.AllMetadata = o.strict, true
	bar := a.progress()
	defer bar.finish()
	p, err := pipeline.New(pipeline.WithProgress(bar.report))
	if err != nil {
		return nil, err
	}
	write := map[pipeline.Format]func(context.Context, *tables.RecordMapper, string, string, pipeline.DataSetOptions) (*pipeline.Manifest, error){
		pipeline.Parquet: p.WriteParquet, pipeline.CSV: p.WriteCSV, pipeline.NDJSON: p.WriteNDJSON}[pipeline.Format(o.files.format)]
	manifest, err := write(ctx, mapper, study, o.files.dir, pipeline.DataSetOptions{
		Map: selection, Layout: pipeline.Layout(o.layout), Prefix: o.files.prefix, NoFormulaGuard: o.files.noGuard, FileRows: o.files.fileRows,
		Recipe: o.recipe, Dictionary: shown.hash,
	})
	return manifest, orFirst(err, shown.told())
}

// checkExport ends what a killed export left and proves the files.
func (a *app) checkExport(study string, o exportOptions) error {
	dir, manifest, recovered, err := findExport(study, o)
	if err != nil {
		return err
	}
	if manifest.StudyKey != study {
		return &notFoundError{kind: "export of the study", name: study, hint: fmt.Sprintf("the one in %s is of the study %s", printable(dir), quoted(manifest.StudyKey))}
	}
	if err := manifest.Verify(dir); err != nil {
		return err
	}
	if a.json {
		return a.writeJSON(manifest)
	}
	if recovered {
		if err := a.printf("An interrupted export was completed: files that the manifest does not list were removed.\n"); err != nil {
			return err
		}
	}
	return a.printf("%s: every file of generation %d, written %s, matches the manifest.\n", dir, manifest.Generation, manifest.Created.Format(time.DateTime))
}

// batchBytes keeps the batches of a wide study small: the pipeline gathers them into row groups anyway.
const batchBytes = 8 << 20

func (o exportOptions) mapper(source studySource) (*tables.RecordMapper, error) {
	options := []tables.Option{tables.WithBatchBytes(batchBytes)}
	if o.keyFile == "" {
		return tables.NewRecordMapper(source, options...)
	}
	key, err := os.ReadFile(o.keyFile)
	if err != nil {
		return nil, err
	}
	options = append(options, tables.WithDeidentification(tables.Deidentification{Key: key, PHIFields: o.phi, FreeText: o.text, AgeFields: o.ages}))
	return tables.NewRecordMapper(source, options...)
}

func (a *app) printManifest(m *pipeline.Manifest, dir string) error {
	t := newTable(a.out, "FORM", "ROWS", "FILES")
	for _, table := range m.Tables {
		if err := t.add(cmp.Or(table.Name, "all forms"), number(table.Rows), number(len(table.Files))); err != nil {
			return err
		}
	}
	if err := t.flush(); err != nil {
		return err
	}
	listed := ""
	if m.Rejects.Path != "" {
		listed = ", listed in " + filepath.Join(pipeline.DataSetDir(dir, m.Layout, m.StudyKey), m.Rejects.Path)
	}
	r := m.Report
	err := a.printf("%d records = %d rows in %s + %d rejected + %d deleted + %d not selected; %d values did not fit%s\n",
		r.Records, r.Rows, dir, r.RecordsRejected, r.Deleted, r.OtherForms+r.OtherVisits+r.NotSelected, r.Rejected+r.FieldsRejected, listed)
	err = errors.Join(err, a.printDoubtful(r.Doubtful))
	if r.Unclear > 0 {
		err = errors.Join(err, a.printf("%d of those not selected have an ambiguous answer: %s.\n", r.Unclear, whyUnclear))
	}
	if m.Deidentified {
		err = errors.Join(err, a.printf("Text: %d columns masked, %d passed unchanged; the manifest lists them under masked and freeText.\n",
			len(m.MaskedColumns), len(m.FreeTextColumns)))
	}
	return err
}

// findExport ends what a killed export left and reads the manifest: where the layout that was named puts it, or else where
// the others do.
func findExport(study string, o exportOptions) (dir string, manifest *pipeline.Manifest, recovered bool, err error) {
	var missing error
	for _, layout := range []pipeline.Layout{pipeline.Layout(o.layout), pipeline.Hive, pipeline.PerForm} {
		dir = pipeline.DataSetDir(o.files.dir, layout, study)
		if recovered, err = pipeline.Recover(dir, o.files.prefix); err != nil {
			return dir, nil, recovered, err
		}
		manifest, err = pipeline.ReadManifest(dir, o.files.prefix)
		if !errors.Is(err, fs.ErrNotExist) {
			return dir, manifest, recovered, err
		}
		missing = cmp.Or(missing, err)
	}
	return dir, nil, false, missing
}
