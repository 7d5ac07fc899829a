package triage

import (
	"database/sql"
	"time"

	"github.com/imednetgo/imednet/internal/audit"
)

// itemRow is a row of triage_items.
type itemRow struct {
	ItemID, StudyKey, Status         string
	Assignee                         sql.NullString
	Severity, CreatedAt, UpdatedAt   string
	Version                          int64
	Fingerprint                      sql.NullString
	Summary, Rule, FormKey, Variable string
	RecordID, RevisionID             int64
	OpenedAt                         string
	DueAt                            sql.NullString
	ResolvedRevisionID, Regressions  int64
	ClaimedBy, ClaimedUntil          sql.NullString
	ResolvedBy, ConfirmedBy          sql.NullString
}

const itemColumns = `item_id, study_key, status, assignee, severity, created_at, updated_at, version, fingerprint, summary, rule,
	form_key, variable, record_id, revision_id, opened_at, due_at, resolved_revision_id, regressions, claimed_by, claimed_until, resolved_by, confirmed_by`

// fields lists the row's columns for Scan, in the order of itemColumns.
func (r *itemRow) fields() []any {
	return []any{&r.ItemID, &r.StudyKey, &r.Status, &r.Assignee, &r.Severity, &r.CreatedAt, &r.UpdatedAt, &r.Version, &r.Fingerprint,
		&r.Summary, &r.Rule, &r.FormKey, &r.Variable, &r.RecordID, &r.RevisionID, &r.OpenedAt, &r.DueAt, &r.ResolvedRevisionID,
		&r.Regressions, &r.ClaimedBy, &r.ClaimedUntil, &r.ResolvedBy, &r.ConfirmedBy}
}

// values lists the row's columns as SQLite returns them.
func (r *itemRow) values() audit.Row {
	return audit.Row{r.ItemID, r.StudyKey, r.Status, value(r.Assignee), r.Severity, r.CreatedAt, r.UpdatedAt, r.Version, value(r.Fingerprint),
		r.Summary, r.Rule, r.FormKey, r.Variable, r.RecordID, r.RevisionID, r.OpenedAt, value(r.DueAt), r.ResolvedRevisionID,
		r.Regressions, value(r.ClaimedBy), value(r.ClaimedUntil), value(r.ResolvedBy), value(r.ConfirmedBy)}
}

const (
	annotationColumns = `annotation_id, item_id, user_id, comment, timestamp`
	transitionColumns = `transition_id, item_id, from_status, to_status, user_id, comment, timestamp`
)

// readable is what an event adds to the tables that the Python package reads; nil where it adds nothing.
type readable struct{ annotation, transition audit.Row }

// apply folds an event into the item's row. It is the only place that says what an event does:
// writing and verifying both go through it.
func (r *itemRow) apply(e *Event) readable {
	at := audit.FormatTime(e.Timestamp)
	r.Version = e.Version
	m := e.Change.Imported
	if m == nil {
		m = &Imported{} // a forged event, which verifying must survive
	}
	switch e.Kind {
	case KindImported:
		r.takeOver(e, m)
		return readable{}
	case KindImportedAnnotation:
		return readable{annotation: audit.Row{m.ID, e.ItemID, m.UserID, optional(m.Comment), m.Timestamp}}
	case KindImportedTransition:
		return readable{transition: audit.Row{m.ID, e.ItemID, m.From, m.To, m.UserID, optional(m.Comment), m.Timestamp}}
	case KindCreated:
		r.ItemID, r.StudyKey, r.Status = e.ItemID, e.StudyKey, string(StatusNew)
		r.CreatedAt, r.OpenedAt = at, at
		r.Fingerprint = null(e.Change.Fingerprint)
	case KindClaimed:
		r.ClaimedBy, r.ClaimedUntil = null(e.UserID), nullTime(e.Change.ClaimUntil)
	case KindConfirmed:
		r.ConfirmedBy = null(e.UserID)
	case KindReleased:
		r.ClaimedBy, r.ClaimedUntil = sql.NullString{}, sql.NullString{}
	}
	r.UpdatedAt = at
	if e.Change.Assignee != nil {
		r.Assignee = null(*e.Change.Assignee)
	}
	if d := e.Change.Details; d != nil {
		r.describe(d)
		r.DueAt = nullTime(e.Change.DueAt)
	}
	var wrote readable
	if e.Change.To != "" {
		r.move(e, at)
		wrote.transition = audit.Row{e.EventID, e.ItemID, string(e.Change.From), string(e.Change.To), e.UserID, value(null(e.Change.Comment)), at}
	}
	if e.Kind == KindAnnotated {
		wrote.annotation = audit.Row{e.EventID, e.ItemID, e.UserID, e.Change.Comment, at}
	}
	return wrote
}

// move sets the status. Leaving RESOLVED opens the item anew; reaching it ends any claim and
// remembers which revision was judged.
func (r *itemRow) move(e *Event, at string) {
	r.Status = string(e.Change.To)
	if e.Change.From == StatusResolved {
		r.OpenedAt, r.DueAt = at, nullTime(e.Change.DueAt)
		r.ResolvedBy, r.ConfirmedBy = sql.NullString{}, sql.NullString{}
	}
	if e.Change.To == StatusResolved {
		r.ResolvedRevisionID, r.ResolvedBy = r.RevisionID, null(e.UserID)
		r.ClaimedBy, r.ClaimedUntil = sql.NullString{}, sql.NullString{}
	}
	if e.Kind == KindRegressed {
		r.Regressions++
	}
}

func (r *itemRow) describe(d *Details) {
	r.Severity, r.Summary, r.Rule, r.FormKey, r.Variable = d.Severity, d.Summary, d.Rule, d.FormKey, d.Variable
	r.RecordID, r.RevisionID = d.RecordID, int64(d.RevisionID)
}

// takeOver sets the row as the Python package's file held it.
func (r *itemRow) takeOver(e *Event, m *Imported) {
	*r = itemRow{
		ItemID: e.ItemID, StudyKey: e.StudyKey, Status: m.Status, Severity: m.Severity,
		CreatedAt: m.CreatedAt, UpdatedAt: m.UpdatedAt, OpenedAt: m.CreatedAt, Version: e.Version,
	}
	if m.Assignee != nil {
		r.Assignee = sql.NullString{String: *m.Assignee, Valid: true}
	}
}

// details is the row's part that findings describe.
func (r *itemRow) details() Details {
	i := r.item()
	return Details{Severity: i.Severity, Summary: i.Summary, Link: i.Link}
}

func value(s sql.NullString) any {
	if !s.Valid {
		return nil
	}
	return s.String
}

func optional(s *string) any {
	if s == nil {
		return nil
	}
	return *s
}

// null stores empty text as NULL.
func null(s string) sql.NullString { return sql.NullString{String: s, Valid: s != ""} }

func nullTime(t time.Time) sql.NullString {
	if t.IsZero() {
		return sql.NullString{}
	}
	return sql.NullString{String: audit.FormatTime(t), Valid: true}
}
