package warehouse

import (
	"context"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/argument"
)

// StudySource lists everything of a study that a warehouse takes; every imednet.Client is one.
type StudySource interface {
	imednet.RevisionReader
	imednet.RecordSource
	MetadataSource
}

// StudyOptions are the settings of IngestStudy. Zero values append everything that is new.
type StudyOptions struct {
	// Mode is of the records; the audit trail is always appended.
	Mode Mode
	// Records is where the records come from, such as the mirror with their history. Default: the
	// source.
	Records imednet.RecordSource
	// AllowMassDeletion accepts listings that lack many of the rows that are held.
	AllowMassDeletion bool
}

// IngestStudy does IngestRevisions, IngestRecords and IngestMetadata in one transaction: a reader
// sees the whole study as it was before or as it is after, and what is killed half-way leaves
// nothing behind. It returns one run for each stream.
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
	return d.runAll(ctx, studyKey, steps)
}
