package cache

import (
	"context"
	"time"
)

// nextMark is where the next run's date leg begins, before the overlap: the earlier of the ceiling
// and the greatest dateModified held. Three cases differ:
//
//   - A study without a single date keeps the mark of its first run, so that quiet runs need not write.
//   - A date ahead of the server's clock would move the mark with that clock: a run that changed
//     nothing leaves it where it was.
//   - When more rows than a page lie in the overlap, as after a bulk change, the mark moves on to the
//     ceiling: they were read and proven, and every later run would read them again. Rows dated after
//     the ceiling do not count: no mark passes them before the server's clock does.
func (r *run) nextMark(ctx context.Context) (time.Time, error) {
	switch {
	case r.st.modified.IsZero() && r.st.mark.IsZero():
		return r.ceiling, nil
	case r.st.modified.IsZero():
		return r.st.mark, nil
	}
	mark := earlier(r.st.modified, r.ceiling)
	crowded, err := r.crowded(ctx, mark)
	if err != nil {
		return mark, err
	}
	if past := r.ceiling.Add(-r.slack()); crowded && past.After(mark) {
		return past, nil
	}
	if r.loaded.mark.After(mark) && !r.loaded.mark.After(r.ceiling) {
		return r.loaded.mark, nil // it moved on before
	}
	quiet := r.st.version == r.loaded.version && r.loaded.phase == phaseWhole && !r.loaded.mark.IsZero()
	if quiet && !crowded && r.st.modified.After(r.ceiling) {
		return r.loaded.mark, nil
	}
	return mark, nil
}

// slack is how far behind the server's clock the mark stays when it passes the dates held. The
// revisions name whatever a date before it hides; without them a day is left for clocks that differ.
func (r *run) slack() time.Duration {
	if r.unrevised {
		return 24 * time.Hour
	}
	return 0
}

// crowded reports whether more rows than a page lie between the overlap of a mark and the ceiling.
func (r *run) crowded(ctx context.Context, mark time.Time) (bool, error) {
	if r.dated <= pageRows {
		return false, nil
	}
	var rows int64
	err := r.loader.db.look(ctx, func(q querier) error {
		return q.QueryRowContext(ctx, `SELECT count(*) FROM imednet_record WHERE study = ? AND state < 2 AND modified BETWEEN ? AND ?`,
			r.st.id, micros(mark.Add(-r.loader.cfg.overlap)), micros(r.ceiling)).Scan(&rows)
	})
	return rows > pageRows, err
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}
