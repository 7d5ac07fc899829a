package sqljournal

import (
	"context"
	"database/sql"

	"github.com/imednetgo/imednet/workflows/submissions"
)

// AsStored returns items as they are in the tables, without a look at their history: tests compare them
// with what a call should have left.
func (j *Journal) AsStored(ctx context.Context) (items []submissions.Item, err error) {
	err = j.db.Read(ctx, func(tx *sql.Tx) error {
		rows, err := tx.QueryContext(ctx, `SELECT `+itemColumns+fromItems+` ORDER BY i.submission, i.item`)
		items, err = scanRows(rows, err, scanItem)
		return err
	})
	return items, err
}
