package cache

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/imednetgo/imednet"
)

// storedRecords are the records that the server lists with what they are found by, and the row that says what that should
// be; without those that another program has written to, which are read again.
// ?1 is the study's number.
const storedRecords = `SELECT r.record_id, r.form_id, r.form_key, r.site_id, r.interval_id, r.visit_id, r.subject_id, r.subject_key, r.modified,
		r.state, r.doubtful, c.form_key, c.date_modified, coalesce(c.payload, t.payload)
	FROM imednet_record r JOIN imednet_study s ON s.id = r.study
	LEFT JOIN record_cache c ON r.state = 0 AND c.study_key = s.study_key AND c.record_id = r.record_id
	LEFT JOIN imednet_tombstone t ON r.state = 1 AND t.study = r.study AND t.record_id = r.record_id
	WHERE r.study = ?1 AND r.state <> 2 AND NOT EXISTS (SELECT 1 FROM imednet_foreign f WHERE f.study_key = s.study_key AND f.record_id = r.record_id)
	ORDER BY r.record_id`

// checkKeys counts the records that are not found by what their row says: a list of a form, site, visit or subject would
// lack them, or have them as another's.
func (l *CachedRecordsLoader) checkKeys(ctx context.Context, st *study, report *VerifyReport) error {
	var wrong int64
	err := l.db.look(ctx, func(q querier) error {
		rows, err := q.QueryContext(ctx, storedRecords, st.id)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			ok, id, err := hasItsKeys(rows)
			if err != nil {
				return err
			}
			if !ok {
				wrong++
				report.example(id)
			}
		}
		return rows.Err()
	})
	if err == nil && wrong > 0 {
		report.Findings = append(report.Findings, fmt.Sprintf("%d records are not found by what their rows say", wrong))
	}
	return err
}

// hasItsKeys compares the keys of one record with those of its row. A row that cannot be read is a fault that is told
// where it is read.
func hasItsKeys(rows *sql.Rows) (ok bool, id int64, err error) {
	var stored [keyCount]any
	var payload sql.NullString
	var state int
	var doubtful bool
	var formKey, modified sql.NullString
	into := []any{&id}
	for i := range stored {
		into = append(into, &stored[i])
	}
	if err := rows.Scan(append(into, &state, &doubtful, &formKey, &modified, &payload)...); err != nil {
		return false, id, err
	}
	if !payload.Valid || payload.String == "null" {
		return true, id, nil
	}
	rec, err := imednet.Decode[imednet.Record]([]byte(payload.String))
	if err != nil {
		return true, id, nil //nolint:nilerr // told elsewhere
	}
	want, err := newRow(&rec)
	if err != nil {
		return false, id, err
	}
	for i := range stored {
		if !sameKey(stored[i], want.keys[i]) {
			return false, id, nil
		}
	}
	listed := formKey.Valid && modified.Valid // in the table that the Python package reads
	if listed && (formKey.String != want.formKey || modified.String != want.modified) {
		return false, id, nil
	}
	return doubtful == want.doubtful && (doubtful || state == want.state), id, nil
}

// sameKey compares a stored key with one of a row. Databases return numbers and texts in several types.
func sameKey(stored, want any) bool {
	if stored == nil || want == nil {
		return stored == nil && want == nil
	}
	if _, isText := want.(string); isText || keyText(stored) == keyText(want) {
		return keyText(stored) == keyText(want)
	}
	a, ok := keyNumber(stored)
	b, ok2 := keyNumber(want)
	return ok && ok2 && a == b
}

func keyNumber(v any) (float64, bool) { return imednet.NewValue(jsontext.Value(keyText(v))).Float64() }

func keyText(v any) string {
	if b, ok := v.([]byte); ok {
		return string(b)
	}
	return fmt.Sprint(v)
}
