package cache

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"iter"
	"time"

	"github.com/imednetgo/imednet"
)

// rowsOf yields the rows of a resource from the file as of a version (0: of now), in ascending id.
func rowsOf[T any](ctx context.Context, l *CachedRecordsLoader, studyKey string, name imednet.Resource, at imednet.MirrorVersion,
	opts imednet.ListOptions, decode func([]byte) (T, error)) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		err := l.eachRow(ctx, studyKey, name, at, opts, func(payload []byte) (bool, error) {
			v, err := decode(payload)
			return err == nil && yield(v, nil), err
		})
		if err != nil {
			var none T
			yield(none, wrap("read", studyKey, err))
		}
	}
}

// eachRow hands the rows that match to yield until it wants no more.
func (l *CachedRecordsLoader) eachRow(ctx context.Context, studyKey string, name imednet.Resource, at imednet.MirrorVersion,
	opts imednet.ListOptions, yield func([]byte) (bool, error)) error {
	if err := checkRowOptions(name, opts); err != nil {
		return err
	}
	r, err := l.openRows(ctx, studyKey, name, at)
	if err != nil {
		return err
	}
	for {
		group, done, err := r.next(ctx)
		if err != nil {
			return err
		}
		for _, row := range group {
			if !matches(opts, name, row.payload) {
				continue
			}
			if more, err := yield(row.payload); err != nil || !more {
				return err
			}
		}
		if done {
			return nil
		}
	}
}

func checkRowOptions(name imednet.Resource, opts imednet.ListOptions) error {
	if err := opts.Validate(name); err != nil {
		return err
	}
	if len(opts.Sort) > 1 || len(opts.Sort) == 1 && (opts.Sort[0].Property != name.ID() || opts.Sort[0].Descending) {
		return fmt.Errorf("%w: the mirror lists %s in ascending %s only", imednet.ErrUnsupportedFilter, name, name.ID())
	}
	return nil
}

// matches applies the options to the members of a row as they arrived. Users who are inactive in the
// study are listed only on request, as the server does.
func matches(opts imednet.ListOptions, name imednet.Resource, payload []byte) bool {
	hidesInactive := name == imednet.Users && !opts.IncludeInactive
	if opts.Filter.IsZero() && !hidesInactive {
		return true
	}
	members, err := imednet.NewRecordData(payload)
	if err != nil {
		return false
	}
	if hidesInactive && imednet.Where("userActiveInStudy", imednet.Equal, false).Match(members.Get) {
		return false
	}
	return opts.Filter.IsZero() || opts.Filter.Match(members.Get)
}

// rowReading is a walk through the rows of one resource as of one version.
type rowReading struct {
	db       *CachedRecordsLoader
	study    int64
	resource int64
	version  imednet.MirrorVersion
	last     any
}

type storedRow struct {
	id      any
	payload []byte
}

// openRows begins a walk, or says why the file does not hold the resource.
func (l *CachedRecordsLoader) openRows(ctx context.Context, studyKey string, name imednet.Resource, at imednet.MirrorVersion) (*rowReading, error) {
	st, err := l.study(ctx, studyKey)
	if err != nil {
		return nil, err
	}
	if at, err = st.at(at); err != nil {
		return nil, err
	}
	state, err := l.loadResource(ctx, st.id, name)
	if err != nil {
		return nil, err
	}
	if !state.since.Valid || state.since.Int64 > int64(at) {
		if state.refused.Valid {
			return nil, fmt.Errorf("%s: %w: %w", name, ErrNotSynced, noRightError{time.UnixMicro(state.refused.Int64)})
		}
		return nil, fmt.Errorf("%s: %w", name, ErrNotSynced)
	}
	return &rowReading{db: l, study: st.id, resource: state.id, version: at, last: int64(-maxID)}, nil
}

// at checks that a version can still be read; 0 is the newest.
func (s *study) at(version imednet.MirrorVersion) (imednet.MirrorVersion, error) {
	switch {
	case version == 0:
		return s.version, nil
	case version < 0 || version > s.version:
		return 0, fmt.Errorf("version %d: %w: the mirror has come to %d", version, ErrNotSynced, s.version)
	case int64(version) < s.purged:
		return 0, ErrPurged
	}
	return version, nil
}

// next reads the next rows in a transaction of their own, and reports whether they are the last.
func (r *rowReading) next(ctx context.Context) (group []storedRow, done bool, err error) {
	err = r.db.db.Read(ctx, func(tx *sql.Tx) error {
		group = nil
		var purged int64
		err := tx.QueryRowContext(ctx, `SELECT purged FROM imednet_study WHERE id = ?`, r.study).Scan(&purged)
		if errors.Is(err, sql.ErrNoRows) || err == nil && purged > int64(r.version) {
			return ErrPurged
		}
		if err != nil {
			return err
		}
		rows, err := tx.QueryContext(ctx, `SELECT row_id, payload FROM imednet_row WHERE resource = ?1 AND row_id > ?2 AND state = 0 AND version <= ?3
			UNION ALL SELECT row_id, payload FROM imednet_row_history WHERE resource = ?1 AND row_id > ?2 AND state = 0 AND version <= ?3 AND replaced > ?3
			ORDER BY 1 LIMIT ?4`, r.resource, r.db.db.rowID(r.last), int64(r.version), groupRows)
		if err != nil {
			return err
		}
		defer rows.Close()
		group, done, err = rowGroup(r.db.db, rows)
		return err
	})
	if len(group) > 0 {
		r.last = group[len(group)-1].id
	}
	return group, done, err
}

// rowGroup reads rows until there are enough for a group, and reports whether there are no more.
func rowGroup(db dialect, rows *sql.Rows) (group []storedRow, done bool, err error) {
	for size := 0; size < groupBytes && len(group) < groupRows; {
		if !rows.Next() {
			return group, true, rows.Err()
		}
		row, err := scanRow(db, rows)
		if err != nil {
			return nil, false, err
		}
		size += len(row.payload)
		group = append(group, row)
	}
	return group, false, nil
}

func scanRow(db dialect, rows *sql.Rows) (row storedRow, err error) {
	err = rows.Scan(&row.id, &row.payload)
	row.id = db.readRowID(row.id)
	return row, err
}
