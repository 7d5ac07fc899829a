package cache

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/argument"
)

// Status is the state of the mirror of one study.
type Status struct {
	StudyKey string
	// Whole is true if a sync has ever been complete, Started if one has ever stored anything. The
	// mirror of a study that is started but not whole holds only part of its records.
	Whole, Started bool

	Records  Counts
	History  int64 // superseded states that are kept
	Pending  int64 // records that contradict their newest revision
	Doubtful int64 // records whose deletion flag cannot be read
	Foreign  int64 // records written by another program since the last run

	AsOf      time.Time // server time of the last run that changed the file
	Mark      time.Time
	Revision  imednet.RevisionID
	Version   imednet.MirrorVersion
	Purged    imednet.MirrorVersion          // states superseded up to this version were purged; 0 if none
	Structure map[imednet.Resource]time.Time // when each resource last changed in the file, by the mirror's clock
	// Fresh says when each resource was last read to its end, by the mirror's clock, the records under
	// [imednet.Records]: its age is the time since then, whether or not anything had changed. A resource that
	// was not is not in it, and nothing is for a user who may not read the lock file of the study.
	Fresh map[imednet.Resource]time.Time
}

// Status returns the state of a study's mirror, read only from the file. For a study that the file
// does not know it is the zero value.
func (l *CachedRecordsLoader) Status(ctx context.Context, studyKey string) (Status, error) {
	s := Status{StudyKey: studyKey, Structure: map[imednet.Resource]time.Time{}, Fresh: map[imednet.Resource]time.Time{}}
	if err := errors.Join(argument.Named("cache.CachedRecordsLoader.Status", "studyKey", studyKey), l.db.stillThere()); err != nil {
		return s, wrap("status", studyKey, err)
	}
	err := l.db.Read(ctx, func(tx *sql.Tx) error {
		clear(s.Structure)
		st, err := loadStudy(ctx, tx, studyKey)
		if err != nil {
			return err
		}
		s.Whole, s.Started = st.phase == phaseWhole, st.phase != phaseNew
		s.Records, s.AsOf, s.Mark = st.counts(), st.asOf, st.mark
		s.Revision, s.Version = imednet.RevisionID(st.revision), st.version
		s.Purged = imednet.MirrorVersion(st.purged)
		err = tx.QueryRowContext(ctx, `SELECT
			(SELECT count(*) FROM imednet_history WHERE study = ?1),
			(SELECT count(*) FROM imednet_pending WHERE study = ?1),
			(SELECT count(*) FROM imednet_foreign WHERE study_key = ?2),
			`+countDoubtful, st.id, studyKey).Scan(&s.History, &s.Pending, &s.Foreign, &s.Doubtful)
		if err != nil {
			return err
		}
		return s.readStructure(ctx, tx, st.id)
	})
	if err == nil && s.Started {
		s.Fresh, err = l.lastRead(ctx, studyKey, s.Version)
	}
	return s, wrap("status", studyKey, err)
}

func (s *Status) readStructure(ctx context.Context, tx *sql.Tx, study int64) error {
	rows, err := tx.QueryContext(ctx, `SELECT name, changed_at FROM imednet_resource WHERE study = ? AND changed_at IS NOT NULL`, study)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var name imednet.Resource
		var at sql.NullInt64
		if err := rows.Scan(&name, &at); err != nil {
			return err
		}
		s.Structure[name] = fromMicros(at)
	}
	return rows.Err()
}

// StudyKeys returns the keys of the studies in the file in ascending order, including those of rows
// that the Python package wrote.
func (l *CachedRecordsLoader) StudyKeys(ctx context.Context) ([]string, error) {
	var keys []string
	err := l.db.look(ctx, func(q querier) (err error) {
		keys, err = queryColumn[string](ctx, q, `SELECT study_key FROM imednet_study UNION SELECT DISTINCT study_key FROM record_cache ORDER BY 1`)
		return err
	})
	return keys, wrap("status", "", err)
}
