package cache

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"sync"

	"github.com/imednetgo/imednet"
)

// View reads one version of the mirror as a client reads the server: it is an [imednet.Client] that
// lists every resource from the file. Everything it reads of a study is as of one version of the
// mirror, regardless of what a sync writes meanwhile: the version of the first reading, or that
// given to [CachedRecordsLoader.AsOf]. Tables, queries and audit trail read through one View are
// therefore consistent with one another. Create a new View to read newer data.
//
// A View cannot submit: SubmitRecords and Job return [ErrReadOnly].
type View struct {
	mirror *CachedRecordsLoader

	mu     sync.Mutex
	pinned map[string]imednet.MirrorVersion
	only   string // the one study that may be read; empty is any
	cut    string // the data cut to read; empty is none
}

var (
	_ imednet.Client              = (*View)(nil)
	_ imednet.OriginReader        = (*View)(nil)
	_ imednet.SubjectRecordSource = (*View)(nil)
	_ imednet.RecordHistorySource = (*View)(nil)
)

// ErrReadOnly means that a caller tried to submit through the mirror.
var ErrReadOnly = errors.New("the mirror is read-only")

// Client returns a view of the current state of the mirror, for all of its studies.
func (l *CachedRecordsLoader) Client() *View {
	return &View{mirror: l, pinned: map[string]imednet.MirrorVersion{}}
}

// CutClient returns a view in which each study is as of its data cut with this name. Reading a
// study without one fails with [ErrNoCut].
func (l *CachedRecordsLoader) CutClient(name string) *View {
	return &View{mirror: l, pinned: map[string]imednet.MirrorVersion{}, cut: name}
}

// AsOf returns a view of a study as of a version of its mirror. A version in the middle of a sync
// holds what had arrived by then; versions that [CachedRecordsLoader.SyncStudy] reports, and data
// cuts, are complete.
//
// Errors: [ErrNotSynced] for a version that the mirror has not reached or that precedes the first
// complete sync, and [ErrPurged] for one whose states were purged.
func (l *CachedRecordsLoader) AsOf(ctx context.Context, studyKey string, version imednet.MirrorVersion) (*View, error) {
	st, err := l.study(ctx, studyKey)
	if err == nil {
		version, err = st.at(version)
	}
	if err != nil {
		return nil, wrap("read", studyKey, err)
	}
	return &View{mirror: l, pinned: map[string]imednet.MirrorVersion{studyKey: version}, only: studyKey}, nil
}

// Version returns the version of a study that this view reads.
func (v *View) Version(ctx context.Context, studyKey string) (imednet.MirrorVersion, error) {
	version, err := v.pin(ctx, studyKey)
	return version, wrap("read", studyKey, err)
}

// Origin identifies the state of a study that this view reads.
func (v *View) Origin(ctx context.Context, studyKey string) (imednet.Origin, error) {
	version, err := v.pin(ctx, studyKey)
	if err != nil {
		return imednet.Origin{}, wrap("read", studyKey, err)
	}
	st, err := v.mirror.study(ctx, studyKey)
	if err != nil {
		return imednet.Origin{}, wrap("read", studyKey, err)
	}
	at, err := v.mirror.seenAt(ctx, st.id, version)
	return imednet.Origin{Version: version, ServerTime: at, Cut: v.cut}, wrap("read", studyKey, err)
}

// pin fixes the version of a study at its first reading.
func (v *View) pin(ctx context.Context, studyKey string) (imednet.MirrorVersion, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if version, known := v.pinned[studyKey]; known {
		return version, nil
	}
	if v.only != "" {
		return 0, fmt.Errorf("%w: this view is of study %s", ErrNotSynced, v.only)
	}
	st, err := v.mirror.study(ctx, studyKey)
	if err != nil {
		return 0, err
	}
	version := st.version
	if v.cut != "" {
		m, err := v.mirror.manifest(ctx, st.id, v.cut)
		if err != nil {
			return 0, err
		}
		version = m.Version
	}
	if version > 0 {
		v.pinned[studyKey] = version
	}
	return version, nil
}

// viewRows yields a resource's rows at the view's version.
func viewRows[T any](ctx context.Context, v *View, studyKey string, name imednet.Resource, opts imednet.ListOptions, decode func([]byte) (T, error)) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		version, err := v.pin(ctx, studyKey)
		if err != nil {
			var none T
			yield(none, wrap("read", studyKey, err))
			return
		}
		rowsOf(ctx, v.mirror, studyKey, name, version, opts, decode)(yield)
	}
}

// Studies lists the mirrored studies in ascending order of key.
func (v *View) Studies(ctx context.Context, opts imednet.ListOptions) iter.Seq2[imednet.Study, error] {
	return func(yield func(imednet.Study, error) bool) {
		keys, err := v.studyKeys(ctx)
		if err != nil {
			yield(imednet.Study{}, wrap("read", "", err))
			return
		}
		for _, key := range keys {
			for study, err := range viewRows(ctx, v, key, imednet.Studies, opts, imednet.Decode[imednet.Study]) {
				if !yield(study, err) || err != nil {
					return
				}
			}
		}
	}
}

func (v *View) studyKeys(ctx context.Context) ([]string, error) {
	if v.only != "" {
		return []string{v.only}, nil
	}
	return v.mirror.StudyKeys(ctx)
}

// Sites lists the study's sites. As in every listing of a View, filters are applied locally, the
// only order is ascending by id, and the error is [ErrNotSynced] if the resource is not in the
// mirror.
func (v *View) Sites(ctx context.Context, studyKey string, opts imednet.ListOptions) iter.Seq2[imednet.Site, error] {
	return viewRows(ctx, v, studyKey, imednet.Sites, opts, imednet.Decode[imednet.Site])
}

// Forms lists the study's forms.
func (v *View) Forms(ctx context.Context, studyKey string, opts imednet.ListOptions) iter.Seq2[imednet.Form, error] {
	return viewRows(ctx, v, studyKey, imednet.Forms, opts, imednet.Decode[imednet.Form])
}

// Intervals lists the study's intervals.
func (v *View) Intervals(ctx context.Context, studyKey string, opts imednet.ListOptions) iter.Seq2[imednet.Interval, error] {
	return viewRows(ctx, v, studyKey, imednet.Intervals, opts, imednet.Decode[imednet.Interval])
}

// Variables lists the study's variables.
func (v *View) Variables(ctx context.Context, studyKey string, opts imednet.ListOptions) iter.Seq2[imednet.Variable, error] {
	return viewRows(ctx, v, studyKey, imednet.Variables, opts, imednet.Decode[imednet.Variable])
}

// Users lists the study's users, including inactive ones if requested.
func (v *View) Users(ctx context.Context, studyKey string, opts imednet.ListOptions) iter.Seq2[imednet.User, error] {
	return viewRows(ctx, v, studyKey, imednet.Users, opts, imednet.Decode[imednet.User])
}

// Subjects lists the study's subjects.
func (v *View) Subjects(ctx context.Context, studyKey string, opts imednet.ListOptions) iter.Seq2[imednet.Subject, error] {
	return viewRows(ctx, v, studyKey, imednet.Subjects, opts, imednet.Decode[imednet.Subject])
}

// Visits lists the visits of the study's subjects.
func (v *View) Visits(ctx context.Context, studyKey string, opts imednet.ListOptions) iter.Seq2[imednet.Visit, error] {
	return viewRows(ctx, v, studyKey, imednet.Visits, opts, imednet.Decode[imednet.Visit])
}

// Queries lists the study's queries with their comments.
func (v *View) Queries(ctx context.Context, studyKey string, opts imednet.ListOptions) iter.Seq2[imednet.Query, error] {
	return viewRows(ctx, v, studyKey, imednet.Queries, opts, imednet.Decode[imednet.Query])
}

// Codings lists the study's codings.
func (v *View) Codings(ctx context.Context, studyKey string, opts imednet.ListOptions) iter.Seq2[imednet.Coding, error] {
	return viewRows(ctx, v, studyKey, imednet.Codings, opts, imednet.Decode[imednet.Coding])
}

// RecordRevisions lists the study's audit trail.
func (v *View) RecordRevisions(ctx context.Context, studyKey string, opts imednet.ListOptions) iter.Seq2[imednet.RecordRevision, error] {
	return viewRows(ctx, v, studyKey, imednet.RecordRevisions, opts, imednet.Decode[imednet.RecordRevision])
}

// Records lists the study's records; see [CachedRecordsLoader.Records].
func (v *View) Records(ctx context.Context, studyKey string, opts imednet.ListOptions) iter.Seq2[imednet.Record, error] {
	return v.records(ctx, studyKey, opts, false)
}

// RecordsBySubject lists the study's records subject by subject; see
// [CachedRecordsLoader.RecordsBySubject].
func (v *View) RecordsBySubject(ctx context.Context, studyKey string, opts imednet.ListOptions) iter.Seq2[imednet.Record, error] {
	return v.records(ctx, studyKey, opts, true)
}

func (v *View) records(ctx context.Context, studyKey string, opts imednet.ListOptions, bySubject bool) iter.Seq2[imednet.Record, error] {
	return func(yield func(imednet.Record, error) bool) {
		version, err := v.pin(ctx, studyKey)
		if err != nil {
			yield(imednet.Record{}, wrap("read", studyKey, err))
			return
		}
		v.mirror.listing(ctx, studyKey, opts, bySubject, version)(yield)
	}
}

// ChangesSince yields the states of records stored after a version, up to the view's version.
func (v *View) ChangesSince(ctx context.Context, studyKey string, after imednet.MirrorVersion) iter.Seq2[imednet.RecordVersion, error] {
	return v.history(ctx, studyKey, versionRange{after: after})
}

// RecordHistory yields the states of one record up to the view's version, from oldest to newest.
func (v *View) RecordHistory(ctx context.Context, studyKey string, recordID int64) iter.Seq2[imednet.RecordVersion, error] {
	return v.history(ctx, studyKey, versionRange{only: recordID})
}

func (v *View) history(ctx context.Context, studyKey string, want versionRange) iter.Seq2[imednet.RecordVersion, error] {
	return func(yield func(imednet.RecordVersion, error) bool) {
		version, err := v.pin(ctx, studyKey)
		if err != nil {
			yield(imednet.RecordVersion{}, wrap("read", studyKey, err))
			return
		}
		want.until = version
		v.mirror.versions(ctx, studyKey, want)(yield)
	}
}

// SubmitRecords returns ErrReadOnly.
func (v *View) SubmitRecords(_ context.Context, studyKey string, _ []imednet.Submission, _ imednet.SubmitOptions) (imednet.Job, error) {
	return imednet.Job{}, wrap("submit", studyKey, ErrReadOnly)
}

// Job returns ErrReadOnly.
func (v *View) Job(_ context.Context, studyKey, _ string) (imednet.Job, error) {
	return imednet.Job{}, wrap("read job", studyKey, ErrReadOnly)
}
