package subjects

import (
	"context"
	"iter"
	"slices"
	"sync"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/listing"
)

// subjectGathering is one call of AllSubjectData.
type subjectGathering struct {
	ctx        context.Context
	cancel     context.CancelCauseFunc
	client     Client
	subjectKey string
	opts       Options
	data       *SubjectComprehensiveData

	mu     sync.Mutex
	errs   map[Part]error
	failed []PartFailure
}

func newSubjectGathering(ctx context.Context, client Client, studyKey, subjectKey string, opts Options) *subjectGathering {
	ctx, cancel := context.WithCancelCause(ctx)
	return &subjectGathering{
		ctx: ctx, cancel: cancel, client: client, subjectKey: subjectKey, opts: opts,
		data: &SubjectComprehensiveData{StudyKey: studyKey}, errs: map[Part]error{},
	}
}

// run reads the subject and its parts side by side. Without the subject the parts are of no use:
// they are called off and the subject's error is returned.
func (g *subjectGathering) run(filter imednet.Filter) error {
	var (
		group   sync.WaitGroup
		study   = g.data.StudyKey
		options = imednet.ListOptions{Filter: filter}
		known   = make(chan struct{})
		failure error
	)
	group.Go(func() {
		defer close(known)
		if failure = g.findSubject(options); failure != nil {
			g.cancel(failure)
		}
	})
	group.Go(func() { gather(g, SubjectVisits, &g.data.Visits, g.client.Visits(g.ctx, study, options)) })
	group.Go(func() { gather(g, SubjectRecords, &g.data.Records, g.client.Records(g.ctx, study, options)) })
	group.Go(func() { gather(g, SubjectQueries, &g.data.Queries, g.client.Queries(g.ctx, study, options)) })
	if g.opts.Revisions {
		group.Go(func() {
			gather(g, SubjectRevisions, &g.data.Revisions, g.client.RecordRevisions(g.ctx, study, options))
		})
	}
	if g.opts.Codings {
		group.Go(func() {
			if <-known; failure == nil {
				own := imednet.ListOptions{Filter: imednet.Where("subjectId", imednet.Equal, g.data.Subject.SubjectID)}
				gather(g, SubjectCodings, &g.data.Codings, g.client.Codings(g.ctx, study, own))
			}
		})
	}
	group.Wait()
	return failure
}

// gather reads one part wholly or not at all.
func gather[T any](g *subjectGathering, part Part, into *[]T, rows iter.Seq2[T, error]) {
	all, err := listing.Collect(rows)
	if err != nil {
		g.mu.Lock()
		defer g.mu.Unlock()
		g.errs[part] = err
		return
	}
	*into = append([]T{}, all...)
}

// findSubject decides which subject the key means.
func (g *subjectGathering) findSubject(options imednet.ListOptions) error {
	var active, deleted []imednet.Subject
	for s, err := range g.client.Subjects(g.ctx, g.data.StudyKey, options) {
		switch {
		case err != nil:
			return err
		case s.SubjectKey.Or("") != g.subjectKey:
		case s.Deleted.Or(false):
			deleted = append(deleted, s)
		default:
			active = append(active, s)
		}
	}
	if len(active) == 0 && g.opts.IncludeDeleted {
		active = deleted
	}
	switch len(active) {
	case 0:
		return ErrNoSuchSubject
	case 1:
		g.data.Subject = active[0]
		return nil
	}
	return ErrAmbiguousSubject
}

// keepOwn drops rows of another subject under the same key and, unless asked for, deleted ones,
// and puts the failures into order.
func (g *subjectGathering) keepOwn() {
	d, own := g.data, g.data.Subject.SubjectID
	foreign := func(id imednet.Opt[int64]) bool { return id.Or(own) != own }
	d.Visits = dropRows(d.Visits, &d.OtherSubject, func(v imednet.Visit) bool { return foreign(v.SubjectID) })
	d.Records = dropRows(d.Records, &d.OtherSubject, func(r imednet.Record) bool { return foreign(r.SubjectID) })
	d.Queries = dropRows(d.Queries, &d.OtherSubject, func(q imednet.Query) bool { return foreign(q.SubjectID) })
	d.Revisions = dropRows(d.Revisions, &d.OtherSubject, func(r imednet.RecordRevision) bool { return foreign(r.SubjectID) })
	if !g.opts.IncludeDeleted {
		d.Visits = dropRows(d.Visits, &d.DeletedVisits, func(v imednet.Visit) bool { return v.Deleted.Or(false) })
		d.Records = dropRows(d.Records, &d.DeletedRecords, func(r imednet.Record) bool { return r.IsDeleted() })
	}
	for _, part := range []Part{SubjectVisits, SubjectRecords, SubjectQueries, SubjectCodings, SubjectRevisions} {
		if err := g.errs[part]; err != nil {
			g.failed = append(g.failed, PartFailure{part, err})
		}
	}
}

func dropRows[T any](rows []T, dropped *int, drop func(T) bool) []T {
	before := len(rows)
	rows = slices.DeleteFunc(rows, drop)
	*dropped += before - len(rows)
	return rows
}
