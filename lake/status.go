package lake

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/apache/iceberg-go/table"

	"github.com/imednetgo/imednet"
)

// Status is the state of a study in the lake.
type Status struct {
	StudyKey   string                `json:"studyKey"`
	Version    imednet.MirrorVersion `json:"version"` // of the newest moment; 0 if none
	ServerTime time.Time             `json:"serverTime,omitzero"`
	Program    string                `json:"program,omitempty"` // that wrote it
	Fence      int64                 `json:"fence"`
	Moments    int                   `json:"moments"`
	Tags       int                   `json:"tags"`
	// Unfinished lists tables whose newest snapshot is not that of the newest moment: a run is under way
	// or ended before it was complete. The next run continues it.
	Unfinished []string `json:"unfinished,omitempty"`
	// Damage lists data files of the newest moment and of tags that are missing, or have another size than was
	// written, and tables whose newest snapshot is earlier than the moment's, or another program's. [Lake.Verify] reads the files.
	Damage []Damage      `json:"damage,omitempty"`
	Tables []TableStatus `json:"tables"`
}

// TableStatus is the state of one table.
type TableStatus struct {
	Table     string `json:"table"`
	FormKey   string `json:"formKey,omitempty"`
	Rows      int64  `json:"rows"`
	Files     int    `json:"files"`
	Bytes     int64  `json:"bytes"`
	Manifests int    `json:"manifests"`
	Snapshots int    `json:"snapshots"`
}

// String returns the lines that the command prints.
func (s Status) String() string {
	var b strings.Builder
	for _, t := range s.Tables {
		fmt.Fprintf(&b, "%s: %d rows, %d files, %d bytes, %d manifests, %d snapshots\n", t.Table, t.Rows, t.Files, t.Bytes, t.Manifests, t.Snapshots)
	}
	for _, name := range s.Unfinished {
		fmt.Fprintf(&b, "%s: newer than the moment; a run has not ended\n", name)
	}
	for _, d := range s.Damage {
		fmt.Fprintln(&b, d)
	}
	fmt.Fprintf(&b, "study %s at version %d, server time %s, %d moments, %d tags", s.StudyKey, s.Version, s.ServerTime.UTC().Format(time.RFC3339), s.Moments, s.Tags)
	return b.String()
}

// Err is [ErrDamaged] if there is damage.
func (s Status) Err() error { return damaged(s.Damage) }

// Status returns the state of a study. The error is [ErrNoStudy] if the lake has no moment of it.
func (l *Lake) Status(ctx context.Context, studyKey string) (Status, error) {
	status, err := l.status(ctx, studyKey)
	return status, failure("status", studyKey, "", err, "")
}

func (l *Lake) status(ctx context.Context, studyKey string) (Status, error) {
	s := Status{StudyKey: studyKey, Tables: []TableStatus{}}
	tbl, list, err := l.moments(ctx, studyKey)
	if err != nil {
		return s, err
	}
	if list == nil {
		return s, ErrNoStudy
	}
	head, err := momentOf(tbl.CurrentSnapshot())
	if err != nil {
		return s, err
	}
	s.Version, s.ServerTime, s.Fence = list.Version, list.ServerTime, head.fence
	s.Program = tbl.CurrentSnapshot().Summary.Properties[propProgram]
	s.Moments = len(tbl.Metadata().Snapshots())
	for _, ref := range tbl.Metadata().Refs() {
		if ref.SnapshotRefType == table.TagRef {
			s.Tags++
		}
	}
	if s.Damage, err = l.allMissing(ctx, tbl, list); err != nil {
		return s, err
	}
	for _, listed := range list.Tables {
		t, current, stray, err := l.tableStatus(ctx, studyKey, listed)
		if err != nil {
			return s, err
		}
		s.Tables = append(s.Tables, t)
		switch {
		case stray != "":
			s.Damage = append(s.Damage, Damage{Table: listed.Table, Problem: stray})
		case !current:
			s.Unfinished = append(s.Unfinished, listed.Table)
		}
	}
	return s, nil
}

// allMissing looks at the files of the newest moment and of tags.
func (l *Lake) allMissing(ctx context.Context, tbl *table.Table, newest *Listing) ([]Damage, error) {
	seen := map[string]bool{}
	all, err := l.missing(ctx, tbl, newest, seen)
	for _, name := range tagNames(tbl) {
		s, ok := tagged(tbl, name)
		if err != nil || !ok {
			continue
		}
		var list *Listing
		if list, err = readListing(ctx, tbl, s); err != nil {
			continue
		}
		var more []Damage
		more, err = l.missing(ctx, tbl, list, seen)
		all = append(all, more...)
	}
	return all, err
}

func (l *Lake) tableStatus(ctx context.Context, studyKey string, listed ListedTable) (t TableStatus, current bool, stray string, err error) {
	t = TableStatus{Table: listed.Table, FormKey: listed.FormKey, Rows: listed.Rows}
	tbl, err := l.load(ctx, studyKey, listed.Table)
	if err != nil {
		return t, false, "", err
	}
	if tbl == nil || tbl.CurrentSnapshot() == nil {
		return t, false, "", fmt.Errorf("table %s is gone", listed.Table)
	}
	files, err := dataFiles(ctx, tbl, keyColumn)
	if err != nil {
		return t, false, "", err
	}
	for _, f := range files {
		t.Bytes += f.FileSizeBytes()
	}
	t.Files, t.Snapshots = len(files), len(tbl.Metadata().Snapshots())
	t.Manifests, err = manifestCount(ctx, tbl)
	return t, tbl.CurrentSnapshot().SnapshotID == listed.Snapshot, strays(tbl, listed.Snapshot), err
}
