package lake

import (
	"fmt"
	"strings"
	"time"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/workflows/tables"
)

// Report is the result of [Lake.Sync].
type Report struct {
	StudyKey   string                `json:"studyKey"`
	Version    imednet.MirrorVersion `json:"version"`
	Before     imednet.MirrorVersion `json:"before,omitzero"` // version that the lake held; 0 if none
	ServerTime time.Time             `json:"serverTime,omitzero"`
	Changed    bool                  `json:"changed"` // whether anything was committed
	// Superseded means that another writer had brought the study to this version or beyond.
	Superseded bool          `json:"superseded,omitzero"`
	Attempts   int           `json:"attempts"` // 1 unless other writers were faster
	Tables     []TableReport `json:"tables"`
	// LeftOut lists tables of resources that the mirror does not hold.
	LeftOut []string `json:"leftOut,omitempty"`
	// Mapped counts the records that were mapped: all of them, or those that changed.
	Mapped tables.MapReport `json:"mapped"`
}

// TableReport says what a run did with one table.
type TableReport struct {
	Table    string `json:"table"`
	FormKey  string `json:"formKey,omitempty"`
	Mode     Mode   `json:"mode"`
	Rows     int64  `json:"rows"`    // after the run
	Written  int64  `json:"written"` // of these, in files of this run
	Removed  int64  `json:"removed"` // in files that this run took out
	Snapshot int64  `json:"snapshot"`
}

// String returns the line that the command prints.
func (t TableReport) String() string {
	return fmt.Sprintf("%s: %s, %d rows (%d written, %d removed)", t.Table, t.Mode, t.Rows, t.Written, t.Removed)
}

// String returns the lines that the command prints.
func (r Report) String() string {
	var b strings.Builder
	changed, rows := 0, int64(0)
	for _, t := range r.Tables {
		rows += t.Rows
		if t.Mode != ModeUnchanged {
			changed++
			fmt.Fprintln(&b, t)
		}
	}
	for _, name := range r.LeftOut {
		fmt.Fprintf(&b, "%s: left out, the mirror does not hold it\n", name)
	}
	fmt.Fprintf(&b, "study %s at version %d: %d of %d tables changed, %d rows", r.StudyKey, r.Version, changed, len(r.Tables), rows)
	if r.Superseded {
		b.WriteString("; another writer had come as far")
	}
	return b.String()
}
