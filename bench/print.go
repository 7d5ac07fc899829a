package main

import (
	"fmt"
	"io"
	"text/tabwriter"
)

// print writes the table: limits are indented, and stand above the jobs that they are the limits of.
func (m measured) print(out io.Writer) error {
	fmt.Fprintf(out, "%s\n%s\n%d records, medians of %d\n\n", m.Machine, m.Commit, m.Rows, m.Samples)
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "rows\trows/s\tCPU µs/row\tserver µs/row\tdatabase µs/row\tallocs/row\tbytes/row\tpeak MB\tratio\t  job")
	for _, l := range m.Jobs {
		fmt.Fprintf(w, "%d\t%.0f\t%.2f\t%s\t%s\t%.1f\t%.0f\t%.0f\t%s\t  %s\n", l.Rows, l.RowsPerSecond, l.CPU, elsewhere(l.ServerCPU), elsewhere(l.DatabaseCPU), l.Allocs, l.Bytes, megabytes(l.Peak), l.ratioText(), l.title())
	}
	return w.Flush()
}

func (l line) title() string {
	if l.IsLimit {
		return "limit: " + l.Job
	}
	return l.Job
}

// elsewhere is what another process took for a row, if there was one.
func elsewhere(took float64) string {
	if took == 0 {
		return ""
	}
	return fmt.Sprintf("%.2f", took)
}

func (l line) ratioText() string {
	switch {
	case l.Ratio == 0:
		return ""
	case l.Wall:
		return fmt.Sprintf("%.2f of the rate", l.Ratio)
	}
	return fmt.Sprintf("%.2f", l.Ratio)
}

func megabytes(bytes int64) float64 { return float64(bytes) / 1e6 }
