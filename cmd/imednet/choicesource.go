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

// choiceSource shows the answers of a study by the choices that they denote.
type choiceSource struct {
	studySource
	translator *dictionary.Translator
}

func (s choiceSource) Variables(ctx context.Context, study string, opts imednet.ListOptions) iter.Seq2[imednet.Variable, error] {
	return s.translator.Variables(s.studySource.Variables(ctx, study, opts))
}

func (s choiceSource) Records(ctx context.Context, study string, opts imednet.ListOptions) iter.Seq2[imednet.Record, error] {
	return s.translated(s.studySource.Records(ctx, study, opts))
}

func (s choiceSource) translated(records iter.Seq2[imednet.Record, error]) iter.Seq2[imednet.Record, error] {
	return func(yield func(imednet.Record, error) bool) {
		for r, err := range records {
			if err == nil {
				r = s.translator.Record(r)
			}
			if !yield(r, err) {
				return
			}
		}
	}
}

// choicesBySubject is one that lists subject by subject.
type choicesBySubject struct {
	choiceSource
	bySubject imednet.SubjectRecordSource
}

func (s choicesBySubject) RecordsBySubject(ctx context.Context, study string, opts imednet.ListOptions) iter.Seq2[imednet.Record, error] {
	return s.translated(s.bySubject.RecordsBySubject(ctx, study, opts))
}

// Origin is that of the study's own source.
func (s choiceSource) Origin(ctx context.Context, study string) (imednet.Origin, error) {
	return imednet.OriginOf(ctx, s.studySource, study)
}

// shownChoices is a source whose answers may be shown by their choices.
type shownChoices struct {
	source studySource
	hash   string // of the dictionary; "" if there is none
	lists  map[string][]tables.Choice
	kept   func() error // prints what was no choice, once the records have been read

	translate func(imednet.Record) imednet.Record // one record as the source shows it; nil if there is no dictionary
}

// withChoices returns the source itself where no dictionary is given.
func (a *app) withChoices(ctx context.Context, o givenDictionary, mode dictionary.ChoiceMode, source studySource, study string) (shownChoices, error) {
	if o.path == "" {
		return shownChoices{source: source, kept: func() error { return nil }}, nil
	}
	joined, _, err := o.joined(ctx, a, source, study)
	if err != nil {
		return shownChoices{}, err
	}
	translator, err := joined.Translator(mode)
	if err != nil {
		return shownChoices{}, err
	}
	shown := shownChoices{source: choiceSource{source, translator}, hash: joined.Dictionary.Hash(), lists: map[string][]tables.Choice{},
		kept: func() error { return a.printKept(translator.Kept()) }, translate: translator.Record}
	for name, list := range translator.Lists() {
		for _, c := range list {
			shown.lists[name] = append(shown.lists[name], tables.Choice(c))
		}
	}
	if bySubject, ok := source.(imednet.SubjectRecordSource); ok {
		shown.source = choicesBySubject{choiceSource{source, translator}, bySubject}
	}
	return shown, nil
}

func (a *app) printKept(kept map[string]int64) error {
	for _, name := range slices.Sorted(maps.Keys(kept)) {
		if _, err := fmt.Fprintf(a.errOut, "Warning: %s: %s answers are not one choice of the dictionary and stay as they are\n", printable(name), number(kept[name])); err != nil {
			return err
		}
	}
	return nil
}
