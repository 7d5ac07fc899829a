package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/spf13/cobra"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/cache"
	"github.com/imednetgo/imednet/dictionary"
	lists "github.com/imednetgo/imednet/internal/listing"
	"github.com/imednetgo/imednet/workflows/report"
)

type reportOptions struct {
	cache, cut     string
	version        int64
	out            string
	replace        bool
	dictionary     string
	dictionaryOpts dictionaryOptions
	configuration  string
	forms          []string
	severity       string
	serious        string
	store          string
	build          report.Options
}

func newReport(a *app) *cobra.Command {
	var o reportOptions
	cmd := &cobra.Command{
		Use:     "report STUDY",
		GroupID: groupData,
		Short:   "Write a study at a glance as one page, from the mirror",
		Long: `Write a study at a glance as one HTML page, from the mirror: sites, enrolment, visits,
queries, time of data entry, blank answers, adverse events, the review queue and
changes of the design. Every number leads to the rows behind it. The page is one file,
works offline and loads nothing.

It holds counts only: no key, name, date or text of a subject, unless --show-values is
set. Nothing is guessed: what the data do not say is shown as unknown, and adverse
events are counted only if --ae-form or --configuration says where they are.`,
		Example: "  imednet report CARDIO --out cardio.html\n  imednet report CARDIO --out ia1.html --cut 'IA1 2026-11-30' --ae-form AE\n" +
			"  imednet report CARDIO --json --dictionary export.zip",
		Args:        cobra.ExactArgs(1),
		Annotations: map[string]string{afterInterrupt: "no file was written; run the command again"},
		RunE: func(cmd *cobra.Command, args []string) error {
			if cmd.Flags().Changed("as-of") && o.version < 1 {
				return usagef("--as-of must be a version of the mirror, from 1; `imednet cache status` shows the newest")
			}
			if o.out == "" && !a.json {
				return usagef("--out names the file to write; --json writes the report itself")
			}
			return a.report(cmd.Context(), args[0], o)
		},
	}
	cacheFlag(cmd, &o.cache)
	f := cmd.Flags()
	f.StringVar(&o.out, "out", "", "`file` to write, which must not exist")
	f.BoolVar(&o.replace, "replace", false, "replace the file if it exists")
	f.StringVar(&o.cut, "cut", "", "report the data cut of this `name`")
	f.Int64Var(&o.version, "as-of", 0, "report this `version` of the mirror")
	f.BoolVar(&o.build.ShowValues, "show-values", false, "show keys, dates, texts and every median, which are subject data")
	f.IntVar(&o.build.GroupSize, "group-size", report.DefaultGroupSize, "`subjects` that must lie on either side of a median")
	f.IntVar(&o.build.LateDays, "late-days", report.DefaultLateDays, "`days` after the visit from which on entry is late")
	f.IntVar(&o.build.OverdueDays, "overdue-days", report.DefaultOverdueDays, "`days` from which on an open query is overdue")
	f.IntVar(&o.build.MaxRows, "max-rows", report.DefaultMaxRows, "`rows` kept behind the numbers, per table")
	o.dictionaryOpts.optionFlags(cmd, &o.dictionary, "the design export that says which questions are required")
	f.StringSliceVar(&o.forms, "ae-form", nil, "`keys` of forms that hold adverse events")
	f.StringVar(&o.severity, "ae-severity", "", "their `variable` of severity (default AESEV)")
	f.StringVar(&o.serious, "ae-serious", "", "their `variable` of seriousness (default AESER)")
	f.StringVar(&o.configuration, "configuration", "", "the study configuration's `file`, which says where adverse events are")
	triageFlag(cmd, &o.store)
	cmd.MarkFlagsMutuallyExclusive("ae-form", "configuration")
	cmd.MarkFlagsMutuallyExclusive("cut", "as-of")
	return cmd
}

func (a *app) report(ctx context.Context, study string, o reportOptions) (err error) {
	if err := o.outIsFree(); err != nil {
		return err
	}
	mirror, err := a.readMirror(ctx, o.cache)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, mirror.Close()) }()
	view, err := o.view(ctx, mirror, study)
	if err != nil {
		return err
	}
	built, err := a.buildReport(ctx, view, study, o)
	if err != nil {
		return err
	}
	return a.writeReport(built, o)
}

// outIsFree refuses early to overwrite a file; with --replace, one that is no page.
func (o reportOptions) outIsFree() error {
	if o.replace {
		return mayReplace(o.out, beginsPage)
	}
	if o.out == "" {
		return nil
	}
	if _, err := os.Lstat(o.out); !errors.Is(err, fs.ErrNotExist) {
		if err == nil {
			err = &fs.PathError{Op: "create", Path: o.out, Err: fs.ErrExist}
		}
		return &imednet.Error{Package: "imednet", Op: "report", Err: err, Hint: "--replace replaces it"}
	}
	return nil
}

// view is the moment of the mirror that is reported.
func (o reportOptions) view(ctx context.Context, mirror *cache.CachedRecordsLoader, study string) (*cache.View, error) {
	if o.version > 0 {
		return mirror.AsOf(ctx, study, imednet.MirrorVersion(o.version))
	}
	return (&sourceOptions{cut: o.cut}).view(mirror), nil
}

func (a *app) buildReport(ctx context.Context, view *cache.View, study string, o reportOptions) (*report.Report, error) {
	opts := o.build
	opts.Absent = notInMirror
	opts.DesignChanges = designChanges(ctx, view, study)
	var err error
	if opts.AdverseEvents, err = o.adverseEvents(study); err != nil {
		return nil, err
	}
	if opts.Requirements, err = o.requirements(ctx, a, view, study); err != nil {
		return nil, err
	}
	if opts.Review, err = a.reviewItems(ctx, o.store, study); err != nil {
		return nil, err
	}
	bar := a.progress()
	defer bar.finish()
	workflow, err := report.NewStudyReport(view, report.WithProgress(bar.report))
	if err != nil {
		return nil, err
	}
	return workflow.Build(ctx, study, opts)
}

// adverseEvents are the forms that the flags or a configuration name.
func (o reportOptions) adverseEvents(study string) ([]report.AdverseEventForm, error) {
	if o.configuration != "" {
		text, err := os.ReadFile(o.configuration)
		if err != nil {
			return nil, err
		}
		config, err := imednet.ParseStudyConfiguration(text, imednet.ConfigurationOptions{})
		if err == nil && config.StudyKey != study {
			err = usagef("the configuration is of another study")
		}
		return report.AdverseEventForms(config), err
	}
	if len(o.forms) == 0 && o.severity+o.serious != "" {
		return nil, usagef("--ae-severity and --ae-serious need --ae-form")
	}
	var forms []report.AdverseEventForm
	for _, key := range o.forms {
		forms = append(forms, report.AdverseEventForm{FormKey: key, Severity: o.severity, Serious: o.serious})
	}
	return forms, nil
}

// requirements are those of a data dictionary, joined with the study's design.
func (o reportOptions) requirements(ctx context.Context, a *app, view *cache.View, study string) (report.Requirements, error) {
	if o.dictionary == "" {
		return nil, nil
	}
	opts := o.dictionaryOpts
	opts.study = study
	d, err := opts.dictionary(ctx, a, o.dictionary)
	if err != nil {
		return nil, err
	}
	joined, err := opts.join(ctx, a, d, view, study)
	if err != nil {
		return nil, err
	}
	if d.Lacks(dictionary.QuestionsFile) {
		return nil, nil // which answers are required is not known
	}
	return dictionaryRequirements{joined}, nil
}

// writeReport writes the page, and the report itself if JSON is asked for.
func (a *app) writeReport(built *report.Report, o reportOptions) error {
	if o.out != "" {
		page := report.PageOptions{HighContrast: a.contrast()}
		if err := o.outIsFree(); err != nil {
			return err
		}
		if err := replaceFile(o.out, func(w io.Writer) error { return built.WriteHTML(w, page) }); err != nil {
			return err
		}
	}
	if a.json {
		return built.WriteJSON(a.out)
	}
	return a.printf("%s\nWritten to %s\n", built, o.out)
}

// collectDesign lists the forms and variables of a study.
func collectDesign(ctx context.Context, source designSource, study string) ([]imednet.Form, []imednet.Variable, error) {
	forms, err := lists.Collect(source.Forms(ctx, study, imednet.ListOptions{}))
	if err != nil {
		return nil, nil, err
	}
	variables, err := lists.Collect(source.Variables(ctx, study, imednet.ListOptions{}))
	return forms, variables, err
}

// rowName names a row of the design for people: by its number where it is gone.
func rowName(names map[imednet.Resource]map[string]string, c cache.Change) string {
	if name := names[c.Resource][c.RowID]; name != "" {
		return name
	}
	return fmt.Sprintf("no. %s", c.RowID)
}
