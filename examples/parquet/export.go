package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"slices"
	"time"

	"github.com/imednetgo/imednet/cache"
	"github.com/imednetgo/imednet/pipeline"
	"github.com/imednetgo/imednet/workflows/tables"
)

// export writes one study from its mirror.
type export struct {
	out                    io.Writer
	studyKey, mirror, plan string // the last two are files
}

// sync brings the mirror up to date; nothing after it needs a network.
func (e export) sync(ctx context.Context, client cache.Client) (err error) {
	mirror, err := cache.NewCachedRecordsLoader(ctx, client, e.mirror)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, mirror.Close()) }()
	if _, err := mirror.SyncStructure(ctx, e.studyKey, cache.SyncOptions{}); err != nil {
		return err
	}
	r, err := mirror.SyncRecords(ctx, e.studyKey, cache.SyncOptions{})
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(e.out, "Synced %s: %d records received; %d added, %d updated, %d deleted; %d held.\n",
		e.studyKey, r.Received, r.Added, r.Updated, r.Deleted, r.After.Active+r.After.Deleted)
	return err
}

// write maps the current mirror to one directory per form. The mirror is opened without a client, so
// no request can be sent.
func (e export) write(ctx context.Context, dir string) (m *pipeline.Manifest, err error) {
	mirror, err := cache.NewCachedRecordsLoader(ctx, nil, e.mirror)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, mirror.Close()) }()
	mapper, err := tables.NewRecordMapper(mirror.Client())
	if err != nil {
		return nil, err
	}
	plan, err := e.keptPlan(ctx, mapper)
	if err != nil {
		return nil, err
	}
	writer, err := pipeline.New()
	if err != nil {
		return nil, err
	}
	m, err = writer.WriteParquet(ctx, mapper, e.studyKey, dir, pipeline.DataSetOptions{Map: tables.MapOptions{Plan: plan}})
	if err != nil {
		return nil, err
	}
	return m, e.describe(m, dir)
}

// keptPlan returns the plan of earlier runs; the first run creates and stores it.
func (e export) keptPlan(ctx context.Context, mapper *tables.RecordMapper) (*tables.Plan, error) {
	document, err := os.ReadFile(e.plan)
	if err == nil {
		return tables.ParsePlan(document)
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	plan, _, err := mapper.InferPlan(ctx, e.studyKey, tables.InferOptions{ExtraColumns: true})
	if err != nil {
		return nil, err
	}
	if document, err = json.MarshalIndent(plan, "", "  "); err != nil {
		return nil, err
	}
	return plan, os.WriteFile(e.plan, document, 0o600)
}

// describe verifies the files and prints where every record and every answer went.
func (e export) describe(m *pipeline.Manifest, dir string) error {
	if err := m.Verify(dir); err != nil {
		return err
	}
	files := 0
	for _, t := range m.Tables {
		files += len(t.Files)
	}
	r := m.Report
	fmt.Fprintf(e.out, "Wrote version %d of the mirror, of %s: %d tables in %d files, verified.\n", m.Origin.Version, m.Origin.ServerTime.Format(time.DateTime), len(m.Tables), files)
	fmt.Fprintf(e.out, "  %d records = %d rows + %d deleted + %d rejected\n", r.Records, r.Rows, r.Deleted, r.RecordsRejected)
	fmt.Fprintf(e.out, "  %d answers = %d cells + %d in extra columns + %d rejected\n", r.Values, r.Cells, r.Extra, r.Rejected)
	if ae, ok := r.Form("AE"); ok {
		for _, reason := range slices.Sorted(maps.Keys(ae.Reasons)) {
			fmt.Fprintf(e.out, "  AE: %d rejected: %s\n", ae.Reasons[reason], reason)
		}
	}
	return nil
}
