package main

import (
	"context"
	"fmt"
	"iter"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/cache"
	"github.com/imednetgo/imednet/workflows/queries"
)

func newQueries(a *app) *cobra.Command {
	cmd := parent("queries", "List, count and measure data queries",
		newQueriesList(a),
		newQueryList(a, "open STUDY", "List the open queries of a study",
			"  imednet queries open CARDIO --site 'Site 01' --older-than 30d\n  imednet queries open CARDIO --filter 'annotationType=Monitor Query' --json",
			func(m *queries.QueryManagement, cmd *cobra.Command, args []string, o queries.Options) iter.Seq2[imednet.Query, error] {
				return m.OpenQueries(cmd.Context(), args[0], o)
			}),
		newQueryList(a, "site STUDY SITE", "List the queries about the subjects of one site", "  imednet queries site CARDIO 'Site 01'",
			func(m *queries.QueryManagement, cmd *cobra.Command, args []string, o queries.Options) iter.Seq2[imednet.Query, error] {
				return m.QueriesBySite(cmd.Context(), args[0], args[1], o)
			}),
		newQueryList(a, "subject STUDY SUBJECT", "List the queries about one subject", "  imednet queries subject CARDIO 01-001",
			func(m *queries.QueryManagement, cmd *cobra.Command, args []string, o queries.Options) iter.Seq2[imednet.Query, error] {
				return m.QueriesForSubject(cmd.Context(), args[0], args[1], o)
			}),
		newQueryCounts(a), newQueryMetrics(a))
	cmd.GroupID = groupData
	return cmd
}

// filterOptions select rows of one kind on the server.
type filterOptions struct {
	filters []string
	text    bool
}

func (o *filterOptions) flags(cmd *cobra.Command) {
	cmd.Flags().StringArrayVar(&o.filters, "filter", nil, "only rows with `key=value`; also !=, <, <=, >, >=; repeatable")
	cmd.Flags().BoolVar(&o.text, "text", false, "treat every filter value as text, so that 007 stays 007")
}

// withQueries runs do over the queries of the server, or of the mirror. Those of a data cut are as old as they were
// at the moment of the cut.
func (a *app) withQueries(ctx context.Context, o sourceOptions, study string, do func(*queries.QueryManagement) error) error {
	return a.withSource(ctx, o, func(source studySource) error {
		var opts []queries.Option
		if view, ok := source.(*cache.View); ok && o.cut != "" {
			origin, err := view.Origin(ctx, study)
			if err != nil {
				return err
			}
			opts = append(opts, queries.WithClock(stoppedClock{origin.ServerTime}))
		}
		management, err := queries.NewQueryManagement(source, opts...)
		if err != nil {
			return err
		}
		return do(management)
	})
}

// stoppedClock shows one moment. What asks it does not sleep.
type stoppedClock struct{ at time.Time }

func (c stoppedClock) Now() time.Time { return c.at }

func (c stoppedClock) Sleep(ctx context.Context, _ time.Duration) error { return ctx.Err() }

type queryLister func(*queries.QueryManagement, *cobra.Command, []string, queries.Options) iter.Seq2[imednet.Query, error]

func newQueryList(a *app, use, short, example string, list queryLister) *cobra.Command {
	var o filterOptions
	var source sourceOptions
	var shown listOptions
	var site, state, olderThan string
	names := strings.Count(use, " ")
	cmd := &cobra.Command{
		Use: use, Short: short, Example: example, Args: cobra.ExactArgs(names), Annotations: afterReading,
		RunE: func(cmd *cobra.Command, args []string) error {
			filter, err := parseFilter(o.filters, o.text)
			if err != nil {
				return err
			}
			age, err := parsePast(olderThan)
			if err != nil {
				return err
			}
			opts := queries.Options{Filter: filter, Site: site, State: queries.State(state), OlderThan: age}
			return a.withQueries(cmd.Context(), source, args[0], func(m *queries.QueryManagement) error {
				n, err := writeRows(a, shown, list(m, cmd, args, opts), queryRows)
				return a.counted(err, shown, n, "queries")
			})
		},
	}
	o.flags(cmd)
	source.flags(cmd)
	shown.flags(cmd)
	cmd.Flags().StringVar(&olderThan, "older-than", "", "only queries raised longer ago than this `age`, such as 30d, 2w or 12h")
	if !strings.HasPrefix(use, "site ") {
		cmd.Flags().StringVar(&site, "site", "", "only queries about the subjects of this `site`, by its name")
	}
	if !strings.HasPrefix(use, "open ") {
		cmd.Flags().StringVar(&state, "state", "", "only queries in this state: open, closed or unknown")
		choices(cmd, "state", string(queries.Open), string(queries.Closed), string(queries.Unknown))
	}
	return cmd
}

var minutesOrMonths = regexp.MustCompile(`(?i)^\d+m$`)

// parsePast reads an age as people write it. Of minutes and months, which both begin with an m, it takes neither for
// the other.
func parsePast(text string) (time.Duration, error) {
	text = strings.TrimSpace(text)
	if minutesOrMonths.MatchString(text) {
		return 0, usagef("%q can be minutes or months: write months as days, such as 90d, and minutes as hours, such as 0.5h", text)
	}
	return parseAge(strings.ToLower(text))
}

// parseAge reads a duration in days or weeks, such as 30d or 2w, or as Go writes durations.
func parseAge(text string) (time.Duration, error) {
	if text == "" {
		return 0, nil
	}
	for unit, days := range map[string]int{"d": 1, "w": 7} {
		count, isUnit := strings.CutSuffix(text, unit)
		if n, err := strconv.Atoi(count); isUnit && err == nil && n >= 0 && n <= 100*366/days {
			return time.Duration(n*days) * 24 * time.Hour, nil
		}
	}
	if age, err := time.ParseDuration(text); err == nil && age >= 0 {
		return age, nil
	}
	return 0, usagef("%q is not an age such as 30d, 2w or 12h", text)
}

var queryRows = listing[imednet.Query]{
	columns: []column[imednet.Query]{
		{"query", "QUERY", func(q imednet.Query) any { return q.AnnotationID }},
		{"state", "STATE", func(q imednet.Query) any { return string(queries.StateOf(q)) }},
		{"subject", "SUBJECT", func(q imednet.Query) any { return textCell(q.SubjectKey) }},
		{"record", "RECORD", func(q imednet.Query) any { return orNothing(q.RecordID.Or(0)) }},
		{"variable", "VARIABLE", func(q imednet.Query) any { return textCell(q.Variable) }},
		{"type", "TYPE", func(q imednet.Query) any { return textCell(q.AnnotationType) }},
		{"created", "CREATED", func(q imednet.Query) any { return timeCell(q.DateCreated) }},
		{"description", "DESCRIPTION", func(q imednet.Query) any { return textCell(q.Description) }},
	},
	encode: imednet.Encode[imednet.Query],
}

func newQueryCounts(a *app) *cobra.Command {
	var o filterOptions
	var source sourceOptions
	cmd := &cobra.Command{
		Use: "counts STUDY", Short: "Count the queries of a study by state", Args: cobra.ExactArgs(1), Annotations: afterReading,
		Example: "  imednet queries counts CARDIO",
		RunE: func(cmd *cobra.Command, args []string) error {
			filter, err := parseFilter(o.filters, o.text)
			if err != nil {
				return err
			}
			return a.withQueries(cmd.Context(), source, args[0], func(m *queries.QueryManagement) error {
				counts, err := m.QueryStateCounts(cmd.Context(), args[0], queries.Options{Filter: filter})
				if err != nil {
					return err
				}
				if a.json {
					return a.writeJSON(counts)
				}
				return a.printf("open     %d\nclosed   %d\nunknown  %d\ntotal    %d\n", counts.Open, counts.Closed, counts.Unknown, counts.Total())
			})
		},
	}
	o.flags(cmd)
	source.flags(cmd)
	return cmd
}

func newQueryMetrics(a *app) *cobra.Command {
	var o filterOptions
	var source sourceOptions
	var asOf, by string
	cmd := &cobra.Command{
		Use: "metrics STUDY", Short: "Measure age, time to answer and time to close", Args: cobra.ExactArgs(1), Annotations: afterReading,
		Example: "  imednet queries metrics CARDIO\n  imednet queries metrics CARDIO --by form --as-of 2026-01-01",
		RunE: func(cmd *cobra.Command, args []string) error {
			var options queries.MetricsOptions
			var err error
			if options.Filter, err = parseFilter(o.filters, o.text); err != nil {
				return err
			}
			if asOf != "" {
				if options.AsOf, err = parseISO(asOf); err != nil {
					return err
				}
			}
			if by != "site" && by != "form" && by != "variable" && by != "type" {
				return usagef("--by must be site, form, variable or type")
			}
			return a.withQueries(cmd.Context(), source, args[0], func(m *queries.QueryManagement) error {
				metrics, err := m.QueryMetrics(cmd.Context(), args[0], options)
				if err != nil {
					return err
				}
				if a.json {
					return a.writeJSON(metrics)
				}
				return a.printMetrics(metrics, by)
			})
		},
	}
	o.flags(cmd)
	source.flags(cmd)
	cmd.Flags().StringVar(&asOf, "as-of", "", "measure as of this `time` (default now)")
	cmd.Flags().StringVar(&by, "by", "site", "rows of the table: site, form, variable or type")
	choices(cmd, "by", "site", "form", "variable", "type")
	return cmd
}

func (a *app) printMetrics(m *queries.Metrics, by string) error {
	groups := map[string][]queries.Group{"site": m.BySite, "form": m.ByForm, "variable": m.ByVariable, "type": m.ByType}[by]
	columns := []string{strings.ToUpper(by), "OPEN", "CLOSED", "UNKNOWN", "REOPENED", "ANSWER", "CLOSE"}
	for _, age := range m.Total.Ages {
		columns = append(columns, fmt.Sprintf("%dd", age.From/(24*time.Hour)))
	}
	t := newTable(a.out, columns...)
	total := m.Total
	total.Name = "total"
	for _, g := range append(append([]queries.Group{}, groups...), total) {
		name := g.Name
		if g.FormKey != "" {
			name = g.FormKey + "." + name
		}
		cells := []string{name, number(g.States.Open), number(g.States.Closed), number(g.States.Unknown), number(g.Reopened),
			medianCell(g.TimeToAnswer), medianCell(g.TimeToClose)}
		for _, age := range g.Ages {
			cells = append(cells, number(age.Count))
		}
		if err := t.add(cells...); err != nil {
			return err
		}
	}
	if err := t.flush(); err != nil {
		return err
	}
	for _, kind := range slices.Sorted(maps.Keys(m.Contradictions)) {
		if err := a.printf("%d about records that contradict the study's forms: %s\n", m.Contradictions[kind], kind); err != nil {
			return err
		}
	}
	return a.printf("as of %s; median times to answer and to close;\nopen queries by minimum age in days\n", clockCell(m.AsOf))
}

func medianCell(d queries.DurationSummary) string {
	if d.Count == 0 {
		return "-"
	}
	return fmt.Sprintf("%.1fd", d.Median.Hours()/24)
}
