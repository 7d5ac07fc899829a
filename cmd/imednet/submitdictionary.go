package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/imednetgo/imednet/dictionary"
	"github.com/imednetgo/imednet/workflows/submissions"
)

// givenDictionary is an export that a command may use.
type givenDictionary struct {
	dictionaryOptions
	path string
}

func (o *givenDictionary) flags(cmd *cobra.Command, use string) {
	o.optionFlags(cmd, &o.path, use)
}

// joined reads the export and joins it with the study, which must be its own.
func (o givenDictionary) joined(ctx context.Context, a *app, source designSource, study string) (*dictionary.Joined, *dictionary.Checker, error) {
	o.study = study
	d, err := o.dictionary(ctx, a, o.path)
	if err != nil {
		return nil, nil, err
	}
	joined, err := o.join(ctx, a, d, source, study)
	if err != nil {
		return nil, nil, err
	}
	checker, err := dictionary.NewChecker(d)
	return joined, checker, err
}

// checkByDictionary holds records against an export before they are sent, if there is one. What the study would only
// query is printed as a warning.
func (a *app) checkByDictionary(ctx context.Context, o givenDictionary, study string, in *input) (wrong []submissions.RecordProblem, err error) {
	if o.path == "" {
		return nil, nil
	}
	client, err := a.client()
	if err != nil {
		return nil, err
	}
	joined, checker, err := o.joined(ctx, a, client, study)
	if err != nil {
		return nil, err
	}
	for i := range in.items {
		found, err := joined.CheckSubmission(checker, &in.items[i])
		if err != nil {
			return nil, err
		}
		for _, p := range found {
			problem := submissions.RecordProblem{Index: i, Line: in.items[i].Line, FormKey: p.Form, Variable: p.Variable, Reason: p.Reason}
			if !p.Warning {
				wrong = append(wrong, problem)
				continue
			}
			if _, err := fmt.Fprintf(a.errOut, "Warning: %s\n", printable(problem.String())); err != nil {
				return nil, err
			}
		}
	}
	return wrong, nil
}
