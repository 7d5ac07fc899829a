package criteria

import (
	"context"
	"iter"
	"slices"
	"time"

	"github.com/imednetgo/imednet"
)

// AuditCriteria select rows of the audit trail. The zero value selects all of it.
type AuditCriteria struct {
	// From is the first moment, included; zero is the beginning.
	From time.Time
	// To is the end, not included, so that periods that touch share no row; zero is no end.
	To time.Time
	// Users selects what these logins saved; empty selects everybody.
	Users []string
	// Filter selects by further attributes of a revision. It cannot name dateCreated beside From
	// or To, nor user beside Users.
	Filter imednet.Filter
}

// AuditReport accounts for every row that was read: Read = Yielded + OutOfPeriod + Undated + OtherUser.
type AuditReport struct {
	Read        int64
	Yielded     int64
	OutOfPeriod int64 // before From or not before To
	Undated     int64 // without a readable date, while a period was asked for
	OtherUser   int64
}

// AuditRun is one reading of the audit trail. It must not be used by several goroutines at once.
type AuditRun struct {
	ctx      context.Context
	client   Client
	studyKey string
	criteria AuditCriteria
	report   AuditReport
}

// AuditTrail returns a run over the rows of the period From <= dateCreated < To: who saved which
// record, when and why. Nothing is sent before its revisions are read. ctx ends the run's requests.
//
// A filter may name dateCreated only once. The server gets the lower bound if there is one, else
// the upper; the other is applied here. Bounds are sent in whole seconds, rounded so that no row
// of the period is left out, and both are applied to every row.
func (d *DataExtraction) AuditTrail(ctx context.Context, studyKey string, c AuditCriteria) *AuditRun {
	return &AuditRun{ctx: ctx, client: d.client, studyKey: studyKey, criteria: c}
}

// Report returns what the run has counted so far: after the last row, or an error, everything.
func (r *AuditRun) Report() AuditReport { return r.report }

// Revisions yields the rows in ascending recordRevisionId. An error comes last, as an [*imednet.Error].
func (r *AuditRun) Revisions() iter.Seq2[imednet.RecordRevision, error] {
	return func(yield func(imednet.RecordRevision, error) bool) {
		r.report = AuditReport{}
		fail := func(err error) {
			yield(imednet.RecordRevision{}, &imednet.Error{Package: "criteria", Op: "audit trail", StudyKey: r.studyKey, Err: err})
		}
		if err := r.criteria.validate(); err != nil {
			fail(err)
			return
		}
		opts := imednet.ListOptions{Filter: r.criteria.serverFilter()}
		for revision, err := range r.client.RecordRevisions(r.ctx, r.studyKey, opts) {
			if err != nil {
				fail(err)
				return
			}
			if r.criteria.count(&r.report, &revision) && !yield(revision, nil) {
				return
			}
		}
	}
}

func (c AuditCriteria) validate() error {
	problems := filterProblems("Filter", c.Filter, imednet.RecordRevisions)
	add := func(path, message string) {
		problems = append(problems, imednet.Problem{Path: path, Message: message})
	}
	if (!c.From.IsZero() || !c.To.IsZero()) && filterNames(c.Filter, "dateCreated") {
		add("Filter.dateCreated", "the period is given by From and To; an attribute can be named once")
	}
	if len(c.Users) > 0 && filterNames(c.Filter, "user") {
		add("Filter.user", "the users are given by Users; an attribute can be named once")
	}
	if slices.Contains(c.Users, "") {
		add("Users", "a login is empty")
	}
	if !c.From.IsZero() && !c.To.IsZero() && !c.From.Before(c.To) {
		add("To", "the period ends before it starts, or holds no moment")
	}
	if len(problems) > 0 {
		return &imednet.ValidationError{What: "audit criteria", Problems: problems}
	}
	return nil
}

// serverFilter is what the server can do of the selection. A filter joined by OR cannot be
// narrowed further and is sent as it is.
func (c AuditCriteria) serverFilter() imednet.Filter {
	f := c.Filter
	if f.IsOr() {
		return f
	}
	switch {
	case !c.From.IsZero():
		f = f.And("dateCreated", imednet.GreaterOrEqual, c.From.Truncate(time.Second))
	case !c.To.IsZero():
		f = f.And("dateCreated", imednet.Less, wholeSecondUp(c.To))
	}
	if len(c.Users) == 1 && imednet.Where("user", imednet.Equal, c.Users[0]).Validate(imednet.RecordRevisions) == nil {
		f = f.And("user", imednet.Equal, c.Users[0])
	}
	return f
}

// wholeSecondUp rounds up, because the API cuts a bound to the second and a bound that is cut
// down would leave out rows of that second.
func wholeSecondUp(t time.Time) time.Time {
	if whole := t.Truncate(time.Second); !whole.Equal(t) {
		return whole.Add(time.Second)
	}
	return t
}

// count enters the row into the report and reports whether it is to be yielded.
func (c AuditCriteria) count(report *AuditReport, r *imednet.RecordRevision) bool {
	report.Read++
	if !c.From.IsZero() || !c.To.IsZero() {
		at, dated := r.DateCreated.Get()
		switch {
		case !dated:
			report.Undated++
			return false
		case at.Before(c.From) || !c.To.IsZero() && !at.Before(c.To):
			report.OutOfPeriod++
			return false
		}
	}
	if len(c.Users) > 0 && !slices.Contains(c.Users, r.User.Or("")) {
		report.OtherUser++
		return false
	}
	report.Yielded++
	return true
}
