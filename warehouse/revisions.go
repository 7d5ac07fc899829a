package warehouse

import (
	"context"
	"fmt"
	"iter"
	"time"
	"unicode/utf8"

	"github.com/duckdb/duckdb-go/v2"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/argument"
)

// RevisionSource lists a study's audit trail in ascending order of id. Every [imednet.Client]
// implements it.
type RevisionSource interface {
	imednet.RevisionReader
}

// RevisionOptions configures [DuckDBIngestion.IngestRevisions]. The zero value appends everything
// new.
type RevisionOptions struct {
	Mode Mode
	// Start (inclusive) and End (exclusive) limit dateCreated; zero means no limit. A limited run
	// does not move the mark, because it does not cover revisions outside its limits.
	Start, End time.Time
}

// lateCommits is how many ids before the mark are read again: revisions that got their id before
// the mark but were committed after it was taken.
const lateCommits = 400

// IngestRevisions ingests the audit trail of a study into bronze_revisions, with one row per
// revision of the API. It reads from the mark of the last run. Rows are identified by (study,
// recordRevisionId), so that repeating it changes nothing. [Replace] first removes the rows of this
// study, and of no other, in the same transaction.
func (d *DuckDBIngestion) IngestRevisions(ctx context.Context, src RevisionSource, studyKey string, opts RevisionOptions) (Run, error) {
	if err := argument.Required("warehouse.DuckDBIngestion.IngestRevisions", "src", src); err != nil {
		return Run{}, err
	}
	s := revisionStep(src, opts)
	return d.run(ctx, studyKey, s.stream, s.mode, s.do)
}

func revisionStep(src RevisionSource, opts RevisionOptions) step {
	return step{"recordRevisions", opts.Mode, func(ctx context.Context, w *work) error {
		position := w.Position
		if w.Mode == Replace {
			position = 0
		}
		bounded := !opts.Start.IsZero() || !opts.End.IsZero()
		rows, stop, err := begun(src.RecordRevisions(ctx, w.StudyKey, imednet.ListOptions{Filter: revisionFilter(position, opts, bounded)}))
		if err != nil {
			return err
		}
		defer stop()
		if w.Mode == Replace {
			w.Position = 0
			if _, err := w.conn.ExecContext(ctx, `DELETE FROM bronze_revisions WHERE study_key = ?`, w.StudyKey); err != nil {
				return err
			}
		}
		inserted, err := load(ctx, w.feeds, w.conn, revisionInsert, revisionColumns, func(_ context.Context, emit func(*imednet.RecordRevision) error) error {
			return w.readRevisions(rows, opts, bounded, emit)
		}, w.StudyKey)
		w.Inserted = inserted
		return err
	}}
}

// revisionColumns are the API's members under the Python package's column names where it has one. They are listed,
// since finding each of them by reflection takes as long as writing it.
var revisionColumns = []column[imednet.RecordRevision]{
	intColumn("record_revision_id", func(r *imednet.RecordRevision) int64 { return r.RecordRevisionID }),
	intMember("record_id", func(r *imednet.RecordRevision) *imednet.Opt[int64] { return &r.RecordID }),
	textMember("record_oid", func(r *imednet.RecordRevision) *imednet.Opt[string] { return &r.RecordOID }),
	intMember("revision_number", func(r *imednet.RecordRevision) *imednet.Opt[int64] { return &r.RecordRevision }),
	intMember("data_revision", func(r *imednet.RecordRevision) *imednet.Opt[int64] { return &r.DataRevision }),
	textMember("record_status", func(r *imednet.RecordRevision) *imednet.Opt[string] { return &r.RecordStatus }),
	intMember("subject_id", func(r *imednet.RecordRevision) *imednet.Opt[int64] { return &r.SubjectID }),
	textMember("subject_oid", func(r *imednet.RecordRevision) *imednet.Opt[string] { return &r.SubjectOID }),
	textMember("subject_key", func(r *imednet.RecordRevision) *imednet.Opt[string] { return &r.SubjectKey }),
	intMember("site_id", func(r *imednet.RecordRevision) *imednet.Opt[int64] { return &r.SiteID }),
	textMember("form_key", func(r *imednet.RecordRevision) *imednet.Opt[string] { return &r.FormKey }),
	intMember("interval_id", func(r *imednet.RecordRevision) *imednet.Opt[int64] { return &r.IntervalID }),
	textMember("role", func(r *imednet.RecordRevision) *imednet.Opt[string] { return &r.Role }),
	textMember("modified_by", func(r *imednet.RecordRevision) *imednet.Opt[string] { return &r.User }),
	textMember("reason_for_change", func(r *imednet.RecordRevision) *imednet.Opt[string] { return &r.ReasonForChange }),
	boolMember("deleted", func(r *imednet.RecordRevision) *imednet.Opt[bool] { return &r.Deleted }),
	timeMember("date_modified", func(r *imednet.RecordRevision) *imednet.Opt[imednet.Time] { return &r.DateCreated }),
	{name: "unknown", typ: duckdb.TYPE_VARCHAR, of: newValues[string], add: func(to vector, r *imednet.RecordRevision) {
		if r.Unknown == nil {
			to.(*values[string]).addNull()
			return
		}
		to.(*values[string]).add(string(r.Unknown))
	}},
}

var revisionInsert = `INSERT INTO bronze_revisions (study_key, variable_name, value, ` + names(revisionColumns) + `)
	SELECT ?1, '', '', ` + names(revisionColumns) + ` FROM %s f
	ANTI JOIN (SELECT record_revision_id FROM bronze_revisions WHERE study_key = ?1) b USING (record_revision_id)`

func (w *work) readRevisions(rows iter.Seq2[imednet.RecordRevision, error], opts RevisionOptions, bounded bool, emit func(*imednet.RecordRevision) error) error {
	var last int64
	var rev imednet.RecordRevision // one place for all: its address is taken
	for next, err := range rows {
		if err != nil {
			return err
		}
		rev = next
		if rev.RecordRevisionID <= last {
			return fmt.Errorf("revision %d came after revision %d: %w", rev.RecordRevisionID, last, imednet.ErrProtocol)
		}
		last = rev.RecordRevisionID
		if !opts.End.IsZero() && !rev.DateCreated.Or(imednet.Time{}).Before(opts.End) {
			continue
		}
		w.count()
		if err := w.takeRevision(&rev, emit); err != nil {
			return err
		}
	}
	if !bounded {
		w.Position = max(w.Position, last)
	}
	return nil
}

func revisionFilter(position int64, opts RevisionOptions, bounded bool) imednet.Filter {
	switch {
	case !opts.Start.IsZero():
		return imednet.Where("dateCreated", imednet.GreaterOrEqual, opts.Start)
	case !bounded && position > lateCommits:
		return imednet.Where("recordRevisionId", imednet.Greater, position-lateCommits)
	}
	return imednet.Filter{}
}

func (w *work) takeRevision(rev *imednet.RecordRevision, emit func(*imednet.RecordRevision) error) error {
	unicode := utf8.Valid(rev.Unknown)
	if unicode && rev.RecordID.IsSet() && fits(revisionColumns, rev) {
		w.see(rev.DateCreated)
		return emit(rev)
	}
	payload, err := imednet.Encode(*rev)
	switch {
	case err != nil:
		return err
	case len(imednet.Misfits(*rev)) > 0:
		return w.rejectMisfit(rev.RecordRevisionID, *rev, payload)
	case !unicode:
		return w.reject(rev.RecordRevisionID, "members that the library does not know are not valid Unicode", payload)
	}
	return w.reject(rev.RecordRevisionID, "the revision names no record", payload)
}
