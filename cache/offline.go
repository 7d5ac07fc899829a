package cache

import (
	"context"
	"fmt"
	"iter"

	"github.com/imednetgo/imednet"
)

// Sites yields the study's sites from the file, as SyncStructure left them. Filters are applied
// locally; the only order is ascending id. ErrNotSynced before the first SyncStructure.
func (l *CachedRecordsLoader) Sites(ctx context.Context, studyKey string, opts imednet.ListOptions) iter.Seq2[imednet.Site, error] {
	return offline(ctx, l, studyKey, imednet.Sites, opts, imednet.Decode[imednet.Site])
}

// Forms yields the study's forms from the file. See Sites.
func (l *CachedRecordsLoader) Forms(ctx context.Context, studyKey string, opts imednet.ListOptions) iter.Seq2[imednet.Form, error] {
	return offline(ctx, l, studyKey, imednet.Forms, opts, imednet.Decode[imednet.Form])
}

// Intervals yields the study's intervals from the file. See Sites.
func (l *CachedRecordsLoader) Intervals(ctx context.Context, studyKey string, opts imednet.ListOptions) iter.Seq2[imednet.Interval, error] {
	return offline(ctx, l, studyKey, imednet.Intervals, opts, imednet.Decode[imednet.Interval])
}

// Variables yields the study's variables from the file. See Sites.
func (l *CachedRecordsLoader) Variables(ctx context.Context, studyKey string, opts imednet.ListOptions) iter.Seq2[imednet.Variable, error] {
	return offline(ctx, l, studyKey, imednet.Variables, opts, imednet.Decode[imednet.Variable])
}

// Subjects yields the study's subjects from the file. See Sites.
func (l *CachedRecordsLoader) Subjects(ctx context.Context, studyKey string, opts imednet.ListOptions) iter.Seq2[imednet.Subject, error] {
	return offline(ctx, l, studyKey, imednet.Subjects, opts, imednet.Decode[imednet.Subject])
}

// Visits yields the study's visits from the file. See Sites.
func (l *CachedRecordsLoader) Visits(ctx context.Context, studyKey string, opts imednet.ListOptions) iter.Seq2[imednet.Visit, error] {
	return offline(ctx, l, studyKey, imednet.Visits, opts, imednet.Decode[imednet.Visit])
}

func offline[T any](ctx context.Context, l *CachedRecordsLoader, studyKey string, name imednet.Resource, opts imednet.ListOptions, decode func([]byte) (T, error)) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var none T
		rows, err := l.structure(ctx, studyKey, name, opts)
		if err != nil {
			yield(none, wrap("read", studyKey, err))
			return
		}
		for _, payload := range rows {
			v, err := decode(payload)
			if err != nil {
				yield(none, wrap("read", studyKey, err))
				return
			}
			if !yield(v, nil) {
				return
			}
		}
	}
}

// structure returns the rows of one resource that match, ascending by id.
func (l *CachedRecordsLoader) structure(ctx context.Context, studyKey string, name imednet.Resource, opts imednet.ListOptions) ([][]byte, error) {
	if err := opts.Validate(name); err != nil {
		return nil, err
	}
	if len(opts.Sort) > 1 || len(opts.Sort) == 1 && (opts.Sort[0].Property != name.ID() || opts.Sort[0].Descending) {
		return nil, fmt.Errorf("%w: the mirror lists %s in ascending %s only", imednet.ErrUnsupportedFilter, name, name.ID())
	}
	st, err := l.study(ctx, studyKey)
	if err != nil {
		return nil, err
	}
	known, err := l.structureKnown(ctx, &st, name)
	if err != nil {
		return nil, err
	}
	if !known {
		return nil, fmt.Errorf("%s: %w", name, ErrNotSynced)
	}
	rows, err := l.db.Reader().QueryContext(ctx, `SELECT payload FROM imednet_structure WHERE study = ? AND resource = ? ORDER BY row_id`, st.id, string(name))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all [][]byte
	for rows.Next() {
		var payload []byte
		if err := rows.Scan(&payload); err != nil {
			return nil, err
		}
		if matches(opts.Filter, payload) {
			all = append(all, payload)
		}
	}
	return all, rows.Err()
}

// matches applies a filter to the members of a row as they arrived.
func matches(f imednet.Filter, payload []byte) bool {
	if f.IsZero() {
		return true
	}
	members, err := imednet.NewRecordData(payload)
	return err == nil && f.Match(members.Get)
}
