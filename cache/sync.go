package cache

import (
	"context"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/argument"
)

// SyncOptions are the settings of one run. The zero value is an incremental run.
type SyncOptions struct {
	// Sweep reads every record and compares bytes. It alone finds changes that move neither
	// dateModified nor the set of ids nor write a revision, such as keywords and renamed subject
	// keys; and it costs what a first run costs.
	Sweep bool
	// AllowMassDeletion accepts that more than a fifth (and at least ten), or more than half, of
	// the records held are gone. A server that lists nothing at all is refused even then.
	AllowMassDeletion bool
	// Resources are those that SyncResources and SyncStudy bring over beside the records; nil is all.
	Resources []imednet.Resource
}

// SyncRecords brings the mirror of one study up to date.
//
// A run that returns no error is whole: every record that existed throughout it is in the mirror,
// in a state that the server showed during the run, and the marks moved. After an error the
// records that had arrived are stored, the marks stand where they stood, and the next run goes on
// from there. The report is valid in both cases. A run that finds nothing new does not write.
//
// Errors: ErrSyncRunning, *MassDeletionError, ErrUnsettled, ErrNoClient, the client's and the
// file's, all in an *imednet.Error; the context's cause when ctx ended.
func (l *CachedRecordsLoader) SyncRecords(ctx context.Context, studyKey string, opts SyncOptions) (Report, error) {
	op := "sync"
	if opts.Sweep {
		op = "reconcile"
	}
	report := Report{StudyKey: studyKey}
	if err := l.needClient(studyKey); err != nil {
		return report, wrap(op, studyKey, err)
	}
	err := l.locked(ctx, studyKey, func() error {
		r := &run{loader: l, server: newServer(l.client, studyKey, l.cfg.pageSize), opts: opts, op: op, report: &report}
		return r.run(ctx)
	})
	return report, wrap(op, studyKey, err)
}

// ReconcileCache is SyncRecords with a sweep: every record is read and compared byte by byte. How
// often is for the caller to say; nightly is usual.
func (l *CachedRecordsLoader) ReconcileCache(ctx context.Context, studyKey string, opts SyncOptions) (Report, error) {
	opts.Sweep = true
	return l.SyncRecords(ctx, studyKey, opts)
}

// LoadRecords brings the mirror up to date and returns the study's active records in ascending
// id, all at once. Prefer SyncRecords with IterCachedRecords for studies that need not fit into
// memory.
func (l *CachedRecordsLoader) LoadRecords(ctx context.Context, studyKey string, opts SyncOptions) ([]imednet.Record, Report, error) {
	report, err := l.SyncRecords(ctx, studyKey, opts)
	if err != nil {
		return nil, report, err
	}
	records, err := l.CachedRecords(ctx, studyKey)
	return records, report, err
}

func (l *CachedRecordsLoader) needClient(studyKey string) error {
	if l.client == nil {
		return ErrNoClient
	}
	if studyKey == "" {
		return argument.Invalid("cache.CachedRecordsLoader", "studyKey", "is empty")
	}
	return nil
}
