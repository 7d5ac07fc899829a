package imednet

import (
	"context"
	"iter"
	"time"
)

// RecordState is the state of a record in the mirror.
type RecordState string

// The states of a record in the mirror.
const (
	RecordActive   RecordState = "active"
	RecordDeleted  RecordState = "deleted"  // the server lists it, flagged deleted
	RecordVanished RecordState = "vanished" // the server no longer lists it; Record is its last known state
)

// RecordVersion is one state of a record as the mirror saw it. A state that existed on the server
// only between two runs was never seen and is not in the history.
type RecordVersion struct {
	Version MirrorVersion // the batch that stored this state
	State   RecordState   // state of the record from this version on
	SeenAt  time.Time     // server time (UTC) of the run that stored it
	Record  Record
}

// RecordHistorySource lists the successive states of records. The mirror (package cache) implements
// it.
type RecordHistorySource interface {
	// ChangesSince yields every state stored after a version, in ascending order of (Version,
	// RecordID). After version 0 it yields every state that was ever seen.
	ChangesSince(ctx context.Context, studyKey string, after MirrorVersion) iter.Seq2[RecordVersion, error]
	// RecordHistory yields the states of one record, from oldest to newest.
	RecordHistory(ctx context.Context, studyKey string, recordID int64) iter.Seq2[RecordVersion, error]
}
