package sqljournal

import (
	"context"
	"errors"

	"github.com/imednetgo/imednet/internal/audit"
	"github.com/imednetgo/imednet/workflows/submissions"
)

var copied = []audit.Table{
	{Name: "submission_events", Columns: eventColumns, Order: "sequence"},
	{Name: "submissions", Columns: "sequence, id, study_key, author, source, prepared_at, items, holder, lease_until, fence, holder_mark", Order: "sequence", Serial: "sequence"},
	{Name: "submission_items", Columns: "submission, item, study_key, line, kind, form_key, intent_key, content_hash, ordinal, payload, " + mutableColumns, Order: "submission, item"},
}

// Copy copies a journal to another, which must be empty, or have the same rows from a copy before
// (audit.ErrNotEmpty): every row as it is, hashes included. The first is verified before, and both are compared row by row and by their heads
// afterwards. Nobody should write to the first meanwhile.
func Copy(ctx context.Context, to, from submissions.Journal) (rows int64, err error) {
	dst, ok := to.(*Journal)
	src, ok2 := from.(*Journal)
	if !ok || !ok2 {
		return 0, errors.New("only journals in tables can be copied")
	}
	was, err := src.Verify(ctx, "")
	if err == nil {
		rows, err = audit.Copy(ctx, dst.db, src.db, copied)
	}
	if err == nil {
		_, err = dst.Verify(ctx, was.Head)
	}
	return rows, dst.wrap("copy", "", err)
}
