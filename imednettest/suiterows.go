package imednettest

import (
	"bytes"
	"context"
	"errors"
	"iter"
	"net/http"
	"reflect"

	"github.com/imednetgo/imednet"
)

// lister is a listing of a client.
type lister[T any] func(context.Context, string, imednet.ListOptions) iter.Seq2[T, error]

// keepsEveryRow checks the rows of each resource, and that it is filtered by its id.
func (s *suite) keepsEveryRow() {
	own := s.server.Client()
	keeps(s, imednet.Sites, "siteId", s.client.Sites, own.Sites, func(r imednet.Site) (int64, []byte) { return r.SiteID, r.Raw })
	keeps(s, imednet.Forms, "formId", s.client.Forms, own.Forms, func(r imednet.Form) (int64, []byte) { return r.FormID, r.Raw })
	keeps(s, imednet.Intervals, "intervalId", s.client.Intervals, own.Intervals, func(r imednet.Interval) (int64, []byte) { return r.IntervalID, r.Raw })
	keeps(s, imednet.Variables, "variableId", s.client.Variables, own.Variables, func(r imednet.Variable) (int64, []byte) { return r.VariableID, r.Raw })
	keeps(s, imednet.Subjects, "subjectId", s.client.Subjects, own.Subjects, func(r imednet.Subject) (int64, []byte) { return r.SubjectID, r.Raw })
	keeps(s, imednet.Visits, "visitId", s.client.Visits, own.Visits, func(r imednet.Visit) (int64, []byte) { return r.VisitID, r.Raw })
	keeps(s, imednet.Records, "recordId", s.client.Records, own.Records, func(r imednet.Record) (int64, []byte) { return r.RecordID, r.Raw })
	keeps(s, imednet.RecordRevisions, "recordRevisionId", s.client.RecordRevisions, own.RecordRevisions, func(r imednet.RecordRevision) (int64, []byte) { return r.RecordRevisionID, r.Raw })
	keeps(s, imednet.Queries, "annotationId", s.client.Queries, own.Queries, func(r imednet.Query) (int64, []byte) { return r.AnnotationID, r.Raw })
	keeps(s, imednet.Codings, "codingId", s.client.Codings, own.Codings, func(r imednet.Coding) (int64, []byte) { return r.CodingID, r.Raw })
	ctx, everybody := s.Context(), imednet.ListOptions{IncludeInactive: true}
	same(s, imednet.Users, collect(s, s.client.Users(ctx, s.study.Key(), everybody)), collect(s, own.Users(ctx, s.study.Key(), everybody)))
	same(s, imednet.Studies, collect(s, s.client.Studies(ctx, imednet.ListOptions{})), collect(s, own.Studies(ctx, imednet.ListOptions{})))
}

// same holds rows against those that the suite's own client reads: every member, as it follows from the bytes.
func same[T any](s *suite, resource imednet.Resource, rows, want []T) {
	s.Helper()
	s.check(len(rows) == len(want), "%s: %d rows instead of %d", resource, len(rows), len(want))
	for n := range rows {
		s.check(reflect.DeepEqual(rows[n], want[n]), "%s: the members of row %d of %d are not those of its bytes", resource, n+1, len(rows))
	}
}

// keeps holds the rows of a resource against those that were served.
func keeps[T any](s *suite, resource imednet.Resource, idName string, list, own lister[T], of func(T) (id int64, raw []byte)) {
	s.Helper()
	all := collect(s, list(s.Context(), s.study.Key(), imednet.ListOptions{}))
	s.check(len(all) > 0, "%s: no rows", resource)
	for _, row := range all {
		id, raw := of(row)
		s.check(bytes.Equal(raw, s.row(resource, id)), "%s: row %d arrived changed", resource, id)
	}
	same(s, resource, all, collect(s, own(s.Context(), s.study.Key(), imednet.ListOptions{})))
	middle, _ := of(all[len(all)/2])
	some := collect(s, list(s.Context(), s.study.Key(), imednet.ListOptions{Filter: imednet.Where(idName, imednet.Less, middle)}))
	s.check(len(some) == len(all)/2, "%s: %d rows below id %d instead of %d", resource, len(some), middle, len(all)/2)
}

// failsInTheMiddle refuses the later pages of a listing: what came is no listing without an error.
func (s *suite) failsInTheMiddle() {
	s.server.Inject(Fault{Path: "records", Skip: 2, Times: -1, Status: http.StatusUnauthorized})
	err := listingError(s, s.client.Records(s.Context(), s.study.Key(), imednet.ListOptions{PageSize: 50}), recordIsZero)
	s.check(errors.Is(err, imednet.ErrUnauthorized), "a listing whose third page is refused gave %v", err)
	s.server.ClearFaults()
}

// countsRows checks the counts of resources other than records.
func (s *suite) countsRows() {
	prober, ok := s.client.(imednet.RowProber)
	if !ok {
		return
	}
	for resource, id := range map[imednet.Resource]string{
		imednet.Subjects: "subjectId", imednet.Visits: "visitId", imednet.Queries: "annotationId", imednet.RecordRevisions: "recordRevisionId",
	} {
		probe, err := prober.ProbeRows(s.Context(), s.study.Key(), resource, imednet.Filter{})
		s.check(err == nil && probe.Total == int64(s.listed(resource)), "%s: %d rows counted instead of %d: %v", resource, probe.Total, s.listed(resource), err)
		none, err := prober.ProbeRows(s.Context(), s.study.Key(), resource, imednet.Where(id, imednet.Less, 0))
		s.check(err == nil && none.Total == 0, "%s: %d rows counted that no id can have: %v", resource, none.Total, err)
		s.check(probe.ServerTime.Equal(s.study.Now()), "%s: the count shows the time %v", resource, probe.ServerTime)
	}
}
