package cache

import (
	"context"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/argument"
)

// SyncOptions configures one sync run. The zero value is an incremental run.
type SyncOptions struct {
	// Sweep reads every record and compares bytes. It immediately finds changes that affect neither
	// dateModified nor the set of ids and write no revision, such as keywords and renamed subject
	// keys. It costs as much as a first run.
	Sweep bool
	// AllowMassDeletion accepts that more than a fifth (and at least ten), or more than half, of
	// the records held are gone. A server that lists nothing at all is an error even then.
	AllowMassDeletion bool
	// Resources are the resources other than records that SyncResources and SyncStudy sync; nil
	// means all.
	Resources []imednet.Resource
}

// SyncRecords brings the records of one study in the mirror up to date.
//
// A run that returns no error is complete: every record that existed throughout it is in the
// mirror, in a state that the server showed during the run, and the marks have advanced. After an
// error the records that had arrived are stored, the marks are unchanged, and the next run
// continues from there. The report is valid in both cases. A run that finds nothing new does not
// write. A run fails with [imednet.ErrProtocol] if more than a fifth of the records that the first
// page of a leg announced do not come.
//
// Errors, in an *[imednet.Error]: [ErrSyncRunning], *[MassDeletionError], [ErrUnsettled],
// [ErrNoClient], errors of the client and of the file, and the context's cause if ctx ended.
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

// ReconcileCache is [CachedRecordsLoader.SyncRecords] with a sweep: it reads every record and
// compares it byte by byte. The caller decides how often to call it; once a night is usual.
func (l *CachedRecordsLoader) ReconcileCache(ctx context.Context, studyKey string, opts SyncOptions) (Report, error) {
	opts.Sweep = true
	return l.SyncRecords(ctx, studyKey, opts)
}

// LoadRecords syncs the study and returns all of its active records as a slice, in ascending order
// of id. Prefer [CachedRecordsLoader.SyncRecords] and [CachedRecordsLoader.IterCachedRecords] for
// studies that may not fit into memory.
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
	return argument.Named("cache.CachedRecordsLoader", "studyKey", studyKey)
}
