package cache

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"maps"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/shortfall"
)

// guard refuses to remove a suspicious share of the study. Rows of another program that the server
// does not list (strangers) are held rows, and missing ones.
func (r *run) guard(missing, strangers int64) error {
	held := r.st.listed() + strangers
	missing += strangers
	e := &MassDeletionError{StudyKey: r.st.key, Held: held, Missing: missing, Empty: missing >= held}
	switch {
	case missing <= 0:
		return nil
	case e.Empty && r.listsNothing():
		return e
	case r.opts.AllowMassDeletion:
		return nil
	case shortfall.Suspicious(held, missing):
		return e
	}
	return nil
}

// listsNothing reports whether this run saw no record at all.
func (r *run) listsNothing() bool { return r.report.Received == 0 }

// finish removes what is gone, and moves the marks: the run is whole. Nothing is written when
// nothing changed.
func (r *run) finish(ctx context.Context) error {
	strangers, err := r.leftovers(ctx)
	if err != nil {
		return err
	}
	if err := r.guard(int64(len(r.gone)), int64(len(strangers))); err != nil {
		return err
	}
	if r.st.listed() == 0 && r.st.revision > 0 && r.loaded.phase != phaseWhole {
		return fmt.Errorf("%w: the audit trail has revisions, and not one record is listed", imednet.ErrProtocol)
	}
	if err := r.bury(ctx); err != nil {
		return err
	}
	if err := r.adopt(ctx, strangers); err != nil {
		return err
	}
	pending, err := r.contradictions(ctx)
	if err != nil {
		return err
	}
	r.report.Pending = int64(len(pending))
	err = r.loader.db.look(ctx, func(q querier) error {
		return q.QueryRowContext(ctx, `SELECT `+countDoubtful, r.st.id).Scan(&r.report.Doubtful)
	})
	if err != nil {
		return err
	}
	end := r.st
	end.phase = phaseWhole
	if end.mark, err = r.nextMark(ctx); err != nil {
		return err
	}
	end.revision, end.seen = r.next.revision, r.next.seen
	if err := r.loader.db.stillThere(); err != nil {
		return err
	}
	if err := r.loader.note(ctx, r.st.key, r.leave); err != nil {
		return err
	}
	samePending := maps.Equal(pending, r.pending)
	if end.sameAs(&r.loaded) && samePending && len(r.foreign) == 0 {
		return nil
	}
	end.asOf = r.asOf
	ctx = context.WithoutCancel(ctx)
	r.st, err = r.loader.change(ctx, r.st, func(tx *sql.Tx, st *study) error {
		*st = end
		if err := st.save(ctx, tx); err != nil {
			return err
		}
		if r.loaded.phase != phaseWhole {
			whole := resourceState{name: imednet.Records, since: sql.NullInt64{Int64: int64(st.version), Valid: true}}
			if err := whole.save(ctx, tx, st.id); err != nil {
				return err
			}
		}
		if err := savePending(ctx, r.loader.db, tx, st.id, pending); err != nil {
			return err
		}
		if err := clearForeign(ctx, tx, st.key, r.foreign); err != nil {
			return err
		}
		return r.logRun(ctx, tx, st)
	})
	return err
}

// logRun adds a line to the run log.
func (r *run) logRun(ctx context.Context, tx *sql.Tx, end *study) error {
	report := *r.report
	report.After, report.Mark, report.AsOf = end.counts(), end.mark, r.asOf
	report.Revision, report.Version = imednet.RevisionID(end.revision), end.version
	text, err := json.Marshal(report)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO imednet_run (study, kind, ended_at, version, report) VALUES (?, ?, ?, ?, ?)`,
		end.id, r.op, r.loader.cfg.clock.Now().UnixMicro(), int64(end.version), string(text))
	return err
}

// leave notes what the run read.
func (r *run) leave(n *notes) {
	if r.compared {
		n.turn = r.turn
	}
	n.version, n.read[imednet.Records] = r.st.version, r.began
}
