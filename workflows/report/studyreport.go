package report

import (
	"context"
	"time"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/argument"
	"github.com/imednetgo/imednet/internal/program"
)

// Client is what a report is made from: a client of the server or, for one moment of all resources, a
// view of the mirror (cache.View).
type Client interface {
	imednet.SiteReader
	imednet.FormReader
	imednet.VariableReader
	imednet.IntervalReader
	imednet.SubjectReader
	imednet.VisitReader
	imednet.QueryReader
	imednet.RecordSource
}

// StudyReport reports on a study at a glance. It is safe for concurrent use.
type StudyReport struct {
	client   Client
	clock    imednet.Clock
	progress func(imednet.Progress)
}

// Option configures [NewStudyReport].
type Option func(*StudyReport) error

// WithClock sets the clock that dates a report; the default is [imednet.SystemClock].
func WithClock(clock imednet.Clock) Option {
	return func(r *StudyReport) error {
		r.clock = clock
		return argument.Required("report.WithClock", "clock", clock)
	}
}

// WithProgress sets a function to which every run reports how many records it has read, never from two
// goroutines at once.
func WithProgress(report func(imednet.Progress)) Option {
	return func(r *StudyReport) error {
		r.progress = report
		return argument.Required("report.WithProgress", "report", report)
	}
}

// NewStudyReport returns the workflow for a client. The error is an *[imednet.ValidationError].
func NewStudyReport(client Client, opts ...Option) (*StudyReport, error) {
	if err := argument.Required("report.NewStudyReport", "client", client); err != nil {
		return nil, err
	}
	r := &StudyReport{client: client, clock: imednet.SystemClock(), progress: func(imednet.Progress) {}}
	if err := argument.Options("report.NewStudyReport", r, opts); err != nil {
		return nil, err
	}
	return r, nil
}

// Build reads a study and sums it up. Every record is read once and none is kept: memory grows with
// subjects, visits, queries and the design, and is bounded by [Options.MaxRows] for the rows behind the
// numbers.
//
// Ages and due dates are as of the server time of what was read if the client knows it
// ([imednet.OriginReader]), and otherwise as of the clock.
func (r *StudyReport) Build(ctx context.Context, studyKey string, opts Options) (*Report, error) {
	report, err := r.build(ctx, studyKey, opts)
	if err != nil {
		return nil, &imednet.Error{Package: "report", Op: "build", StudyKey: studyKey, Err: err}
	}
	return report, nil
}

// Check reports, out of the design alone, what Build would refuse of the options, such as forms of adverse events that the
// study does not have.
func (r *StudyReport) Check(ctx context.Context, studyKey string, opts Options) error {
	opts, err := opts.checked()
	if err == nil {
		err = newRun(r, studyKey, opts).readDesign(ctx)
	}
	if err != nil {
		return &imednet.Error{Package: "report", Op: "check", StudyKey: studyKey, Err: err}
	}
	return nil
}

func (r *StudyReport) build(ctx context.Context, studyKey string, opts Options) (*Report, error) {
	if err := argument.Named("report.StudyReport.Build", "studyKey", studyKey); err != nil {
		return nil, err
	}
	opts, err := opts.checked()
	if err != nil {
		return nil, err
	}
	origin, err := imednet.OriginOf(ctx, r.client, studyKey)
	if err != nil {
		return nil, err
	}
	run := newRun(r, studyKey, opts)
	run.report.Origin, run.report.MadeAt, run.report.Program = origin, r.clock.Now().UTC().Truncate(time.Second), program.Info().String()
	run.asOf = run.report.MadeAt
	if !origin.ServerTime.IsZero() {
		run.asOf = origin.ServerTime.UTC()
	}
	run.report.AsOf = run.asOf
	for _, step := range []func(context.Context) error{run.readDesign, run.readSubjects, run.readVisits, run.readQueries, run.readRecords, run.readReview, run.readDesignChanges} {
		if err := step(ctx); err != nil {
			return nil, err
		}
	}
	return run.finish(), nil
}
