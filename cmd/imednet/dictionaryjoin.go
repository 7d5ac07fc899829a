package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/dictionary"
)

// designSource reads the forms and variables of a study.
type designSource interface {
	imednet.FormReader
	imednet.VariableReader
}

// join joins an export with a study, which must be its own, and notes how the two differ.
func (o dictionaryOptions) join(ctx context.Context, a *app, d *dictionary.Dictionary, source designSource, study string) (*dictionary.Joined, error) {
	forms, variables, err := collectDesign(ctx, source, study)
	if err != nil {
		return nil, err
	}
	return o.joinRows(a, d, forms, variables)
}

// joinRows is join for a study of which forms and variables have been read: every command joins here, but for the one
// that lists how the two differ.
func (o dictionaryOptions) joinRows(a *app, d *dictionary.Dictionary, forms []imednet.Form, variables []imednet.Variable) (*dictionary.Joined, error) {
	joined, err := o.joinQuietly(d, forms, variables)
	if err != nil {
		return nil, err
	}
	return joined, a.noteDifferences(joined)
}

func (o dictionaryOptions) joinQuietly(d *dictionary.Dictionary, forms []imednet.Form, variables []imednet.Variable) (*dictionary.Joined, error) {
	joined, err := d.Join(forms, variables, dictionary.JoinOptions{AnyStudy: o.any})
	return joined, understood(err)
}

// noteDifferences says on standard error how an export and its study differ, if they do.
func (a *app) noteDifferences(joined *dictionary.Joined) error {
	differences := joined.Differences()
	if len(differences) == 0 {
		return nil
	}
	_, err := fmt.Fprintf(a.errOut, "The dictionary and the study differ: %s; `imednet dictionary join` lists them\n", differences)
	return err
}

func newDictionaryJoin(a *app) *cobra.Command {
	var o joinedOptions
	var shown listOptions
	cmd := &cobra.Command{
		Use:   "join STUDY",
		Short: "List how an export and its study differ",
		Long: `List how an export and its study differ: forms and questions that are joined although
their keys are spelled in another case, forms that are joined by their ids alone, other
names, labels and types, and what is only in the API or only in the dictionary. The API
determines what exists, the dictionary what it means.`,
		Example:     "  imednet dictionary join CARDIO --dictionary export.zip",
		Args:        cobra.ExactArgs(1),
		Annotations: afterReading,
		RunE: func(cmd *cobra.Command, args []string) error {
			o.study = args[0]
			d, err := o.dictionary(cmd.Context(), a, o.path)
			if err != nil {
				return err
			}
			return a.withSource(cmd.Context(), o.source, func(s studySource) error {
				forms, variables, err := collectDesign(cmd.Context(), s, args[0])
				if err != nil {
					return err
				}
				joined, err := o.joinQuietly(d, forms, variables)
				if err != nil {
					return err
				}
				return a.printDifferences(joined, shown)
			})
		},
	}
	o.flags(cmd)
	shown.flags(cmd)
	return cmd
}

func (a *app) printDifferences(joined *dictionary.Joined, shown listOptions) error {
	differences := joined.Differences()
	if a.json {
		return a.writeJSON(differences)
	}
	if _, err := list(a, shown, differenceColumns, values(differences)); err != nil || !a.inTable(shown) {
		return err
	}
	return a.printf("%s\n", joined)
}

var differenceColumns = []column[dictionary.Difference]{
	{"what", "DIFFERENCE", func(d dictionary.Difference) any { return string(d.What) }},
	{"form", "FORM", func(d dictionary.Difference) any { return d.Form }},
	{"variable", "VARIABLE", func(d dictionary.Difference) any { return d.Variable }},
	{"api", "API", func(d dictionary.Difference) any { return d.API }},
	{"dictionary", "DICTIONARY", func(d dictionary.Difference) any { return d.Dictionary }},
}
