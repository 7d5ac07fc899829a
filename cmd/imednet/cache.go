package main

import (
	"context"
	"errors"
	"io"
	"maps"
	"slices"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/spf13/cobra"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/cache"
	"github.com/imednetgo/imednet/postgres"
)

func newCache(a *app) *cobra.Command {
	cmd := parent("cache", "Inspect the local mirror",
		newCacheStatus(a), newCacheVerify(a), newCacheHistory(a), newCacheCut(a), newCacheCuts(a), newCacheVerifyCut(a), newCachePurge(a), newCacheVerifyPurges(a))
	cmd.GroupID = groupState
	return cmd
}

// withMirror runs do over the mirror that is there.
func (a *app) withMirror(ctx context.Context, path string, do func(*cache.CachedRecordsLoader) error) error {
	mirror, err := a.readMirror(ctx, path)
	if err != nil {
		return err
	}
	return errors.Join(do(mirror), mirror.Close())
}

// statusJSON is where the mirror of a study stands.
type statusJSON struct {
	StudyKey  string            `json:"studyKey"`
	Whole     bool              `json:"whole"`
	Started   bool              `json:"started"`
	Records   countsJSON        `json:"records"`
	History   int64             `json:"history"`
	Pending   int64             `json:"pending"`
	Doubtful  int64             `json:"doubtful"`
	Foreign   int64             `json:"foreign"`
	AsOf      string            `json:"asOf,omitempty"`
	Mark      string            `json:"mark,omitempty"`
	Version   int64             `json:"version"`
	Structure map[string]string `json:"structure"`        // when each last changed
	Fresh     map[string]string `json:"fresh"`            // when each was last read
	HeldBy    string            `json:"heldBy,omitempty"` // the worker that holds it, in a database
}

func newStatusJSON(s cache.Status) statusJSON {
	out := statusJSON{StudyKey: s.StudyKey, Whole: s.Whole, Started: s.Started, Records: countsJSON(s.Records), History: s.History,
		Pending: s.Pending, Doubtful: s.Doubtful, Foreign: s.Foreign, Version: int64(s.Version), Structure: map[string]string{}, Fresh: map[string]string{}}
	if !s.AsOf.IsZero() {
		out.AsOf = isoTime(s.AsOf)
	}
	if !s.Mark.IsZero() {
		out.Mark = isoTime(s.Mark)
	}
	for resource, changed := range maps.All(s.Structure) {
		out.Structure[string(resource)] = isoTime(changed)
	}
	for resource, read := range maps.All(s.Fresh) {
		out.Fresh[string(resource)] = isoTime(read)
	}
	return out
}

func (s statusJSON) state() string {
	switch {
	case s.Whole:
		return "whole"
	case s.Started:
		return "partial"
	}
	return "not synced"
}

func newCacheStatus(a *app) *cobra.Command {
	var path string
	var shown listOptions
	cmd := &cobra.Command{
		Use:   "status [STUDY...]",
		Short: "Show what the mirror holds, without contacting the server",
		Long: `Show what the mirror holds, without contacting the server. For studies that are named,
a second table shows when each resource was last read from the server, and when it
last changed.`,
		Example: "  imednet cache status\n  imednet cache status CARDIO --json",
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.withMirror(cmd.Context(), path, func(m *cache.CachedRecordsLoader) error {
				return a.cacheStatus(cmd.Context(), m, path, args, shown)
			})
		},
	}
	cacheFlag(cmd, &path)
	shown.flags(cmd)
	return cmd
}

// holders says which worker holds which study of the mirror in a database; nil where that is not known.
func (a *app) holders(ctx context.Context, path string) (map[string]string, error) {
	if !a.inDatabase(path) {
		return nil, nil
	}
	db, err := a.database(ctx)
	if err != nil {
		return nil, err
	}
	held, err := studyHolders(ctx, db)
	if errors.Is(err, postgres.ErrDenied) {
		_, err := io.WriteString(a.errOut, "which worker holds a study is not shown: this user of the database may not read the leases\n")
		return nil, err
	}
	return held, err
}

func (a *app) cacheStatus(ctx context.Context, m *cache.CachedRecordsLoader, path string, named []string, shown listOptions) error {
	studies := named
	if len(studies) == 0 {
		known, err := m.StudyKeys(ctx)
		if err != nil {
			return err
		}
		studies = known
	}
	held, err := a.holders(ctx, path)
	if err != nil {
		return err
	}
	all := []statusJSON{}
	for _, study := range studies {
		if err := mustKnow(ctx, m, study); err != nil {
			return err
		}
		status, err := m.Status(ctx, study)
		if err != nil {
			return err
		}
		one := newStatusJSON(status)
		one.HeldBy = held[study]
		all = append(all, one)
	}
	if a.json {
		return a.writeJSON(all)
	}
	columns := slices.Clone(statusColumns)
	if held != nil {
		columns = append(columns, heldColumn)
	}
	if _, err := list(a, shown, columns, values(all)); err != nil || len(named) == 0 || shown.format != "table" || shown.columns != nil {
		return err
	}
	return a.printAges(all)
}

// printAges says of each resource when it was last read and when it last changed.
func (a *app) printAges(all []statusJSON) error {
	if err := a.printf("\n"); err != nil {
		return err
	}
	t := newTable(a.out, "STUDY", "RESOURCE", "LAST READ", "LAST CHANGED")
	for _, s := range all {
		for _, name := range append([]imednet.Resource{imednet.Records}, cache.MirroredResources()...) {
			if err := t.add(s.StudyKey, string(name), clockText(s.Fresh[string(name)]), clockText(s.Structure[string(name)])); err != nil {
				return err
			}
		}
	}
	return t.flush()
}

var statusColumns = []column[statusJSON]{
	{"study", "STUDY", func(s statusJSON) any { return s.StudyKey }},
	{"state", "STATE", func(s statusJSON) any { return s.state() }},
	{"active", "ACTIVE", func(s statusJSON) any { return s.Records.Active }},
	{"deleted", "DELETED", func(s statusJSON) any { return s.Records.Deleted }},
	{"vanished", "VANISHED", func(s statusJSON) any { return s.Records.Vanished }},
	{"history", "HISTORY", func(s statusJSON) any { return s.History }},
	{"pending", "PENDING", func(s statusJSON) any { return s.Pending }},
	{"doubtful", "DOUBTFUL", func(s statusJSON) any { return s.Doubtful }},
	{"asOf", "AS OF", func(s statusJSON) any { return clockText(s.AsOf) }},
}

// heldColumn is that of a mirror in a database.
var heldColumn = column[statusJSON]{"heldBy", "HELD BY", func(s statusJSON) any { return s.HeldBy }}

func newCacheVerify(a *app) *cobra.Command {
	var path string
	cmd := &cobra.Command{
		Use:   "verify STUDY",
		Short: "Compare the mirror with the server, row by row",
		Long: `Compare the mirror with the server without writing, also on a read-only file system: every record, and every row of the
other resources that the mirror holds. Rows that changed on the server since the last
sync also differ. A resource that cannot be compared is left out and named. The exit
code is 6 if anything differs.`,
		Example:     "  imednet cache verify CARDIO",
		Args:        cobra.ExactArgs(1),
		Annotations: afterReading,
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.cacheVerify(cmd.Context(), path, args[0])
		},
	}
	cacheFlag(cmd, &path)
	return cmd
}

func (a *app) cacheVerify(ctx context.Context, path, study string) error {
	mirror, err := a.readMirror(ctx, path) // the file must be there
	if err != nil {
		return err
	}
	if err := mirror.Close(); err != nil {
		return err
	}
	bar := a.progress()
	defer bar.finish()
	if mirror, err = a.openMirror(ctx, path, cache.WithProgress(bar.report)); err != nil {
		return err
	}
	r, err := mirror.Verify(ctx, study)
	if err = errors.Join(err, mirror.Close()); err != nil {
		return err
	}
	bar.finish()
	return a.printVerification(r)
}

func (a *app) printVerification(r cache.VerifyReport) error {
	var err error
	if a.json {
		err = a.writeJSON(map[string]any{"studyKey": r.StudyKey, "ok": r.OK(), "compared": r.Compared, "equal": r.Equal, "missing": r.Missing,
			"different": r.Different, "extra": r.Extra, "former": r.Former, "undigested": r.Undigested, "findings": append([]string{}, r.Findings...), "examples": append([]int64{}, r.Examples...), "resources": append([]cache.ResourceVerification{}, r.Resources...)})
	} else {
		err = a.printf("%s\n", r)
	}
	if err == nil && !r.OK() {
		return &invalidError{"the mirror differs from the server"}
	}
	return err
}

func newCacheHistory(a *app) *cobra.Command {
	var path string
	var shown listOptions
	cmd := &cobra.Command{
		Use:     "history STUDY RECORD",
		Short:   "Show every state of a record seen by the mirror",
		Example: "  imednet cache history CARDIO 100002",
		Args:    cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			id, err := strconv.ParseInt(args[1], 10, 64)
			if err != nil {
				return usagef("%q is not a record id", args[1])
			}
			return a.withMirror(cmd.Context(), path, func(m *cache.CachedRecordsLoader) error {
				n, err := writeRows(a, shown, m.RecordHistory(cmd.Context(), args[0], id), versions)
				if err == nil && n == 0 {
					return &imednet.Error{Package: "cache", Op: "read", StudyKey: args[0], RecordID: id, Err: errNotFound, Hint: "the mirror has never seen this record"}
				}
				return err
			})
		},
	}
	cacheFlag(cmd, &path)
	shown.flags(cmd)
	return cmd
}

var versions = listing[imednet.RecordVersion]{
	columns: []column[imednet.RecordVersion]{
		{"version", "VERSION", func(v imednet.RecordVersion) any { return int64(v.Version) }},
		{"state", "STATE", func(v imednet.RecordVersion) any { return string(v.State) }},
		{"seenAt", "SEEN", func(v imednet.RecordVersion) any { return clockCell(v.SeenAt) }},
		{"status", "STATUS", func(v imednet.RecordVersion) any { return textCell(v.Record.RecordStatus) }},
		{"modified", "MODIFIED", func(v imednet.RecordVersion) any { return timeCell(v.Record.DateModified) }},
	},
	encode: func(v imednet.RecordVersion) (jsontext.Value, error) {
		row, err := imednet.Encode(v.Record)
		head := `{"version":` + number(int64(v.Version)) + `,"state":` + strconv.Quote(string(v.State)) + `,"seenAt":` + strconv.Quote(isoTime(v.SeenAt))
		return jsontext.Value(head + `,"record":` + string(row) + `}`), err
	},
}

// mustKnow refuses a study of which the mirror has nothing: its key may be misspelt.
func mustKnow(ctx context.Context, m *cache.CachedRecordsLoader, study string) error {
	known, err := m.StudyKeys(ctx)
	if err == nil && !slices.Contains(known, study) {
		err = &imednet.Error{Package: "cache", Op: "look up", StudyKey: study, Err: cache.ErrNotSynced}
	}
	return err
}
