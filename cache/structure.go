package cache

import (
	"context"
	"database/sql"
	"fmt"
	"iter"
	"maps"
	"slices"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/imednetgo/imednet"
)

// StructureReport is what SyncStructure did, resource by resource.
type StructureReport struct {
	StudyKey  string
	Resources []ResourceReport
}

// ResourceReport counts the rows of one resource: Held = Added + Updated + Unchanged.
type ResourceReport struct {
	Resource  imednet.Resource `json:"resource"`
	Held      int64            `json:"held"`
	Added     int64            `json:"added"`
	Updated   int64            `json:"updated"`
	Removed   int64            `json:"removed"`
	Unchanged int64            `json:"unchanged"`
}

// structureResources are the resources that SyncStructure keeps, in its order.
var structureResources = []imednet.Resource{
	imednet.Sites, imednet.Forms, imednet.Intervals, imednet.Variables, imednet.Subjects, imednet.Visits,
}

// SyncStructure brings over the study's sites, forms, intervals, variables, subjects and visits as
// the server has them, each as a whole: what the server no longer lists is removed. A resource
// that does not differ is not written. The client must be an
// [imednet.StructureReader], [imednet.SubjectReader] and [imednet.VisitReader].
//
// Errors: those of SyncRecords. A server that lists none of the rows of a resource that the mirror
// holds is refused with a *MassDeletionError unless the options allow it.
func (l *CachedRecordsLoader) SyncStructure(ctx context.Context, studyKey string, opts SyncOptions) (StructureReport, error) {
	report := StructureReport{StudyKey: studyKey}
	if err := l.needClient(studyKey); err != nil {
		return report, wrap("structure", studyKey, err)
	}
	err := l.locked(ctx, studyKey, func() error {
		st, err := loadStudy(ctx, l.db.Reader(), studyKey)
		if err != nil {
			return err
		}
		for i, name := range structureResources {
			rows, err := l.listStructure(ctx, studyKey, name)
			if err != nil {
				return err
			}
			one, err := l.syncResource(ctx, &st, name, rows, opts)
			if err != nil {
				return err
			}
			report.Resources = append(report.Resources, one)
			l.cfg.progress(imednet.Progress{Op: "structure", StudyKey: studyKey, Done: int64(i + 1), Total: int64(len(structureResources))})
		}
		return nil
	})
	return report, wrap("structure", studyKey, err)
}

// rawRow is one row of the structure as it arrived.
type rawRow struct {
	id      int64
	payload string
}

// structureClient is what SyncStructure needs of the client.
type structureClient interface {
	imednet.StructureReader
	imednet.SubjectReader
	imednet.VisitReader
}

// listStructure reads a resource from the client, as a whole: the structure of a study is small.
func (l *CachedRecordsLoader) listStructure(ctx context.Context, studyKey string, name imednet.Resource) ([]rawRow, error) {
	client, ok := l.client.(structureClient)
	if !ok {
		return nil, fmt.Errorf("the client (%T) does not list the structure and the subjects of a study", l.client)
	}
	all := imednet.ListOptions{PageSize: l.cfg.pageSize}
	switch name {
	case imednet.Sites:
		return rawRows(client.Sites(ctx, studyKey, all), imednet.Encode[imednet.Site], func(v imednet.Site) int64 { return v.SiteID })
	case imednet.Forms:
		return rawRows(client.Forms(ctx, studyKey, all), imednet.Encode[imednet.Form], func(v imednet.Form) int64 { return v.FormID })
	case imednet.Intervals:
		return rawRows(client.Intervals(ctx, studyKey, all), imednet.Encode[imednet.Interval], func(v imednet.Interval) int64 { return v.IntervalID })
	case imednet.Variables:
		return rawRows(client.Variables(ctx, studyKey, all), imednet.Encode[imednet.Variable], func(v imednet.Variable) int64 { return v.VariableID })
	case imednet.Subjects:
		return rawRows(client.Subjects(ctx, studyKey, all), imednet.Encode[imednet.Subject], func(v imednet.Subject) int64 { return v.SubjectID })
	}
	return rawRows(client.Visits(ctx, studyKey, all), imednet.Encode[imednet.Visit], func(v imednet.Visit) int64 { return v.VisitID })
}

func rawRows[T any](rows iter.Seq2[T, error], encode func(T) (jsontext.Value, error), id func(T) int64) ([]rawRow, error) {
	var all []rawRow
	for v, err := range rows {
		if err != nil {
			return nil, err
		}
		payload, err := encode(v)
		if err != nil {
			return nil, err
		}
		all = append(all, rawRow{id(v), string(payload)})
	}
	return all, nil
}

// syncResource replaces what the file holds of one resource.
func (l *CachedRecordsLoader) syncResource(ctx context.Context, st *study, name imednet.Resource, rows []rawRow, opts SyncOptions) (ResourceReport, error) {
	report := ResourceReport{Resource: name}
	held, err := l.heldStructure(ctx, st, name)
	if err != nil {
		return report, err
	}
	if len(rows) == 0 && len(held) > 0 && !opts.AllowMassDeletion {
		return report, &MassDeletionError{StudyKey: st.key, Resource: name, Held: int64(len(held)), Missing: int64(len(held)), Empty: true}
	}
	var changed []rawRow
	for _, row := range rows {
		old, known := held[row.id]
		delete(held, row.id)
		switch {
		case known && old == row.payload:
			report.Unchanged++
			continue
		case known:
			report.Updated++
		default:
			report.Added++
		}
		changed = append(changed, row)
	}
	report.Held, report.Removed = int64(len(rows)), int64(len(held))
	known, err := l.structureKnown(ctx, st, name)
	if err != nil || known && len(changed)+len(held) == 0 {
		return report, err
	}
	return report, l.writeStructure(ctx, st, name, changed, slices.Collect(maps.Keys(held)))
}

// heldStructure returns the rows that the file holds of one resource.
func (l *CachedRecordsLoader) heldStructure(ctx context.Context, st *study, name imednet.Resource) (map[int64]string, error) {
	rows, err := l.db.Reader().QueryContext(ctx, `SELECT row_id, payload FROM imednet_structure WHERE study = ? AND resource = ?`, st.id, string(name))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	held := map[int64]string{}
	for rows.Next() {
		var row rawRow
		if err := rows.Scan(&row.id, &row.payload); err != nil {
			return nil, err
		}
		held[row.id] = row.payload
	}
	return held, rows.Err()
}

// structureKnown reports whether a resource was ever synced.
func (l *CachedRecordsLoader) structureKnown(ctx context.Context, st *study, name imednet.Resource) (known bool, err error) {
	err = l.db.Reader().QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM imednet_structure_sync WHERE study = ? AND resource = ?)`, st.id, string(name)).Scan(&known)
	return known, err
}

// writeStructure stores what changed of one resource and removes what is gone.
func (l *CachedRecordsLoader) writeStructure(ctx context.Context, st *study, name imednet.Resource, changed []rawRow, gone []int64) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	ctx = context.WithoutCancel(ctx)
	return l.db.Write(ctx, func(tx *sql.Tx) error {
		if err := st.register(ctx, tx); err != nil {
			return err
		}
		args := make([]any, 0, 4*len(changed))
		for _, row := range changed {
			args = append(args, st.id, string(name), row.id, row.payload)
		}
		if err := insertRows(ctx, tx, `INSERT OR REPLACE INTO imednet_structure (study, resource, row_id, payload)`, 4, "", args); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `DELETE FROM imednet_structure WHERE study = ? AND resource = ? AND row_id IN (SELECT value FROM json_each(?))`, st.id, string(name), idList(gone))
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `INSERT OR REPLACE INTO imednet_structure_sync (study, resource, synced_at) VALUES (?, ?, ?)`, st.id, string(name), l.cfg.clock.Now().UnixMicro())
		return err
	})
}
