package cache

import (
	"context"
	"database/sql"
	"errors"
	"iter"
	"slices"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/imednetgo/imednet"
)

// sourceRow is one row of a resource on its way into the file.
type sourceRow struct {
	id      any // int64, or string for studies and users
	record  any // recordId where the row belongs to a record, else nil
	dated   any // dateModified in microseconds, nil when there is none
	payload string
}

// resourceKind is how one resource beside the records is read and kept.
type resourceKind struct {
	name imednet.Resource
	// list reads the resource; false when the client has no such ability.
	list func(ctx context.Context, client any, studyKey string, opts imednet.ListOptions) (iter.Seq2[sourceRow, error], bool)
	// grows: ids are numbers that rise, so new rows are found by them. The others are read as a whole.
	grows bool
	// dated: changed rows are found by their dateModified.
	dated bool
	// window is how many ids before the greatest are read again, for rows that were committed late.
	window int64
}

// ascends reports whether the server lists the rows in ascending order of their ids, which are numbers. The
// others are small, and are read into memory.
func (k resourceKind) ascends() bool { return k.grows || k.name == imednet.Codings }

// resourceKinds are all resources beside the records, in the order in which a run brings them over. What
// rows refer to comes before them, and the audit trail last: it explains what the records show.
var resourceKinds = []resourceKind{
	{name: imednet.Studies, list: listStudies},
	{name: imednet.Sites, list: listBy(imednet.SiteReader.Sites, imednet.Encode[imednet.Site], func(v *imednet.Site) sourceRow { return sourceRow{id: v.SiteID} })},
	{name: imednet.Forms, list: listBy(imednet.FormReader.Forms, imednet.Encode[imednet.Form], func(v *imednet.Form) sourceRow { return sourceRow{id: v.FormID} })},
	{name: imednet.Intervals, list: listBy(imednet.IntervalReader.Intervals, imednet.Encode[imednet.Interval], func(v *imednet.Interval) sourceRow { return sourceRow{id: v.IntervalID} })},
	{name: imednet.Variables, list: listBy(imednet.VariableReader.Variables, imednet.Encode[imednet.Variable], func(v *imednet.Variable) sourceRow { return sourceRow{id: v.VariableID} })},
	{name: imednet.Users, list: listUsers},
	{name: imednet.Subjects, grows: true, dated: true, list: listBy(imednet.SubjectReader.Subjects, imednet.Encode[imednet.Subject],
		func(v *imednet.Subject) sourceRow { return sourceRow{id: v.SubjectID, dated: dateKey(v.DateModified)} })},
	{name: imednet.Visits, grows: true, dated: true, list: listBy(imednet.VisitReader.Visits, imednet.Encode[imednet.Visit],
		func(v *imednet.Visit) sourceRow { return sourceRow{id: v.VisitID, dated: dateKey(v.DateModified)} })},
	{name: imednet.Queries, grows: true, dated: true, list: listBy(imednet.QueryReader.Queries, imednet.Encode[imednet.Query],
		func(v *imednet.Query) sourceRow {
			return sourceRow{id: v.AnnotationID, record: idKey(v.RecordID), dated: dateKey(v.DateModified)}
		})},
	{name: imednet.Codings, list: listBy(imednet.CodingReader.Codings, imednet.Encode[imednet.Coding],
		func(v *imednet.Coding) sourceRow { return sourceRow{id: v.CodingID, record: idKey(v.RecordID)} })},
	{name: imednet.RecordRevisions, grows: true, window: revisionWindow, list: listBy(imednet.RevisionReader.RecordRevisions, imednet.Encode[imednet.RecordRevision],
		func(v *imednet.RecordRevision) sourceRow {
			return sourceRow{id: v.RecordRevisionID, record: idKey(v.RecordID)}
		})},
}

// structureResources are the resources that SyncStructure brings over.
var structureResources = []imednet.Resource{
	imednet.Sites, imednet.Forms, imednet.Intervals, imednet.Variables, imednet.Subjects, imednet.Visits,
}

// MirroredResources returns the resources that [CachedRecordsLoader.SyncResources] syncs, in order.
func MirroredResources() []imednet.Resource {
	names := make([]imednet.Resource, len(resourceKinds))
	for i, k := range resourceKinds {
		names[i] = k.name
	}
	return names
}

func kindOf(name imednet.Resource) (resourceKind, bool) {
	i := slices.IndexFunc(resourceKinds, func(k resourceKind) bool { return k.name == name })
	if i < 0 {
		return resourceKind{}, false
	}
	return resourceKinds[i], true
}

// listBy makes the list function of a resource from the interface that reads it.
func listBy[R, T any](read func(R, context.Context, string, imednet.ListOptions) iter.Seq2[T, error],
	encode func(T) (jsontext.Value, error), describe func(*T) sourceRow) func(context.Context, any, string, imednet.ListOptions) (iter.Seq2[sourceRow, error], bool) {
	return func(ctx context.Context, client any, studyKey string, opts imednet.ListOptions) (iter.Seq2[sourceRow, error], bool) {
		reader, able := client.(R)
		if !able {
			return nil, false
		}
		return sourceRows(read(reader, ctx, studyKey, opts), encode, describe), true
	}
}

// listStudies lists the one study: the server lists all that the keys can see.
func listStudies(ctx context.Context, client any, studyKey string, opts imednet.ListOptions) (iter.Seq2[sourceRow, error], bool) {
	reader, able := client.(imednet.StudyReader)
	if !able {
		return nil, false
	}
	own := func(yield func(imednet.Study, error) bool) {
		for s, err := range reader.Studies(ctx, opts) {
			if (err != nil || s.StudyKey == studyKey) && !yield(s, err) {
				return
			}
		}
	}
	return sourceRows(own, imednet.Encode[imednet.Study], func(s *imednet.Study) sourceRow { return sourceRow{id: s.StudyKey} }), true
}

// listUsers lists users who are inactive in the study too: they stand in its audit trail.
func listUsers(ctx context.Context, client any, studyKey string, opts imednet.ListOptions) (iter.Seq2[sourceRow, error], bool) {
	reader, able := client.(imednet.UserReader)
	if !able {
		return nil, false
	}
	opts.IncludeInactive = true
	return sourceRows(reader.Users(ctx, studyKey, opts), imednet.Encode[imednet.User], func(u *imednet.User) sourceRow { return sourceRow{id: u.UserID} }), true
}

func sourceRows[T any](rows iter.Seq2[T, error], encode func(T) (jsontext.Value, error), describe func(*T) sourceRow) iter.Seq2[sourceRow, error] {
	return func(yield func(sourceRow, error) bool) {
		for v, err := range rows {
			if err != nil {
				yield(sourceRow{}, err)
				return
			}
			payload, err := encode(v)
			row := describe(&v)
			row.payload = string(payload)
			if !yield(row, err) || err != nil {
				return
			}
		}
	}
}

// resourceState is a row of imednet_resource: where the mirror of one resource stands.
type resourceState struct {
	id       int64
	name     imednet.Resource
	since    sql.NullInt64 // version at which it was first whole
	top      int64         // greatest numeric id held
	mark     sql.NullInt64 // dateModified up to which changes were read
	listed   int64
	vanished int64
	changed  sql.NullInt64 // when a row last changed, by the mirror's clock
	refused  sql.NullInt64 // since when the keys may not read it
}

// loadResource returns where a resource stands; one that the mirror does not know is new.
func (l *CachedRecordsLoader) loadResource(ctx context.Context, study int64, name imednet.Resource) (state resourceState, err error) {
	err = l.db.look(ctx, func(q querier) (err error) {
		state, err = loadResource(ctx, q, study, name)
		return err
	})
	return state, err
}

func loadResource(ctx context.Context, q querier, study int64, name imednet.Resource) (resourceState, error) {
	s := resourceState{name: name}
	err := q.QueryRowContext(ctx, `SELECT id, since, top, mark, listed, vanished, changed_at, refused_at FROM imednet_resource WHERE study = ? AND name = ?`, study, string(name)).
		Scan(&s.id, &s.since, &s.top, &s.mark, &s.listed, &s.vanished, &s.changed, &s.refused)
	if errors.Is(err, sql.ErrNoRows) {
		return s, nil
	}
	return s, err
}

// save stores the state, and gives a new resource its number.
func (s *resourceState) save(ctx context.Context, tx querier, study int64) error {
	if s.id == 0 {
		if err := s.register(ctx, tx, study); err != nil {
			return err
		}
	}
	_, err := tx.ExecContext(ctx, `UPDATE imednet_resource SET since = ?, top = ?, mark = ?, listed = ?, vanished = ?, changed_at = ?, refused_at = ? WHERE id = ?`,
		s.since, s.top, s.mark, s.listed, s.vanished, s.changed, s.refused, s.id)
	return err
}

func (s *resourceState) register(ctx context.Context, tx querier, study int64) error {
	if s.id != 0 {
		return nil
	}
	if _, err := tx.ExecContext(ctx, `INSERT INTO imednet_resource (study, name) VALUES (?, ?) ON CONFLICT DO NOTHING`, study, string(s.name)); err != nil {
		return err
	}
	return tx.QueryRowContext(ctx, `SELECT id FROM imednet_resource WHERE study = ? AND name = ?`, study, string(s.name)).Scan(&s.id)
}
