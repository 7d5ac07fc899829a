package main

import (
	"context"
	"fmt"
	"iter"
	"maps"
	"slices"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/dictionary"
	"github.com/imednetgo/imednet/workflows/tables"
)

// choiceSource shows the variables of a study with plain labels, and those for codes. Its records are as they were
// received: who reads them translates those that are wanted.
type choiceSource struct {
	studySource
	translator *dictionary.Translator
}

func (s choiceSource) Variables(ctx context.Context, study string, opts imednet.ListOptions) iter.Seq2[imednet.Variable, error] {
	return s.translator.Variables(s.studySource.Variables(ctx, study, opts))
}

// Origin is that of the study's own source.
func (s choiceSource) Origin(ctx context.Context, study string) (imednet.Origin, error) {
	return imednet.OriginOf(ctx, s.studySource, study)
}

// shownChoices is a source whose answers may be shown by their choices.
type shownChoices struct {
	source studySource
	hash   string // of the dictionary; "" if there is none
	mode   dictionary.ChoiceMode
	lists  map[string][]tables.Choice
	codes  map[string]string // the variables for codes, with those that they are codes of
	types  map[string]string // the dictionary's words for the types of variables
	told   func() error      // prints what stayed as it was received, once the records have been read

	translate func(imednet.Record) imednet.Record // one record as it is shown; nil if there is no dictionary
	preview   func(imednet.Record) imednet.Record // the same, of which told says nothing
}

// withChoices returns the source itself where no dictionary is given.
func (a *app) withChoices(ctx context.Context, o givenDictionary, mode dictionary.ChoiceMode, source studySource, study string) (shownChoices, error) {
	if o.path == "" {
		return shownChoices{source: source, told: func() error { return nil }}, nil
	}
	joined, _, err := o.joined(ctx, a, source, study)
	if err != nil {
		return shownChoices{}, err
	}
	translator, err := joined.Translator(mode)
	if err != nil {
		return shownChoices{}, err
	}
	uncounted, err := joined.Translator(mode)
	if err != nil {
		return shownChoices{}, err
	}
	shown := shownChoices{source: choiceSource{source, translator}, hash: joined.Dictionary.Hash(), mode: mode, lists: map[string][]tables.Choice{}, codes: translator.Codes(), types: joined.Types(),
		told: func() error { return a.tellUntranslated(translator) }, translate: translator.Record, preview: uncounted.Record}
	for name, list := range translator.Lists() {
		for _, c := range list {
			shown.lists[name] = append(shown.lists[name], tables.Choice(c))
		}
	}
	return shown, nil
}

// tellUntranslated prints which answers stayed as they were received.
func (a *app) tellUntranslated(t *dictionary.Translator) error {
	for _, c := range t.Conflicts() {
		if _, err := fmt.Fprintf(a.errOut, "Warning: %s; its answers stay as they are, because the type cannot hold what its choices are shown as\n", printable(c.String())); err != nil {
			return err
		}
	}
	return orFirst(a.warnOfAnswers(t.Kept(), "are not one choice of the dictionary and stay as they are"),
		a.warnOfAnswers(t.Alike(), "are choices that would be shown like others and stay as they are"))
}

func (a *app) warnOfAnswers(counts map[string]int64, what string) error {
	for _, name := range slices.Sorted(maps.Keys(counts)) {
		if _, err := fmt.Fprintf(a.errOut, "Warning: %s: %s answers %s\n", printable(name), number(counts[name]), what); err != nil {
			return err
		}
	}
	return nil
}

// checkPlan refuses a plan that was made for answers that are shown otherwise.
func (c shownChoices) checkPlan(plan *tables.Plan) error {
	if plan.ChoicesAs != string(c.mode) {
		return usagef("--plan was made for answers shown as %s, and these are shown as %s: name the --dictionary and --choices of that export, or leave out --plan",
			shownAs(plan.ChoicesAs), shownAs(string(c.mode)))
	}
	missing := maps.Clone(c.codes)
	for _, form := range plan.Forms {
		for i := range form.Columns {
			column := &form.Columns[i]
			name := form.FormKey + "." + column.Name
			if column.CodesOf != c.codes[name] || (len(column.Choices) == 0) != (len(c.lists[name]) == 0) {
				return otherLists(name)
			}
			delete(missing, name)
		}
	}
	if names := slices.Sorted(maps.Keys(missing)); len(names) > 0 {
		return otherLists(names[0])
	}
	return nil
}

// shownAs names a mode for people.
func shownAs(mode string) string {
	switch mode {
	case "":
		return "they were received"
	case string(dictionary.ChoicesAsBoth):
		return "text and code"
	}
	return printable(mode)
}

func otherLists(column string) error {
	return usagef("--plan was made with other lists of choices, such as that of %s: name the --dictionary of that export, or leave out --plan", printable(column))
}
