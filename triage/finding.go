package triage

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"

	"github.com/imednetgo/imednet/internal/audit"
)

// Finding is the result of a check that a person should review.
type Finding struct {
	StudyKey string
	// Fingerprint identifies the same finding if it is reported again; the default is
	// FingerprintOf(StudyKey, Link), which requires Link.Rule.
	Fingerprint string
	Severity    string
	Summary     string // may be blank
	Link        Link
	// KeepResolved keeps a resolved item resolved as long as Link.RevisionID is the revision at
	// which it was resolved, because the data are still those that the reviewer accepted. By
	// default a finding that is reported again always reopens its item.
	KeepResolved bool
}

// FingerprintOf returns a fingerprint of a finding by study, rule, form, record and variable. It
// does not depend on the revision, so that a finding on a later state of the record has the same
// fingerprint.
func FingerprintOf(studyKey string, link Link) string {
	return audit.Hash("imednet/triage/fingerprint/v1", studyKey, link.Rule, link.FormKey, strconv.FormatInt(link.RecordID, 10), link.Variable)
}

// Outcome is the result of reporting a finding.
type Outcome string

// The outcomes of reporting a finding.
const (
	OutcomeCreated   Outcome = "created"   // a new item
	OutcomeUpdated   Outcome = "updated"   // its open item was updated
	OutcomeUnchanged Outcome = "unchanged" // its item is already the same; nothing was written
	OutcomeRegressed Outcome = "regressed" // its item was resolved and is NEW again
)

// Reported is the result of reporting one finding.
type Reported struct {
	ItemID  string
	Version int64 // version of the item afterwards
	Outcome Outcome
}

// FindingsReport is what became of the findings of a run.
type FindingsReport struct {
	Findings                               []Reported // one for each finding, in order
	Created, Updated, Unchanged, Regressed int
}

// String is the report in one line.
func (r FindingsReport) String() string {
	return fmt.Sprintf("%d findings: %d new, %d updated, %d unchanged, %d found again after being resolved",
		len(r.Findings), r.Created, r.Updated, r.Unchanged, r.Regressed)
}

func (r *FindingsReport) add(one Reported) {
	r.Findings = append(r.Findings, one)
	switch one.Outcome {
	case OutcomeCreated:
		r.Created++
	case OutcomeUpdated:
		r.Updated++
	case OutcomeUnchanged:
		r.Unchanged++
	case OutcomeRegressed:
		r.Regressed++
	}
}

// regressionComment is the mandatory comment of a reopening that no person made.
const regressionComment = "regression: the finding was reported again"

// ReportFindings adds the findings of a run to the queue, all or none, in one transaction. A
// finding whose fingerprint the study already has updates that item; a resolved item is reopened as
// NEW with a new due date and counted in [Item.Regressions]. After an error the report
// is empty.
func (s *TriageStore) ReportFindings(ctx context.Context, userID string, findings []Finding) (report FindingsReport, err error) {
	const op = "report findings"
	c := &audit.Checker{}
	checked := make([]checkedFinding, len(findings))
	for i, f := range findings {
		checked[i] = f.check(c, fmt.Sprintf("findings[%d].", i))
	}
	by, err := s.user(ctx, c, op, userID, "triage.report", "")
	if err != nil {
		return FindingsReport{}, wrap(op, "", "", err)
	}
	err = s.file.Write(ctx, func(tx *sql.Tx) error {
		w, err := s.newLogWriter(ctx, tx, by)
		if err != nil {
			return err
		}
		report = FindingsReport{Findings: make([]Reported, 0, len(checked))}
		for i := range checked {
			if ctx.Err() != nil {
				return context.Cause(ctx)
			}
			r, err := w.report(&checked[i])
			if err != nil {
				return err
			}
			report.add(r)
		}
		return nil
	})
	if err != nil {
		return FindingsReport{}, wrap(op, "", "", err)
	}
	return report, nil
}

type checkedFinding struct {
	studyKey, fingerprint string
	details               Details
	keepResolved          bool
}

func (f Finding) check(c *audit.Checker, at string) checkedFinding {
	checked := checkedFinding{keepResolved: f.KeepResolved}
	checked.studyKey = c.Name(at+"StudyKey", f.StudyKey)
	checked.details = checkDetails(c, at, f.Severity, f.Summary, f.Link)
	checked.fingerprint = c.OptionalName(at+"Fingerprint", f.Fingerprint)
	if checked.fingerprint == "" {
		checked.fingerprint = FingerprintOf(checked.studyKey, checked.details.Link)
		if checked.details.Rule == "" {
			c.Add(at+"Fingerprint", "must be given when Link.Rule is blank")
		}
	}
	return checked
}

const fingerprintQuery = `SELECT ` + itemColumns + ` FROM triage_items WHERE study_key = ? AND fingerprint = ?`

func (w *logWriter) report(f *checkedFinding) (Reported, error) {
	row := &itemRow{}
	err := w.row(fingerprintQuery, row.fields(), f.studyKey, f.fingerprint)
	outcome := OutcomeCreated
	switch {
	case errors.Is(err, sql.ErrNoRows):
		var id string
		if id, err = w.store.file.NewID(); err == nil {
			row, err = w.create(id, f.studyKey, change{KindCreated, Change{Details: &f.details, Fingerprint: f.fingerprint}})
		}
	case err != nil:
	case Status(row.Status) == StatusResolved:
		outcome = OutcomeUnchanged
		if !f.accepted(row) {
			outcome = OutcomeRegressed
			err = w.append(row, row.ItemID, row.StudyKey, w.regressed(row, f.details))
		}
	case f.details == row.details():
		outcome = OutcomeUnchanged
	default:
		outcome = OutcomeUpdated
		err = w.append(row, row.ItemID, row.StudyKey, w.updated(row, f.details, Change{}))
	}
	if err != nil {
		return Reported{}, err
	}
	return Reported{row.ItemID, row.Version, outcome}, nil
}

// accepted reports whether the finding is about the very data that were judged.
func (f *checkedFinding) accepted(row *itemRow) bool {
	return f.keepResolved && f.details.RevisionID != 0 && int64(f.details.RevisionID) == row.ResolvedRevisionID
}

func (w *logWriter) regressed(row *itemRow, d Details) change {
	before := row.details()
	return change{KindRegressed, Change{
		From: StatusResolved, To: StatusNew, Comment: regressionComment, Details: &d, DetailsBefore: &before, DueAt: w.store.due(d.Severity, w.now),
	}}
}
