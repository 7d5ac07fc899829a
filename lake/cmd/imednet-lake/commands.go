package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/cache"
	"github.com/imednetgo/imednet/internal/program"
	"github.com/imednetgo/imednet/lake"
	"github.com/imednetgo/imednet/postgres"
)

// app is what every command shares.
type app struct {
	out, errOut io.Writer
	json        bool
	catalogURL  string
	options     lake.CatalogOptions
	properties  []string // name=value
	mirrorPath  string
	fence       int64
	fileMiB     int64
	wait        time.Duration // for a database; 0 if the command line says nothing
	started     bool          // the command line was understood
}

// reads marks commands that change nothing.
const reads = "reads"

func newRoot(a *app) *cobra.Command {
	root := &cobra.Command{
		Use:           "imednet-lake",
		Short:         "Studies of a mirror as Apache Iceberg tables",
		Long:          "Studies of a mirror as Apache Iceberg tables.\n\nExit codes:\n" + exitCodes,
		Version:       program.Info().String(),
		SilenceErrors: true, SilenceUsage: true,
		PersistentPreRunE: func(cmd *cobra.Command, _ []string) error {
			err := cmd.ValidateFlagGroups() // which cobra does later
			if err == nil {
				err = a.readProperties(cmd)
			}
			if err == nil && (a.wait < 0 || a.wait == 0 && cmd.Flags().Changed("database-wait")) {
				err = usagef("--database-wait must be greater than zero")
			}
			a.started = err == nil
			return err
		},
	}
	flags := root.PersistentFlags()
	flags.BoolVar(&a.json, "json", false, "print JSON")
	flags.StringVar(&a.catalogURL, "catalog", os.Getenv("IMEDNET_LAKE_CATALOG"), "postgres://…, sqlite:///path or https://…")
	flags.Lookup("catalog").DefValue = "" // it may hold a password
	flags.StringVar(&a.options.Warehouse, "warehouse", os.Getenv("IMEDNET_LAKE_WAREHOUSE"), "directory or s3://bucket/prefix")
	flags.Lookup("warehouse").DefValue = ""
	flags.StringVar(&a.options.Name, "catalog-name", lake.DefaultCatalogName, "name in its database")
	flags.StringArrayVar(&a.properties, "property", nil, "`name=value` for catalog or storage;\ntokens: IMEDNET_LAKE_PROPERTIES, one a line")
	flags.DurationVar(&a.wait, "database-wait", 0, fmt.Sprintf("wait so long for a PostgreSQL server that is\naway, at the start too (not given: %v, later)", lake.DefaultWait))
	flags.Int64Var(&a.fence, "fence", 0, "fencing token of this writer")
	flags.Int64Var(&a.fileMiB, "file-size", lake.DefaultFileBytes>>20, "size of data files in MiB")
	root.AddCommand(newSync(a), newTag(a), newTags(a), newMaintain(a), newCompact(a), newExpire(a), newStatus(a), newVerify(a))
	root.CompletionOptions.HiddenDefaultCmd = true
	return root
}

// with runs a command over the lake, closes it and prints the result.
// Only a sync, which has a mirror, makes a catalog.
func (a *app) with(cmd *cobra.Command, mirror lake.Mirror, do func(context.Context, *lake.Lake) (any, error)) error {
	ctx := cmd.Context()
	if a.catalogURL == "" {
		return usagef("name the catalog with --catalog or IMEDNET_LAKE_CATALOG")
	}
	opts := a.options
	opts.Existing, opts.ReadOnly = mirror == nil, cmd.Annotations[reads] != ""
	if a.wait > 0 {
		opts.Wait, opts.WaitToOpen = a.wait, a.sayWaiting
	}
	cat, closeCatalog, err := lake.OpenCatalog(ctx, a.catalogURL, opts)
	if err != nil {
		return err
	}
	l, err := lake.New(mirror, cat, lake.WithFence(a.fence), lake.WithFileBytes(a.fileMiB<<20))
	var result any
	if err == nil {
		result, err = do(ctx, l)
	}
	if closed := closeCatalog(); err == nil {
		err = closed
	}
	if err != nil {
		return err
	}
	err = a.print(result)
	if found, ok := result.(interface{ Err() error }); ok && err == nil {
		err = found.Err()
	}
	return err
}

func (a *app) print(result any) error {
	if a.json {
		e := json.NewEncoder(a.out)
		e.SetIndent("", "  ")
		return e.Encode(result)
	}
	_, err := fmt.Fprintln(a.out, result)
	return err
}

func newSync(a *app) *cobra.Command {
	var opts lake.SyncOptions
	var version int64
	cmd := &cobra.Command{
		Use:   "sync STUDY",
		Short: "Bring the tables to the mirror's version",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			mirror, closeMirror, err := a.openMirror(cmd.Context())
			if err != nil {
				return err
			}
			defer closeMirror() //nolint:errcheck // it was only read
			opts.Version = imednet.MirrorVersion(version)
			return a.with(cmd, mirror, func(ctx context.Context, l *lake.Lake) (any, error) { return l.Sync(ctx, args[0], opts) })
		},
	}
	cmd.Flags().StringVar(&a.mirrorPath, "mirror", os.Getenv("IMEDNET_LAKE_MIRROR"), "file or postgres://… of the mirror")
	cmd.Flags().Lookup("mirror").DefValue = ""
	cmd.Flags().Int64Var(&version, "mirror-version", 0, "version of the mirror (0: newest)")
	cmd.Flags().BoolVar(&opts.Rewrite, "rewrite", false, "write every row again")
	cmd.Flags().BoolVar(&opts.ReplaceColumns, "replace-columns", false, "replace what cannot be changed")
	return cmd
}

// openMirror opens the mirror of a file or a database for reading; it must be there.
func (a *app) openMirror(ctx context.Context) (mirror *cache.CachedRecordsLoader, closeMirror func() error, err error) {
	if a.mirrorPath == "" {
		return nil, nil, usagef("name the mirror with --mirror or IMEDNET_LAKE_MIRROR")
	}
	if strings.HasPrefix(a.mirrorPath, "postgres://") || strings.HasPrefix(a.mirrorPath, "postgresql://") {
		return a.openDatabase(ctx)
	}
	if _, err := os.Stat(a.mirrorPath); err != nil {
		if place := (*fs.PathError)(nil); errors.As(err, &place) {
			err = place.Err // without the path, which is a password's place if a URL was mistyped
		}
		return nil, nil, fmt.Errorf("the mirror of --mirror or IMEDNET_LAKE_MIRROR, which is a file or postgres://…: %w", err)
	}
	if mirror, err = cache.NewCachedRecordsLoader(ctx, nil, a.mirrorPath); err != nil {
		return nil, nil, err
	}
	return mirror, mirror.Close, nil
}

func (a *app) openDatabase(ctx context.Context) (*cache.CachedRecordsLoader, func() error, error) {
	var opts []postgres.Option
	if a.wait > 0 {
		opts = []postgres.Option{postgres.WithWait(a.wait), postgres.WithWaitToOpen(a.sayWaiting)}
	}
	db, err := postgres.Open(ctx, a.mirrorPath, opts...)
	if err != nil {
		return nil, nil, err
	}
	mirror, err := db.Mirror(ctx, nil)
	if err != nil {
		return nil, nil, errors.Join(err, db.Close())
	}
	return mirror, db.Close, nil
}

// sayWaiting tells whoever runs a command that it has not begun.
func (a *app) sayWaiting(error) {
	fmt.Fprintf(a.errOut, "The database server cannot be reached; waiting for it for %v at most.\n", a.wait)
}

func newTag(a *app) *cobra.Command {
	var version int64
	cmd := &cobra.Command{
		Use:   "tag STUDY NAME",
		Short: "Name the newest moment, or that of a version",
		Args:  cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.with(cmd, nil, func(ctx context.Context, l *lake.Lake) (any, error) {
				return l.Tag(ctx, args[0], args[1], imednet.MirrorVersion(version))
			})
		},
	}
	cmd.Flags().Int64Var(&version, "mirror-version", 0, "version of the mirror (0: newest)")
	return cmd
}

// tagList prints one line a tag.
type tagList []lake.Tag

// String returns the lines that the command prints.
func (l tagList) String() string {
	text := ""
	for _, t := range l {
		text += t.String() + "\n"
	}
	return text + fmt.Sprintf("%d tags", len(l))
}

func newTags(a *app) *cobra.Command {
	return &cobra.Command{
		Use:         "tags STUDY",
		Annotations: map[string]string{reads: "yes"},
		Short:       "List the tags",
		Args:        cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.with(cmd, nil, func(ctx context.Context, l *lake.Lake) (any, error) {
				tags, err := l.Tags(ctx, args[0])
				return tagList(tags), err
			})
		},
	}
}

// newMaintain is what a schedule runs.
func newMaintain(a *app) *cobra.Command {
	var policy lake.MaintainPolicy
	cmd := &cobra.Command{
		Use:   "maintain STUDY",
		Short: "Join small files and remove old moments",
		Long: `Do what compact does, and then what expire does: together they keep scans as
cheap as those of a lake that was written at once. Run it after some dozens of
syncs, or once a day. Tagged moments are never removed, nor is the newest.`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.with(cmd, nil, func(ctx context.Context, l *lake.Lake) (any, error) {
				return l.Maintain(ctx, args[0], policy, time.Now())
			})
		},
	}
	addCompactFlags(cmd, &policy.Compact)
	addExpireFlags(cmd, &policy.Expire)
	cmd.Flags().BoolVar(&policy.KeepAll, "keep-all", false, "remove no moment: only compact")
	for _, other := range []string{"keep", "keep-last", "keep-most", "orphans"} {
		cmd.MarkFlagsMutuallyExclusive("keep-all", other)
	}
	return cmd
}

func newExpire(a *app) *cobra.Command {
	var policy lake.ExpirePolicy
	cmd := &cobra.Command{
		Use:   "expire STUDY",
		Short: "Remove old moments that no tag names",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.with(cmd, nil, func(ctx context.Context, l *lake.Lake) (any, error) {
				return l.Expire(ctx, args[0], policy, time.Now())
			})
		},
	}
	addExpireFlags(cmd, &policy)
	return cmd
}

// addExpireFlags leaves an age that nobody names to the package, whose default has a number of moments too.
func addExpireFlags(cmd *cobra.Command, policy *lake.ExpirePolicy) {
	cmd.Flags().DurationVar(&policy.Keep, "keep", 0, fmt.Sprintf("age of moments to keep (0: %v)", lake.DefaultKeep))
	cmd.Flags().IntVar(&policy.KeepLast, "keep-last", lake.DefaultKeepLast, "newest moments to keep")
	cmd.Flags().IntVar(&policy.KeepMost, "keep-most", 0, fmt.Sprintf("most moments to keep for their age\n(0: any with --keep, or else %d)", lake.DefaultKeepMost))
	cmd.Flags().DurationVar(&policy.Orphans, "orphans", 0, "remove unnamed files of this age")
}

func newCompact(a *app) *cobra.Command {
	var policy lake.CompactPolicy
	cmd := &cobra.Command{
		Use:   "compact STUDY",
		Short: "Join small files and manifests",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.with(cmd, nil, func(ctx context.Context, l *lake.Lake) (any, error) { return l.Compact(ctx, args[0], policy) })
		},
	}
	addCompactFlags(cmd, &policy)
	return cmd
}

func addCompactFlags(cmd *cobra.Command, policy *lake.CompactPolicy) {
	cmd.Flags().IntVar(&policy.MinFiles, "min-files", lake.DefaultMinFiles, "small files to join from")
	cmd.Flags().IntVar(&policy.MaxManifests, "max-manifests", lake.DefaultMaxManifests, "manifests to join beyond")
}

func newStatus(a *app) *cobra.Command {
	return &cobra.Command{
		Use:         "status STUDY",
		Annotations: map[string]string{reads: "yes"},
		Short:       "Version, rows, files and snapshots",
		Args:        cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.with(cmd, nil, func(ctx context.Context, l *lake.Lake) (any, error) { return l.Status(ctx, args[0]) })
		},
	}
}

func newVerify(a *app) *cobra.Command {
	return &cobra.Command{
		Use:         "verify STUDY",
		Annotations: map[string]string{reads: "yes"},
		Short:       "Read every file of the newest moment and of tags",
		Long: `Read every data file of the newest moment and of all tags, and compare its size,
its rows and its SHA-256 with what was noted when it was written. What is not as
it was is listed, and the exit code is 6.`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.with(cmd, nil, func(ctx context.Context, l *lake.Lake) (any, error) { return l.Verify(ctx, args[0]) })
		},
	}
}
