package cache

import (
	"context"
	"database/sql"
	"errors"
	"iter"

	"github.com/imednetgo/imednet"
)

// ChangesSince yields every state that was stored after a version, in ascending order of (Version,
// RecordID), up to the version that the mirror has when the iteration begins. After version 0 it
// yields every state that was ever seen and not purged. To follow a mirror, store the last Version
// seen. A follower that lags behind a purge receives [ErrPurged] and must start again from 0,
// replacing all its data, because it cannot learn what vanished meanwhile. The error is
// [ErrNotSynced] until a sync of the study is complete.
func (l *CachedRecordsLoader) ChangesSince(ctx context.Context, studyKey string, after imednet.MirrorVersion) iter.Seq2[imednet.RecordVersion, error] {
	return l.versions(ctx, studyKey, versionRange{after: after})
}

// LatestVersion returns the current version of a study's mirror, or 0 for a study that the file
// does not know. A follower with a greater version has followed a different mirror.
func (l *CachedRecordsLoader) LatestVersion(ctx context.Context, studyKey string) (imednet.MirrorVersion, error) {
	st, err := l.study(ctx, studyKey)
	if err != nil {
		return 0, wrap("read", studyKey, err)
	}
	return st.version, nil
}

// RecordHistory yields the states of one record, from oldest to newest. It yields nothing for an
// unknown record.
func (l *CachedRecordsLoader) RecordHistory(ctx context.Context, studyKey string, recordID int64) iter.Seq2[imednet.RecordVersion, error] {
	return l.versions(ctx, studyKey, versionRange{only: recordID})
}

// versionRange says which states are wanted: all after a version, or those of one record.
type versionRange struct {
	after imednet.MirrorVersion
	last  int64 // record id of the last state read in the version
	only  int64
	until imednet.MirrorVersion // the last version wanted; 0 is the newest
}

// query renders the query of the states after the last one read, up to a version. Both of its
// branches are in the order of an index, so that they are merged and not sorted.
func (v versionRange) query(st *study) (string, []any) {
	condition := `§.study = ?2 AND (§.version, §.record_id) > (?3, ?4) AND §.version <= ?5`
	if v.only != 0 {
		condition = `§.study = ?2 AND §.record_id = ?4 AND §.version > ?3 AND §.version <= ?5`
	}
	const columns = `SELECT §.record_id, §.version, §.state, (SELECT seen_at FROM imednet_version v WHERE v.study = ?2 AND v.version = §.version), `
	query := onTable("r", columns) + heldPayload + currentFrom + ` AND ` + onTable("r", condition) + ` AND ` + heldPayload + ` IS NOT NULL` +
		` UNION ALL ` + onTable("h", columns+`§.payload FROM imednet_history h WHERE `+condition) + ` ORDER BY 2, 1 LIMIT ?6`
	args := []any{st.key, st.id, int64(v.after), v.last, int64(st.version), groupRows}
	if v.only != 0 {
		args[3] = v.only
	}
	return query, args
}

func (l *CachedRecordsLoader) versions(ctx context.Context, studyKey string, want versionRange) iter.Seq2[imednet.RecordVersion, error] {
	return func(yield func(imednet.RecordVersion, error) bool) {
		err := l.eachVersion(ctx, studyKey, want, func(v imednet.RecordVersion) bool { return yield(v, nil) })
		if err != nil {
			yield(imednet.RecordVersion{}, wrap("read", studyKey, err))
		}
	}
}

func (l *CachedRecordsLoader) eachVersion(ctx context.Context, studyKey string, want versionRange, yield func(imednet.RecordVersion) bool) error {
	st, err := l.study(ctx, studyKey)
	if err != nil {
		return err
	}
	if want.until > 0 {
		if st.version, err = st.at(want.until); err != nil {
			return err
		}
	}
	if want.only == 0 {
		want.last = maxID // everything of the version itself was seen
		if want.after > 0 && int64(want.after) < st.purged {
			return ErrPurged
		}
		if st.phase != phaseWhole {
			return ErrNotSynced
		}
	}
	for {
		group, done, err := l.versionGroup(ctx, &st, want)
		if err != nil {
			return err
		}
		for _, s := range group {
			v, err := s.decode(studyKey)
			if err != nil {
				return err
			}
			want.after, want.last = v.Version, v.Record.RecordID
			if !yield(v) {
				return nil
			}
		}
		if done {
			return nil
		}
	}
}

const maxID = 1<<63 - 1

type storedVersion struct {
	id, version int64
	state       int
	seenAt      sql.NullInt64
	payload     []byte
}

func (s *storedVersion) decode(studyKey string) (imednet.RecordVersion, error) {
	rec, err := imednet.Decode[imednet.Record](s.payload)
	if err != nil {
		return imednet.RecordVersion{}, recordError(studyKey, s.id, err, "")
	}
	return imednet.RecordVersion{Version: imednet.MirrorVersion(s.version), State: recordState(s.state), SeenAt: fromMicros(s.seenAt), Record: rec}, nil
}

func (l *CachedRecordsLoader) versionGroup(ctx context.Context, st *study, want versionRange) (group []storedVersion, done bool, err error) {
	err = l.db.Read(ctx, func(tx *sql.Tx) error {
		if err := want.purgedMeanwhile(ctx, tx, st); err != nil {
			return err
		}
		group, done, err = readVersions(ctx, tx, st, want)
		return err
	})
	return group, done, err
}

// purgedMeanwhile fails when states were purged that are still to be read.
func (v versionRange) purgedMeanwhile(ctx context.Context, tx *sql.Tx, st *study) error {
	if st.id == 0 {
		return nil
	}
	var purged int64
	err := tx.QueryRowContext(ctx, `SELECT purged FROM imednet_study WHERE id = ?`, st.id).Scan(&purged)
	if errors.Is(err, sql.ErrNoRows) || err == nil && purged > st.purged && purged > int64(v.after) {
		return ErrPurged
	}
	return err
}

func readVersions(ctx context.Context, tx *sql.Tx, st *study, want versionRange) (group []storedVersion, done bool, err error) {
	query, args := want.query(st)
	rows, err := tx.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, false, err
	}
	defer rows.Close()
	size := 0
	for size < groupBytes && len(group) < groupRows {
		if !rows.Next() {
			return group, true, rows.Err()
		}
		var s storedVersion
		if err := rows.Scan(&s.id, &s.version, &s.state, &s.seenAt, &s.payload); err != nil {
			return nil, false, err
		}
		size += len(s.payload)
		group = append(group, s)
	}
	return group, false, nil
}
