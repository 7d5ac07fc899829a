package subjects

import (
	"cmp"
	"context"
	"iter"
	"slices"
	"sync"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/listing"
)

// gathering is one call of AllSubjectData.
type gathering struct {
	client     Client
	subjectKey string
	opts       Options
	data       *SubjectComprehensiveData
	bearers    *imednet.SubjectIndex // of the key

	mu   sync.Mutex
	errs map[Part]error
}

// run finds the subject and reads its parts side by side.
func (g *gathering) run(ctx context.Context) error {
	if err := g.findSubject(ctx); err != nil {
		return err
	}
	var group sync.WaitGroup
	study, c, d := g.data.StudyKey, g.client, g.data
	group.Go(func() {
		gather(g, Visits, &d.Visits, func(o imednet.ListOptions) iter.Seq2[imednet.Visit, error] { return c.Visits(ctx, study, o) },
			imednet.Visits, func(v *imednet.Visit) int64 { return v.VisitID }, g.bearers.OfVisit)
	})
	group.Go(func() {
		gather(g, Records, &d.Records, func(o imednet.ListOptions) iter.Seq2[imednet.Record, error] { return c.Records(ctx, study, o) },
			imednet.Records, func(r *imednet.Record) int64 { return r.RecordID }, g.bearers.OfRecord)
	})
	group.Go(func() {
		gather(g, Queries, &d.Queries, func(o imednet.ListOptions) iter.Seq2[imednet.Query, error] { return c.Queries(ctx, study, o) },
			imednet.Queries, func(q *imednet.Query) int64 { return q.AnnotationID }, g.bearers.OfQuery)
	})
	if g.opts.Revisions {
		group.Go(func() {
			gather(g, Revisions, &d.Revisions, func(o imednet.ListOptions) iter.Seq2[imednet.RecordRevision, error] {
				return c.RecordRevisions(ctx, study, o)
			}, imednet.RecordRevisions, func(r *imednet.RecordRevision) int64 { return r.RecordRevisionID }, g.bearers.OfRevision)
		})
	}
	if g.opts.Codings {
		group.Go(func() {
			gather(g, Codings, &d.Codings, func(o imednet.ListOptions) iter.Seq2[imednet.Coding, error] { return c.Codings(ctx, study, o) },
				imednet.Codings, func(c *imednet.Coding) int64 { return c.CodingID }, g.bearers.OfCoding)
		})
	}
	group.Wait()
	if !g.opts.IncludeDeleted {
		d.Visits = dropDeleted(d.Visits, &d.DeletedVisits, func(v imednet.Visit) bool { return v.Deleted.Or(false) })
		d.Records = dropDeleted(d.Records, &d.DeletedRecords, func(r imednet.Record) bool { return r.IsDeleted() })
	}
	slices.SortFunc(d.Contradictions, func(a, b imednet.Contradiction) int {
		return cmp.Or(cmp.Compare(a.Row, b.Row), cmp.Compare(a.RowID, b.RowID))
	})
	return nil
}

// gather reads one part wholly or not at all, and keeps the subject's own rows.
func gather[T any](g *gathering, part Part, into *[]T, list func(imednet.ListOptions) iter.Seq2[T, error], resource imednet.Resource,
	idOf func(*T) int64, ofRow func(*T) (*imednet.Subject, imednet.Contradiction)) {
	byFilter := func(f imednet.Filter) iter.Seq2[T, error] { return list(imednet.ListOptions{Filter: f}) }
	all, err := listing.OfSubject(byFilter, imednet.Filter{}, resource, g.data.Subject.SubjectID, g.subjectKey, idOf)
	g.mu.Lock()
	defer g.mu.Unlock()
	if err != nil {
		g.errs[part] = err
		return
	}
	rows := make([]T, 0, len(all))
	for i := range all {
		of, doubt := ofRow(&all[i])
		switch own := of != nil && of.SubjectID == g.data.Subject.SubjectID; {
		case own:
			rows = append(rows, all[i])
		case of == nil && doubt.Kind != imednet.KeyAmbiguous && doubt.Kind != imednet.IDUnknown:
			continue // a row of somebody else, which a wide listing holds
		default:
			g.data.OtherSubject++
		}
		if !doubt.IsZero() {
			g.data.Contradictions = append(g.data.Contradictions, doubt)
		}
	}
	*into = rows
}

// findSubject decides which subject the key means.
func (g *gathering) findSubject(ctx context.Context) error {
	filter := listing.Narrow(imednet.Filter{}, imednet.Subjects, "subjectKey", g.subjectKey)
	all, err := listing.Collect(g.client.Subjects(ctx, g.data.StudyKey, imednet.ListOptions{Filter: filter}))
	if err != nil {
		return err
	}
	g.bearers = imednet.NewSubjectIndex(slices.DeleteFunc(all, func(s imednet.Subject) bool {
		key, ok := s.SubjectKey.Get()
		return !ok || key != g.subjectKey
	}))
	deleted := func(s imednet.Subject) bool { return s.IsDeleted() }
	found := slices.DeleteFunc(slices.Clone(g.bearers.Subjects()), deleted)
	if len(found) == 0 && g.opts.IncludeDeleted {
		found = g.bearers.Subjects()
	}
	switch len(found) {
	case 0:
		return ErrNoSuchSubject
	case 1:
		g.data.Subject = found[0]
		return nil
	}
	return ErrAmbiguousSubject
}

// failed lists the parts that could not be read.
func (g *gathering) failed() []PartFailure {
	var list []PartFailure
	for _, part := range []Part{Visits, Records, Queries, Codings, Revisions} {
		if err := g.errs[part]; err != nil {
			list = append(list, PartFailure{part, err})
		}
	}
	return list
}

func dropDeleted[T any](rows []T, dropped *int, deleted func(T) bool) []T {
	before := len(rows)
	rows = slices.DeleteFunc(rows, deleted)
	*dropped += before - len(rows)
	return rows
}
