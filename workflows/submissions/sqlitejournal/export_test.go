package sqlitejournal

import (
	"context"
	"database/sql"

	"github.com/imednetgo/imednet/workflows/submissions"
)

// AsStored returns items as they are in the file, without a look at their history.
func (j *Journal) AsStored(ctx context.Context) (items []submissions.Item, err error) {
	err = j.file.Read(ctx, func(tx *sql.Tx) error {
		rows, err := tx.QueryContext(ctx, `SELECT `+itemColumns+fromItems+` ORDER BY i.submission, i.item`)
		items, err = scanRows(rows, err, scanItem)
		return err
	})
	return items, err
}
