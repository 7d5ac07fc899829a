package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// resultsPath is where the figures are kept, from the root of the repository.
var resultsPath = filepath.Join("bench", "RESULTS.md")

// writeResults writes both tables as a page.
func writeResults(m measured, g growth) error {
	var page bytes.Buffer
	fmt.Fprintf(&page, `# Results

Written by `+"`go run ./bench -rows %d -n %d -results`"+` on %s. What the figures mean is said in
[doc.go](doc.go). CPU is that of the process that does the job; the ratio is the limit's CPU time a row
divided by the job's.

`, m.Rows, m.Samples, m.Time.Format(time.DateOnly))
	fmt.Fprintln(&page, "```console")
	if err := m.print(&page); err != nil {
		return err
	}
	fmt.Fprint(&page, "```\n\n## Growth\n\nEach job that streams, once at each size. A job measured at a fraction of the rows is so here too.\n\n```console")
	if err := g.print(&page); err != nil {
		return err
	}
	fmt.Fprintln(&page, "```")
	return os.WriteFile(resultsPath, page.Bytes(), 0o644)
}
