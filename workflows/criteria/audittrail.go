package criteria

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"time"

	"github.com/imednetgo/imednet"
)

// AuditCriteria selects rows of the audit trail. The zero value selects all rows.
type AuditCriteria struct {
	// From is the beginning of the period, inclusive; zero means no lower bound.
	From time.Time
	// To is the end of the period, exclusive, so that adjacent periods share no row; zero means no
	// upper bound.
	To time.Time
	// Users selects revisions saved by these logins; empty selects those of all users.
	Users []string
	// Filter selects by other attributes of a revision. It cannot name dateCreated together with
	// From or To, nor user together with Users.
	Filter imednet.Filter
}

// AuditReport accounts for every row that was read: Read = Yielded + OutOfPeriod + Undated +
// OtherUser.
type AuditReport struct {
	Read        int64
	Yielded     int64
	OutOfPeriod int64 // before From or not before To
	Undated     int64 // without a readable date, if a period was requested
	OtherUser   int64
}

// String is the report in one line.
func (r AuditReport) String() string {
	return fmt.Sprintf("%d of %d revisions: %d outside of the period, %d without a date, %d by other users", r.Yielded, r.Read, r.OutOfPeriod, r.Undated, r.OtherUser)
}

// AuditRun is one reading of the audit trail. It is not safe for concurrent use.
type AuditRun struct {
	ctx      context.Context
	client   Client
	studyKey string
	criteria AuditCriteria
	report   AuditReport
}

// AuditTrail returns a run over the rows of the period From <= dateCreated < To: who saved which
// record, when and why. Nothing is sent before its revisions are read. Cancelling ctx ends the run.
//
// A filter can name dateCreated only once, so the server receives the lower bound if there is one,
// otherwise the upper. Bounds are sent in whole seconds, rounded so that no row of the period is
// left out, and both are then applied to every row locally.
func (d *DataExtraction) AuditTrail(ctx context.Context, studyKey string, c AuditCriteria) *AuditRun {
	return &AuditRun{ctx: ctx, client: d.client, studyKey: studyKey, criteria: c}
}

// Report returns the counts so far. They are complete after the last row or an error.
func (r *AuditRun) Report() AuditReport { return r.report }

// Revisions yields the rows in ascending order of recordRevisionId. An error is yielded once, as
// the last element, and is an *[imednet.Error].
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
	f, _ := c.Filter.Split()
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
	if _, kept := c.Filter.Split(); !imednet.MatchRow(kept, r) {
		return false // as if the server had not sent it
	}
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
