package lake

import (
	"context"
	"errors"
	"slices"

	"github.com/apache/iceberg-go/catalog"
	"github.com/apache/iceberg-go/table"
)

// tableNames are the tables in the namespace of a study, in order, whoever wrote them and whether or not a moment
// names them.
func (l *Lake) tableNames(ctx context.Context, studyKey string) (names []string, err error) {
	for id, err := range l.catalog.ListTables(ctx, table.Identifier{Namespace(studyKey)}) {
		if errors.Is(err, catalog.ErrNoSuchNamespace) {
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
		names = append(names, id[len(id)-1])
	}
	slices.Sort(names)
	return names, nil
}

// emptyLeft takes the rows out of the tables whose forms the study no longer has, so that whoever reads such a
// table alone finds none of them, and expiry removes them. Earlier moments and tags keep their rows.
func (r *run) emptyLeft() error {
	names, err := r.tableNames(r.ctx, r.study)
	if err != nil {
		return err
	}
	for _, name := range names {
		if name[0] == '_' || slices.ContainsFunc(r.tables, func(t *tableState) bool { return t.name == name }) {
			continue
		}
		r.place = "table " + name
		if err := r.emptyTable(name); err != nil {
			return err
		}
	}
	r.place = ""
	return nil
}

// emptyTable takes every row out of a table that a sync has filled, and leaves others alone.
func (r *run) emptyTable(name string) error {
	t := &tableState{target: target{name: name, kind: kindSynced}, mode: ModeEmptied, evo: &evolution{}, report: TableReport{Table: name, Mode: ModeEmptied}}
	var err error
	if t.tbl, err = r.load(r.ctx, r.study, name); err != nil || t.tbl == nil || owned(t.tbl, r.study, kindSynced) != nil {
		return err
	}
	if t.head, err = momentOf(t.tbl.CurrentSnapshot()); err != nil || t.head.rows == 0 {
		return err
	}
	if t.head.version > r.moment.version && !r.opts.Rewrite {
		return errMoved
	}
	if err := r.begin(r.ctx, r.study, t); err != nil {
		return err
	}
	if err := r.commitWhole(t, nil); err != nil {
		return err
	}
	t.report.Snapshot = t.tbl.CurrentSnapshot().SnapshotID
	r.left = append(r.left, t.report)
	return nil
}
