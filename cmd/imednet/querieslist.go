package main

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/imednetgo/imednet/workflows/queries"
)

// newQueriesList is the list that data managers work through.
func newQueriesList(a *app) *cobra.Command {
	var filter filterOptions
	var source sourceOptions
	var shown listOptions
	var site, subject, form, state, olderThan, sort string
	var open bool
	cmd := &cobra.Command{
		Use:   "list STUDY",
		Short: "List queries with site, form, age and last comment",
		Example: "  imednet queries list CARDIO --open --older-than 30d --format csv >overdue.csv\n" +
			"  imednet queries list CARDIO --site 'Site 01' --columns query,subject",
		Args: cobra.ExactArgs(1), Annotations: afterReading,
		RunE: func(cmd *cobra.Command, args []string) error {
			if state != "" {
				if err := oneOf("--state", state, queries.Open, queries.Closed, queries.Unknown); err != nil {
					return err
				}
			}
			opts := queries.Options{Site: site, Subject: subject, State: queries.State(state)}
			if open {
				if state != "" && state != string(queries.Open) {
					return usagef("--open and --state %s exclude each other", state)
				}
				opts.State = queries.Open
			}
			var err error
			if opts.Filter, err = parseFilter(filter.filters, filter.text); err != nil {
				return err
			}
			if opts.OlderThan, err = parsePast(olderThan); err != nil {
				return err
			}
			return a.withSource(cmd.Context(), source, func(s studySource) error {
				return a.withQueries(cmd.Context(), sourceOptions{cut: source.cut, moment: s}, args[0], func(m *queries.QueryManagement) error {
					entries, err := m.Overview(cmd.Context(), args[0], opts)
					if err != nil {
						return err
					}
					if entries, err = ofForm(cmd.Context(), s, args[0], entries, form); err != nil {
						return err
					}
					return a.listEntries(shown, entries, sort)
				})
			})
		},
	}
	filter.flags(cmd)
	source.flags(cmd)
	shown.flags(cmd)
	cmd.Flags().BoolVar(&open, "open", false, "only open queries")
	cmd.Flags().StringVar(&state, "state", "", "only queries in this state: open, closed or unknown")
	choices(cmd, "state", string(queries.Open), string(queries.Closed), string(queries.Unknown))
	cmd.Flags().StringVar(&olderThan, "older-than", "", "only queries raised longer ago than this `age`, such as 30d, 2w or 12h")
	cmd.Flags().StringVar(&site, "site", "", "only queries about the subjects of this `site`, by its name")
	cmd.Flags().StringVar(&subject, "subject", "", "only queries about the subject of this `key`")
	cmd.Flags().StringVar(&form, "form", "", "only queries about records of this form, by its `key`")
	cmd.Flags().StringVar(&sort, "sort", "id", "id, age (oldest first) or site")
	choices(cmd, "sort", "id", "age", "site")
	return cmd
}

// ofForm keeps the queries about records of a form; "" is any. A form that the study does not have is an error.
func ofForm(ctx context.Context, source studySource, study string, entries []queries.Entry, form string) ([]queries.Entry, error) {
	if form == "" {
		return entries, nil
	}
	entries = slices.DeleteFunc(entries, func(e queries.Entry) bool { return e.FormKey != form })
	if len(entries) > 0 {
		return entries, nil
	}
	index, err := readFormIndex(ctx, source, study)
	if err != nil {
		return nil, err
	}
	if keys := formKeys(index); !slices.Contains(keys, form) {
		return nil, unknownName("form", form, keys)
	}
	return entries, nil
}

func (a *app) listEntries(shown listOptions, entries []queries.Entry, sort string) error {
	if err := sortEntries(entries, sort); err != nil {
		return err
	}
	n, err := list(a, shown, entryColumns, values(entries))
	return a.counted(err, shown, n, "queries")
}

func sortEntries(entries []queries.Entry, by string) error {
	switch by {
	case "id":
	case "age":
		slices.SortStableFunc(entries, func(a, b queries.Entry) int { return cmp.Compare(b.Age, a.Age) })
	case "site":
		slices.SortStableFunc(entries, func(a, b queries.Entry) int { return cmp.Or(cmp.Compare(a.Site, b.Site), cmp.Compare(b.Age, a.Age)) })
	default:
		return usagef("--sort must be id, age or site")
	}
	return nil
}

var entryColumns = []column[queries.Entry]{
	{"query", "QUERY", func(e queries.Entry) any { return e.QueryID }},
	{"state", "STATE", func(e queries.Entry) any { return string(e.State) }},
	{"site", "SITE", func(e queries.Entry) any { return e.Site }},
	{"subject", "SUBJECT", func(e queries.Entry) any { return e.SubjectKey }},
	{"form", "FORM", func(e queries.Entry) any { return e.FormKey }},
	{"variable", "VARIABLE", func(e queries.Entry) any { return e.Variable }},
	{"label", "LABEL", func(e queries.Entry) any { return e.Label }},
	{"record", "RECORD", func(e queries.Entry) any { return orNothing(e.RecordID) }},
	{"type", "TYPE", func(e queries.Entry) any { return e.Type }},
	{"ageDays", "DAYS", func(e queries.Entry) any { return ageDays(e.Age) }},
	{"raised", "RAISED", func(e queries.Entry) any { return timeCell(e.Raised) }},
	{"description", "DESCRIPTION", func(e queries.Entry) any { return e.Description }},
	{"lastComment", "LAST COMMENT", func(e queries.Entry) any { return e.LastComment }},
	{"lastUser", "BY", func(e queries.Entry) any { return e.LastUser }},
	{"lastAt", "AT", func(e queries.Entry) any { return timeCell(e.LastAt) }},
	{"contradiction", "CONTRADICTION", func(e queries.Entry) any { return string(e.Contradiction.Kind) }},
}

// orNothing is an id, or nothing for 0.
func orNothing(id int64) any {
	if id == 0 {
		return nil
	}
	return id
}

// ageDays is an age in whole days, or nothing when it is not known.
func ageDays(age time.Duration) any {
	if age < 0 {
		return nil
	}
	return int64(age / (24 * time.Hour))
}
