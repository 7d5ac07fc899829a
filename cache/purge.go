package cache

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/sqlite"
)

// PurgeOptions configures [CachedRecordsLoader.Purge]. The zero value removes nothing.
type PurgeOptions struct {
	// Study removes everything that the file holds about the study: records, tombstones, history,
	// structure, marks and the run log.
	Study bool
	// Before removes states that were superseded before this instant, tombstones of records that
	// vanished from the server before it, and lines of the run log from before it. Tombstones of
	// deleted records that the server still lists are kept, because the server would send them
	// again.
	Before time.Time
	// BreakCuts also removes the data cuts that need the removed states. Without it such a purge
	// fails with [ErrBreaksCut].
	BreakCuts bool
}

// PurgeReport counts what [CachedRecordsLoader.Purge] removed.
type PurgeReport struct {
	StudyKey                          string
	Records, Tombstones, History, Log int64
	Structure                         int64
}

// String returns the line that the command prints.
func (r PurgeReport) String() string {
	return fmt.Sprintf("Removed %d records, %d tombstones, %d former states, %d lines of the run log and %d rows of structure.",
		r.Records, r.Tombstones, r.History, r.Log, r.Structure)
}

// Purge removes data permanently: pages are overwritten with zeros, and the log of the database is
// checkpointed and truncated. Iterations that still need the removed data, and followers that have
// not yet seen them, fail with [ErrPurged]. A purge that a rule of retention refuses ([WithRetention]) is an
// [*imednet.RetentionError]: nothing was written.
//
// It returns nil only when the bytes are gone. They remain in the file's log while another program
// holds a snapshot of the file: Purge then waits ([WithLockTimeout]; progress names the program)
// and finally returns [ErrStillReadable]. The data are removed nevertheless; run Purge again when
// that program has ended.
func (l *CachedRecordsLoader) Purge(ctx context.Context, studyKey string, opts PurgeOptions) (PurgeReport, error) {
	report := PurgeReport{StudyKey: studyKey}
	err := l.locked(ctx, studyKey, func() error {
		waiting := ctx
		ctx := context.WithoutCancel(ctx)
		st, err := loadStudy(ctx, l.db.Reader(), studyKey)
		if err != nil {
			return err
		}
		if err := l.permitted(ctx, &st, opts); err != nil {
			return err
		}
		err = l.db.Write(ctx, func(tx *sql.Tx) error {
			return silently(ctx, tx, func() error { return purge(ctx, tx, &st, opts, &report) })
		})
		if err != nil {
			return err
		}
		return l.eraseLog(waiting, studyKey)
	})
	return report, wrap("purge", studyKey, err)
}

// eraseLog writes the log back and cuts it off, so that what was removed is not left in it. It waits
// for readers that need the log as long as runs wait for one another (WithLockTimeout).
func (l *CachedRecordsLoader) eraseLog(ctx context.Context, studyKey string) error {
	clock := l.cfg.clock
	start := clock.Now()
	for {
		done, err := l.db.TruncateLog(context.WithoutCancel(ctx))
		if done || err != nil {
			return err
		}
		readers := strings.Join(sqlite.Readers(l.Path()), ", ")
		if readers == "" {
			readers = "another program"
		}
		waited := clock.Now().Sub(start)
		if waited >= l.cfg.lockTimeout {
			return fmt.Errorf("%w: %s", ErrStillReadable, readers)
		}
		l.cfg.progress(imednet.Progress{Op: "purge: waiting for " + readers, StudyKey: studyKey,
			Done: int64(waited / time.Second), Total: int64(l.cfg.lockTimeout / time.Second)})
		if err := clock.Sleep(ctx, logPause); err != nil {
			return fmt.Errorf("%w: %s: %w", ErrStillReadable, readers, err)
		}
	}
}

// logPause is the time between two attempts to cut off the log.
const logPause = 250 * time.Millisecond

// removal is one statement of a purge and where it is counted.
type removal struct {
	query string
	count *int64
}

func purge(ctx context.Context, tx *sql.Tx, st *study, opts PurgeOptions, report *PurgeReport) error {
	if opts.Study {
		return purgeStudy(ctx, tx, st, opts, report)
	}
	if opts.Before.IsZero() || st.id == 0 {
		return nil
	}
	return purgeBefore(ctx, tx, st, opts, report)
}

func purgeStudy(ctx context.Context, tx *sql.Tx, st *study, opts PurgeOptions, report *PurgeReport) error {
	var ignored int64
	if err := refuseCuts(ctx, tx, st, maxID, opts); err != nil {
		return err
	}
	return runRemovals(ctx, tx, []removal{
		{`DELETE FROM record_cache WHERE study_key = ?2`, &report.Records},
		{`DELETE FROM imednet_record WHERE study = ?1`, &ignored},
		{`DELETE FROM imednet_tombstone WHERE study = ?1`, &report.Tombstones},
		{`DELETE FROM imednet_history WHERE study = ?1`, &report.History},
		{`DELETE FROM imednet_version WHERE study = ?1`, &ignored},
		{`DELETE FROM imednet_pending WHERE study = ?1`, &ignored},
		{`DELETE FROM imednet_row_history WHERE resource IN (SELECT id FROM imednet_resource WHERE study = ?1)`, &ignored},
		{`DELETE FROM imednet_row WHERE resource IN (SELECT id FROM imednet_resource WHERE study = ?1)`, &report.Structure},
		{`DELETE FROM imednet_resource WHERE study = ?1`, &ignored},
		{`DELETE FROM imednet_run WHERE study = ?1`, &report.Log},
		{`DELETE FROM imednet_cut WHERE study = ?1`, &ignored},
		{`DELETE FROM imednet_foreign WHERE study_key = ?2`, &ignored},
		{`DELETE FROM imednet_study WHERE id = ?1`, &ignored},
		{`INSERT OR REPLACE INTO imednet_purged (study_key, version) VALUES (?2, ?3)`, &ignored},
	}, st.id, st.key, int64(st.version)+1)
}

// purgeBefore removes what ended before an instant. A version's instant is the server's time of
// the run that stored it.
func purgeBefore(ctx context.Context, tx *sql.Tx, st *study, opts PurgeOptions, report *PurgeReport) error {
	before := opts.Before
	var last sql.NullInt64
	err := tx.QueryRowContext(ctx, `SELECT max(version) FROM imednet_version WHERE study = ? AND seen_at < ?`, st.id, before.UnixMicro()).Scan(&last)
	if err != nil {
		return err
	}
	if last.Valid {
		if err := refuseCuts(ctx, tx, st, last.Int64, opts); err != nil {
			return err
		}
		var rows, gone int64
		err = runRemovals(ctx, tx, []removal{
			{`DELETE FROM imednet_row_history WHERE resource IN (SELECT id FROM imednet_resource WHERE study = ?1) AND replaced <= ?2`, &rows},
			{`DELETE FROM imednet_row WHERE resource IN (SELECT id FROM imednet_resource WHERE study = ?1) AND state = 2 AND version <= ?2`, &gone},
			{`UPDATE imednet_resource SET vanished = (SELECT count(*) FROM imednet_row WHERE resource = id AND state = 2) WHERE study = ?1 AND ?2 = ?2`, new(int64)},
		}, st.id, last.Int64)
		if err != nil {
			return err
		}
		report.Structure = rows + gone
		err = runRemovals(ctx, tx, []removal{
			{`DELETE FROM imednet_history WHERE study = ?1 AND replaced <= ?2`, &report.History},
			{`DELETE FROM imednet_tombstone WHERE study = ?1 AND listed = 0
				AND record_id IN (SELECT record_id FROM imednet_record WHERE study = ?1 AND version <= ?2 AND state = 2)`, &report.Tombstones},
			{`DELETE FROM imednet_record WHERE study = ?1 AND state = 2 AND version <= ?2`, new(int64)},
		}, st.id, last.Int64)
		if err != nil {
			return err
		}
		if report.History+report.Tombstones+report.Structure > 0 {
			st.purged = last.Int64
		}
		st.vanished -= report.Tombstones
	}
	err = runRemovals(ctx, tx, []removal{{`DELETE FROM imednet_run WHERE study = ?1 AND ended_at < ?2`, &report.Log}}, st.id, before.UnixMicro())
	if err != nil {
		return err
	}
	return st.save(ctx, tx)
}

// refuseCuts keeps a purge from states that data cuts before a version need, or forgets those cuts.
func refuseCuts(ctx context.Context, tx *sql.Tx, st *study, before int64, opts PurgeOptions) error {
	if opts.BreakCuts {
		_, err := tx.ExecContext(ctx, `DELETE FROM imednet_cut WHERE study = ? AND version < ?`, st.id, before)
		return err
	}
	var name string
	err := tx.QueryRowContext(ctx, `SELECT name FROM imednet_cut WHERE study = ? AND version < ? ORDER BY version LIMIT 1`, st.id, before).Scan(&name)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err == nil {
		err = fmt.Errorf("%w: %q", ErrBreaksCut, name)
	}
	return err
}

func runRemovals(ctx context.Context, tx *sql.Tx, removals []removal, args ...any) error {
	for _, r := range removals {
		result, err := tx.ExecContext(ctx, r.query, args...)
		if err != nil {
			return err
		}
		if *r.count, err = result.RowsAffected(); err != nil {
			return err
		}
	}
	return nil
}
