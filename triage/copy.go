package triage

import (
	"context"

	"github.com/imednetgo/imednet/internal/argument"
	"github.com/imednetgo/imednet/internal/audit"
)

// ErrNotEmpty means that a store to which another was to be copied has other content.
var ErrNotEmpty = audit.ErrNotEmpty

// copied are the tables in the order in which the guards let them be written.
var copied = []audit.Table{
	{Name: "triage_events", Columns: eventColumns, Order: "sequence"},
	{Name: "triage_items", Columns: itemColumns, Order: "rowid"},
	{Name: "triage_annotations", Columns: annotationColumns, Order: "rowid"},
	{Name: "triage_history", Columns: transitionColumns, Order: "rowid"},
}

// CopyFrom copies another store, in a file or in a database, to this one, which must be empty, or have the same
// rows from a copy before ([ErrNotEmpty]): every row as it is, hashes included. The other one is verified first, and both
// are compared row by row and by their heads afterwards. It returns the number of rows. Nobody should write
// to the other store meanwhile.
func (s *TriageStore) CopyFrom(ctx context.Context, from *TriageStore) (rows int64, err error) {
	if err := argument.Required("triage.TriageStore.CopyFrom", "from", from); err != nil {
		return 0, err
	}
	was, err := from.Verify(ctx, VerifyOptions{})
	if err == nil {
		rows, err = audit.Copy(ctx, s.file, from.file, copied)
	}
	if err == nil {
		_, err = s.Verify(ctx, VerifyOptions{Head: &was.Head})
	}
	return rows, wrap("copy", "", "", err)
}
