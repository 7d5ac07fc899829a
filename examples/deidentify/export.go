package main

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/imednetgo/imednet/pipeline"
	"github.com/imednetgo/imednet/workflows/tables"
)

func write(ctx context.Context, mapper *tables.RecordMapper, studyKey, dir string) (*pipeline.Manifest, error) {
	p, err := pipeline.New()
	if err != nil {
		return nil, err
	}
	return p.WriteParquet(ctx, mapper, studyKey, dir, pipeline.DataSetOptions{})
}

// equalFiles counts the files of a data set that are byte for byte equal in another, and all of
// them.
func equalFiles(a, b *pipeline.Manifest) (equal, all int) {
	sums := map[string]string{}
	for _, table := range b.Tables {
		for i, f := range table.Files {
			sums[fmt.Sprint(table.Name, i)] = f.SHA256
		}
	}
	for _, table := range a.Tables {
		for i, f := range table.Files {
			all++
			if sums[fmt.Sprint(table.Name, i)] == f.SHA256 {
				equal++
			}
		}
	}
	return equal, all
}

// describe prints where everything went, and what is left for people to review.
func describe(out io.Writer, m *pipeline.Manifest) {
	r := m.Report
	fmt.Fprintf(out, "%s: %d records = %d rows + %d deleted + %d rejected\n", m.StudyKey, r.Records, r.Rows, r.Deleted, r.RecordsRejected)
	fmt.Fprintf(out, "%d answers = %d cells + %d withheld + %d rejected\n", r.Values, r.Cells, r.Withheld, r.Rejected)
	fmt.Fprintf(out, "Text that passes because it was reviewed: %s; %d columns masked\n", strings.Join(m.FreeTextColumns, " "), len(m.MaskedColumns))
}
