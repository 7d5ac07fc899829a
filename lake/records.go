package lake

import (
	"context"
	"errors"
	"iter"
	"maps"
	"slices"

	"github.com/apache/arrow-go/v18/arrow"
	memory17 "github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/apache/iceberg-go"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/arrow18"
	"github.com/imednetgo/imednet/cache"
	"github.com/imednetgo/imednet/workflows/tables"
)

// maxChanged is the number of changed records beyond which the tables are written again, in bounded
// memory, instead of being compared.
const maxChanged = 100_000

type fileList = []iceberg.DataFile

// recordTables are those whose rows come from records.
func (r *run) recordTables() []*tableState {
	return slices.DeleteFunc(slices.Clone(r.tables), func(t *tableState) bool { return t.form == "" && t.name != RejectsTable })
}

// writeRecords brings the tables of forms and of rejects up to date: those that need every row by one
// pass over all records, the others by one over those that changed.
func (r *run) writeRecords() error {
	changed, err := r.changedRecords()
	if err != nil {
		return err
	}
	if err := r.writeAllRecords(); err != nil {
		return err
	}
	return r.writeChangedRecords(changed)
}

// changedRecords reads the newest states of the records that changed since the oldest version that a
// table names. If that cannot be known, or it is too much, the tables are written again.
func (r *run) changedRecords() (map[int64]imednet.RecordVersion, error) {
	since := imednet.MirrorVersion(0)
	for _, t := range r.recordTables() {
		if t.mode == ModeChanged && (since == 0 || t.base < since) {
			since = t.base
		}
	}
	if since == 0 {
		return nil, nil
	}
	changed := map[int64]imednet.RecordVersion{}
	for v, err := range r.view.ChangesSince(r.ctx, r.study, since) {
		if errors.Is(err, cache.ErrPurged) {
			return nil, r.rewriteRecords()
		}
		if err != nil {
			return nil, err
		}
		changed[v.Record.RecordID] = v
		if len(changed) > maxChanged {
			return nil, r.rewriteRecords()
		}
	}
	return changed, nil
}

func (r *run) rewriteRecords() error {
	for _, t := range r.recordTables() {
		if t.mode == ModeChanged {
			t.mode = ModeRewritten
		}
	}
	return nil
}

func (t *tableState) whole() bool { return t.mode == ModeCreated || t.mode == ModeRewritten }

// writeAllRecords maps every record and writes the tables that need all of their rows.
func (r *run) writeAllRecords() (err error) {
	streams := map[string]*stream{}
	defer func() {
		for name, s := range streams {
			discard(r.ctx, r.state(name).tbl, s.abandon())
		}
	}()
	for _, t := range r.recordTables() {
		if !t.whole() {
			continue
		}
		r.place = "table " + t.name
		if err := r.begin(r.ctx, r.study, t); err != nil {
			return err
		}
		streams[t.name] = r.newStream(r.ctx, t.staged, t.schema)
	}
	if r.place = ""; len(streams) == 0 {
		return nil
	}
	if err := r.mapAll(streams); err != nil {
		return err
	}
	for _, t := range r.recordTables() {
		if s := streams[t.name]; s != nil {
			files, err := s.finish()
			delete(streams, t.name)
			if err != nil {
				discard(r.ctx, t.tbl, files)
				return err
			}
			if err := r.commitWhole(t, files); err != nil {
				return err
			}
		}
	}
	return nil
}

func (r *run) state(name string) *tableState {
	return r.tables[slices.IndexFunc(r.tables, func(t *tableState) bool { return t.name == name })]
}

// commitWhole puts files in the place of all those of a table.
func (r *run) commitWhole(t *tableState, files fileList) error {
	old, err := dataFiles(r.ctx, t.tbl, t.target.schema.key)
	if err != nil {
		discard(r.ctx, t.tbl, files)
		return err
	}
	return r.commitTable(t, old, files)
}

// mapAll maps every record into the streams of the tables; the rows of others are left out.
func (r *run) mapAll(streams map[string]*stream) error {
	byForm := map[string]*stream{}
	for _, t := range r.tables {
		if t.form != "" {
			byForm[t.form] = streams[t.name]
		}
	}
	rejects := &rejectWriter{ctx: r.ctx, to: streams[RejectsTable]}
	mapping := r.mapper.MapForms(r.ctx, r.study, tables.MapOptions{Plan: r.plan, OnReject: rejects.add})
	for batch, err := range mapping.Batches() {
		if err != nil {
			return err
		}
		if s := byForm[batch.FormKey]; s != nil {
			if err := writeFormBatch(r.ctx, s, batch); err != nil {
				return err
			}
		}
	}
	r.report.Mapped = mapping.Report()
	return rejects.flush()
}

func writeFormBatch(ctx context.Context, s *stream, batch tables.FormBatch) error {
	converted, err := arrow18.Record(batch.Record)
	if err != nil {
		return err
	}
	defer converted.Release()
	return s.write(ctx, converted)
}

// rejectWriter writes rejects in batches; without a stream it only forgets them.
type rejectWriter struct {
	ctx  context.Context
	to   *stream
	list tables.RejectList
}

func (w *rejectWriter) add(r tables.Reject) error {
	if w.to == nil {
		return nil
	}
	r.Raw = slices.Clone(r.Raw)
	_ = w.list.Add(r)
	if w.list.Len() < tables.DefaultBatchRows {
		return nil
	}
	return w.flush()
}

func (w *rejectWriter) flush() error {
	for batch, err := range rejectBatches(&w.list) {
		if err != nil {
			return err
		}
		if err := w.to.write(w.ctx, batch); err != nil {
			return err
		}
	}
	w.list = tables.RejectList{}
	return nil
}

// rejectBatches yields rejects; a batch is valid until the next iteration.
func rejectBatches(list *tables.RejectList) iter.Seq2[arrow.RecordBatch, error] {
	return func(yield func(arrow.RecordBatch, error) bool) {
		if list.Len() == 0 {
			return
		}
		reader := list.Reader(memory17.DefaultAllocator)
		defer reader.Release()
		for reader.Next() {
			batch, err := arrow18.Record(reader.Record())
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
		if err := reader.Err(); err != nil {
			yield(nil, err)
		}
	}
}

// changedSource lists only records that changed, as they are now.
type changedSource struct {
	*cache.View
	records []imednet.Record
}

// Records yields the records in ascending order of id.
func (s changedSource) Records(context.Context, string, imednet.ListOptions) iter.Seq2[imednet.Record, error] {
	return func(yield func(imednet.Record, error) bool) {
		for _, r := range s.records {
			if !yield(r, nil) {
				return
			}
		}
	}
}

func newChangedSource(view *cache.View, changed map[int64]imednet.RecordVersion) changedSource {
	s := changedSource{View: view}
	for _, id := range slices.Sorted(maps.Keys(changed)) {
		if v := changed[id]; v.State != imednet.RecordVanished {
			s.records = append(s.records, v.Record)
		}
	}
	return s
}

// writeChangedRecords maps the records that changed and writes them in the place of what each table
// holds of them.
func (r *run) writeChangedRecords(changed map[int64]imednet.RecordVersion) error {
	if len(changed) == 0 {
		return r.unchanged(r.recordTables())
	}
	keys := make(map[int64]bool, len(changed))
	for id := range changed {
		keys[id] = true
	}
	rows, rejects, err := r.mapChanged(changed)
	defer func() {
		for _, batches := range rows {
			release(batches)
		}
	}()
	if err != nil {
		return err
	}
	for _, t := range r.recordTables() {
		if t.mode != ModeChanged {
			continue
		}
		batches := rows[t.form]
		if t.name == RejectsTable {
			batches = rejects
		}
		if err := r.change(t, keys, batches); err != nil {
			return err
		}
	}
	return nil
}

func (r *run) unchanged(states []*tableState) error {
	for _, t := range states {
		if t.mode == ModeChanged {
			t.mode = ModeUnchanged
		}
	}
	return nil
}

// mapChanged maps changed records. The caller must release the batches; those of rejects are the rows
// of "".
func (r *run) mapChanged(changed map[int64]imednet.RecordVersion) (rows map[string][]arrow.RecordBatch, rejects []arrow.RecordBatch, err error) {
	rows = map[string][]arrow.RecordBatch{}
	mapper, err := tables.NewRecordMapper(newChangedSource(r.view, changed))
	if err != nil {
		return rows, nil, err
	}
	var list tables.RejectList
	mapping := mapper.MapForms(r.ctx, r.study, tables.MapOptions{Plan: r.plan, OnReject: func(reject tables.Reject) error {
		reject.Raw = slices.Clone(reject.Raw)
		return list.Add(reject)
	}})
	for batch, err := range mapping.Batches() {
		if err != nil {
			return rows, nil, err
		}
		converted, err := arrow18.Record(batch.Record)
		if err != nil {
			return rows, nil, err
		}
		rows[batch.FormKey] = append(rows[batch.FormKey], converted)
	}
	if r.report.Mapped.Records == 0 {
		r.report.Mapped = mapping.Report()
	}
	for batch, err := range rejectBatches(&list) {
		if err != nil {
			return rows, nil, err
		}
		batch.Retain()
		rows[""] = append(rows[""], batch)
	}
	return rows, rows[""], nil
}
