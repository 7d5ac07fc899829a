package main

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/cache"
)

// What the mirror holds is offered to shells: studies as arguments, forms and sites as values of flags. Subjects are
// not: their keys would stand on a screen that somebody only meant to type on.

// completeStudies offers the studies of the mirror where a command takes one.
func (a *app) completeStudies(cmd *cobra.Command) {
	places := studyPlaces(cmd.Use)
	if cmd.ValidArgsFunction != nil || len(places) == 0 {
		return
	}
	files := cobra.ShellCompDirectiveNoFileComp
	if takesFiles(cmd) {
		files = cobra.ShellCompDirectiveDefault
	}
	cmd.ValidArgsFunction = func(cmd *cobra.Command, args []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
		if !slices.Contains(places, len(args)) && !strings.Contains(cmd.Use, "...") {
			return nil, files
		}
		return a.fromMirror(cmd, func(ctx context.Context, mirror *cache.CachedRecordsLoader) ([]string, error) {
			return mirror.StudyKeys(ctx)
		}), files
	}
}

// studyPlaces are the places of the arguments that are studies.
func studyPlaces(use string) (places []int) {
	for i, word := range strings.Fields(use)[1:] {
		if strings.Trim(word, "[].") == "STUDY" {
			places = append(places, i)
		}
	}
	return places
}

// completeNames offers the forms and sites of the study that the command line names.
func (a *app) completeNames(cmd *cobra.Command) {
	place := studyPlaces(cmd.Use)
	if len(place) == 0 {
		return
	}
	for flag, read := range map[string]func(context.Context, *cache.View, string) ([]string, error){"form": formKeysOf, "site": siteNamesOf} {
		if _, done := cmd.GetFlagCompletionFunc(flag); done || cmd.Flags().Lookup(flag) == nil {
			continue
		}
		_ = cmd.RegisterFlagCompletionFunc(flag, func(cmd *cobra.Command, args []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
			if len(args) <= place[0] {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			return a.fromMirror(cmd, func(ctx context.Context, mirror *cache.CachedRecordsLoader) ([]string, error) {
				return read(ctx, mirror.Client(), args[place[0]])
			}), cobra.ShellCompDirectiveNoFileComp
		})
	}
}

func formKeysOf(ctx context.Context, view *cache.View, study string) (keys []string, err error) {
	for f, err := range view.Forms(ctx, study, imednet.ListOptions{}) {
		if err != nil {
			return nil, err
		}
		keys = append(keys, f.FormKey.Or(""))
	}
	return keys, nil
}

func siteNamesOf(ctx context.Context, view *cache.View, study string) (names []string, err error) {
	for s, err := range view.Sites(ctx, study, imednet.ListOptions{}) {
		if err != nil {
			return nil, err
		}
		names = append(names, s.SiteName.Or(""))
	}
	return names, nil
}

// fromMirror reads what to offer, nothing if there is no mirror or it cannot be read: a shell is no place for errors.
func (a *app) fromMirror(cmd *cobra.Command, read func(context.Context, *cache.CachedRecordsLoader) ([]string, error)) []cobra.Completion {
	var err error
	if a.settings, err = readSettings(a.configPath); err != nil {
		return nil
	}
	path := ""
	if flag := cmd.Flags().Lookup("cache"); flag != nil {
		path = flag.Value.String()
	}
	mirror, err := a.readMirror(cmd.Context(), path)
	if err != nil {
		return nil
	}
	names, err := read(cmd.Context(), mirror)
	if errors.Join(err, mirror.Close()) != nil {
		return nil
	}
	names = slices.DeleteFunc(names, func(name string) bool { return name == "" || name != printable(name) })
	slices.SortFunc(names, func(a, b string) int { return cmp.Compare(a, b) })
	return slices.Compact(names)
}
