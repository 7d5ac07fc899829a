package main

import (
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/cache"
	"github.com/imednetgo/imednet/imednettest"
)

// tour goes through the main workflow and describes what it sees.
type tour struct {
	out      io.Writer
	server   *imednettest.Server
	mirror   *cache.CachedRecordsLoader
	bar      *bar
	studyKey string
}

func (t *tour) say(format string, args ...any) { fmt.Fprintf(t.out, format, args...) }

func (t *tour) sync(ctx context.Context, name string) error {
	t.server.ResetRequests()
	r, err := t.mirror.SyncRecords(ctx, t.studyKey, cache.SyncOptions{})
	t.bar.done()
	if err != nil {
		return err
	}
	t.say("%-12s %d requests: %d records received; %d added, %d updated, %d deleted, %d vanished; %d held.\n", name,
		len(t.server.Requests()), r.Received, r.Added, r.Updated, r.Deleted, r.Vanished, r.After.Active+r.After.Deleted)
	return nil
}

// structure syncs the study's forms and variables, so everything after it works offline.
func (t *tour) structure(ctx context.Context) error {
	r, err := t.mirror.SyncStructure(ctx, t.studyKey, cache.SyncOptions{})
	t.bar.done()
	if err != nil {
		return err
	}
	held := make([]string, len(r.Resources))
	for i, resource := range r.Resources {
		held[i] = fmt.Sprintf("%d %s", resource.Held, resource.Resource)
	}
	t.say("%-12s %s.\n", "Structure", strings.Join(held, ", "))
	return nil
}

func (t *tour) verify(ctx context.Context) error {
	report, err := t.mirror.Verify(ctx, t.studyKey)
	t.bar.done()
	if err != nil {
		return err
	}
	if !report.OK() {
		return fmt.Errorf("the mirror differs from the server: %+v", report)
	}
	t.say("%-12s %d records read again and compared byte by byte: mirror = server.\n", "Verify", report.Compared)
	return nil
}

// look prints a small table of the file's contents, read offline.
func (t *tour) look(ctx context.Context) error {
	type row struct{ active, deleted, values int }
	forms := map[string]*row{}
	for rec, err := range t.mirror.Records(ctx, t.studyKey, imednet.ListOptions{}) {
		if err != nil {
			return err
		}
		key := rec.FormKey.Or("(none)")
		if forms[key] == nil {
			forms[key] = &row{}
		}
		if rec.IsDeleted() {
			forms[key].deleted++
			continue
		}
		forms[key].active++
		for _, v := range rec.RecordData.All() {
			if !v.Missing() {
				forms[key].values++
			}
		}
	}
	t.say("\nIn the mirror:\n\n")
	table := tabwriter.NewWriter(t.out, 0, 0, 3, ' ', tabwriter.AlignRight)
	fmt.Fprintln(table, "form\tactive\tdeleted\tanswers\t")
	for _, key := range slices.Sorted(maps.Keys(forms)) {
		f := forms[key]
		fmt.Fprintf(table, "%s\t%d\t%d\t%d\t\n", key, f.active, f.deleted, f.values)
	}
	return table.Flush()
}
