package imednet

import (
	"context"
	"iter"
	"time"
)

// RecordState is how the mirror holds a record.
type RecordState string

// The states of a record in the mirror.
const (
	RecordActive   RecordState = "active"
	RecordDeleted  RecordState = "deleted"  // the server lists it, flagged deleted
	RecordVanished RecordState = "vanished" // the server no longer lists it; Record is what it last was
)

// RecordVersion is one state of a record as the mirror saw it. States that the server showed
// between two runs and not during one were never seen and are not in any history.
type RecordVersion struct {
	Version MirrorVersion // the batch that stored this state
	State   RecordState   // of the record from this version on
	SeenAt  time.Time     // server time (UTC) of the run that stored it
	Record  Record
}

// RecordHistorySource serves the successive states of records; the mirror is one.
type RecordHistorySource interface {
	// ChangesSince yields every state stored after a version, in ascending (Version, RecordID);
	// after 0 it yields everything that was ever seen.
	ChangesSince(ctx context.Context, studyKey string, after MirrorVersion) iter.Seq2[RecordVersion, error]
	// RecordHistory yields the states of one record, oldest first.
	RecordHistory(ctx context.Context, studyKey string, recordID int64) iter.Seq2[RecordVersion, error]
}
