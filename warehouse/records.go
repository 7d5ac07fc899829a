package warehouse

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/argument"
	"github.com/imednetgo/imednet/internal/shortfall"
)

// RecordOptions configures [DuckDBIngestion.IngestRecords].
type RecordOptions struct {
	Mode Mode
	// AllowMassDeletion accepts a listing that lacks many of the records held (see
	// [ErrMassDeletion]). It matters only for a source without history; the mirror has its own
	// check.
	AllowMassDeletion bool
}

// IngestRecords ingests records and the history of their cells: bronze_records holds every state of
// a record that was seen, and bronze_cells the old and new value of every variable that changed
// between two of them.
//
// From a source with history (an [imednet.RecordHistorySource] such as the mirror) it reads every
// state stored since the last run. From any other source it reads all records and compares them with
// the last state it holds; records that are no longer listed become vanished. A state that neither
// the mirror nor this method ever saw is in no history.
func (d *DuckDBIngestion) IngestRecords(ctx context.Context, src imednet.RecordSource, studyKey string, opts RecordOptions) (Run, error) {
	if err := argument.Required("warehouse.DuckDBIngestion.IngestRecords", "src", src); err != nil {
		return Run{}, err
	}
	s := recordStep(src, opts)
	return d.run(ctx, studyKey, s.stream, s.mode, s.do)
}

func recordStep(src imednet.RecordSource, opts RecordOptions) step {
	return step{"records", opts.Mode, func(ctx context.Context, w *work) error {
		if w.Mode == Replace {
			if err := w.forgetRecords(ctx); err != nil {
				return err
			}
		}
		if history, ok := src.(imednet.RecordHistorySource); ok {
			return w.ingestHistory(ctx, history)
		}
		return w.ingestListing(ctx, src, opts)
	}}
}

func (w *work) forgetRecords(ctx context.Context) error {
	w.Position, w.kind = 0, ""
	for _, table := range []string{"bronze_records", "bronze_cell_changes"} {
		if _, err := w.conn.ExecContext(ctx, `DELETE FROM `+table+` WHERE study_key = ?`, w.StudyKey); err != nil {
			return err
		}
	}
	return nil
}

// The kinds of source a study's versions can come from. Their version numbers do not compare.
const (
	fromHistory = "history"
	fromListing = "listing"
)

func (w *work) useKind(kind string) error {
	if w.kind != "" && w.kind != kind {
		return fmt.Errorf("records were ingested from a %s source so far, this is a %s source: %w", w.kind, kind, ErrSourceReset)
	}
	w.kind = kind
	return nil
}

// latestVersion is an optional ability of a history: where it ends now.
type latestVersion interface {
	LatestVersion(ctx context.Context, studyKey string) (imednet.MirrorVersion, error)
}

func (w *work) ingestHistory(ctx context.Context, src imednet.RecordHistorySource) error {
	if err := w.useKind(fromHistory); err != nil {
		return err
	}
	if s, ok := src.(latestVersion); ok {
		latest, err := s.LatestVersion(ctx, w.StudyKey)
		if err != nil {
			return err
		}
		if int64(latest) < w.Position {
			return fmt.Errorf("its history ends at version %d, version %d was taken over: %w", latest, w.Position, ErrSourceReset)
		}
	}
	if err := w.checkSameHistory(ctx, src); err != nil {
		return err
	}
	slice, err := newSlice(ctx, w)
	if err != nil {
		return err
	}
	for v, err := range src.ChangesSince(ctx, w.StudyKey, imednet.MirrorVersion(w.Position)) {
		if err != nil {
			return err
		}
		if err := slice.add(ctx, v); err != nil {
			return err
		}
	}
	if err := slice.flush(ctx); err != nil {
		return err
	}
	w.Position = max(w.Position, slice.greatest)
	return nil
}

// checkSameHistory compares when the source saw the last version that was taken over with when it
// was seen then. A mirror that was built anew counts its versions from 1 again: what it holds below
// the position would be passed over in silence.
func (w *work) checkSameHistory(ctx context.Context, src imednet.RecordHistorySource) error {
	var held sql.NullTime
	err := w.conn.QueryRowContext(ctx, `SELECT max(seen_at) FROM bronze_records WHERE study_key = ? AND version = ?`, w.StudyKey, w.Position).Scan(&held)
	if err != nil || !held.Valid || w.Position < 1 {
		return err
	}
	for v, err := range src.ChangesSince(ctx, w.StudyKey, imednet.MirrorVersion(w.Position-1)) {
		if err != nil {
			return err
		}
		if int64(v.Version) == w.Position && !v.SeenAt.UTC().Truncate(time.Microsecond).Equal(held.Time) {
			return fmt.Errorf("it saw version %d at another time than the one that was taken over: %w", v.Version, ErrSourceReset)
		}
		break // one row tells; none is there when all were superseded and purged
	}
	return nil
}

func (w *work) ingestListing(ctx context.Context, src imednet.RecordSource, opts RecordOptions) error {
	if err := w.useKind(fromListing); err != nil {
		return err
	}
	if _, err := w.conn.ExecContext(ctx, `CREATE OR REPLACE TEMP TABLE imednet_listed (record_id BIGINT)`); err != nil {
		return err
	}
	w.Position++
	slice, err := newSlice(ctx, w)
	if err != nil {
		return err
	}
	slice.listed = true
	for rec, err := range src.Records(ctx, w.StudyKey, imednet.ListOptions{}) {
		if err != nil {
			return err
		}
		v := imednet.RecordVersion{Version: imednet.MirrorVersion(w.Position), State: imednet.RecordActive, SeenAt: w.Started, Record: rec}
		if rec.IsDeleted() {
			v.State = imednet.RecordDeleted
		}
		if err := slice.add(ctx, v); err != nil {
			return err
		}
	}
	if err := slice.flush(ctx); err != nil {
		return err
	}
	return w.markVanished(ctx, opts)
}

// heldRecords is the last state of every record of a study.
const heldRecords = `(SELECT * FROM bronze_records WHERE study_key = ?
	QUALIFY row_number() OVER (PARTITION BY record_id ORDER BY version DESC) = 1)`

// markVanished writes a last version of every record that the listing lacks, unless they are
// suspiciously many.
func (w *work) markVanished(ctx context.Context, opts RecordOptions) error {
	var held, missing int64
	err := w.conn.QueryRowContext(ctx, `SELECT count(*), count(*) FILTER (record_id NOT IN (SELECT record_id FROM imednet_listed))
		FROM `+heldRecords+` WHERE state <> 'vanished'`, w.StudyKey).Scan(&held, &missing)
	if err != nil {
		return err
	}
	if shortfall.Suspicious(held, missing) && !opts.AllowMassDeletion {
		return fmt.Errorf("%d of %d records: %w", missing, held, ErrMassDeletion)
	}
	if missing == 0 {
		return nil
	}
	w.Removed = missing
	_, err = w.conn.ExecContext(ctx, `INSERT INTO bronze_records
		SELECT * REPLACE (? AS version, 'vanished' AS state, ?::TIMESTAMP AS seen_at) FROM `+heldRecords+`
		WHERE state <> 'vanished' AND record_id NOT IN (SELECT record_id FROM imednet_listed)`, w.Position, w.Started, w.StudyKey)
	return err
}

// recordRow is one state on its way into bronze_records, with the state before it.
type recordRow struct {
	imednet.Record
	version  int64
	state    imednet.RecordState
	seenAt   time.Time
	payload  []byte
	previous imednet.RecordData
	first    bool // no state before it was seen
}

// sameAs reports whether nothing changed since the state before.
func (r *recordRow) sameAs(held heldState) bool {
	return r.state == held.state && bytes.Equal(r.payload, held.payload)
}

// heldState is the last state of a record that the warehouse holds.
type heldState struct {
	state   imednet.RecordState
	version int64
	payload []byte
}
