package report_test

import (
	"context"
	"iter"
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/workflows/report"
)

// many is a study whose subject has so many records, all late.
type many struct {
	*fake
	records int64
}

func (m *many) Records(context.Context, string, imednet.ListOptions) iter.Seq2[imednet.Record, error] {
	return func(yield func(imednet.Record, error) bool) {
		r := event(1, `{"AETERM":"headache","AESEV":"Mild","AESER":"N"}`)
		r.VisitID, r.DateCreated = imednet.Some(int64(7)), at("2024-04-01 00:00:00")
		for r.RecordID = 1; r.RecordID <= m.records; r.RecordID++ {
			if !yield(r, nil) {
				return
			}
		}
	}
}

// TestMemoryDoesNotGrowWithRecords compares what a report holds at the end of few and of many records.
func TestMemoryDoesNotGrowWithRecords(t *testing.T) {
	held := func(records int64) int64 {
		study := &many{small(), records}
		study.visits = []imednet.Visit{{VisitID: 7, SubjectID: imednet.Some(int64(11)), VisitDate: date("2024-03-01")}}
		var m runtime.MemStats
		workflow, err := report.NewStudyReport(study, report.WithClock(imednettest.NewClock(now)), report.WithProgress(func(p imednet.Progress) {
			if p.Done == records {
				runtime.GC()
				runtime.ReadMemStats(&m)
			}
		}))
		require.NoError(t, err)
		var before runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		built, err := workflow.Build(t.Context(), "S", report.Options{ShowValues: true, MaxRows: 1000, AdverseEvents: []report.AdverseEventForm{{FormKey: "AE"}}})
		require.NoError(t, err)
		require.Equal(t, records, built.Entry[0].Late)
		return int64(m.HeapAlloc) - int64(before.HeapAlloc)
	}
	few, lots := held(20_000), held(400_000)
	t.Logf("%d and %d bytes held", few, lots)
	assert.Less(t, lots-few, int64(1<<20))
}
