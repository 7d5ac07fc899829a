package tables_test

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/studytest"
	"github.com/imednetgo/imednet/workflows/tables"
)

// bySubject serves the same records one subject at a time.
type bySubject struct{ *tableSource }

func (s bySubject) RecordsBySubject(context.Context, string, imednet.ListOptions) iter.Seq2[imednet.Record, error] {
	sorted := slices.Clone(s.records)
	slices.SortStableFunc(sorted, func(a, b imednet.Record) int { return int(a.SubjectID.Or(0) - b.SubjectID.Or(0)) })
	return studytest.RowsOf(sorted)
}

func nestedStudy(t *testing.T) *tableSource {
	src := smallStudy()
	add := func(id int64, form string, subject, visit, parent int64, data string) {
		r := answer(t, id, form, data)
		r.SubjectID, r.SubjectKey = imednet.Some(subject), imednet.Some(fmt.Sprint("S-", subject))
		if subject == 0 {
			r.SubjectID, r.SubjectKey = imednet.NullOf[int64](), imednet.NullOf[string]()
		}
		if visit != 0 {
			r.VisitID = imednet.Some(visit)
		}
		if parent != 0 {
			r.ParentRecordID = imednet.Some(parent)
		}
		src.records = append(src.records, r)
	}
	add(1, "VS", 2, 10, 0, `{"SYSBP":"120"}`)
	add(2, "AE", 1, 0, 0, `{"TERM":"a","zz":1}`)
	add(3, "VS", 2, 10, 1, `{"SYSBP":"121"}`)
	add(4, "AE", 2, 0, 0, `{"TERM":"b","SEV":"Mild"}`)
	add(5, "AE", 0, 0, 0, `{}`)
	add(6, "VS", 2, 11, 0, `{"SYSBP":"<5"}`)
	return src
}

func outline(t *testing.T, subjects iter.Seq2[tables.HierarchySubject, error]) string {
	t.Helper()
	var b strings.Builder
	for s, err := range subjects {
		require.NoError(t, err)
		fmt.Fprintf(&b, "[%s", s.SubjectKey.Or("-"))
		for _, v := range s.Visits {
			fmt.Fprintf(&b, " visit %d:", v.VisitID.Or(-1))
			for _, f := range v.Forms {
				fmt.Fprintf(&b, " %s", f.FormKey)
				for _, r := range f.Records {
					fmt.Fprintf(&b, " %d", r.RecordID)
					if parent, ok := r.ParentRecordID.Get(); ok {
						fmt.Fprintf(&b, "<%d", parent)
					}
					for _, c := range r.Cells {
						fmt.Fprintf(&b, " %s=%s", c.Title, c.Value.Text())
					}
				}
			}
		}
		b.WriteString("]")
	}
	return b.String()
}

func TestHierarchy(t *testing.T) {
	src := nestedStudy(t)
	run := checked(t, src).Hierarchy(t.Context(), "DEMO", tables.MapOptions{})
	got := outline(t, run.Subjects())
	require.Equal(t, "[S-2 visit 10: VS 1 SYSBP=120 3<1 SYSBP=121 visit -1: AE 4 TERM=b SEV=Mild visit 11: VS 6 SYSBP=<5]"+
		"[S-1 visit -1: AE 2 TERM=a zz=1][- visit -1: AE 5]", got)
	report := run.Report()
	requireReconciled(t, &report)
	require.EqualValues(t, 6, report.Rows)

	got = outline(t, checked(t, bySubject{src}).Hierarchy(t.Context(), "DEMO", tables.MapOptions{Titles: tables.ByLabel}).Subjects())
	require.Equal(t, "[- visit -1: AE 5][S-1 visit -1: AE 2 Term=a zz=1]"+
		"[S-2 visit 10: VS 1 Severity (VS.SYSBP)=120 3<1 Severity (VS.SYSBP)=121 visit -1: AE 4 Term=b Severity=Mild visit 11: VS 6 Severity (VS.SYSBP)=<5]", got)
}

func TestHierarchyFailsAndHides(t *testing.T) {
	src := nestedStudy(t)
	src.failure, src.failAfter = imednet.ErrForbidden, 2
	var last error
	for _, err := range checked(t, src).Hierarchy(t.Context(), "DEMO", tables.MapOptions{}).Subjects() {
		last = err
	}
	require.ErrorIs(t, last, imednet.ErrForbidden)

	m := checked(t, nestedStudy(t), tables.WithDeidentification(tables.Deidentification{Key: secret, PHIFields: []string{"TERM"}}))
	got := outline(t, m.Hierarchy(t.Context(), "DEMO", tables.MapOptions{}).Subjects())
	require.NotContains(t, got, "S-1")
	require.NotContains(t, got, "TERM")
	require.NotContains(t, got, "zz", "an undeclared key is not shown")
	require.Contains(t, got, "SYSBP=120")
}
