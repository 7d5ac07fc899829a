package main

import (
	"context"
	"encoding/json"
	"os"

	"github.com/spf13/cobra"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/workflows/tables"
)

// exportSelection says which records and columns of a study to export.
type exportSelection struct {
	forms, variables []string
	visit            string
	of               ofWhom
	where            []string
	text             bool
	deleted          bool
	labels           bool
	plan             string
	infer, extra     bool
	categories       bool
}

func (s *exportSelection) flags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringSliceVar(&s.forms, "forms", nil, "only these form `keys`")
	f.StringSliceVar(&s.variables, "variables", nil, "only the columns of these `variables`, NAME or FORM.NAME")
	f.StringVar(&s.visit, "visit", "", "only records of the visit of this `id`")
	s.of.flags(cmd)
	f.StringArrayVar(&s.where, "where", nil, "only records with `VARIABLE==value`; also !=, <, <=, >, >=, =~, and 'VARIABLE is blank' or 'is not blank'; repeatable")
	f.BoolVar(&s.text, "text", false, "treat every value of --where as text, so that 007 stays 007")
	f.BoolVar(&s.deleted, "include-deleted", false, "include soft-deleted records")
	f.BoolVar(&s.labels, "labels", false, "use the variables' labels as column titles")
	f.BoolVar(&s.infer, "infer-types", false, "choose column types by reading every answer first")
	f.BoolVar(&s.extra, "extra-columns", false, "add a text column for each key that no variable declares")
	f.StringVar(&s.plan, "plan", "", "`file` with the columns of an earlier export: its manifest, or the plan in it")
	cmd.MarkFlagsMutuallyExclusive("plan", "infer-types")
	cmd.MarkFlagsMutuallyExclusive("plan", "extra-columns")
	f.BoolVar(&s.categories, "categories", false, "with --dictionary: columns with choices as dictionaries of Arrow in their order")
	cmd.MarkFlagsMutuallyExclusive("plan", "categories")
}

// mapOptions are the selection in a study that mapper reads, with answers as they are shown.
func (s exportSelection) mapOptions(ctx context.Context, mapper *tables.RecordMapper, study string, shown shownChoices) (o tables.MapOptions, err error) {
	o = tables.MapOptions{Forms: s.forms, Variables: s.variables, VisitKey: s.visit, IncludeDeleted: s.deleted, Translate: shown.translate}
	if s.labels {
		o.Titles = tables.ByLabel
	}
	if o.Answers, err = parseDataFilter(s.where, s.text); err != nil {
		return o, err
	}
	if o.Select, err = s.belonging(ctx, shown.source, study); err != nil {
		return o, err
	}
	o.Plan, err = s.columns(ctx, mapper, study, shown)
	return o, err
}

// columns fixes the columns; nil if the study's variables do.
func (s exportSelection) columns(ctx context.Context, mapper *tables.RecordMapper, study string, shown shownChoices) (plan *tables.Plan, err error) {
	if s.plan != "" {
		if plan, err = readPlan(s.plan); err != nil {
			return nil, err
		}
		return plan, shown.checkPlan(plan)
	}
	if shown.mode != "" {
		options := tables.PlanOptions{Choices: shown.lists, ChoicesAs: string(shown.mode), CodesOf: shown.codes, DictionaryTypes: shown.types, Categories: s.categories}
		if plan, err = mapper.Plan(ctx, study, options); err != nil {
			return nil, err
		}
	}
	if s.infer || s.extra {
		plan, _, err = mapper.InferPlan(ctx, study, tables.InferOptions{Plan: plan, ExtraColumns: s.extra, KeepTypes: !s.infer, Translate: shown.preview})
	}
	return plan, err
}

// belonging selects the records of a site and of a subject; nil selects all.
func (s exportSelection) belonging(ctx context.Context, source studySource, study string) (func(*imednet.Record) bool, error) {
	if s.of == (ofWhom{}) {
		return nil, nil
	}
	finder, err := s.of.read(ctx, source, study)
	if err != nil {
		return nil, err
	}
	return func(r *imednet.Record) bool { return finder.Selects(r, s.of.site, s.of.subject) }, nil
}

// readPlan reads a plan, or the plan in a manifest.
func readPlan(path string) (*tables.Plan, error) {
	document, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var manifest struct{ Plan json.RawMessage }
	if json.Unmarshal(document, &manifest) == nil && manifest.Plan != nil {
		document = manifest.Plan
	}
	plan, err := tables.ParsePlan(document)
	if err != nil {
		return nil, usagef("--plan: %v", err)
	}
	return plan, nil
}
