package lake

import (
	"maps"
	"slices"

	"github.com/apache/arrow-go/v18/arrow"
)

// change replaces the rows of some keys in a table by others. Each file that holds such a row is
// written again, with the new rows that fall into its range of keys; the other new rows become a file.
// A table that neither holds nor gets such a row is left as it is.
func (r *run) change(t *tableState, keys map[int64]bool, rows []arrow.RecordBatch) (err error) {
	r.place = "table " + t.name
	touched, err := r.touched(t, keys)
	if err != nil {
		return err
	}
	if len(touched) == 0 && len(rows) == 0 {
		t.mode, r.place = ModeUnchanged, ""
		return nil
	}
	if err := r.begin(r.ctx, r.study, t); err != nil {
		return err
	}
	var add fileList
	defer func() {
		if err != nil && len(add) > 0 {
			discard(r.ctx, t.tbl, add)
		}
	}()
	left, err := r.conformed(t, rows)
	if err != nil {
		return err
	}
	defer func() { releaseOne(left) }()
	for _, f := range touched {
		var files fileList
		files, left, err = r.rewrite(t, f, keys, left)
		if add = append(add, files...); err != nil {
			return err
		}
	}
	if left != nil && left.NumRows() > 0 {
		files, err := r.writeFiles(r.ctx, t.staged, t.schema, parts(left))
		if add = append(add, files...); err != nil {
			return err
		}
	}
	files := add
	add = nil // the commit decides what becomes of them
	return r.commitTable(t, touched, files)
}

func releaseOne(batch arrow.RecordBatch) {
	if batch != nil {
		batch.Release()
	}
}

// touched are the files of a table that hold a row with one of the keys.
func (r *run) touched(t *tableState, keys map[int64]bool) ([]dataFile, error) {
	key := t.target.schema.key
	files, err := dataFiles(r.ctx, t.tbl, key)
	if err != nil {
		return nil, err
	}
	ordered := slices.Sorted(maps.Keys(keys))
	var touched []dataFile
	for _, f := range files {
		if !f.mayHold(ordered) {
			continue
		}
		if err := intact(r.ctx, t.tbl, t.known, f); err != nil {
			return nil, err
		}
		holds, err := f.holds(r.ctx, t.tbl, key, keys)
		if err != nil {
			return nil, err
		}
		if holds {
			touched = append(touched, f)
		}
	}
	return touched, nil
}

// conformed joins batches into one with the columns of the table, in ascending order of keys.
func (r *run) conformed(t *tableState, rows []arrow.RecordBatch) (arrow.RecordBatch, error) {
	var whole []arrow.RecordBatch
	defer func() { release(whole) }()
	for _, batch := range rows {
		b, err := conform(r.ctx, batch, t.schema)
		if err != nil {
			return nil, err
		}
		whole = append(whole, b)
	}
	return sorted(r.ctx, t.schema, whole, t.target.schema.key)
}

// rewrite writes the rows of a file that stay, with the new ones of its range, and returns the new rows
// that are left. It releases the batch that it was given.
func (r *run) rewrite(t *tableState, f dataFile, keys map[int64]bool, left arrow.RecordBatch) (fileList, arrow.RecordBatch, error) {
	key := t.target.schema.key
	batches, err := f.all(r.ctx, t.tbl, t.schema, key, func(k int64) bool { return !keys[k] })
	if err != nil {
		return nil, left, err
	}
	defer func() { release(batches) }()
	if left != nil {
		inside, err := where(r.ctx, left, key, func(k int64) bool { return k >= f.low && k <= f.high })
		if err != nil {
			return nil, left, err
		}
		batches = append(batches, inside)
		outside, err := where(r.ctx, left, key, func(k int64) bool { return k < f.low || k > f.high })
		if err != nil {
			return nil, left, err
		}
		left.Release()
		left = outside
	}
	rows, err := sorted(r.ctx, t.schema, batches, key)
	if err != nil || rows == nil {
		return nil, left, err
	}
	defer rows.Release()
	files, err := r.writeFiles(r.ctx, t.staged, t.schema, parts(rows))
	return files, left, err
}
