package warehouse

import (
	"context"
	"fmt"

	"github.com/imednetgo/imednet"
)

// maxRejects bounds the memory of a run. More misfits than this are no longer data but a change of
// the API, and the run stops rather than fill a table with them.
const maxRejects = 10_000

// reject is a row that does not fit its table. It is kept as it arrived.
type reject struct {
	rowID   int64 // the row's own id
	reason  string
	payload []byte
}

// fits reports whether every member of a row has its documented type.
func fits[T any](columns []column[T], row *T) bool {
	for i := range columns {
		if misfit := columns[i].misfit; misfit != nil && misfit(row) {
			return false
		}
	}
	return true
}

// rejectMisfit keeps a row aside whose members do not have their documented types.
func (w *work) rejectMisfit(rowID int64, row any, payload []byte) error {
	return w.reject(rowID, fmt.Sprintf("members do not have their documented type: %v", imednet.Misfits(row)), payload)
}

func (w *work) reject(rowID int64, reason string, payload []byte) error {
	w.Rejected++
	w.rejects = append(w.rejects, reject{rowID, reason, payload})
	if len(w.rejects) > maxRejects {
		return fmt.Errorf("more than %d rows do not fit (the last: row %d, %s)", maxRejects, rowID, reason)
	}
	return nil
}

// forgetRejects removes the rejects of earlier listings of a resource, which is listed whole.
func (w *work) forgetRejects(ctx context.Context) error {
	_, err := w.conn.ExecContext(ctx, `DELETE FROM bronze_rejects WHERE study_key = ? AND stream = ?`, w.StudyKey, w.Stream)
	return err
}

func (w *work) writeRejects(ctx context.Context) error {
	if len(w.rejects) == 0 {
		return nil
	}
	columns := []column[reject]{
		intColumn("row_id", func(r *reject) int64 { return r.rowID }),
		textColumn("reason", func(r *reject) string { return r.reason }),
		bytesColumn("payload", func(r *reject) []byte { return r.payload }),
	}
	_, err := load(ctx, w.feeds, w.conn, `INSERT INTO bronze_rejects
		SELECT ?1, ?2, f.row_id, f.reason, f.payload FROM %s f
		ANTI JOIN (SELECT row_id, payload FROM bronze_rejects WHERE study_key = ?1 AND stream = ?2) b ON b.row_id = f.row_id AND b.payload = f.payload`,
		columns, eachOf(w.rejects), w.StudyKey, w.Stream)
	return err
}
