package cache

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/argument"
)

// phase says how far a study has been synced.
type phase int

const (
	phaseNew   phase = iota // nothing was read yet
	phaseFirst              // the first pass over all records is under way, or was cut short
	phaseWhole              // at least one run was whole
)

// The states of a record as the file has them; see imednet.RecordState.
const (
	stateActive = iota
	stateDeleted
	stateVanished
)

// recordState translates the file's number into the public word.
func recordState(state int) imednet.RecordState {
	return [...]imednet.RecordState{imednet.RecordActive, imednet.RecordDeleted, imednet.RecordVanished}[state]
}

// study is a row of imednet_study: where the mirror of one study stands.
type study struct {
	id       int64
	key      string
	phase    phase
	version  imednet.MirrorVersion
	top      int64     // every id up to here has been asked for; the greatest id held
	mark     time.Time // date leg; during the first pass the ceiling of its beginning
	modified time.Time // greatest dateModified ever held
	asOf     time.Time // ceiling of the last run that wrote
	revision int64     // revision leg: greatest revision seen
	seen     []byte    // which of the revisions up to it were seen: see revisionWindow
	active   int64
	deleted  int64
	vanished int64
	purged   int64 // greatest version whose end was purged from the history
}

// listed is the number of rows that the server is believed to list.
func (s *study) listed() int64 { return s.active + s.deleted }

// count returns the counter of a state.
func (s *study) count(state int) *int64 {
	return [...]*int64{&s.active, &s.deleted, &s.vanished}[state]
}

// sameAs reports whether two states would be stored alike, leaving asOf out: a run that finds
// nothing new writes nothing, and only its report says when it was.
func (s *study) sameAs(o *study) bool {
	return s.id == o.id && s.phase == o.phase && s.version == o.version && s.top == o.top && s.mark.Equal(o.mark) &&
		s.modified.Equal(o.modified) && s.revision == o.revision && bytes.Equal(s.seen, o.seen) &&
		s.active == o.active && s.deleted == o.deleted && s.vanished == o.vanished
}

// querier is what a pool, a connection and a transaction have in common.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
}

// study returns where a study stands, unless the file is no longer the mirror's.
func (l *CachedRecordsLoader) study(ctx context.Context, key string) (study, error) {
	if err := errors.Join(argument.Named("cache.CachedRecordsLoader", "studyKey", key), l.db.stillThere()); err != nil {
		return study{}, err
	}
	return l.loadStudy(ctx, key)
}

// loadStudy returns the state of a study.
func (l *CachedRecordsLoader) loadStudy(ctx context.Context, key string) (st study, err error) {
	err = l.db.look(ctx, func(q querier) (err error) {
		st, err = loadStudy(ctx, q, key)
		return err
	})
	return st, err
}

// change runs fn in one transaction on the study as it was last read, and returns what fn made of it. It
// fails, having written nothing, when somebody else has written meanwhile, who can only have come in when
// the hold on the study was lost with a connection.
func (l *CachedRecordsLoader) change(ctx context.Context, read study, fn func(*sql.Tx, *study) error) (study, error) {
	st := read
	err := l.db.Write(ctx, read.key, func(tx *sql.Tx) error {
		now, err := loadStudy(ctx, tx, read.key)
		if err != nil {
			return err
		}
		if !now.sameAs(&read) || now.purged != read.purged {
			return fmt.Errorf("%w: it has changed the study meanwhile", ErrSyncRunning)
		}
		st = read
		return fn(tx, &st)
	})
	if err != nil {
		return read, err
	}
	return st, nil
}

// loadStudy returns the state of a study; one that the file does not know is new.
func loadStudy(ctx context.Context, q querier, key string) (study, error) {
	s := study{key: key}
	var mark, modified, asOf sql.NullInt64
	err := q.QueryRowContext(ctx, `SELECT id, phase, version, top, mark, modified, as_of, revision, seen, active, deleted, vanished, purged
		FROM imednet_study WHERE study_key = ?`, key).
		Scan(&s.id, &s.phase, &s.version, &s.top, &mark, &modified, &asOf, &s.revision, &s.seen, &s.active, &s.deleted, &s.vanished, &s.purged)
	if errors.Is(err, sql.ErrNoRows) {
		return s, s.continuePurged(ctx, q)
	}
	s.mark, s.modified, s.asOf = fromMicros(mark), fromMicros(modified), fromMicros(asOf)
	return s, err
}

// continuePurged has a study that was purged go on with its versions, so that a follower of what was
// purged notices.
func (s *study) continuePurged(ctx context.Context, q querier) error {
	err := q.QueryRowContext(ctx, `SELECT version FROM imednet_purged WHERE study_key = ?`, s.key).Scan(&s.purged)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	s.version = imednet.MirrorVersion(s.purged)
	return err
}

// save stores the state, and gives a new study its number.
func (s *study) save(ctx context.Context, tx querier) error {
	if err := s.register(ctx, tx); err != nil {
		return err
	}
	seen := s.seen
	if seen == nil {
		seen = []byte{}
	}
	_, err := tx.ExecContext(ctx, `UPDATE imednet_study SET phase = ?, version = ?, top = ?, mark = ?, modified = ?, as_of = ?,
		revision = ?, seen = ?, active = ?, deleted = ?, vanished = ?, purged = ? WHERE id = ?`,
		s.phase, s.version, s.top, micros(s.mark), micros(s.modified), micros(s.asOf),
		s.revision, seen, s.active, s.deleted, s.vanished, s.purged, s.id)
	return err
}

// register makes sure that the study has a number.
func (s *study) register(ctx context.Context, tx querier) error {
	if s.id != 0 {
		return nil
	}
	if _, err := tx.ExecContext(ctx, `INSERT INTO imednet_study (study_key) VALUES (?) ON CONFLICT DO NOTHING`, s.key); err != nil {
		return err
	}
	return tx.QueryRowContext(ctx, `SELECT id FROM imednet_study WHERE study_key = ?`, s.key).Scan(&s.id)
}

// countDoubtful counts the records of study ?1 whose deletion flag cannot be read.
const countDoubtful = `(SELECT count(*) FROM imednet_record WHERE study = ?1 AND doubtful = 1)`

// micros is how the file keeps an instant: microseconds since 1970 in UTC, NULL for none.
func micros(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UnixMicro()
}

func fromMicros(v sql.NullInt64) time.Time {
	if !v.Valid {
		return time.Time{}
	}
	return time.UnixMicro(v.Int64).UTC()
}
