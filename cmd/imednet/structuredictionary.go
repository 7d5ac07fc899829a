package main

import (
	"cmp"
	"context"
	"strings"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/dictionary"
	"github.com/imednetgo/imednet/workflows/structure"
)

// allChanges are those between two designs, and between two dictionaries if there are any, with what tells
// the answers that each concerns.
func (a *app) allChanges(ctx context.Context, before, after *structure.Design, o compareOptions) ([]structure.Change, []structure.AnswerTest, error) {
	changes, err := structure.Compare(before, after)
	if err != nil || len(o.dictionaries) == 0 {
		return changes, nil, err
	}
	both, joined, err := a.dictionariesOf(ctx, [2]*structure.Design{before, after}, o)
	if err != nil {
		return nil, nil, err
	}
	found, err := dictionary.Diff(both[0], both[1])
	tests := make([]structure.AnswerTest, len(changes))
	now := imednet.SystemClock().Now()
	for _, c := range found {
		changes = append(changes, ofDesign(c, joined))
		tests = append(tests, func(v imednet.Value) bool { return c.Concerns(v, now) })
	}
	return changes, tests, err
}

// dictionariesOf reads the dictionaries of two designs and joins them, each with its own.
func (a *app) dictionariesOf(ctx context.Context, designs [2]*structure.Design, o compareOptions) (both [2]*dictionary.Dictionary, joined [2]*dictionary.Joined, err error) {
	for i, source := range o.dictionaries {
		opts := o.reading
		opts.study = designs[i].StudyKey
		if both[i], err = opts.dictionary(ctx, a, source); err != nil {
			return both, joined, err
		}
		forms, variables := designs[i].Rows()
		if joined[i], err = opts.joinRows(a, both[i], forms, variables); err != nil {
			return both, joined, err
		}
	}
	return both, joined, nil
}

// ofDesign is a change of a dictionary as one of a member of a form or variable, by the names that they have in the
// newer design, or else in the older one.
func ofDesign(c dictionary.Change, joined [2]*dictionary.Joined) structure.Change {
	if c.Action == dictionary.NotCompared {
		return structure.Change{Kind: structure.NotCompared, Part: structure.DictionaryPart, Member: c.Path}
	}
	change := structure.Change{Kind: structure.MemberChanged, Part: structure.FormPart, FormKey: c.Form, Variable: c.Question, Before: c.Old, After: c.New}
	for _, j := range joined {
		if form, variable, found := j.InAPI(c.Form, c.Question); found {
			change.FormKey, change.Variable = cmp.Or(form.Key(), number(form.ID())), variable
		}
	}
	if c.Question != "" {
		change.Part = structure.VariablePart
	}
	change.Member = strings.TrimSpace("dictionary " + c.Member)
	return change
}
