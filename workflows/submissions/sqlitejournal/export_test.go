package sqlitejournal

import (
	"context"

	"github.com/imednetgo/imednet/workflows/submissions"
)

// AsStored returns items as they are in the file, without a look at their history.
func (j *Journal) AsStored(ctx context.Context) ([]submissions.Item, error) {
	return j.tables.AsStored(ctx)
}
