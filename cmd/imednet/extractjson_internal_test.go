package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/extraction"
)

// labSource makes up results of so many subjects while it is read, subject by subject.
type labSource int

const resultsOfSubject = 60

func (n labSource) Records(ctx context.Context, study string, opts imednet.ListOptions) iter.Seq2[imednet.Record, error] {
	return n.RecordsBySubject(ctx, study, opts)
}

func (n labSource) RecordsBySubject(context.Context, string, imednet.ListOptions) iter.Seq2[imednet.Record, error] {
	return func(yield func(imednet.Record, error) bool) {
		for i := range int(n) * resultsOfSubject {
			subject := i/resultsOfSubject + 1
			text := fmt.Sprintf(`{"recordId":%d,"formKey":"LB","subjectId":%d,"subjectKey":"S%d","recordData":{"CD":"P%d","V":"%d.%d"}}`, i+1, subject, subject, i%7, i%90, i%10)
			record, err := imednet.Decode[imednet.Record]([]byte(text))
			if !yield(record, err) {
				return
			}
		}
	}
}

func labRun(t *testing.T, subjects int, more ...imednet.MappingRule) *extraction.Run {
	t.Helper()
	cfg := imednet.StudyConfiguration{StudyKey: "S", Mappings: append([]imednet.MappingRule{
		{Domain: "ADLB", TargetField: "PARAMCD", SourceFormKey: "LB", SourceVariableName: "CD"}, {Domain: "ADLB", TargetField: "AVAL", SourceFormKey: "LB", SourceVariableName: "V"},
	}, more...)}
	engine, err := extraction.NewEngine(cfg)
	require.NoError(t, err)
	return engine.Run(t.Context(), labSource(subjects), extraction.Options{})
}

// heapWriter notes the largest live heap while it is written to.
type heapWriter struct {
	written, next int
	most          uint64
}

func (w *heapWriter) Write(p []byte) (int, error) {
	w.written += len(p)
	if w.written >= w.next {
		w.next = w.written + 1<<20
		runtime.GC()
		var stats runtime.MemStats
		runtime.ReadMemStats(&stats)
		w.most = max(w.most, stats.HeapAlloc)
	}
	return len(p), nil
}

// TestExtractionAsJSONIsWrittenWhileItIsMade: ten times the results take no more memory.
func TestExtractionAsJSONIsWrittenWhileItIsMade(t *testing.T) {
	measure := func(subjects int) *heapWriter {
		w := &heapWriter{}
		require.NoError(t, writeResult(w, labRun(t, subjects)))
		return w
	}
	small, large := measure(40), measure(400)
	require.Greater(t, large.written, 9*small.written)
	grown := int64(large.most) - int64(small.most)
	require.Less(t, grown, int64(large.written-small.written)/20, "%d bytes of JSON", large.written)
}

// TestExtractionAsJSONIsThatOfTheResult: streaming changes neither members nor rows.
func TestExtractionAsJSONIsThatOfTheResult(t *testing.T) {
	events := imednet.MappingRule{Domain: "ADAE", TargetField: "AETERM", SourceFormKey: "LB", SourceVariableName: "CD"}
	for _, subjects := range []int{0, 1, 3} {
		var b bytes.Buffer
		require.NoError(t, writeResult(&b, labRun(t, subjects, events)))
		engineResult := extraction.ExtractionResult{
			AdverseEvents: []extraction.AdverseEvent{}, ProtocolDeviations: []extraction.ProtocolDeviation{}, DeviceDeficiencies: []extraction.DeviceDeficiency{},
			ADSLRecords: []extraction.SubjectLevelAnalysis{}, ADAERecords: []extraction.AnalysisAdverseEvent{}, ADLBRecords: []extraction.AnalysisLabResult{},
			ValidationErrors: []extraction.RejectedRow{}, Findings: []extraction.Finding{},
		}
		for rows, err := range labRun(t, subjects, events).Subjects() {
			require.NoError(t, err)
			for _, row := range rows.Rows {
				if row.Domain == extraction.ADLB {
					engineResult.ADLBRecords = append(engineResult.ADLBRecords, extraction.AnalysisLabResult{CanonicalRow: row})
				} else {
					engineResult.ADAERecords = append(engineResult.ADAERecords, extraction.AnalysisAdverseEvent{CanonicalRow: row})
				}
			}
		}
		want, err := json.Marshal(engineResult)
		require.NoError(t, err)
		require.JSONEq(t, string(want), b.String())
		require.Equal(t, subjects*resultsOfSubject, strings.Count(b.String(), `"AVAL"`))
	}
}
