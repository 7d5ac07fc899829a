package warehouse

import (
	"context"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/argument"
)

// StudySource lists everything about a study that the warehouse ingests. Every [imednet.Client]
// implements it.
type StudySource interface {
	imednet.RevisionReader
	imednet.RecordSource
	MetadataSource
}

// StudyOptions configures [DuckDBIngestion.IngestStudy]. The zero value appends everything new.
type StudyOptions struct {
	// Mode applies to the records; the audit trail is always appended.
	Mode Mode
	// Records is the source of the records, such as the mirror, which has their history; the
	// default is the source of the call.
	Records imednet.RecordSource
	// AllowMassDeletion accepts listings that lack many of the rows held (see [ErrMassDeletion]).
	AllowMassDeletion bool
	// Absent, if set, reports whether an error means that the source does not hold a resource, such as
	// cache.ErrNotSynced of a mirror of records alone. Its stream is then left out (see [Run.LeftOut])
	// instead of being an error; the records never are.
	Absent func(error) bool
}

// IngestStudy combines [DuckDBIngestion.IngestRevisions], [DuckDBIngestion.IngestRecords] and
// [DuckDBIngestion.IngestMetadata] in one transaction: a reader sees the whole study as before or
// as after, and an interrupted run leaves nothing behind. It returns one run per stream. A
// stream other than the records that the API keys are not permitted to read (403) is left out, and what
// the warehouse held of it stays (see [Run.LeftOut]). If everything came from one state of the mirror,
// [ReadOrigins] names it.
func (d *DuckDBIngestion) IngestStudy(ctx context.Context, src StudySource, studyKey string, opts StudyOptions) ([]Run, error) {
	if err := argument.Required("warehouse.DuckDBIngestion.IngestStudy", "src", src); err != nil {
		return nil, err
	}
	records := opts.Records
	if records == nil {
		records = src
	}
	steps := []step{
		revisionStep(src, RevisionOptions{}),
		recordStep(records, RecordOptions{Mode: opts.Mode, AllowMassDeletion: opts.AllowMassDeletion}),
	}
	steps = append(steps, metadataSteps(src, MetadataOptions{AllowMassDeletion: opts.AllowMassDeletion})...)
	lacking := false
	for i := range steps {
		if steps[i].stream != string(imednet.Records) {
			steps[i] = leaveOut(steps[i], opts.Absent, func(error) { lacking = true })
		}
	}
	last := &steps[len(steps)-1]
	ingest := last.do
	last.do = func(ctx context.Context, w *work) error {
		if err := ingest(ctx, w); err != nil || lacking {
			return err
		}
		return w.noteOrigin(ctx, bronzePart, src, records)
	}
	return d.runAll(ctx, studyKey, steps)
}
