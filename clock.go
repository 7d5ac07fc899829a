package imednet

import (
	"context"
	"time"
)

// Clock is the only source of time in this library. Tests inject one that never sleeps.
type Clock interface {
	// Now returns the current time.
	Now() time.Time
	// Sleep waits for d or until ctx ends, and returns the context's cause in that case.
	Sleep(ctx context.Context, d time.Duration) error
}

// SystemClock is the computer's clock.
func SystemClock() Clock { return systemClock{} }

type systemClock struct{}

func (systemClock) Now() time.Time { return time.Now() }

func (systemClock) Sleep(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return context.Cause(ctx)
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-timer.C:
		return nil
	}
}

// Progress reports how far a long piece of work has come. Total is 0 while it is unknown. It is
// passed to a func(Progress), never by two goroutines at once.
type Progress struct {
	Op          string // what is being done, such as "sync" or "map"
	StudyKey    string
	Done, Total int64
}

// Watermark says how far a stream of a study has been read: everything up to Time, with Records rows
// in the run that moved it. Ledgers keep it; the data are always committed first.
type Watermark struct {
	Time    time.Time `json:"time"` // UTC
	Records int64     `json:"records"`
}

// RevisionID is a position in a study's audit trail: the id of a record revision.
type RevisionID int64

// MirrorVersion is a position in the mirror's own history of a study. It grows by one with every
// committed batch that changed something.
type MirrorVersion int64
