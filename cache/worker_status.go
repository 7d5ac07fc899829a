package cache

import (
	"time"
)

// StudyState says what a worker is doing with a study.
type StudyState string

// The states of a study.
const (
	StateWaiting     StudyState = "waiting"      // until NextRun, after a success or before the first run
	StateRunning     StudyState = "running"      // a run is under way
	StateBackingOff  StudyState = "backing_off"  // until NextRun, after a failure
	StateCircuitOpen StudyState = "circuit_open" // until NextRun, after many failures in a row
	StateStopped     StudyState = "stopped"      // for good: LastError is permanent
)

// StudyStatus is what a worker knows of one study. Times are of the worker's clock unless said
// otherwise, and zero when there was none.
type StudyStatus struct {
	StudyKey    string
	State       StudyState
	LastAttempt time.Time // when the last run began
	LastSuccess time.Time // when the last whole run ended: the mirror is as fresh as this
	LastFailure time.Time
	LastSweep   time.Time // when everything was last read and compared
	NextRun     time.Time
	Failures    int    // in a row
	LastError   error  // of the last run; nil after a success
	LastReport  Report // of the last whole run; its AsOf and Mark are the server's times
	Totals      Totals
	// LastResources is what the last sync of the resources beside the records did, those left out
	// included, and ResourcesAt when that was.
	LastResources ResourcesReport
	ResourcesAt   time.Time
	LedgerMark    time.Time // the mark that the ledger is known to hold
	LedgerError   error     // nil when the ledger was told of everything
}

// Totals count since the worker was made.
type Totals struct {
	Runs           int64 // whole runs, sweeps included
	Sweeps         int64
	Failures       int64
	Skipped        int64 // the study was locked elsewhere
	LedgerFailures int64
	Added          int64
	Updated        int64
	Deleted        int64
	Restored       int64
	Vanished       int64
	Duration       time.Duration // of whole runs
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

// WorkerStatus is a snapshot of a worker: each study at one moment, in the order given.
type WorkerStatus struct {
	At      time.Time // when the snapshot was taken
	Running bool      // Run or RunOnce is under way
	Studies []StudyStatus
}

// Status returns a snapshot. It never waits for a run.
func (w *SyncWorker) Status() WorkerStatus {
	w.mu.Lock()
	status := WorkerStatus{At: w.cfg.clock.Now(), Running: w.running}
	w.mu.Unlock()
	for _, s := range w.studies {
		status.Studies = append(status.Studies, s.snapshot())
	}
	return status
}

// Healthy reports whether the worker is running and every study is Healthy.
func (s WorkerStatus) Healthy(maxAge time.Duration) bool {
	for _, study := range s.Studies {
		if !study.Healthy(s.At, maxAge) {
			return false
		}
	}
	return s.Running
}

// Healthy reports whether the study is neither stopped nor cut off, and was last fully
// synced at most maxAge before now. Some failures in between are no illness.
func (s StudyStatus) Healthy(now time.Time, maxAge time.Duration) bool {
	return s.State != StateStopped && s.State != StateCircuitOpen && !s.LastSuccess.IsZero() && now.Sub(s.LastSuccess) <= maxAge
}

// EventKind says what happened.
type EventKind string

// What a worker reports.
const (
	EventStarted       EventKind = "started"        // Run began
	EventEnded         EventKind = "ended"          // Run is over
	EventSynced        EventKind = "synced"         // a whole run ended
	EventFailed        EventKind = "failed"         // a run failed and is tried again
	EventSkipped       EventKind = "skipped"        // the study was locked elsewhere
	EventCircuitOpened EventKind = "circuit_opened" // a run failed, and the study now rests
	EventCircuitClosed EventKind = "circuit_closed" // the study works again
	EventStudyStopped  EventKind = "study_stopped"  // a run failed for good
	EventLedgerFailed  EventKind = "ledger_failed"  // the ledger could not be read or updated
)

// Event is one thing that happened. Its text forms hold no subject data.
type Event struct {
	Kind     EventKind
	Time     time.Time
	StudyKey string        // empty for EventStarted and EventEnded
	Report   Report        // of EventSynced
	Sweep    bool          // the run was a sweep
	Took     time.Duration // of EventSynced
	Err      error         // of what failed
	NextRun  time.Time     // zero when none follows
}

func (w *SyncWorker) emit(e Event) {
	w.events.Lock()
	defer w.events.Unlock()
	e.Time = w.cfg.clock.Now()
	w.cfg.events(e)
}
