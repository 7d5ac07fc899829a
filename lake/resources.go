package lake

import (
	"bytes"
	"context"
	"errors"
	"iter"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/cache"
)

// item is a row of the mirror: its id, its JSON, and how its rows in a table are made.
type item struct {
	key int64
	raw []byte
	put func(*array.RecordBuilder)
}

// resource is a table of rows that the mirror holds beside records.
type resource struct {
	name   string
	key    string
	schema *arrow.Schema
	list   func(ctx context.Context, view *cache.View, studyKey string) iter.Seq2[item, error]
}

func resources() []resource {
	return []resource{
		{QueriesTable, "annotationId", queryFields, itemsOf((*cache.View).Queries, queryIdentity, putQuery)},
		{QueryCommentsTable, "annotationId", commentFields, itemsOf((*cache.View).Queries, queryIdentity, putComments)},
		{RevisionsTable, "recordRevisionId", revisionFields, itemsOf((*cache.View).RecordRevisions, revisionIdentity, putRevision)},
	}
}

// itemsOf lists the rows of one type of the mirror as items.
func itemsOf[T any](
	list func(*cache.View, context.Context, string, imednet.ListOptions) iter.Seq2[T, error],
	identity func(T) (key int64, raw []byte), put func(*array.RecordBuilder, T),
) func(context.Context, *cache.View, string) iter.Seq2[item, error] {
	return func(ctx context.Context, view *cache.View, studyKey string) iter.Seq2[item, error] {
		return func(yield func(item, error) bool) {
			for row, err := range list(view, ctx, studyKey, imednet.ListOptions{}) {
				key, raw := identity(row)
				if !yield(item{key, raw, func(b *array.RecordBuilder) { put(b, row) }}, err) || err != nil {
					return
				}
			}
		}
	}
}

// resourceTargets are the tables of the resources that the mirror holds, and that of changes.
func (r *run) resourceTargets() ([]target, error) {
	var all []target
	for _, kind := range resources() {
		held, err := r.holds(kind)
		if err != nil {
			return nil, err
		}
		if !held {
			r.report.LeftOut = append(r.report.LeftOut, kind.name)
			continue
		}
		schema, err := schemaOf(kind.schema, kind.key)
		if err != nil {
			return nil, err
		}
		all = append(all, target{name: kind.name, kind: kindSynced, schema: schema, plan: hashOf(kind.name)})
	}
	schema, err := schemaOf(changeFields, changeKey)
	return append(all, target{name: ChangesTable, kind: kindSynced, schema: schema, plan: hashOf(ChangesTable)}), err
}

// holds reports whether the mirror holds a resource at the version of the run.
func (r *run) holds(kind resource) (bool, error) {
	for _, err := range kind.list(r.ctx, r.view, r.study) {
		if errors.Is(err, cache.ErrNotSynced) {
			return false, nil
		}
		return err == nil, err
	}
	return true, nil
}

// writeResources brings queries, comments and revisions up to date. They are compared whole, as the
// mirror held them at both versions, and only rows that differ are written.
func (r *run) writeResources() error {
	for _, kind := range resources() {
		for _, t := range r.tables {
			if t.name != kind.name || t.mode == ModeUnchanged {
				continue
			}
			r.place = "table " + t.name
			if err := r.writeResource(t, kind); err != nil {
				return err
			}
			r.place = ""
		}
	}
	return nil
}

func (r *run) writeResource(t *tableState, kind resource) error {
	if t.mode == ModeChanged {
		before, err := r.mirror.AsOf(r.ctx, r.study, t.base)
		if err == nil {
			err = r.changeResource(t, kind, before)
		}
		if !errors.Is(err, cache.ErrPurged) && !errors.Is(err, cache.ErrNotSynced) {
			return err
		}
		t.mode = ModeRewritten
	}
	return r.writeWhole(t, itemBatches(kind.schema, kind.list(r.ctx, r.view, r.study)))
}

// writeWhole puts rows in the place of all those of a table.
func (r *run) writeWhole(t *tableState, batches iter.Seq2[arrow.RecordBatch, error]) error {
	if err := r.begin(r.ctx, r.study, t); err != nil {
		return err
	}
	files, err := r.writeBatches(t, batches)
	if err != nil {
		discard(r.ctx, t.tbl, files)
		return err
	}
	return r.commitWhole(t, files)
}

func (r *run) writeBatches(t *tableState, batches iter.Seq2[arrow.RecordBatch, error]) (fileList, error) {
	s := r.newStream(r.ctx, t.staged, t.schema)
	for batch, err := range batches {
		if err == nil {
			err = s.write(r.ctx, batch)
		}
		if err != nil {
			return s.abandon(), err
		}
	}
	return s.finish()
}

// changeResource writes the rows that differ between two versions of the mirror.
func (r *run) changeResource(t *tableState, kind resource, before *cache.View) error {
	keys := map[int64]bool{}
	var rows []item
	for d, err := range differences(kind.list(r.ctx, before, r.study), kind.list(r.ctx, r.view, r.study)) {
		if err != nil {
			return err
		}
		keys[d.key] = true
		if d.put != nil {
			rows = append(rows, d)
		}
		if len(keys) > maxChanged {
			t.mode = ModeRewritten
			return r.writeWhole(t, itemBatches(kind.schema, kind.list(r.ctx, r.view, r.study)))
		}
	}
	batches, err := collect(itemBatches(kind.schema, func(yield func(item, error) bool) {
		for _, i := range rows {
			if !yield(i, nil) {
				return
			}
		}
	}))
	defer func() { release(batches) }()
	if err != nil {
		return err
	}
	return r.change(t, keys, batches)
}

// differences merges two listings in ascending order of ids into the rows that are new or other, and
// those that are gone, which have no rows.
func differences(before, now iter.Seq2[item, error]) iter.Seq2[item, error] {
	return func(yield func(item, error) bool) {
		next, stop := iter.Pull2(before)
		defer stop()
		old, err, more := next()
		advance := func() { old, err, more = next() }
		for i, e := range now {
			if e != nil {
				yield(item{}, e)
				return
			}
			for more && err == nil && old.key < i.key {
				if !yield(item{key: old.key}, nil) {
					return
				}
				advance()
			}
			if err != nil {
				yield(item{}, err)
				return
			}
			same := more && old.key == i.key
			if same && bytes.Equal(old.raw, i.raw) {
				advance()
				continue
			}
			if same {
				advance()
			}
			if !yield(i, nil) {
				return
			}
		}
		for ; more; advance() {
			if !yield(item{key: old.key}, err) || err != nil {
				return
			}
		}
	}
}

// itemBatches makes batches of rows; a batch is valid until the next iteration.
func itemBatches(schema *arrow.Schema, items iter.Seq2[item, error]) iter.Seq2[arrow.RecordBatch, error] {
	return func(yield func(arrow.RecordBatch, error) bool) {
		b := array.NewRecordBuilder(memory.DefaultAllocator, schema)
		defer b.Release()
		flush := func() bool {
			if b.Field(0).Len() == 0 {
				return true
			}
			batch := b.NewRecordBatch()
			defer batch.Release()
			return yield(batch, nil)
		}
		for i, err := range items {
			if err != nil {
				yield(nil, err)
				return
			}
			i.put(b)
			if b.Field(0).Len() >= partRows && !flush() {
				return
			}
		}
		flush()
	}
}

// collect keeps the batches, which the caller must release.
func collect(batches iter.Seq2[arrow.RecordBatch, error]) (kept []arrow.RecordBatch, err error) {
	for batch, err := range batches {
		if err != nil {
			return kept, err
		}
		batch.Retain()
		kept = append(kept, batch)
	}
	return kept, nil
}
