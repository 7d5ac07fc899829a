package lake

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"time"

	"github.com/apache/iceberg-go/table"

	"github.com/imednetgo/imednet/internal/argument"
)

// Defaults of [ExpirePolicy].
const (
	DefaultKeep     = 7 * 24 * time.Hour
	DefaultKeepLast = 1
	// DefaultKeepMost bounds what a scan costs: who opens a table reads of each snapshot that it has.
	DefaultKeepMost = 30
	// MinOrphanAge is the least age of files that no snapshot names before they may be removed: a commit
	// that is being made has files that no snapshot names yet.
	MinOrphanAge = 24 * time.Hour
	// readingTime is the age up to which moments are kept although they are too many: they may be being read.
	readingTime = time.Hour
)

// ExpirePolicy says which moments of a study are kept. Tagged ones always are.
type ExpirePolicy struct {
	// Keep is the age up to which moments are kept; 0 means [DefaultKeep].
	Keep time.Duration
	// KeepLast is the number of newest moments that are kept whatever their age; 0 means
	// [DefaultKeepLast].
	KeepLast int
	// KeepMost is the number of newest moments beyond which none is kept for its age, except in its first hour, in
	// which it may be being read; 0 means [DefaultKeepMost] where Keep is 0 too, and any number where an age was
	// asked for.
	KeepMost int
	// Orphans also removes files of at least this age that no snapshot names, as killed runs leave them;
	// 0 leaves them. It is at least [MinOrphanAge].
	Orphans time.Duration
}

// ExpireReport is the result of [Lake.Expire].
type ExpireReport struct {
	StudyKey string        `json:"studyKey"`
	Kept     int           `json:"kept"`    // moments
	Removed  int           `json:"removed"` // moments
	Tables   []ExpireTable `json:"tables"`  // that changed
}

// ExpireTable says what was removed of one table.
type ExpireTable struct {
	Table     string `json:"table"`
	Snapshots int    `json:"snapshots"`
	Orphans   int    `json:"orphans"`
}

// String returns the lines that the command prints.
func (r ExpireReport) String() string {
	text := ""
	for _, t := range r.Tables {
		text += fmt.Sprintf("%s: %d snapshots and %d orphaned files removed\n", t.Table, t.Snapshots, t.Orphans)
	}
	return text + fmt.Sprintf("study %s: %d moments removed, %d kept", r.StudyKey, r.Removed, r.Kept)
}

// Expire removes moments of a study by a policy, at a time, and then every snapshot that no kept moment
// and no tag names, with the files that nothing names any more. The newest snapshot of each table stays,
// and so does whatever is younger than the newest moment.
//
// Errors, in an *[imednet.Error]: [ErrNoStudy], [ErrFenced], and [ErrDamaged] if files of the newest moment are missing.
func (l *Lake) Expire(ctx context.Context, studyKey string, policy ExpirePolicy, now time.Time) (ExpireReport, error) {
	report := ExpireReport{StudyKey: studyKey, Tables: []ExpireTable{}}
	if err := policy.complete(); err != nil {
		return report, failure("expire", studyKey, "", err, "")
	}
	return report, failure("expire", studyKey, "", l.expire(ctx, studyKey, policy, now, &report), "")
}

func (p *ExpirePolicy) complete() error {
	if p.Keep < 0 || p.KeepLast < 0 || p.KeepMost < 0 || p.Orphans != 0 && p.Orphans < MinOrphanAge {
		return argument.Invalid("lake.Lake.Expire", "policy", "must not be negative, and Orphans at least 24 hours")
	}
	if p.Keep == 0 && p.KeepMost == 0 {
		p.KeepMost = DefaultKeepMost
	}
	if p.Keep == 0 {
		p.Keep = DefaultKeep
	}
	if p.KeepLast == 0 {
		p.KeepLast = DefaultKeepLast
	}
	return nil
}

func (l *Lake) expire(ctx context.Context, studyKey string, policy ExpirePolicy, now time.Time, report *ExpireReport) error {
	tbl, newest, err := l.ownMoments(ctx, studyKey)
	if err != nil {
		return err
	}
	if err := l.requireFiles(ctx, tbl, newest); err != nil {
		return err // what is to be removed may be the last that is whole
	}
	kept := policy.moments(tbl, now)
	named := map[string]map[int64]bool{TablesTable: {}}
	for _, s := range kept {
		named[TablesTable][s.SnapshotID] = true
		list, err := readListing(ctx, tbl, s)
		if err != nil {
			return err
		}
		for _, t := range list.Tables {
			if named[t.Table] == nil {
				named[t.Table] = map[int64]bool{}
			}
			named[t.Table][t.Snapshot] = true
		}
	}
	report.Kept, report.Removed = len(kept), len(tbl.Metadata().Snapshots())-len(kept)
	youngest := tbl.CurrentSnapshot().TimestampMs
	names, err := l.tableNames(ctx, studyKey)
	if err != nil {
		return err
	}
	for _, name := range namesInOrder(newest, names) {
		if err := again(func() error { return l.expireTable(ctx, studyKey, name, named[name], youngest, policy.Orphans, report) }); err != nil {
			return fmt.Errorf("table %s: %w", name, err)
		}
	}
	return nil
}

// namesInOrder puts the table of tables first, so that it never lists a snapshot that is gone, and last the tables
// that the newest moment does not name.
func namesInOrder(newest *Listing, others []string) []string {
	names := []string{TablesTable}
	for _, t := range newest.Tables {
		names = append(names, t.Table)
	}
	for _, name := range others {
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

// moments are those that the policy or a tag keeps at a time.
func (p ExpirePolicy) moments(tbl *table.Table, now time.Time) (kept []*table.Snapshot) {
	tagged, since, reading := refsOf(tbl), now.Add(-p.Keep).UnixMilli(), now.Add(-readingTime).UnixMilli()
	all := newestFirst(tbl)
	for i := range all {
		young := all[i].TimestampMs >= since && (p.KeepMost == 0 || i < p.KeepMost || all[i].TimestampMs >= reading)
		if i < p.KeepLast || young || tagged[all[i].SnapshotID] {
			kept = append(kept, &all[i])
		}
	}
	return kept
}

// refsOf are the snapshots that branches and tags name.
func refsOf(tbl *table.Table) map[int64]bool {
	named := map[int64]bool{}
	for _, ref := range tbl.Metadata().Refs() {
		named[ref.SnapshotID] = true
	}
	return named
}

func (l *Lake) expireTable(ctx context.Context, studyKey, name string, keep map[int64]bool, youngest int64, orphans time.Duration, report *ExpireReport) error {
	tbl, err := l.load(ctx, studyKey, name)
	if err != nil || tbl == nil || tbl.Properties()[propStudy] != studyKey {
		return err
	}
	refs := refsOf(tbl)
	var gone []int64
	for _, s := range tbl.Metadata().Snapshots() {
		if !keep[s.SnapshotID] && !refs[s.SnapshotID] && s.TimestampMs <= youngest {
			gone = append(gone, s.SnapshotID)
		}
	}
	done := ExpireTable{Table: name, Snapshots: len(gone)}
	if len(gone) > 0 {
		if err := l.removeSnapshots(ctx, tbl, gone); err != nil {
			return err
		}
	}
	if orphans > 0 {
		if done.Orphans, err = l.removeOrphans(ctx, studyKey, name, orphans); err != nil {
			return err
		}
	}
	if done.Snapshots+done.Orphans > 0 {
		report.Tables = append(report.Tables, done)
	}
	return nil
}

// removeSnapshots takes snapshots out of a table, as long as no branch or tag has moved, and then
// removes the files that only they named.
func (l *Lake) removeSnapshots(ctx context.Context, tbl *table.Table, ids []int64) error {
	var reqs []table.Requirement
	for name, ref := range tbl.Metadata().Refs() {
		reqs = append(reqs, table.AssertRefSnapshotID(name, &ref.SnapshotID))
	}
	update := table.NewRemoveSnapshotsUpdate(ids, true)
	if err := l.metadata(ctx, tbl, reqs, update); err != nil {
		return err
	}
	after, err := l.catalog.LoadTable(ctx, tbl.Identifier())
	if err != nil {
		return err
	}
	return withoutGone(update.PostCommit(ctx, tbl, after))
}

// withoutGone leaves out the errors that a file to be removed is gone: manifests may name one that an earlier expiry
// has removed, as a file that their snapshot took out.
func withoutGone(err error) error {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		var left error
		for _, one := range joined.Unwrap() {
			left = errors.Join(left, withoutGone(one))
		}
		return left
	}
	var path *fs.PathError
	if errors.As(err, &path) && path.Op == "remove" && errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

func (l *Lake) removeOrphans(ctx context.Context, studyKey, name string, age time.Duration) (int, error) {
	tbl, err := l.load(ctx, studyKey, name)
	if err != nil || tbl == nil {
		return 0, err
	}
	result, err := tbl.DeleteOrphanFiles(ctx, table.WithFilesOlderThan(age))
	return len(result.DeletedFiles), err
}
