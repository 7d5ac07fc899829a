package lake

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/apache/iceberg-go/table"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/argument"
)

// Tag is a data cut in the lake: a name for one moment of a study. Every table of the moment has a tag
// with this name, which keeps its snapshot for ever.
type Tag struct {
	Name       string                `json:"name"`
	Version    imednet.MirrorVersion `json:"version"`
	ServerTime time.Time             `json:"serverTime,omitzero"`
	Snapshot   int64                 `json:"snapshot"` // of the table of tables
}

// String returns the line that the command prints.
func (t Tag) String() string {
	return fmt.Sprintf("%s: version %d, server time %s", t.Name, t.Version, t.ServerTime.UTC().Format(time.RFC3339))
}

// Tag names a moment of a study: the newest one, or that with a version of the mirror, such as a data
// cut's (cache.Manifest), as long as no expiry has removed it. Repeating it changes nothing. A tag that
// was not completed does not exist; the tag of the table of tables is set last.
//
// Errors, in an *[imednet.Error]: [ErrNoStudy], [ErrNoVersion], [ErrFenced], [ErrTagExists] for another version, and [ErrDamaged] if
// files of the moment are missing or have another size.
func (l *Lake) Tag(ctx context.Context, studyKey, name string, version imednet.MirrorVersion) (Tag, error) {
	tag, err := l.tag(ctx, studyKey, name, version)
	return tag, failure("tag", studyKey, "tag "+name, err, "")
}

func (l *Lake) tag(ctx context.Context, studyKey, name string, version imednet.MirrorVersion) (Tag, error) {
	if err := checkTagName(name); err != nil {
		return Tag{}, err
	}
	tbl, newest, err := l.ownMoments(ctx, studyKey)
	if err != nil {
		return Tag{}, err
	}
	if version == 0 {
		version = newest.Version
	}
	if held, ok := tagged(tbl, name); ok {
		tag, err := tagOf(name, held)
		if err == nil && tag.Version != version {
			err = ErrTagExists
		}
		return tag, err
	}
	s, err := snapshotOf(tbl, version)
	if err != nil {
		return Tag{}, err
	}
	list, err := readListing(ctx, tbl, s)
	if err != nil {
		return Tag{}, err
	}
	if err := l.requireFiles(ctx, tbl, list); err != nil {
		return Tag{}, err
	}
	for _, t := range list.Tables {
		if err := again(func() error { return l.tagTable(ctx, studyKey, t.Table, name, t.Snapshot) }); err != nil {
			return Tag{}, fmt.Errorf("table %s: %w", t.Table, err)
		}
	}
	if err := again(func() error { return l.tagTable(ctx, studyKey, TablesTable, name, s.SnapshotID) }); err != nil {
		return Tag{}, err
	}
	return tagOf(name, s)
}

func checkTagName(name string) error {
	if err := argument.Named("lake.Lake.Tag", "name", name); err != nil {
		return err
	}
	if name == table.MainBranch || len(name) > 200 || strings.ContainsFunc(name, func(r rune) bool { return r < ' ' || r == 0x7f }) {
		return argument.Invalid("lake.Lake.Tag", "name", "must be at most 200 bytes without control characters, and not main")
	}
	return nil
}

func tagOf(name string, s *table.Snapshot) (Tag, error) {
	m, err := momentOf(s)
	return Tag{name, m.version, m.serverTime, s.SnapshotID}, err
}

// tagged is the snapshot that a tag of a table names.
func tagged(tbl *table.Table, name string) (*table.Snapshot, bool) {
	for ref, r := range tbl.Metadata().Refs() {
		if ref == name && r.SnapshotRefType == table.TagRef {
			s := tbl.SnapshotByID(r.SnapshotID)
			return s, s != nil
		}
	}
	return nil, false
}

// snapshotOf is the newest snapshot of the table of tables with a version.
func snapshotOf(tbl *table.Table, version imednet.MirrorVersion) (*table.Snapshot, error) {
	for _, s := range newestFirst(tbl) {
		m, err := momentOf(&s)
		if err != nil {
			return nil, err
		}
		if m.version == version {
			return &s, nil
		}
	}
	return nil, ErrNoVersion
}

func newestFirst(tbl *table.Table) []table.Snapshot {
	all := slices.Clone(tbl.Metadata().Snapshots())
	slices.SortFunc(all, func(a, b table.Snapshot) int { return cmp.Compare(b.SequenceNumber, a.SequenceNumber) })
	return all
}

// tagTable sets a tag of one table. A tag of another snapshot is left from an attempt that did not end.
func (l *Lake) tagTable(ctx context.Context, studyKey, name, tag string, snapshot int64) error {
	tbl, err := l.load(ctx, studyKey, name)
	if err != nil {
		return err
	}
	if tbl == nil || tbl.SnapshotByID(snapshot) == nil {
		return ErrNoVersion
	}
	var before *int64
	if held, ok := tagged(tbl, tag); ok {
		if held.SnapshotID == snapshot {
			return nil
		}
		before = &held.SnapshotID
	}
	return l.metadata(ctx, tbl, []table.Requirement{table.AssertRefSnapshotID(tag, before)},
		table.NewSetSnapshotRefUpdate(tag, snapshot, table.TagRef, 0, 0, 0)) // 0: for ever
}

// metadata commits a change of a table that has no snapshot of its own. It is errMoved if another writer has changed
// what the change was made for.
func (l *Lake) metadata(ctx context.Context, tbl *table.Table, reqs []table.Requirement, updates ...table.Update) error {
	var err error
	reqs = append(reqs, table.AssertTableUUID(tbl.Metadata().TableUUID()))
	for range maxAttempts {
		_, _, err = l.catalog.CommitTable(ctx, tbl.Identifier(), reqs, updates)
		if err == nil {
			return nil
		}
		if !errors.Is(err, table.ErrCommitFailed) {
			break
		}
	}
	now, loadErr := l.catalog.LoadTable(ctx, tbl.Identifier())
	if loadErr == nil && now.MetadataLocation() != tbl.MetadataLocation() {
		return errMoved
	}
	if errors.Is(err, table.ErrCommitFailed) {
		err = errors.Join(ErrConflict, err)
	}
	return err
}

// Tags lists the data cuts of a study in the lake, from the lowest version.
func (l *Lake) Tags(ctx context.Context, studyKey string) ([]Tag, error) {
	tags, err := l.tags(ctx, studyKey)
	return tags, failure("list tags", studyKey, "", err, "")
}

func (l *Lake) tags(ctx context.Context, studyKey string) ([]Tag, error) {
	tbl, err := l.load(ctx, studyKey, TablesTable)
	if err != nil {
		return nil, err
	}
	if tbl == nil {
		return nil, ErrNoStudy
	}
	tags := []Tag{}
	for name, ref := range tbl.Metadata().Refs() {
		if ref.SnapshotRefType != table.TagRef {
			continue
		}
		tag, err := tagOf(name, tbl.SnapshotByID(ref.SnapshotID))
		if err != nil {
			return nil, err
		}
		tags = append(tags, tag)
	}
	slices.SortFunc(tags, func(a, b Tag) int { return cmp.Or(cmp.Compare(a.Version, b.Version), cmp.Compare(a.Name, b.Name)) })
	return tags, nil
}
