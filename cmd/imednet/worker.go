package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/cache"
)

type workerOptions struct {
	path, ledgerPath, stream   string
	listen, plan, studies      string
	leaseTerm                  time.Duration
	seconds                    int
	once                       bool
	sweepEvery, resourcesEvery time.Duration
	watch                      watchOptions
}

func newWorker(a *app) *cobra.Command {
	var o workerOptions
	cmd := &cobra.Command{
		Use:     "worker STUDY... | worker --plan FILE",
		GroupID: groupState,
		Short:   "Keep the local mirror of studies up to date until interrupted",
		Long: `Keep the local mirror of studies up to date until interrupted: a run at every
interval, a sweep that reads and compares everything once a day, and the other
resources (structure, subjects, visits, queries, codings, users, audit trail) every
hour. With --stream the ledger is updated after every complete run. With --listen,
/healthz returns 200 if the last complete run of every study is more recent than three
intervals (and an hour), otherwise 503; /metrics is for Prometheus; /report/STUDY is the
study at a glance (imednet report), counts only.

With --heads the worker writes the signed heads of all audited stores to another place
(imednet heads), and with --verify-every it verifies the stores whole. One that is not
intact ends the worker with exit code 6; heads that cannot be written are told, make it
unhealthy, and end it with exit code 1 if they still cannot be written when it ends.

With the mirror in a database, workers on any machines divide the studies that they all
name, or with --studies all those that the keys may see: evenly, each study held by one
of them by a lease. When one ends or dies, the others take its studies over;
` + "`imednet cache status`" + ` and /metrics say who holds what.

With --plan it does what ` + "`imednet refresh`" + ` does, as often as the plan says under every,
and again after 15 minutes at most if something failed. /healthz then returns 200 if the
last complete run is more recent than three times every (and an hour).`,
		Example: "  imednet worker CARDIO DERMA --interval 300\n  imednet worker CARDIO --once\n  imednet worker --studies all --database 'postgres:///imednet'\n  imednet worker CARDIO --listen 127.0.0.1:9464\n  imednet worker --plan study.yaml --listen 127.0.0.1:9464",
		Args: func(cmd *cobra.Command, args []string) error {
			if o.plan != "" || o.studies != "" {
				return cobra.NoArgs(cmd, args)
			}
			return cobra.MinimumNArgs(1)(cmd, args)
		},
		Annotations: map[string]string{afterInterrupt: "records that arrived are kept; the same command continues from there"},
		RunE: func(cmd *cobra.Command, args []string) error {
			if o.plan != "" {
				return a.workPlan(cmd.Context(), o, imednet.SystemClock())
			}
			if o.studies != "" && (o.studies != allStudies || !a.inDatabase(o.path) || o.once) {
				return usagef("--studies takes the word %s, for a worker with the mirror in a database (--database), and without --once", allStudies)
			}
			if o.leaseTerm < time.Second {
				return usagef("--lease must be at least 1s")
			}
			if o.seconds < 1 {
				return usagef("--interval must be at least 1 second")
			}
			return a.work(cmd.Context(), args, o)
		},
	}
	cacheFlag(cmd, &o.path)
	cmd.Flags().IntVar(&o.seconds, "interval", 900, "`seconds` from the end of a run to the next")
	cmd.Flags().BoolVar(&o.once, "once", false, "run every study once and exit")
	cmd.Flags().DurationVar(&o.sweepEvery, "sweep-every", 24*time.Hour, "time between comparisons of everything; 0 means never")
	cmd.Flags().DurationVar(&o.resourcesEvery, "resources-every", time.Hour, "time between syncs of the other resources; 0 means never")
	cmd.Flags().StringVar(&o.listen, "listen", "", "serve health, metrics and reports at this `address`")
	cmd.MarkFlagsMutuallyExclusive("listen", "once")
	cmd.Flags().StringVar(&o.stream, "stream", "", "update the ledger under this stream")
	cmd.Flags().StringVarP(&o.ledgerPath, "ledger-path", "l", "", "the ledger's `file` (default ~/.imednet/pipeline_ledger.json)")
	o.watch.flags(cmd)
	cmd.Flags().StringVar(&o.studies, "studies", "", "`all`: divide all studies that the keys may see among the workers of a database")
	cmd.Flags().DurationVar(&o.leaseTerm, "lease", time.Minute, "how long a worker of a database may be silent before others take its studies over")
	cmd.Flags().StringVar(&o.plan, "plan", "", "refresh by the plan in this `file`")
	_ = cmd.MarkFlagFilename("plan", "yaml", "yml", "json") // the flag is there
	for _, other := range []string{"cache", "interval", "once", "sweep-every", "resources-every", "stream", "ledger-path", "studies", "lease"} {
		cmd.MarkFlagsMutuallyExclusive("plan", other)
	}
	return cmd
}

func (a *app) work(ctx context.Context, studies []string, o workerOptions) (err error) {
	mirror, err := a.openMirror(ctx, o.path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, mirror.Close()) }()
	opts := []cache.WorkerOption{cache.WithInterval(time.Duration(o.seconds) * time.Second), cache.WithSweepEvery(o.sweepEvery), cache.WithResourcesEvery(o.resourcesEvery)}
	if !o.once {
		opts = append(opts, cache.WithEvents(a.tell))
	}
	if o.stream != "" {
		marks, _, err := a.ledger(ctx, o.ledgerPath)
		if err != nil {
			return err
		}
		opts = append(opts, cache.WithMarkLedger(marks, o.stream))
	}
	if a.inDatabase(o.path) && !o.once {
		return a.workDivided(ctx, studies, o, mirror, opts)
	}
	worker, err := cache.NewSyncWorker(mirror, studies, opts...)
	if err != nil {
		return err
	}
	watch, err := a.watch(ctx, o.watch, storePaths{o.ledgerPath, o.path}, imednet.SystemClock())
	if err != nil {
		return err
	}
	if o.once {
		err := a.workOnce(ctx, worker)
		if watch != nil {
			err = errors.Join(err, watch.once(ctx))
		}
		return err
	}
	stop, err := a.serveStatus(ctx, withReports(withWatch(cache.StatusHandler(worker, o.maxAge()), watch), &reportHandler{
		keeps: func(study string) bool { return slices.Contains(studies, study) },
		open: func(context.Context) (*cache.CachedRecordsLoader, func() error, error) {
			return mirror, func() error { return nil }, nil
		},
	}), o.listen)
	if err != nil {
		return err
	}
	defer stop()
	return watched(ctx, watch, func(ctx context.Context) error { return a.workOn(ctx, worker, studies, o.seconds) })
}

// maxAge is the age of the last complete run beyond which a study is unhealthy.
func (o workerOptions) maxAge() time.Duration {
	return max(time.Hour, 3*time.Duration(o.seconds)*time.Second)
}

// serveStatus serves health, metrics and reports if that is asked for, until the returned function is called.
func (a *app) serveStatus(ctx context.Context, status http.Handler, listen string) (stop func(), err error) {
	if listen == "" {
		return func() {}, nil
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", listen)
	var system syscall.Errno
	if errors.As(err, &system) { // such as a port in use: the same command may succeed later
		return nil, fmt.Errorf("--listen: %w", err)
	}
	if err != nil {
		return nil, usagef("--listen: %v", err)
	}
	server := &http.Server{Handler: status, ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = server.Serve(listener) }() // it ends with the worker
	fmt.Fprintf(a.errOut, "health and metrics at http://%s\n", listener.Addr())
	return func() { server.Close() }, nil
}

func (a *app) workOnce(ctx context.Context, worker *cache.SyncWorker) error {
	done, failed := worker.RunOnce(ctx)
	failed = errors.Join(failed, untold(worker.Status()))
	reports := make([]reportJSON, len(done))
	for i, r := range done {
		reports[i] = newReportJSON(r)
	}
	if a.json {
		return errors.Join(failed, a.writeJSON(reports))
	}
	for _, r := range reports {
		if err := a.printf("%s", r.line()); err != nil {
			return err
		}
	}
	return failed
}

// untold is the error of the marks that the ledger does not have, for a worker without a next run that tells it.
func untold(status cache.WorkerStatus) (err error) {
	for _, s := range status.Studies {
		if s.LedgerError != nil {
			err = errors.Join(err, fmt.Errorf("study %s was synced, but the ledger does not say so: %w", s.StudyKey, s.LedgerError))
		}
	}
	return err
}

// workOn runs until the interrupt, which is how a worker ends.
func (a *app) workOn(ctx context.Context, worker *cache.SyncWorker, studies []string, seconds int) error {
	if !a.json {
		if err := a.printf("Starting sync worker for study '%s' (interval=%ds). Press Ctrl+C to stop.\n", strings.Join(studies, "', '"), seconds); err != nil {
			return err
		}
	}
	if err := worker.Run(ctx); err != nil {
		return err
	}
	if a.json || errors.Is(context.Cause(ctx), errWatchEnded) {
		return nil
	}
	return a.printf("Sync worker termination requested. Exiting cleanly.\n")
}

// eventJSON is one line of `worker --json`.
type eventJSON struct {
	Kind     string      `json:"kind"`
	Time     string      `json:"time"`
	StudyKey string      `json:"studyKey,omitempty"`
	Report   *reportJSON `json:"report,omitempty"`
	Error    string      `json:"error,omitempty"`
	NextRun  string      `json:"nextRun,omitempty"`
}

// tell writes an event: a line for people on standard error, or an object a line.
func (a *app) tell(e cache.Event) {
	line := eventJSON{Kind: string(e.Kind), Time: isoTime(e.Time), StudyKey: e.StudyKey}
	if e.Kind == cache.EventSynced {
		report := newReportJSON(e.Report)
		line.Report = &report
	}
	if e.Err != nil {
		line.Error = withoutKeys(e.Err.Error())
	}
	if !e.NextRun.IsZero() {
		line.NextRun = isoTime(e.NextRun)
	}
	if a.json {
		_ = a.writeLine(line) // the worker goes on when nobody reads any more
		return
	}
	text := strings.Join(strings.Fields(strings.Join([]string{line.Time, line.StudyKey, strings.ReplaceAll(line.Kind, "_", " "), line.Error}, " ")), " ")
	if line.Report != nil {
		text += fmt.Sprintf(": %d received, %d records", line.Report.Received, line.Report.Records.Active)
	}
	fmt.Fprintln(a.errOut, text)
}
