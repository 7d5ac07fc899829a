package lake

import (
	"context"
	"errors"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/iceberg-go/catalog"
	"github.com/apache/iceberg-go/table"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/arrow18"
	"github.com/imednetgo/imednet/internal/argument"
	"github.com/imednetgo/imednet/internal/program"
)

// WriteTable puts rows that do not come from a form, such as canonical data, in the place of all rows
// of a table of the study, in one commit, and adds the table to the moment of the same version. The
// origin names the version of the mirror that the rows were made from ([imednet.OriginOf]). A table
// that has rows of this version or a later one is left as it is. Columns follow the rows' schema by
// name as those of forms follow the plan; what Iceberg cannot express is a *[SchemaError], unless
// replaceColumns is set.
//
// The name has letters, digits and underscores and does not begin with an underscore; a name that a
// form's table has is an error. The caller must release rows.
func (l *Lake) WriteTable(ctx context.Context, studyKey, name string, rows array.RecordReader, origin imednet.Origin, replaceColumns bool) (TableReport, error) {
	report := TableReport{Table: name, Mode: ModeUnchanged}
	const function = "lake.Lake.WriteTable"
	problems := []error{argument.Named(function, "studyKey", studyKey), argument.Required(function, "rows", rows)}
	if plainName(name) != name {
		problems = append(problems, argument.Invalid(function, "name", "must have letters, digits and underscores only, and begin with no underscore"))
	}
	if origin.Version <= 0 {
		problems = append(problems, argument.Invalid(function, "origin", "must name a version of the mirror"))
	}
	err := errors.Join(problems...)
	if err == nil {
		err = l.writeTable(ctx, studyKey, name, rows, origin, replaceColumns, &report)
	}
	return report, failure("write", studyKey, "table "+name, err, "")
}

func (l *Lake) writeTable(ctx context.Context, studyKey, name string, rows array.RecordReader, origin imednet.Origin, replaceColumns bool, report *TableReport) error {
	schema, err := schema17(rows.Schema(), "")
	if err != nil {
		return err
	}
	t := &tableState{target: target{name: name, kind: kindWritten, schema: schema, plan: hashOf(name)}, mode: ModeCreated}
	if err := l.findWritten(ctx, studyKey, t, replaceColumns); err != nil {
		return err
	}
	if t.head.version < origin.Version {
		if err := l.writeRows(ctx, studyKey, t, rows, origin); err != nil {
			return err
		}
		*report = t.report
		report.Table, report.Mode = name, t.mode
	}
	report.Rows, report.Snapshot = t.head.rows, t.tbl.CurrentSnapshot().SnapshotID
	if t.head.version != origin.Version {
		return nil
	}
	return l.addToMoment(ctx, studyKey, origin.Version, ListedTable{Table: name, Snapshot: report.Snapshot, Rows: report.Rows})
}

// findWritten reads the table and compares its columns.
func (l *Lake) findWritten(ctx context.Context, studyKey string, t *tableState, replaceColumns bool) (err error) {
	ns := table.Identifier{Namespace(studyKey)}
	if err := l.catalog.CreateNamespace(ctx, ns, nil); err != nil && !errors.Is(err, catalog.ErrNamespaceAlreadyExists) {
		return err
	}
	if t.tbl, err = l.load(ctx, studyKey, t.name); err != nil || t.tbl == nil {
		return err
	}
	if err := owned(t.tbl, studyKey, kindWritten); err != nil {
		return err
	}
	t.mode = ModeRewritten
	if t.evo, err = evolve(t.tbl, t.name, t.target.schema, replaceColumns); err != nil {
		return err
	}
	t.head, err = momentOf(t.tbl.CurrentSnapshot())
	return err
}

func (l *Lake) writeRows(ctx context.Context, studyKey string, t *tableState, rows array.RecordReader, origin imednet.Origin) error {
	if err := l.begin(ctx, studyKey, t); err != nil {
		return lostRace(err)
	}
	old, err := dataFiles(ctx, t.tbl, "")
	if err != nil {
		return err
	}
	s := l.newStream(ctx, t.staged, t.schema)
	if err := pour(ctx, s, rows); err != nil {
		discard(ctx, t.tbl, s.abandon())
		return err
	}
	files, err := s.finish()
	if err != nil {
		discard(ctx, t.tbl, files)
		return err
	}
	m := moment{study: studyKey, version: origin.Version, serverTime: origin.ServerTime.Truncate(time.Microsecond), plan: t.plan, release: program.Info().Version}
	return lostRace(l.commit(ctx, t, m, plain(old), files))
}

// lostRace names what a caller of a single commit sees of another writer.
func lostRace(err error) error {
	if errors.Is(err, errMoved) {
		return ErrConflict
	}
	return err
}

func pour(ctx context.Context, s *stream, rows array.RecordReader) error {
	for rows.Next() {
		batch, err := arrow18.Record(rows.Record())
		if err != nil {
			return err
		}
		err = writeReleased(ctx, s, batch)
		if err != nil {
			return err
		}
	}
	return rows.Err()
}

func writeReleased(ctx context.Context, s *stream, batch arrow.RecordBatch) error {
	defer batch.Release()
	return s.write(ctx, batch)
}

// addToMoment names the newest moment again with a table of the same version.
func (l *Lake) addToMoment(ctx context.Context, studyKey string, version imednet.MirrorVersion, add ListedTable) error {
	return again(func() error {
		tbl, list, err := l.moments(ctx, studyKey)
		if err != nil || list == nil || list.Version != version {
			return err
		}
		m, err := momentOf(tbl.CurrentSnapshot())
		if err != nil {
			return err
		}
		now := *list
		now.Tables = nil
		for _, t := range list.Tables {
			if t.Table != add.Table {
				now.Tables = append(now.Tables, t)
			}
		}
		now.Tables = append(now.Tables, add)
		return l.list(ctx, &now, list, tbl, m)
	})
}
