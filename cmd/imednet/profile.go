package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/dictionary"
	"github.com/imednetgo/imednet/workflows/profiles"
)

type profileOptions struct {
	source sourceOptions
	html   bool
	values bool
	group  int
	phi    []string

	dictionary givenDictionary
}

func newProfile(a *app) *cobra.Command {
	var o profileOptions
	cmd := &cobra.Command{
		Use:     "profile STUDY",
		GroupID: groupData,
		Short:   "Describe the data of a study, form by form and field by field",
		Long: `Describe the data of a study, form by form and field by field: as a table, with --html
as a self-contained page, or with --json in full. Unless --show-values is set, the
output contains no answers of subjects, and no minimum, maximum, quantile, mean or
date based on fewer than 11 subjects (--group-size); numbers are rounded and dates are
months, and keys and forms that the study does not know are numbered.

With --dictionary, fields have the choices and the word for required answers of the
study's design export, and the numbers of answers that are missing and outside their
list; what rules hide or disable is excused.`,
		Example:     "  imednet profile CARDIO\n  imednet profile CARDIO --cached --html >profile.html\n  imednet profile CARDIO --show-values --phi DM.BRTHDTC --json",
		Args:        cobra.ExactArgs(1),
		Annotations: afterReading,
		RunE: func(cmd *cobra.Command, args []string) error {
			if o.html && a.json {
				return usagef("--html and --json exclude each other")
			}
			return a.withSource(cmd.Context(), o.source, func(s studySource) error {
				return a.profile(cmd.Context(), s, args[0], o)
			})
		},
	}
	o.source.flags(cmd)
	cmd.Flags().BoolVar(&o.html, "html", false, "write an HTML page")
	cmd.Flags().BoolVar(&o.values, "show-values", false, "show every figure, names that the study does not know, and frequent answers, which are subject data")
	cmd.Flags().IntVar(&o.group, "group-size", profiles.DefaultGroupSize, "`subjects` below which no figure is shown")
	cmd.Flags().StringSliceVar(&o.phi, "phi", nil, "`variables` that identify a person, NAME or FORM.NAME; never shown")
	o.dictionary.flags(cmd, "add choices and required answers from the study's design export")
	return cmd
}

// designOf is what a design export says of fields.
type designOf struct {
	joined   *dictionary.Joined
	surveyor *dictionary.Surveyor
}

func (d designOf) Add(r *imednet.Record) { d.surveyor.Add(r) }

func (d designOf) Field(formKey, variable string) (profiles.FieldDesign, bool) {
	q, ok := d.joined.Question(formKey, variable)
	if !ok {
		return profiles.FieldDesign{}, false
	}
	counts := d.surveyor.Of(q)
	return profiles.FieldDesign{Required: string(q.Required), Choices: q.Texts(), Outside: counts.Unlisted,
		Missing: counts.Missing, Excused: counts.Excused, Undecided: counts.Undecided}, true
}

func (a *app) profileDesign(ctx context.Context, source studySource, study string, o givenDictionary) (profiles.Design, error) {
	if o.path == "" {
		return nil, nil
	}
	joined, checker, err := o.joined(ctx, a, source, study)
	if err != nil {
		return nil, err
	}
	surveyor, err := joined.Surveyor(checker)
	if err != nil {
		return nil, err
	}
	return designOf{joined, surveyor}, nil
}

func (a *app) profile(ctx context.Context, source studySource, study string, o profileOptions) error {
	bar := a.progress()
	defer bar.finish()
	profiler, err := profiles.NewSchemaProfiler(source, profiles.WithProgress(bar.report))
	if err != nil {
		return err
	}
	design, err := a.profileDesign(ctx, source, study, o.dictionary)
	if err != nil {
		return err
	}
	profile, err := profiler.ProfileRecords(ctx, study, profiles.Options{ShowValues: o.values, GroupSize: o.group, PHIFields: o.phi, Design: design})
	if err != nil {
		return err
	}
	bar.finish()
	switch {
	case a.json:
		return profile.WriteJSON(a.out)
	case o.html:
		return profile.WriteHTML(a.out, profiles.PageOptions{HighContrast: a.contrast()})
	}
	return a.printProfile(profile, design != nil)
}

func (a *app) printProfile(p *profiles.StudyProfile, designed bool) error {
	columns := []string{"FORM", "RECORDS", "VARIABLE", "DECLARED", "FOUND", "FILLED", "MISFITS", "MASKED"}
	if designed {
		columns = append(columns, "REQUIRED", "MISSING", "OUTSIDE")
	}
	t := newTable(a.out, columns...)
	forms := p.Forms
	for _, form := range p.NoForm {
		form.FormKey = "(no form) " + form.FormKey
		forms = append(forms[:len(forms):len(forms)], form)
	}
	for _, form := range forms {
		for _, field := range form.Fields {
			cells := []string{form.FormKey, number(form.Records), field.Variable, field.DeclaredType, string(field.Inferred),
				fmt.Sprintf("%.2f%%", field.PopulationRate), number(field.Misfits), field.Masked}
			if d := field.Design; d != nil {
				cells = append(cells, d.Required, number(d.Missing), number(d.Outside))
			} else if designed {
				cells = append(cells, "", "", "")
			}
			if err := t.add(cells...); err != nil {
				return err
			}
		}
	}
	if err := t.flush(); err != nil {
		return err
	}
	return a.printf("%s\n", p)
}
