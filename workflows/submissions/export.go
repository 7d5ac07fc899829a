package submissions

import (
	"context"
	"fmt"
)

// Exporter is a [Journal] that can write an inspection copy. The journals of package sqlitejournal and
// of package postgres can.
type Exporter interface {
	// ExportLog writes an inspection copy of the whole journal, as of one moment, to a new directory
	// with mode 0700: events.ndjson with the stored columns of every entry of the history,
	// submissions.ndjson and items.ndjson with what is known of each submission and record,
	// index.html for reading, check.py, which verifies the copy with nothing but Python, and
	// manifest.json with the hashes of all files. It contains the answers that were submitted, in
	// clear text. A journal that is not intact is exported unchanged, and its copy does not verify.
	// Leases are not part of it.
	ExportLog(ctx context.Context, dir string) (Export, error)
}

// Export describes an inspection copy.
type Export struct {
	Submissions, Items int64
	Events             int64  // entries of the history
	Head               string // end of the history, as Verify returns it
}

// String returns one line.
func (e Export) String() string {
	return fmt.Sprintf("%d entries, %d submissions, %d items exported", e.Events, e.Submissions, e.Items)
}
