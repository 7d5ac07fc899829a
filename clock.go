package imednet

import (
	"context"
	"time"
)

// Clock is the only source of time in this library. Tests pass one that never sleeps.
type Clock interface {
	// Now returns the current time.
	Now() time.Time
	// Sleep waits for d or until ctx ends; in the latter case it returns the context's cause.
	Sleep(ctx context.Context, d time.Duration) error
}

// SystemClock returns the clock of the operating system.
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

// Progress is the progress of a long operation. Total is 0 while it is unknown. Progress is passed
// to a func(Progress), never by two goroutines at once.
type Progress struct {
	Op          string // operation, such as "sync" or "map"
	StudyKey    string
	Done, Total int64
}

// Watermark records how far a stream of a study has been read: everything up to Time. Records is
// the number of rows in the run that advanced it. Ledgers store watermarks, always after the data
// are committed.
type Watermark struct {
	Time    time.Time `json:"time"` // UTC
	Records int64     `json:"records"`
}

// RevisionID is a position in a study's audit trail, which is the id of a record revision.
type RevisionID int64

// MirrorVersion is a position in the mirror's history of a study. It increases by one with every
// committed batch that changed something.
type MirrorVersion int64
