package lake

import (
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"iter"
	"math"
	"slices"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/iceberg-go"
	icebergio "github.com/apache/iceberg-go/io"
	"github.com/apache/iceberg-go/table"
)

// dataFile is a data file of a table with the range of keys that it holds.
type dataFile struct {
	iceberg.DataFile
	low, high int64
}

// dataFiles lists the files of the current snapshot in ascending order of their keys. Other programs
// may delete rows by files of their own; such a table is refused, since they would come back.
func dataFiles(ctx context.Context, tbl *table.Table, key string) ([]dataFile, error) {
	if tbl.CurrentSnapshot() == nil {
		return nil, nil
	}
	return filesAt(ctx, tbl, tbl.CurrentSnapshot().SnapshotID, key)
}

// filesAt is dataFiles of any snapshot.
func filesAt(ctx context.Context, tbl *table.Table, snapshot int64, key string) ([]dataFile, error) {
	tasks, err := tbl.Scan(table.WithSnapshotID(snapshot)).PlanFiles(ctx)
	if err != nil {
		return nil, err
	}
	var files []dataFile
	seen := map[string]bool{}
	for _, t := range tasks {
		if len(t.DeleteFiles)+len(t.EqualityDeleteFiles)+len(t.DeletionVectorFiles) > 0 {
			return nil, errors.New("the table has delete files, which another program wrote")
		}
		if seen[t.File.FilePath()] {
			continue // a part of a file that is large
		}
		seen[t.File.FilePath()] = true
		files = append(files, withRange(tbl, t.File, key))
	}
	slices.SortFunc(files, func(a, b dataFile) int {
		return cmp.Or(cmp.Compare(a.low, b.low), cmp.Compare(a.FilePath(), b.FilePath()))
	})
	return files, nil
}

// withRange reads the bounds of the key; a file that does not say holds any.
func withRange(tbl *table.Table, f iceberg.DataFile, key string) dataFile {
	d := dataFile{f, math.MinInt64, math.MaxInt64}
	field, ok := tbl.Schema().FindFieldByName(key)
	low, high := f.LowerBoundValues()[field.ID], f.UpperBoundValues()[field.ID]
	if ok && len(low) == 8 && len(high) == 8 {
		d.low, d.high = int64(binary.LittleEndian.Uint64(low)), int64(binary.LittleEndian.Uint64(high))
	}
	return d
}

// mayHold reports whether a file may hold one of some keys in ascending order.
func (f dataFile) mayHold(keys []int64) bool {
	i, _ := slices.BinarySearch(keys, f.low)
	return i < len(keys) && keys[i] <= f.high
}

// read yields the batches of a file, with some columns or all. A batch is valid until the next
// iteration.
func (f dataFile) read(ctx context.Context, tbl *table.Table, columns ...string) iter.Seq2[arrow.RecordBatch, error] {
	return func(yield func(arrow.RecordBatch, error) bool) {
		opts := []table.ScanOption{table.WithMaxConcurrency(1)}
		if len(columns) > 0 {
			opts = append(opts, table.WithSelectedFields(columns...))
		}
		scan := tbl.Scan(opts...)
		defer scan.Close()
		_, batches, err := scan.ReadTasks(ctx, []table.FileScanTask{{File: f.DataFile, Length: f.FileSizeBytes()}})
		if err != nil {
			yield(nil, err)
			return
		}
		for batch, err := range batches {
			if err != nil {
				yield(nil, err)
				return
			}
			more := yield(batch, nil)
			batch.Release()
			if !more {
				return
			}
		}
	}
}

// holds reports whether a file holds a row with one of the keys.
func (f dataFile) holds(ctx context.Context, tbl *table.Table, key string, keys map[int64]bool) (bool, error) {
	for batch, err := range f.read(ctx, tbl, key) {
		if err != nil {
			return false, err
		}
		held, err := keysOf(batch, key)
		if err != nil {
			return false, err
		}
		if slices.ContainsFunc(held, func(k int64) bool { return keys[k] }) {
			return true, nil
		}
	}
	return false, nil
}

// all reads the rows of a file that a condition keeps, or all for nil, as batches of a schema. The caller must
// release them.
func (f dataFile) all(ctx context.Context, tbl *table.Table, schema *arrow.Schema, key string, keep func(int64) bool) (batches []arrow.RecordBatch, err error) {
	defer func() {
		if err != nil {
			release(batches)
			batches = nil
		}
	}()
	for batch, err := range f.read(ctx, tbl) {
		if err != nil {
			return batches, err
		}
		whole, err := conform(ctx, batch, schema)
		if err != nil {
			return batches, err
		}
		if keep == nil {
			batches = append(batches, whole)
			continue
		}
		kept, err := where(ctx, whole, key, keep)
		whole.Release()
		if err != nil {
			return batches, err
		}
		batches = append(batches, kept)
	}
	return batches, nil
}

// discard removes files that no snapshot names. What it cannot remove is left to [Lake.Expire].
func discard(ctx context.Context, tbl *table.Table, files []iceberg.DataFile) {
	fs, err := tbl.FS(context.WithoutCancel(ctx))
	if err != nil {
		return
	}
	if bulk, ok := fs.(icebergio.BulkRemovableIO); ok && len(files) > 0 {
		paths := make([]string, len(files))
		for i, f := range files {
			paths[i] = f.FilePath()
		}
		_, _ = bulk.DeleteFiles(context.WithoutCancel(ctx), paths)
		return
	}
	for _, f := range files {
		_ = fs.Remove(f.FilePath())
	}
}
