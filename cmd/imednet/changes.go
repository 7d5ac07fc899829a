package main

import (
	"context"
	"errors"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/cache"
)

// newChanges shows what changed in a study, out of the mirror.
func newChanges(a *app) *cobra.Command {
	var filter cache.ChangeFilter
	var shown listOptions
	var since, path string
	cmd := &cobra.Command{
		Use:     "changes STUDY",
		GroupID: groupData,
		Short:   "Show what changed in a study, who did it, when and why",
		Long: `Show what changed in a study: old and new value, who, when and why, as the mirror knows
it. A change lies between two syncs: if a record was saved several times between them,
all users and reasons are shown, and SAVES says how many there were. What was there at
the first sync is shown as added.`,
		Example: "  imednet changes CARDIO --since monday\n  imednet changes CARDIO --since 30d --form AE --format csv >changes.csv\n" +
			"  imednet changes CARDIO --since 2026-11-23 --site 'Site 01'",
		Args: cobra.ExactArgs(1), Annotations: afterReading,
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			if filter.Since, err = parseSince(since, time.Now()); err != nil {
				return err
			}
			return a.listChanges(cmd, path, args[0], filter, shown, (*cache.CachedRecordsLoader).ChangeList)
		},
	}
	cacheFlag(cmd, &path)
	shown.flags(cmd)
	f := cmd.Flags()
	f.StringVar(&since, "since", "", "only changes saved since then: a `day` or time, an age such as 30d or 2w, or a weekday, in UTC")
	f.StringVar(&filter.Site, "site", "", "only what is about this `site`, by its name")
	f.StringVar(&filter.SubjectKey, "subject", "", "only what is about the subject of this `key`")
	f.StringVar(&filter.FormKey, "form", "", "only records of this form, by its `key`")
	f.StringVar(&filter.Variable, "variable", "", "only answers to this `variable`")
	f.StringVar(&filter.User, "user", "", "only what this `user` may have saved")
	return cmd
}

// newWho shows the life of one value.
func newWho(a *app) *cobra.Command {
	var filter cache.ChangeFilter
	var shown listOptions
	var path string
	cmd := &cobra.Command{
		Use:     "who STUDY",
		GroupID: groupData,
		Short:   "Show who entered and changed one value, when and why",
		Example: "  imednet who CARDIO --subject 01-002 --form AE --variable AESEV",
		Args:    cobra.ExactArgs(1), Annotations: afterReading,
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.listChanges(cmd, path, args[0], filter, shown, (*cache.CachedRecordsLoader).ValueHistory)
		},
	}
	cacheFlag(cmd, &path)
	shown.flags(cmd)
	f := cmd.Flags()
	f.StringVar(&filter.SubjectKey, "subject", "", "the subject, by its `key`")
	f.StringVar(&filter.FormKey, "form", "", "the form, by its `key`")
	f.StringVar(&filter.Variable, "variable", "", "the `variable`")
	required(cmd, "subject", "form", "variable")
	return cmd
}

type changeLister = func(*cache.CachedRecordsLoader, context.Context, string, cache.ChangeFilter) iter.Seq2[cache.ChangeEntry, error]

func (a *app) listChanges(cmd *cobra.Command, path, study string, filter cache.ChangeFilter, shown listOptions, lister changeLister) error {
	ctx := cmd.Context()
	mirror, err := a.readMirror(ctx, path)
	if err != nil {
		return err
	}
	err = checkChangeNames(ctx, mirror.Client(), study, filter)
	n := int64(0)
	if err == nil {
		n, err = list(a, shown, changeColumns, lister(mirror, ctx, study, filter))
	}
	return a.counted(errors.Join(err, mirror.Close()), shown, n, "changes")
}

// checkChangeNames refuses names that the study does not have: they would select nothing.
func checkChangeNames(ctx context.Context, source *cache.View, study string, filter cache.ChangeFilter) error {
	if _, err := (ofWhom{filter.Site, filter.SubjectKey}).read(ctx, source, study); err != nil {
		return err
	}
	index, err := readFormIndex(ctx, source, study)
	if err != nil {
		return err
	}
	former, err := formerVariables(ctx, source, study, filter.Variable)
	if err != nil {
		return err
	}
	if err := checkFormAndVariable(index, filter, former); err != nil || filter.User == "" {
		return err
	}
	return checkUser(ctx, source, study, filter.User)
}

// formerVariables are the names that variables had before they were renamed, if one is asked for.
func formerVariables(ctx context.Context, source *cache.View, study, wanted string) (names []string, err error) {
	if wanted == "" {
		return nil, nil
	}
	for c, err := range source.DesignChanges(ctx, study) {
		if err != nil {
			return nil, err
		}
		if c.Resource == imednet.Variables && c.Member == "variableName" {
			names = append(names, c.Old.Text())
		}
	}
	return names, nil
}

// checkUser refuses a login that neither the study's users nor those who saved something have. Who left the study is
// no longer among its users.
func checkUser(ctx context.Context, source *cache.View, study, login string) error {
	var known []string
	for user, err := range source.Users(ctx, study, imednet.ListOptions{IncludeInactive: true}) {
		if errors.Is(err, cache.ErrNotSynced) {
			break
		}
		if err != nil {
			return err
		}
		known = append(known, user.Login.Or(""))
	}
	if slices.Contains(known, login) {
		return nil
	}
	for revision, err := range source.RecordRevisions(ctx, study, imednet.ListOptions{}) {
		if err != nil {
			return err
		}
		if revision.User.Or("") == login {
			return nil
		}
	}
	return unknownName("user", login, known)
}

func checkFormAndVariable(index *imednet.FormIndex, filter cache.ChangeFilter, former []string) error {
	forms := index.Forms()
	if filter.FormKey != "" {
		form, _ := index.Of(0, filter.FormKey)
		if form == nil {
			return unknownName("form", filter.FormKey, formKeys(index))
		}
		forms = []*imednet.IndexedForm{form}
	}
	if filter.Variable == "" {
		return nil
	}
	if slices.Contains(former, filter.Variable) {
		return nil
	}
	var names []string
	for i := range forms {
		for _, v := range forms[i].Variables {
			if name := v.VariableName.Or(""); name == filter.Variable {
				return nil
			} else if name != "" {
				names = append(names, name)
			}
		}
	}
	return unknownName("variable", filter.Variable, names)
}

var changeColumns = []column[cache.ChangeEntry]{
	{"when", "WHEN", func(e cache.ChangeEntry) any { return textOfTime(e.When) }},
	{"site", "SITE", func(e cache.ChangeEntry) any { return e.Site }},
	{"subject", "SUBJECT", func(e cache.ChangeEntry) any { return e.SubjectKey }},
	{"form", "FORM", func(e cache.ChangeEntry) any { return e.FormKey }},
	{"visit", "VISIT", func(e cache.ChangeEntry) any { return e.Visit }},
	{"resource", "RESOURCE", func(e cache.ChangeEntry) any { return string(e.Resource) }},
	{"id", "ID", func(e cache.ChangeEntry) any { return e.RowID }},
	{"kind", "KIND", func(e cache.ChangeEntry) any { return string(e.Kind) }},
	{"variable", "VARIABLE", func(e cache.ChangeEntry) any { return e.Variable + e.Member }},
	{"label", "LABEL", func(e cache.ChangeEntry) any { return e.Label }},
	{"old", "OLD", func(e cache.ChangeEntry) any { return shownValue(e.Old) }},
	{"new", "NEW", func(e cache.ChangeEntry) any { return shownValue(e.New) }},
	{"users", "BY", func(e cache.ChangeEntry) any { return strings.Join(e.Users, "; ") }},
	{"reasons", "WHY", func(e cache.ChangeEntry) any { return strings.Join(e.Reasons, "; ") }},
	{"saves", "SAVES", func(e cache.ChangeEntry) any { return int64(len(e.Revisions)) }},
}

func textOfTime(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return isoTime(t)
}

// parseSince reads a moment as people write it, in UTC: a day or time, an age before now, or the last
// weekday of that name.
func parseSince(text string, now time.Time) (time.Time, error) {
	now, text = now.UTC(), strings.TrimSpace(text)
	if text == "" {
		return time.Time{}, nil
	}
	today := now.Truncate(24 * time.Hour)
	for back := range 7 {
		day := today.AddDate(0, 0, -back)
		if strings.EqualFold(text, day.Weekday().String()) {
			return day, nil
		}
	}
	if strings.EqualFold(text, "today") {
		return today, nil
	}
	if strings.EqualFold(text, "yesterday") {
		return today.AddDate(0, 0, -1), nil
	}
	age, err := parsePast(text)
	switch {
	case err == nil:
		return now.Add(-age), nil
	case minutesOrMonths.MatchString(text):
		return time.Time{}, err
	}
	if at, err := imednet.ParseInstant(text); err == nil {
		return at, nil
	}
	return time.Time{}, usagef("--since %q is no day such as 2026-11-23, time, age such as 30d or 2w, or weekday", text)
}
