package cache

import (
	"context"
	"crypto/ed25519"
	"database/sql"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/imednetgo/imednet"
)

// PurgeOptions configures [CachedRecordsLoader.Purge]. The zero value removes nothing.
type PurgeOptions struct {
	// Study removes everything that the file holds about the study: records, tombstones, history,
	// structure, marks and the run log. It excludes Before.
	Study bool
	// Before removes states that were superseded before this instant, tombstones of records that
	// vanished from the server before it, and lines of the run log from before it. Tombstones of
	// deleted records that the server still lists are kept, because the server would send them
	// again.
	Before time.Time
	// BreakCuts also removes the data cuts that need the removed states. Without it such a purge
	// fails with [ErrBreaksCut].
	BreakCuts bool

	// By is who purges, and Reason why: the tombstone says so. Keep subject data out of the reason.
	By     imednet.Identity
	Reason string
	// Key signs the tombstone in By's name, unless it is nil. It is used once and not retained.
	Key ed25519.PrivateKey
}

// PurgeReport counts what [CachedRecordsLoader.Purge] removed.
type PurgeReport struct {
	StudyKey                          string
	Records, Tombstones, History, Log int64
	Structure                         int64
	Cuts                              []string // names of the data cuts that were removed, oldest first
}

// String returns what the command prints: a line, and another that names the data cuts, if any were removed.
func (r PurgeReport) String() string {
	s := fmt.Sprintf("Removed %d records, %d tombstones, %d former states, %d lines of the run log and %d rows of structure.",
		r.Records, r.Tombstones, r.History, r.Log, r.Structure)
	if len(r.Cuts) > 0 {
		s += fmt.Sprintf("\nRemoved %d data cuts: %s.", len(r.Cuts), quoted(r.Cuts))
	}
	return s
}

func quoted(names []string) string {
	texts := make([]string, len(names))
	for i, name := range names {
		texts[i] = strconv.Quote(name)
	}
	return strings.Join(texts, ", ")
}

// Purge removes data permanently: pages are overwritten with zeros, and the log of the database is
// checkpointed and truncated. Iterations that still need the removed data, and followers that have
// not yet seen them, fail with [ErrPurged]. A purge that a rule of retention refuses ([WithRetention]) is an
// [*imednet.RetentionError]: nothing was written.
//
// A purge that removes anything leaves a tombstone, in the same transaction: what was removed, when, by whom and
// why, signed with [PurgeOptions.Key]. [CachedRecordsLoader.VerifyPurges] shows them. While those of the file are
// not intact nothing is purged ([ErrIntegrity]), nor with a clock that is far behind the newest ([ErrClockBack]).
//
// It returns nil only when the bytes are gone. They remain in the file's log while another program
// holds a snapshot of the file: Purge then waits ([WithLockTimeout]; progress names the program)
// and finally returns [ErrStillReadable]. The data are removed nevertheless; run Purge again when
// that program has ended.
func (l *CachedRecordsLoader) Purge(ctx context.Context, studyKey string, opts PurgeOptions) (PurgeReport, error) {
	report := PurgeReport{StudyKey: studyKey}
	if err := opts.check(); err != nil {
		return report, wrap("purge", studyKey, err)
	}
	err := l.locked(ctx, studyKey, func() error {
		waiting := ctx
		ctx := context.WithoutCancel(ctx)
		st, err := l.loadStudy(ctx, studyKey)
		if err != nil {
			return err
		}
		if err := l.permitted(ctx, &st, opts); err != nil {
			return err
		}
		_, err = l.change(ctx, st, func(tx *sql.Tx, st *study) error {
			report = PurgeReport{StudyKey: studyKey}
			return l.db.silently(ctx, tx, func() error { return l.buried(ctx, &purgeRun{tx: tx, st: st, opts: opts, report: &report}) })
		})
		if err != nil {
			return err
		}
		return l.db.erase(waiting, studyKey, l.cfg)
	})
	return report, wrap("purge", studyKey, err)
}

// removal is one statement of a purge and where it is counted.
type removal struct {
	query string
	count *int64
}

// findLimit finds the last version whose ended states are removed. A version's instant is the server's time of
// the run that stored it.
func (p *purgeRun) findLimit(ctx context.Context) error {
	if p.opts.Study {
		p.limit = maxID
		return nil
	}
	return p.tx.QueryRowContext(ctx, `SELECT coalesce(max(version), 0) FROM imednet_version WHERE study = ? AND seen_at < ?`, p.st.id, p.opts.Before.UnixMicro()).Scan(&p.limit)
}

func (p *purgeRun) remove(ctx context.Context) error {
	if err := p.refuseCuts(ctx); err != nil {
		return err
	}
	if p.opts.Study {
		return p.removeStudy(ctx)
	}
	return p.removeFormer(ctx)
}

// removeStudy removes everything. Where there was nothing, nothing is noted.
func (p *purgeRun) removeStudy(ctx context.Context) error {
	var ignored int64
	err := p.run(ctx, []removal{
		{`DELETE FROM record_cache WHERE study_key = ?2`, &p.report.Records},
		{`DELETE FROM imednet_record WHERE study = ?1`, &ignored},
		{`DELETE FROM imednet_tombstone WHERE study = ?1`, &p.report.Tombstones},
		{`DELETE FROM imednet_history WHERE study = ?1`, &p.report.History},
		{`DELETE FROM imednet_version WHERE study = ?1`, &ignored},
		{`DELETE FROM imednet_pending WHERE study = ?1`, &ignored},
		{`DELETE FROM imednet_row_history WHERE resource IN (SELECT id FROM imednet_resource WHERE study = ?1)`, &ignored},
		{`DELETE FROM imednet_row WHERE resource IN (SELECT id FROM imednet_resource WHERE study = ?1)`, &p.report.Structure},
		{`DELETE FROM imednet_resource WHERE study = ?1`, &ignored},
		{`DELETE FROM imednet_run WHERE study = ?1`, &p.report.Log},
		{`DELETE FROM imednet_cut WHERE study = ?1`, &ignored},
		{`DELETE FROM imednet_foreign WHERE study_key = ?2`, &ignored},
		{`DELETE FROM imednet_study WHERE id = ?1`, &ignored},
	}, p.st.id, p.st.key)
	if err != nil || p.affected == 0 {
		return err
	}
	p.st.purged = int64(p.st.version) + 1
	_, err = p.tx.ExecContext(ctx, `INSERT INTO imednet_purged (study_key, version) VALUES (?, ?) ON CONFLICT (study_key) DO UPDATE SET version = excluded.version`, p.st.key, p.st.purged)
	return err
}

// removeFormer removes what ended up to the limit.
func (p *purgeRun) removeFormer(ctx context.Context) error {
	if p.limit > 0 {
		if err := p.removeStates(ctx); err != nil {
			return err
		}
	}
	err := p.run(ctx, []removal{{`DELETE FROM imednet_run WHERE study = ?1 AND ended_at < ?2`, &p.report.Log}}, p.st.id, p.opts.Before.UnixMicro())
	if err != nil {
		return err
	}
	return p.st.save(ctx, p.tx)
}

func (p *purgeRun) removeStates(ctx context.Context) error {
	var rows, gone, ignored int64
	err := p.run(ctx, []removal{
		{`DELETE FROM imednet_row_history WHERE resource IN (SELECT id FROM imednet_resource WHERE study = ?1) AND replaced <= ?2`, &rows},
		{`DELETE FROM imednet_row WHERE resource IN (SELECT id FROM imednet_resource WHERE study = ?1) AND state = 2 AND version <= ?2`, &gone},
		{`DELETE FROM imednet_history WHERE study = ?1 AND replaced <= ?2`, &p.report.History},
		{`DELETE FROM imednet_tombstone WHERE study = ?1 AND listed = 0
			AND record_id IN (SELECT record_id FROM imednet_record WHERE study = ?1 AND version <= ?2 AND state = 2)`, &p.report.Tombstones},
		{`DELETE FROM imednet_record WHERE study = ?1 AND state = 2 AND version <= ?2`, &ignored},
	}, p.st.id, p.limit)
	if err != nil {
		return err
	}
	p.report.Structure = rows + gone
	if p.report.History+p.report.Tombstones+p.report.Structure > 0 {
		p.st.purged = p.limit
	}
	p.st.vanished -= p.report.Tombstones
	_, err = p.tx.ExecContext(ctx, `UPDATE imednet_resource SET vanished = (SELECT count(*) FROM imednet_row WHERE resource = id AND state = 2) WHERE study = ?`, p.st.id)
	return err
}

// refuseCuts keeps a purge from states that data cuts before a version need, or forgets those cuts. All are named:
// who is asked whether they may go knows which.
func (p *purgeRun) refuseCuts(ctx context.Context) error {
	names, err := p.cutsBefore(ctx)
	switch {
	case err != nil || len(names) == 0:
		return err
	case !p.opts.BreakCuts:
		return fmt.Errorf("%w: %s", ErrBreaksCut, quoted(names))
	}
	p.report.Cuts = names
	return p.run(ctx, []removal{{`DELETE FROM imednet_cut WHERE study = ?1 AND version < ?2`, new(int64)}}, p.st.id, p.limit)
}

// cutsBefore names the data cuts of versions before the limit.
func (p *purgeRun) cutsBefore(ctx context.Context) (names []string, err error) {
	rows, err := p.tx.QueryContext(ctx, `SELECT name FROM imednet_cut WHERE study = ? AND version < ? ORDER BY version, name`, p.st.id, p.limit)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return nil, err
		}
		names = append(names, name)
	}
	return names, rows.Err()
}

// run removes rows, and counts them.
func (p *purgeRun) run(ctx context.Context, removals []removal, args ...any) error {
	for _, r := range removals {
		result, err := p.tx.ExecContext(ctx, r.query, args...)
		if err != nil {
			return err
		}
		if *r.count, err = result.RowsAffected(); err != nil {
			return err
		}
		p.affected += *r.count
	}
	return nil
}
