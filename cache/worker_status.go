package cache

import (
	"time"

	"github.com/imednetgo/imednet"
)

// StudyState is what a worker is doing with a study.
type StudyState string

// The states of a study.
const (
	StateWaiting     StudyState = "waiting"      // until NextRun, after a success or before the first run
	StateRunning     StudyState = "running"      // a run is in progress
	StateBackingOff  StudyState = "backing_off"  // until NextRun, after a failure
	StateCircuitOpen StudyState = "circuit_open" // until NextRun, after many consecutive failures
	StateStopped     StudyState = "stopped"      // permanently, because of LastError
)

// StudyStatus is what a worker knows about one study. Times are those of the worker's clock unless
// stated otherwise, and zero if there is none.
type StudyStatus struct {
	StudyKey    string
	State       StudyState
	LastAttempt time.Time // when the last run began
	LastSuccess time.Time // end of the last complete run
	LastFailure time.Time
	LastSweep   time.Time // when all records were last read and compared
	NextRun     time.Time
	Failures    int    // consecutive failures
	LastError   error  // error of the last run; nil after a success
	LastReport  Report // report of the last complete run; its AsOf and Mark are the server's times
	Totals      Totals
	// LastResources is the result of the last sync of the resources other than records, including
	// those left out, and ResourcesAt its time.
	LastResources ResourcesReport
	ResourcesAt   time.Time
	// DesignChanged is when this worker last saw forms, variables, intervals or sites change: not when it
	// saw them for the first time. [View.DesignChanges] lists what changed, also before this worker.
	DesignChanged time.Time
	// Fresh says when each resource was last found to be up to date, the records under
	// [imednet.Records]: its age is the time since then. A resource that no run of this worker has
	// brought up to date, such as one that the API keys may not read, is not in it.
	Fresh       map[imednet.Resource]time.Time
	LedgerMark  time.Time // mark that the ledger is known to hold
	LedgerError error     // nil if the ledger is up to date
}

// Totals holds counts since the worker was created.
type Totals struct {
	Runs           int64 // complete runs, including sweeps
	Sweeps         int64
	Failures       int64
	Skipped        int64 // the study was locked elsewhere
	LedgerFailures int64
	Added          int64
	Updated        int64
	Deleted        int64
	Restored       int64
	Vanished       int64
	Duration       time.Duration // of complete runs
}

func (t *Totals) add(r Report, took time.Duration) {
	t.Runs++
	t.Duration += took
	t.Added += r.Added
	t.Updated += r.Updated
	t.Deleted += r.Deleted
	t.Restored += r.Restored
	t.Vanished += r.Vanished
}

// WorkerStatus is a snapshot of a worker, with the studies in the order in which they were given.
type WorkerStatus struct {
	At      time.Time // when the snapshot was taken
	Running bool      // whether Run or RunOnce is in progress
	Studies []StudyStatus
}

// Status returns a snapshot of the worker. It never waits for a run.
func (w *SyncWorker) Status() WorkerStatus {
	w.mu.Lock()
	status := WorkerStatus{At: w.cfg.clock.Now(), Running: w.running}
	w.mu.Unlock()
	for _, s := range w.studies {
		status.Studies = append(status.Studies, s.snapshot())
	}
	return status
}

// Healthy reports whether the worker is running and every study is healthy (see
// [StudyStatus.Healthy]).
func (s WorkerStatus) Healthy(maxAge time.Duration) bool {
	for _, study := range s.Studies {
		if !study.Healthy(s.At, maxAge) {
			return false
		}
	}
	return s.Running
}

// Healthy reports whether the study is neither stopped nor paused by an open circuit, and was last
// fully synced at most maxAge before now. Failures in between do not make it unhealthy.
func (s StudyStatus) Healthy(now time.Time, maxAge time.Duration) bool {
	return s.State != StateStopped && s.State != StateCircuitOpen && !s.LastSuccess.IsZero() && now.Sub(s.LastSuccess) <= maxAge
}

// EventKind is the kind of an [Event].
type EventKind string

// The kinds of events.
const (
	EventStarted       EventKind = "started"        // Run began
	EventEnded         EventKind = "ended"          // Run ended
	EventSynced        EventKind = "synced"         // a run completed
	EventFailed        EventKind = "failed"         // a run failed and will be retried
	EventSkipped       EventKind = "skipped"        // the study was locked elsewhere
	EventCircuitOpened EventKind = "circuit_opened" // a run failed and the study is paused
	EventCircuitClosed EventKind = "circuit_closed" // a paused study succeeded again
	EventStudyStopped  EventKind = "study_stopped"  // a run failed permanently
	EventLedgerFailed  EventKind = "ledger_failed"  // the ledger could not be read or updated
	EventDesignChanged EventKind = "design_changed" // a sync brought changed forms, variables, intervals or sites
)

// Event is an event of a [SyncWorker]. Its text forms hold no subject data.
type Event struct {
	Kind     EventKind
	Time     time.Time
	StudyKey string        // empty for EventStarted and EventEnded
	Report   Report        // of EventSynced
	Sweep    bool          // whether the run was a sweep
	Took     time.Duration // of EventSynced
	Err      error         // error of a failure
	NextRun  time.Time     // zero if there is none
}

func (w *SyncWorker) emit(e Event) {
	w.events.Lock()
	defer w.events.Unlock()
	e.Time = w.cfg.clock.Now()
	w.cfg.events(e)
}
