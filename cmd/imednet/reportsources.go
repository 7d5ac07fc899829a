package main

import (
	"context"
	"errors"
	"io"
	"iter"
	"slices"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/cache"
	"github.com/imednetgo/imednet/dictionary"
	"github.com/imednetgo/imednet/postgres"
	"github.com/imednetgo/imednet/triage"
	"github.com/imednetgo/imednet/workflows/report"
)

// dictionaryRequirements are the questions that a data dictionary requires.
type dictionaryRequirements struct{ joined *dictionary.Joined }

// Required says whether a blank is at least reported, by the dictionary's word.
func (r dictionaryRequirements) Required(formKey, variable string) imednet.YesNo {
	question, ok := r.joined.Question(formKey, variable)
	if !ok {
		return imednet.Unknown
	}
	queried, known := question.Required.Queried()
	if !known {
		return imednet.Unknown
	}
	return imednet.YesNoOf(queried)
}

// reviewItems lists the review queue if there is one that this user may read; a queue that was asked for must exist.
func (a *app) reviewItems(ctx context.Context, path, study string) (iter.Seq2[report.ReviewItem, error], error) {
	if path == "" {
		there, err := a.isThere(ctx, a.inDatabase(path), "triage", a.settings.Triage)
		if err != nil || !there {
			return nil, err
		}
	}
	var items []report.ReviewItem
	err := a.withTriage(ctx, path, func(store *triage.TriageStore) error {
		queue := triage.QueueOptions{StudyKey: study}
		for {
			page, err := store.Queue(ctx, queue)
			if err != nil {
				return err
			}
			for _, i := range page.Items {
				items = append(items, report.ReviewItem{ID: i.ItemID, Status: string(i.Status), Severity: i.Severity, RecordID: i.Link.RecordID, Resolved: i.Status == triage.StatusResolved, Due: i.DueAt})
			}
			if queue.After = page.Next; queue.After == "" {
				return nil
			}
		}
	})
	if path == "" && (errors.Is(err, postgres.ErrDenied) || errors.Is(err, postgres.ErrNotMigrated)) {
		_, err := io.WriteString(a.errOut, "the review queue is not in the report: this user of the database may not read it, or it is not set up\n")
		return nil, err
	}
	return withoutErrors(slices.Values(items)), err
}

func withoutErrors[T any](rows iter.Seq[T]) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for row := range rows {
			if !yield(row, nil) {
				return
			}
		}
	}
}

// bookkeeping are members that change with every save.
var bookkeeping = []string{"dateModified", "revision"}

// designChanges lists what the mirror saw change in a study's design, with the names of today.
func designChanges(ctx context.Context, view *cache.View, study string) iter.Seq2[report.DesignChange, error] {
	return func(yield func(report.DesignChange, error) bool) {
		names, err := designNames(ctx, view, study)
		if err != nil {
			yield(report.DesignChange{}, err)
			return
		}
		for c, err := range view.DesignChanges(ctx, study) {
			if err != nil {
				yield(report.DesignChange{}, err)
				return
			}
			if slices.Contains(bookkeeping, c.Member) {
				continue
			}
			if !yield(report.DesignChange{At: c.SeenAt, Resource: string(c.Resource), Name: rowName(names, c), Member: c.Member, Kind: string(c.Kind)}, nil) {
				return
			}
		}
	}
}

// designNames are the names of forms, variables, intervals and sites by their ids. What the mirror does not
// hold has none.
func designNames(ctx context.Context, view *cache.View, study string) (map[imednet.Resource]map[string]string, error) {
	names := map[imednet.Resource]map[string]string{}
	forms, variables, err := collectDesign(ctx, view, study)
	if err != nil {
		return nil, err
	}
	add := func(resource imednet.Resource, id int64, name string) {
		if names[resource] == nil {
			names[resource] = map[string]string{}
		}
		names[resource][number(id)] = name
	}
	for _, f := range forms {
		add(imednet.Forms, f.FormID, f.FormKey.Or(""))
	}
	for _, v := range variables {
		add(imednet.Variables, v.VariableID, v.FormKey.Or("")+"."+v.VariableName.Or(""))
	}
	for i, err := range view.Intervals(ctx, study, imednet.ListOptions{}) {
		if errors.Is(err, cache.ErrNotSynced) {
			break
		}
		if err != nil {
			return nil, err
		}
		add(imednet.Intervals, i.IntervalID, i.IntervalName.Or(""))
	}
	for s, err := range view.Sites(ctx, study, imednet.ListOptions{}) {
		if err != nil {
			return nil, err
		}
		add(imednet.Sites, s.SiteID, s.SiteName.Or(""))
	}
	return names, nil
}
