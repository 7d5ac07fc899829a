package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/spf13/cobra"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/cache"
	"github.com/imednetgo/imednet/workflows/profiles"
	"github.com/imednetgo/imednet/workflows/structure"
)

// cacheFlag lets a command use another mirror than that of the settings.
func cacheFlag(cmd *cobra.Command, path *string) {
	cmd.Flags().StringVar(path, "cache", "", "the mirror's `file` (default in ~/.imednet/cache)")
}

// openMirror opens the mirror for syncing, and makes its file, or its tables in the database, if there are none.
func (a *app) openMirror(ctx context.Context, path string, opts ...cache.Option) (*cache.CachedRecordsLoader, error) {
	client, err := a.client()
	if err != nil {
		return nil, err
	}
	if a.inDatabase(path) {
		return a.keptMirror(ctx, client, opts)
	}
	return cache.NewCachedRecordsLoader(ctx, client, cmp.Or(path, a.settings.Cache), a.retained(opts)...)
}

// readMirror opens a mirror that must exist, without asking the server.
func (a *app) readMirror(ctx context.Context, path string, opts ...cache.Option) (*cache.CachedRecordsLoader, error) {
	if a.inDatabase(path) {
		return a.sharedMirror(ctx, opts)
	}
	path = cmp.Or(path, a.settings.Cache)
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return nil, &imednet.Error{Package: "cache", Op: "open", Err: err, Hint: "`imednet sync STUDY` creates the mirror"}
	}
	return cache.NewCachedRecordsLoader(ctx, nil, path, a.retained(opts)...)
}

// sharedMirror opens the mirror in the deployment's database, which must be there, for reading.
func (a *app) sharedMirror(ctx context.Context, opts []cache.Option) (*cache.CachedRecordsLoader, error) {
	db, err := a.databaseWith(ctx, "mirror", "`imednet sync STUDY` creates the mirror")
	if err != nil {
		return nil, err
	}
	return db.Mirror(ctx, nil, a.retained(opts)...)
}

// keptMirror opens the mirror in the deployment's database for syncing, and says so when it makes it.
func (a *app) keptMirror(ctx context.Context, client cache.Client, opts []cache.Option) (*cache.CachedRecordsLoader, error) {
	db, there, err := a.has(ctx, "mirror")
	if err != nil {
		return nil, err
	}
	mirror, err := db.Mirror(ctx, client, a.retained(opts)...)
	if err == nil && !there {
		_, err = fmt.Fprintf(a.errOut, "the database had no mirror in schema %s: it has one now\n", db.Schema())
	}
	return mirror, err
}

// retained adds the rules of retention, under which every mirror is opened.
func (a *app) retained(opts []cache.Option) []cache.Option {
	kept := []cache.Option{cache.WithRetention(a.settings.rules)}
	if a.settings.ClockTolerance > 0 {
		kept = append(kept, cache.WithClockTolerance(a.settings.ClockTolerance))
	}
	return append(kept, opts...)
}

// studySource is what the commands read that work on the server and on the mirror alike. Both are
// complete sources for them.
type studySource interface {
	imednet.StudyReader
	profiles.Source
	structure.Client
	imednet.CodingReader
	imednet.SubjectReader
	imednet.VisitReader
	imednet.QueryReader
	imednet.RevisionReader
}

// sourceOptions choose between the server and the mirror.
type sourceOptions struct {
	cached bool
	path   string
	cut    string
	moment studySource // what a refresh reads, instead of any of them
}

func (o *sourceOptions) flags(cmd *cobra.Command) {
	o.cachedFlags(cmd)
	cmd.Flags().StringVar(&o.cut, "cut", "", "read the data cut of this `name` from the mirror")
}

// cachedFlags are those of a command that asks for more than one study. A data cut is of one.
func (o *sourceOptions) cachedFlags(cmd *cobra.Command) {
	cmd.Flags().BoolVar(&o.cached, "cached", false, "read the mirror instead of the server")
	cacheFlag(cmd, &o.path)
}

// view reads one moment of the mirror: the data cut that was asked for, or now.
func (o *sourceOptions) view(mirror *cache.CachedRecordsLoader) *cache.View {
	if o.cut != "" {
		return mirror.CutClient(o.cut)
	}
	return mirror.Client()
}

// withSource runs do over the server or over the mirror.
func (a *app) withSource(ctx context.Context, o sourceOptions, do func(studySource) error) error {
	if o.moment != nil {
		return do(o.moment)
	}
	if !o.cached && o.cut == "" {
		client, err := a.client()
		if err != nil {
			return err
		}
		return do(client)
	}
	mirror, err := a.readMirror(ctx, o.path)
	if err != nil {
		return err
	}
	return errors.Join(do(o.view(mirror)), mirror.Close())
}

// reportJSON is what a sync did, for machines. Received = Added + Updated + Deleted + Restored +
// Unchanged.
type reportJSON struct {
	StudyKey  string                 `json:"studyKey"`
	First     bool                   `json:"first"`
	Resumed   bool                   `json:"resumed"`
	Swept     bool                   `json:"swept"`
	Changed   bool                   `json:"changed"`
	Received  int64                  `json:"received"`
	Added     int64                  `json:"added"`
	Updated   int64                  `json:"updated"`
	Deleted   int64                  `json:"deleted"`
	Restored  int64                  `json:"restored"`
	Unchanged int64                  `json:"unchanged"`
	Vanished  int64                  `json:"vanished"`
	Adopted   int64                  `json:"adopted"`
	Pending   int64                  `json:"pending"`
	Doubtful  int64                  `json:"doubtful"`
	Unrevised bool                   `json:"unrevised"`
	Records   countsJSON             `json:"records"`
	AsOf      string                 `json:"asOf,omitempty"`
	Mark      string                 `json:"mark,omitempty"`
	Resources []cache.ResourceReport `json:"resources,omitempty"`

	text    string
	version imednet.MirrorVersion // of the mirror after the run
}

type countsJSON struct {
	Active   int64 `json:"active"`
	Deleted  int64 `json:"deleted"`
	Vanished int64 `json:"vanished"`
}

func newReportJSON(r cache.Report) reportJSON {
	out := reportJSON{StudyKey: r.StudyKey, First: r.First, Resumed: r.Resumed, Swept: r.Swept, Changed: r.Changed,
		Received: r.Received, Added: r.Added, Updated: r.Updated, Deleted: r.Deleted, Restored: r.Restored,
		Unchanged: r.Unchanged, Vanished: r.Vanished, Adopted: r.Adopted, Pending: r.Pending, Doubtful: r.Doubtful, Unrevised: r.Unrevised, Records: countsJSON(r.After), text: r.String(), version: r.Version}
	if !r.AsOf.IsZero() {
		out.AsOf = isoTime(r.AsOf)
	}
	if !r.Mark.IsZero() {
		out.Mark = isoTime(r.Mark)
	}
	return out
}

// line reports a sync to people, in the words of the Python package and then in numbers.
func (r reportJSON) line() string {
	text := fmt.Sprintf("Synced %d cached records for study '%s'.\n  %s\n", r.Records.Active, r.StudyKey, r.text)
	for _, one := range r.Resources {
		if one.LeftOut != "" {
			text += "  " + one.String() + "\n"
		}
	}
	return text
}
