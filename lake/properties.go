package lake

import (
	"fmt"
	"maps"
	"strconv"
	"time"

	"github.com/apache/iceberg-go"
	"github.com/apache/iceberg-go/table"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/program"
)

// The properties of every snapshot, and of tables where it says so.
const (
	propStudy      = "imednet.study"
	propVersion    = "imednet.version"
	propServerTime = "imednet.server-time"
	propPlan       = "imednet.plan"
	propProgram    = "imednet.program"
	propRelease    = "imednet.release"
	propFence      = "imednet.fence"
	propRows       = "imednet.rows"
	propWritten    = "imednet.rows-written"
	propRemoved    = "imednet.rows-removed"
	propDigest     = "imednet.sha256"  // of the only file of a snapshot of the table of tables
	propColumns    = "imednet.columns" // of the table: field id by what the column is
	propKind       = "imednet.kind"    // of the table: who writes it
)

// Kinds of tables.
const (
	kindSynced  = "synced"  // by Sync
	kindWritten = "written" // by WriteTable
)

// owned refuses a table that another study or another program writes.
func owned(tbl *table.Table, studyKey, kind string) error {
	p := tbl.Properties()
	if p[propStudy] != studyKey || p[propKind] != kind {
		return fmt.Errorf("the table is not of study %q and %s: its properties say study %q, %q", studyKey, kind, p[propStudy], p[propKind])
	}
	return nil
}

// moment says what a snapshot holds and who wrote it.
type moment struct {
	study      string
	version    imednet.MirrorVersion
	serverTime time.Time
	plan       string // hash of what decides how records become rows
	release    string // of the program, which decides it too
	fence      int64
	rows       int64
	digest     string // of its only file; "" if that is not kept
}

func (m moment) properties() iceberg.Properties {
	props := iceberg.Properties{
		propStudy: m.study, propVersion: strconv.FormatInt(int64(m.version), 10), propServerTime: m.serverTime.UTC().Format(time.RFC3339Nano),
		propPlan: m.plan, propProgram: program.Info().String(), propRelease: m.release,
		propFence: strconv.FormatInt(m.fence, 10), propRows: strconv.FormatInt(m.rows, 10),
	}
	if m.digest != "" {
		props[propDigest] = m.digest
	}
	return props
}

// momentOf reads what a snapshot says of itself; nil is the moment before the first.
func momentOf(s *table.Snapshot) (moment, error) {
	if s == nil {
		return moment{}, nil
	}
	if s.Summary == nil || s.Summary.Properties[propVersion] == "" {
		return moment{}, fmt.Errorf("snapshot %d was written by another program: it has no property %s", s.SnapshotID, propVersion)
	}
	p := s.Summary.Properties
	m := moment{study: p[propStudy], plan: p[propPlan], release: p[propRelease]}
	var err error
	number := func(name string) int64 {
		n, e := strconv.ParseInt(p[name], 10, 64)
		if e != nil && err == nil {
			err = fmt.Errorf("snapshot %d: property %s is no whole number", s.SnapshotID, name)
		}
		return n
	}
	m.version, m.fence, m.rows = imednet.MirrorVersion(number(propVersion)), number(propFence), number(propRows)
	if m.serverTime, _ = time.Parse(time.RFC3339Nano, p[propServerTime]); err != nil {
		return moment{}, err
	}
	return m, nil
}

// carried are the properties of a snapshot that holds the same rows as another one.
func carried(s *table.Snapshot) iceberg.Properties {
	kept := iceberg.Properties{}
	maps.Copy(kept, s.Summary.Properties)
	maps.DeleteFunc(kept, func(name, _ string) bool { return len(name) < 8 || name[:8] != "imednet." })
	return kept
}
