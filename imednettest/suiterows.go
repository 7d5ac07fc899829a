package imednettest

import (
	"bytes"
	"context"
	"errors"
	"iter"
	"net/http"

	"github.com/imednetgo/imednet"
)

// lister is a listing of a client.
type lister[T any] func(context.Context, string, imednet.ListOptions) iter.Seq2[T, error]

// keepsEveryRow checks the rows of each resource, and that it is filtered by its id.
func (s *suite) keepsEveryRow() {
	keeps(s, imednet.Sites, "siteId", s.client.Sites, func(r imednet.Site) (int64, []byte) { return r.SiteID, r.Raw })
	keeps(s, imednet.Forms, "formId", s.client.Forms, func(r imednet.Form) (int64, []byte) { return r.FormID, r.Raw })
	keeps(s, imednet.Intervals, "intervalId", s.client.Intervals, func(r imednet.Interval) (int64, []byte) { return r.IntervalID, r.Raw })
	keeps(s, imednet.Variables, "variableId", s.client.Variables, func(r imednet.Variable) (int64, []byte) { return r.VariableID, r.Raw })
	keeps(s, imednet.Subjects, "subjectId", s.client.Subjects, func(r imednet.Subject) (int64, []byte) { return r.SubjectID, r.Raw })
	keeps(s, imednet.Visits, "visitId", s.client.Visits, func(r imednet.Visit) (int64, []byte) { return r.VisitID, r.Raw })
	keeps(s, imednet.Records, "recordId", s.client.Records, func(r imednet.Record) (int64, []byte) { return r.RecordID, r.Raw })
	keeps(s, imednet.RecordRevisions, "recordRevisionId", s.client.RecordRevisions, func(r imednet.RecordRevision) (int64, []byte) { return r.RecordRevisionID, r.Raw })
	keeps(s, imednet.Queries, "annotationId", s.client.Queries, func(r imednet.Query) (int64, []byte) { return r.AnnotationID, r.Raw })
	keeps(s, imednet.Codings, "codingId", s.client.Codings, func(r imednet.Coding) (int64, []byte) { return r.CodingID, r.Raw })
	seen := map[string]bool{}
	for _, user := range collect(s, s.client.Users(s.Context(), s.study.Key(), imednet.ListOptions{IncludeInactive: true})) {
		s.check(user.UserID != "" && !seen[user.UserID], "a user is listed twice, or without an id")
		seen[user.UserID] = true
	}
}

// keeps holds the rows of a resource against those that were served.
func keeps[T any](s *suite, resource imednet.Resource, idName string, list lister[T], of func(T) (id int64, raw []byte)) {
	s.Helper()
	all := collect(s, list(s.Context(), s.study.Key(), imednet.ListOptions{}))
	s.check(len(all) > 0, "%s: no rows", resource)
	for _, row := range all {
		id, raw := of(row)
		s.check(bytes.Equal(raw, s.row(resource, id)), "%s: row %d arrived changed", resource, id)
	}
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
	for _, resource := range []imednet.Resource{imednet.Subjects, imednet.Visits, imednet.Queries, imednet.RecordRevisions} {
		probe, err := prober.ProbeRows(s.Context(), s.study.Key(), resource, imednet.Filter{})
		s.check(err == nil && probe.Total == int64(s.listed(resource)), "%s: %d rows counted instead of %d: %v", resource, probe.Total, s.listed(resource), err)
		s.check(probe.ServerTime.Equal(s.study.Now()), "%s: the count shows the time %v", resource, probe.ServerTime)
	}
}
