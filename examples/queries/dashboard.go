package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/imednetgo/imednet/workflows/queries"
)

// width is the number of characters of the longest bar.
const width = 32

// dashboard draws the metrics as text.
func dashboard(m *queries.Metrics) string {
	var b strings.Builder
	fmt.Fprintf(&b, "Queries of %s, as of %s\n\n", m.StudyKey, m.AsOf.Format("2 January 2006 15:04 UTC"))
	states(&b, m)
	ages(&b, m.Total)
	times(&b, m.Total)
	groups(&b, "By site", m.BySite, 0)
	groups(&b, "By form", m.ByForm, 0)
	groups(&b, "Variables with most open queries", m.ByVariable, 8)
	return b.String()
}

func states(b *strings.Builder, m *queries.Metrics) {
	s := m.Total.States
	for _, line := range []struct {
		name  string
		count int64
	}{{"open", s.Open}, {"closed", s.Closed}, {"unknown", s.Unknown}} {
		fmt.Fprintf(b, "  %-9s %6d  %s\n", line.name, line.count, bar(line.count, s.Total()))
	}
	fmt.Fprintf(b, "  %-9s %6d\n", "total", s.Total())
	if m.NotYet > 0 {
		fmt.Fprintf(b, "  %d queries were raised later.\n", m.NotYet)
	}
}

func ages(b *strings.Builder, g queries.Group) {
	b.WriteString("\nOpen queries by age\n")
	most := int64(0)
	for _, bucket := range g.Ages {
		most = max(most, bucket.Count)
	}
	for _, bucket := range g.Ages {
		name := fmt.Sprintf("%d days on", days(bucket.From))
		if bucket.To > 0 {
			name = fmt.Sprintf("%d to %d days", days(bucket.From), days(bucket.To)-1)
		}
		line(b, fmt.Sprintf("  %-14s %4d  %s", name, bucket.Count, bar(bucket.Count, most)))
	}
	if g.Undated > 0 {
		fmt.Fprintf(b, "  %-14s %4d\n", "unknown age", g.Undated)
	}
}

func days(d time.Duration) int { return int(d / (24 * time.Hour)) }

func times(b *strings.Builder, g queries.Group) {
	b.WriteString("\nTime, in days             n  median    90 %     max\n")
	for _, row := range []struct {
		name string
		time queries.DurationSummary
	}{{"to the first answer", g.TimeToAnswer}, {"to closing", g.TimeToClose}} {
		fmt.Fprintf(b, "  %-19s %5d %7.1f %7.1f %7.1f\n", row.name, row.time.Count,
			inDays(row.time.Median), inDays(row.time.P90), inDays(row.time.Max))
	}
	fmt.Fprintf(b, "  %d queries were reopened after closing; none was opened more than %d times.\n", g.Reopened, g.MaxCycles)
}

func inDays(d time.Duration) float64 { return d.Hours() / 24 }

// groups draws those with most open queries first; limit 0 draws all.
func groups(b *strings.Builder, title string, all []queries.Group, limit int) {
	all = slices.Clone(all)
	slices.SortStableFunc(all, func(x, y queries.Group) int { return cmp.Compare(y.States.Open, x.States.Open) })
	if limit > 0 {
		all = all[:min(limit, len(all))]
	}
	fmt.Fprintf(b, "\n%-32s  open closed  unknown\n", title)
	most := int64(0)
	for _, g := range all {
		most = max(most, g.States.Open)
	}
	for _, g := range all {
		line(b, fmt.Sprintf("  %-30s %5d %6d %8d  %s", name(g), g.States.Open, g.States.Closed, g.States.Unknown, bar(g.States.Open, most)))
	}
}

func name(g queries.Group) string {
	switch {
	case g.FormKey != "" && g.Name == "":
		return g.FormKey + " (whole record)"
	case g.FormKey != "":
		return g.FormKey + "." + g.Name
	}
	return cmp.Or(g.Name, "(none)")
}

func bar(count, whole int64) string {
	if count == 0 || whole == 0 {
		return ""
	}
	return strings.Repeat("█", max(1, int(count*width/whole)))
}

// line writes a line without trailing blanks.
func line(b *strings.Builder, text string) { b.WriteString(strings.TrimRight(text, " ") + "\n") }
