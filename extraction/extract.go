package extraction

import (
	"cmp"
	"context"
	"iter"
	"slices"

	"github.com/imednetgo/imednet"
)

// ExtractionResult holds the complete result of a run in memory. Use [Run.Subjects] or
// [Run.Batches] to hold only one subject or one batch at a time.
type ExtractionResult struct {
	AdverseEvents      []AdverseEvent         `json:"adverseEvents"`
	ProtocolDeviations []ProtocolDeviation    `json:"protocolDeviations"`
	DeviceDeficiencies []DeviceDeficiency     `json:"deviceDeficiencies"`
	ADSLRecords        []SubjectLevelAnalysis `json:"adslRecords"`
	ADAERecords        []AnalysisAdverseEvent `json:"adaeRecords"`
	ADLBRecords        []AnalysisLabResult    `json:"adlbRecords"`
	ValidationErrors   []RejectedRow          `json:"validationErrors"` // rejected rows
	Findings           []Finding              `json:"findings"`
	Report             Report                 `json:"-"`
}

// ExtractCanonicalRecords applies a configuration to the records of its study and returns all rows.
// It combines [NewEngine] and [Engine.Extract].
func ExtractCanonicalRecords(ctx context.Context, src imednet.RecordSource, cfg imednet.StudyConfiguration, opts Options) (*ExtractionResult, error) {
	engine, err := NewEngine(cfg)
	if err != nil {
		return nil, err
	}
	return engine.Extract(ctx, src, opts)
}

// Extract collects all rows of a run and its report. After an error the result is nil.
func (e *Engine) Extract(ctx context.Context, src imednet.RecordSource, opts Options) (*ExtractionResult, error) {
	result := newExtractionResult()
	run := e.Run(ctx, src, opts)
	for subject, err := range run.Subjects() {
		if err != nil {
			return nil, err
		}
		result.add(subject)
	}
	result.Report = run.Report()
	return result, nil
}

// newExtractionResult has empty lists and no nil ones, so that they are [] in JSON and not null.
func newExtractionResult() *ExtractionResult {
	return &ExtractionResult{
		AdverseEvents: []AdverseEvent{}, ProtocolDeviations: []ProtocolDeviation{}, DeviceDeficiencies: []DeviceDeficiency{},
		ADSLRecords: []SubjectLevelAnalysis{}, ADAERecords: []AnalysisAdverseEvent{}, ADLBRecords: []AnalysisLabResult{},
		ValidationErrors: []RejectedRow{}, Findings: []Finding{},
	}
}

func (x *ExtractionResult) add(s SubjectRows) {
	for _, row := range s.Rows {
		switch row.Domain {
		case AE:
			x.AdverseEvents = append(x.AdverseEvents, newAdverseEvent(row))
		case PD:
			x.ProtocolDeviations = append(x.ProtocolDeviations, newProtocolDeviation(row))
		case DD:
			x.DeviceDeficiencies = append(x.DeviceDeficiencies, newDeviceDeficiency(row))
		case ADSL:
			x.ADSLRecords = append(x.ADSLRecords, newSubjectLevelAnalysis(row))
		case ADAE:
			x.ADAERecords = append(x.ADAERecords, newAnalysisAdverseEvent(row))
		case ADLB:
			x.ADLBRecords = append(x.ADLBRecords, newAnalysisLabResult(row))
		}
	}
	x.ValidationErrors = append(x.ValidationErrors, s.Rejected...)
	x.Findings = append(x.Findings, s.Findings...)
}

// Rows yields the rows of all domains, domain by domain, for use with the standards checks.
func (x *ExtractionResult) Rows() iter.Seq[CanonicalRow] {
	return func(yield func(CanonicalRow) bool) {
		_ = each(x.AdverseEvents, func(r AdverseEvent) CanonicalRow { return r.CanonicalRow }, yield) &&
			each(x.ProtocolDeviations, func(r ProtocolDeviation) CanonicalRow { return r.CanonicalRow }, yield) &&
			each(x.DeviceDeficiencies, func(r DeviceDeficiency) CanonicalRow { return r.CanonicalRow }, yield) &&
			each(x.ADSLRecords, func(r SubjectLevelAnalysis) CanonicalRow { return r.CanonicalRow }, yield) &&
			each(x.ADAERecords, func(r AnalysisAdverseEvent) CanonicalRow { return r.CanonicalRow }, yield) &&
			each(x.ADLBRecords, func(r AnalysisLabResult) CanonicalRow { return r.CanonicalRow }, yield)
	}
}

func each[T any](list []T, row func(T) CanonicalRow, yield func(CanonicalRow) bool) bool {
	for _, item := range list {
		if !yield(row(item)) {
			return false
		}
	}
	return true
}

// RecordList is a source of records that are already in memory, in any order.
type RecordList []imednet.Record

// Records yields the records that match the filter.
func (l RecordList) Records(_ context.Context, _ string, opts imednet.ListOptions) iter.Seq2[imednet.Record, error] {
	return func(yield func(imednet.Record, error) bool) {
		for i := range l {
			if opts.Filter.MatchRecord(&l[i]) && !yield(l[i], nil) {
				return
			}
		}
	}
}

// RecordsBySubject yields the records that match the filter in ascending order of subjectId, those that
// carry none first.
func (l RecordList) RecordsBySubject(_ context.Context, _ string, opts imednet.ListOptions) iter.Seq2[imednet.Record, error] {
	return func(yield func(imednet.Record, error) bool) {
		var places []int
		for i := range l {
			if opts.Filter.MatchRecord(&l[i]) {
				places = append(places, i)
			}
		}
		slices.SortStableFunc(places, func(i, j int) int { return cmp.Compare(ownID(&l[i]), ownID(&l[j])) })
		for _, i := range places {
			if !yield(l[i], nil) {
				return
			}
		}
	}
}
