package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/cache"
	"github.com/imednetgo/imednet/postgres"
)

// allStudies is the value of --studies.
const allStudies = "all"

// dividedWorker keeps this process's share of the studies up to date, those whose leases it holds.
type dividedWorker struct {
	app    *app
	db     *postgres.DB
	mirror *cache.CachedRecordsLoader
	opts   []cache.WorkerOption
	syncer turnSyncer

	mu      sync.Mutex
	workers map[string]*cache.SyncWorker // by study
}

// concurrentStudies is how many studies of a share run at a time, as of any worker.
const concurrentStudies = 2

// turnSyncer lets so many runs go on at a time as it has room for.
type turnSyncer struct {
	*cache.CachedRecordsLoader
	turns chan struct{}
}

// SyncRecords is part of cache.RecordSyncer.
func (s turnSyncer) SyncRecords(ctx context.Context, studyKey string, opts cache.SyncOptions) (cache.Report, error) {
	select {
	case s.turns <- struct{}{}:
	case <-ctx.Done():
		return cache.Report{StudyKey: studyKey}, context.Cause(ctx)
	}
	defer func() { <-s.turns }()
	return s.CachedRecordsLoader.SyncRecords(ctx, studyKey, opts)
}

func (a *app) newDividedWorker(db *postgres.DB, mirror *cache.CachedRecordsLoader, opts []cache.WorkerOption) *dividedWorker {
	return &dividedWorker{app: a, db: db, mirror: mirror, opts: opts, workers: map[string]*cache.SyncWorker{},
		syncer: turnSyncer{mirror, make(chan struct{}, concurrentStudies)}}
}

// run works at a share of the studies until ctx ends. Then what is running ends, and the leases are given back.
func (d *dividedWorker) run(ctx context.Context, names func(context.Context) ([]string, error), term time.Duration) error {
	host, err := os.Hostname()
	if err != nil {
		return err
	}
	return d.db.Divide(ctx, postgres.Division{
		Holder: fmt.Sprintf("%s:%d", host, os.Getpid()),
		Names:  names,
		Term:   term,
		Work:   d.work,
		Failed: func(err error) { d.app.tell(cache.Event{Kind: cache.EventFailed, Time: time.Now(), Err: err}) },
	})
}

// work keeps one study up to date as long as this process holds it.
func (d *dividedWorker) work(ctx context.Context, study string) {
	worker, err := cache.NewSyncWorker(d.syncer, []string{study}, d.opts...)
	if err != nil {
		d.app.tell(cache.Event{Kind: cache.EventFailed, Time: time.Now(), StudyKey: study, Err: err})
		return
	}
	d.keep(study, worker)
	defer d.keep(study, nil)
	_ = worker.Run(ctx) // its events have told what went wrong
	<-ctx.Done()        // a study that has stopped stays with this process, which shows it as unhealthy
}

func (d *dividedWorker) keep(study string, worker *cache.SyncWorker) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.workers[study] = worker; worker == nil {
		delete(d.workers, study)
	}
}

// Status is that of the studies which this process holds now.
func (d *dividedWorker) Status() cache.WorkerStatus {
	d.mu.Lock()
	defer d.mu.Unlock()
	all := cache.WorkerStatus{At: time.Now(), Running: true}
	for _, worker := range d.workers {
		all.Studies = append(all.Studies, worker.Status().Studies...)
	}
	slices.SortFunc(all.Studies, func(a, b cache.StudyStatus) int { return cmp.Compare(a.StudyKey, b.StudyKey) })
	return all
}

func (d *dividedWorker) holds(study string) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.workers[study] != nil
}

// withHolders adds who holds which study to the metrics.
func withHolders(status http.Handler, db *postgres.DB) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/", status)
	mux.HandleFunc("GET /metrics", func(w http.ResponseWriter, r *http.Request) {
		status.ServeHTTP(w, r)
		held, err := studyHolders(r.Context(), db)
		if err != nil {
			return // the other metrics stand
		}
		writeHolders(w, held)
	})
	return mux
}

func writeHolders(w io.Writer, held map[string]string) {
	label := strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`)
	fmt.Fprint(w, "# HELP imednet_study_held Which worker holds a study.\n# TYPE imednet_study_held gauge\n")
	for _, study := range slices.Sorted(maps.Keys(held)) {
		fmt.Fprintf(w, "imednet_study_held{study=\"%s\",holder=\"%s\"} 1\n", label.Replace(study), label.Replace(held[study]))
	}
}

// studyHolders says which worker holds which study.
func studyHolders(ctx context.Context, db *postgres.DB) (map[string]string, error) {
	leases, err := db.Leases(ctx)
	held := map[string]string{}
	for _, l := range leases {
		if study, ok := strings.CutPrefix(l.Name, postgres.StudyLease("")); ok {
			held[study] = l.Holder
		}
	}
	return held, err
}

// studyNames lists what is divided: the studies that are named, or all that the keys may see.
func studyNames(client imednet.StudyReader, named []string) func(context.Context) ([]string, error) {
	return func(ctx context.Context) (keys []string, err error) {
		if len(named) > 0 {
			return named, nil
		}
		for study, err := range client.Studies(ctx, imednet.ListOptions{}) {
			if err != nil {
				return nil, err
			}
			keys = append(keys, study.StudyKey)
		}
		return keys, nil
	}
}

// workDivided keeps studies up to date together with other workers over the same database.
func (a *app) workDivided(ctx context.Context, named []string, o workerOptions, mirror *cache.CachedRecordsLoader, opts []cache.WorkerOption) error {
	client, err := a.client()
	if err != nil {
		return err
	}
	db, err := a.database(ctx)
	if err != nil {
		return err
	}
	watch, err := a.watch(ctx, o.watch, storePaths{o.ledgerPath, o.path}, imednet.SystemClock())
	if err != nil {
		return err
	}
	d := a.newDividedWorker(db, mirror, opts)
	stop, err := a.serveStatus(ctx, withHolders(withReports(withWatch(cache.StatusHandler(d, o.maxAge()), watch), &reportHandler{
		keeps: d.holds,
		open: func(context.Context) (*cache.CachedRecordsLoader, func() error, error) {
			return mirror, func() error { return nil }, nil
		},
	}), db), o.listen)
	if err != nil {
		return err
	}
	defer stop()
	if !a.json {
		if err := a.printf("Starting sync worker for its share of %s (interval=%ds). Press Ctrl+C to stop.\n", ofStudies(named), o.seconds); err != nil {
			return err
		}
	}
	err = watched(ctx, watch, func(ctx context.Context) error { return d.run(ctx, studyNames(client, named), o.leaseTerm) })
	if err != nil || a.json {
		return err
	}
	return a.printf("Sync worker termination requested. Exiting cleanly.\n")
}

func ofStudies(named []string) string {
	if len(named) == 0 {
		return "all studies"
	}
	return "study '" + strings.Join(named, "', '") + "'"
}
