package lake

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"

	"github.com/apache/iceberg-go"
	"github.com/apache/iceberg-go/catalog"
	icebergio "github.com/apache/iceberg-go/io"
	"github.com/apache/iceberg-go/table"
)

// patientCatalog waits for its server. What it repeats is done once: of a commit whose outcome is not known the table
// is asked whether it stands before it is made again, and it can be made only in the place of what it was made for.
type patientCatalog struct {
	catalog.Catalog
	patience
}

// own returns a table whose commits go through the patient catalog.
func (c *patientCatalog) own(tbl *table.Table) *table.Table {
	files := func(ctx context.Context) (icebergio.IO, error) { return tbl.FS(ctx) }
	return table.New(tbl.Identifier(), tbl.Metadata(), tbl.MetadataLocation(), files, c)
}

// LoadTable is part of catalog.Catalog.
func (c *patientCatalog) LoadTable(ctx context.Context, id table.Identifier) (tbl *table.Table, err error) {
	err = c.persistently(ctx, nil, func() (err error) { tbl, err = c.Catalog.LoadTable(ctx, id); return err })
	if err != nil {
		return nil, err
	}
	return c.own(tbl), nil
}

// CreateTable is part of catalog.Catalog. A table that an attempt made before its connection was lost is
// catalog.ErrTableAlreadyExists, as another writer's is.
func (c *patientCatalog) CreateTable(ctx context.Context, id table.Identifier, schema *iceberg.Schema, opts ...catalog.CreateTableOpt) (tbl *table.Table, err error) {
	err = c.persistently(ctx, nil, func() (err error) { tbl, err = c.Catalog.CreateTable(ctx, id, schema, opts...); return err })
	if err != nil {
		return nil, err
	}
	return c.own(tbl), nil
}

// CreateNamespace is part of catalog.Catalog.
func (c *patientCatalog) CreateNamespace(ctx context.Context, namespace table.Identifier, props iceberg.Properties) error {
	return c.persistently(ctx, nil, func() error { return c.Catalog.CreateNamespace(ctx, namespace, props) })
}

// CheckNamespaceExists is part of catalog.Catalog.
func (c *patientCatalog) CheckNamespaceExists(ctx context.Context, namespace table.Identifier) (exists bool, err error) {
	err = c.persistently(ctx, nil, func() (err error) { exists, err = c.Catalog.CheckNamespaceExists(ctx, namespace); return err })
	return exists, err
}

// ListTables is part of catalog.Catalog.
func (c *patientCatalog) ListTables(ctx context.Context, namespace table.Identifier) iter.Seq2[table.Identifier, error] {
	return func(yield func(table.Identifier, error) bool) {
		var all []table.Identifier
		err := c.persistently(ctx, nil, func() error {
			all = nil
			for id, err := range c.Catalog.ListTables(ctx, namespace) {
				if err != nil {
					return err
				}
				all = append(all, id)
			}
			return nil
		})
		if err != nil {
			yield(nil, err)
			return
		}
		for _, id := range all {
			if !yield(id, nil) {
				return
			}
		}
	}
}

// CommitTable is part of catalog.Catalog.
func (c *patientCatalog) CommitTable(ctx context.Context, id table.Identifier, reqs []table.Requirement, updates []table.Update) (meta table.Metadata, location string, err error) {
	changes, err := readChanges(updates)
	if err != nil {
		return nil, "", err
	}
	doubtful := false
	look := func() (stands bool, err error) {
		if !doubtful {
			return false, nil
		}
		tbl, err := c.Catalog.LoadTable(ctx, id)
		if err != nil {
			return false, err
		}
		meta, location = tbl.Metadata(), tbl.MetadataLocation()
		return standing(meta, changes), nil
	}
	err = c.persistently(ctx, nil, func() error {
		if stands, err := look(); stands || err != nil {
			return err
		}
		var failed error
		if meta, location, failed = c.Catalog.CommitTable(ctx, id, reqs, updates); failed == nil || passing(failed) {
			doubtful = doubtful || failed != nil
			return failed
		}
		if stands, err := look(); stands || err != nil { // an earlier attempt arrived only now
			return err
		}
		return failed
	})
	if err != nil && doubtful && (passing(err) || ctx.Err() != nil) {
		err = fmt.Errorf("%w: %w", ErrUnknownOutcome, err)
	}
	return meta, location, err
}

// metadataChange is a part of a commit, as far as it tells whether the commit stands.
type metadataChange struct {
	Action   string `json:"action"`
	Snapshot struct {
		ID int64 `json:"snapshot-id"`
	} `json:"snapshot"`
	Ref     string          `json:"ref-name"`
	RefID   int64           `json:"snapshot-id"`
	Removed []int64         `json:"snapshot-ids"`
	Schema  *iceberg.Schema `json:"schema"`
}

func readChanges(updates []table.Update) (changes []metadataChange, err error) {
	document, err := json.Marshal(updates)
	if err == nil {
		err = json.Unmarshal(document, &changes)
	}
	return changes, err
}

// standing reports whether a table is as a commit leaves it. A commit is whole or not there, and a snapshot's id is its
// own, so that the last snapshot of one decides.
func standing(meta table.Metadata, changes []metadataChange) bool {
	var last int64
	for _, c := range changes {
		if c.Action == table.UpdateAddSnapshot {
			last = c.Snapshot.ID
		}
	}
	if last != 0 {
		return meta.CurrentSnapshot() != nil && meta.CurrentSnapshot().SnapshotID == last
	}
	decided := false
	for _, c := range changes {
		holds, says := c.holds(meta)
		if says && !holds {
			return false
		}
		decided = decided || says
	}
	return decided
}

// holds reports whether a table is as a change leaves it, and whether that says anything.
func (c metadataChange) holds(meta table.Metadata) (holds, says bool) {
	switch c.Action {
	case table.UpdateSetSnapshotRef:
		for name, ref := range meta.Refs() {
			if name == c.Ref {
				return ref.SnapshotID == c.RefID, true
			}
		}
		return false, true
	case table.UpdateRemoveSnapshots:
		for _, id := range c.Removed {
			if meta.SnapshotByID(id) != nil {
				return false, true
			}
		}
		return true, true
	case table.UpdateAddSchema:
		return meta.CurrentSchema().Equals(c.Schema), true
	}
	return false, false
}
