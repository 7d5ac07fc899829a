package main

import (
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
	var both [2]*dictionary.Dictionary
	for i, source := range o.dictionaries {
		opts := o.reading
		opts.study = []*structure.Design{before, after}[i].StudyKey
		if both[i], err = opts.dictionary(ctx, a, source); err != nil {
			return nil, nil, err
		}
	}
	found, err := dictionary.Diff(both[0], both[1])
	tests := make([]structure.AnswerTest, len(changes))
	now := imednet.SystemClock().Now()
	for _, c := range found {
		changes = append(changes, ofDesign(c))
		tests = append(tests, func(v imednet.Value) bool { return c.Concerns(v, now) })
	}
	return changes, tests, err
}

// ofDesign is a change of a dictionary as one of a member of a form or variable.
func ofDesign(c dictionary.Change) structure.Change {
	change := structure.Change{Kind: structure.MemberChanged, Part: structure.FormPart, FormKey: c.Form, Variable: c.Question, Before: c.Old, After: c.New}
	if c.Question != "" {
		change.Part = structure.VariablePart
	}
	change.Member = strings.TrimSpace("dictionary " + c.Member)
	return change
}
