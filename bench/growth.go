package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
)

// growth is what the jobs that stream took at several sizes.
type growth struct {
	Sizes []int
	Runs  []measured // one for each size
}

// grow measures the jobs that stream once at each size: a hundredth of the rows, a tenth, and all.
func grow(ctx context.Context, o options, list []job) (g growth, err error) {
	o.n, o.dir, o.wide = 1, "", 0
	g.Sizes = []int{max(o.rows/100, 1), max(o.rows/10, 1), o.rows}
	list = withoutLimits(slices.DeleteFunc(slices.Clone(list), func(j job) bool { return !j.streams }))
	for _, size := range g.Sizes {
		o.rows = size
		m, err := measureJobs(ctx, o, list)
		if err != nil {
			return g, err
		}
		g.Runs = append(g.Runs, m)
	}
	return g, nil
}

// print writes CPU time a row and peak memory at each size, and the line that they draw: how much dearer
// a row is, and how much more memory the job takes, at the greatest size than at the least.
func (g growth) print(out io.Writer) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	var head strings.Builder
	for _, size := range g.Sizes {
		fmt.Fprintf(&head, "µs/row at %d\t", size)
	}
	for _, size := range g.Sizes {
		fmt.Fprintf(&head, "MB at %d\t", size)
	}
	fmt.Fprintf(w, "\n%stime\tmemory\t  job\n", head.String())
	for i, first := range g.Runs[0].Jobs {
		last := g.Runs[len(g.Runs)-1].Jobs[i]
		for _, m := range g.Runs {
			fmt.Fprintf(w, "%.2f\t", m.Jobs[i].CPU)
		}
		for _, m := range g.Runs {
			fmt.Fprintf(w, "%.0f\t", megabytes(m.Jobs[i].Peak))
		}
		fmt.Fprintf(w, "×%.2f\t×%.1f\t  %s\n", last.CPU/first.CPU, float64(last.Peak)/float64(first.Peak), first.Job)
	}
	return w.Flush()
}
