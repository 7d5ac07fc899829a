package submissions

import (
	"time"

	"github.com/go-json-experiment/json/jsontext"
)

// EntryState says how far a journaled submission is known to have come.
type EntryState string

// The states of a journaled submission, in the order in which it goes through them. Only the
// first and Refused prove that the server holds nothing of it.
const (
	Prepared  EntryState = "prepared"  // the intent is on disk; nothing was sent
	Sending   EntryState = "sending"   // the POST may have reached the server
	Accepted  EntryState = "accepted"  // the server took it
	Confirmed EntryState = "confirmed" // the job has ended (JobState), or the records were read back
	Refused   EntryState = "refused"   // the server answered that it takes nothing of it (4xx)
)

// Entry is one POST in a write journal. Payload is subject data.
type Entry struct {
	ID         string
	StudyKey   string
	State      EntryState
	Payload    jsontext.Value // the body of the POST, as it is sent
	Items      int            // in Payload
	PreparedAt time.Time      // UTC
	// SentAt is when the POST began: the server's time if ServerTime is set, otherwise the
	// caller's clock, which may differ from the server's.
	SentAt     time.Time
	ServerTime bool
	BatchID    string
	JobState   string // of the ended job, as received
	Refusal    int    // HTTP status of a refusal
	// ReadBack says that the records were found on the server with the values that were sent.
	ReadBack bool
	// Closed says that somebody has dealt with the entry; it is not offered for recovery again.
	Closed bool
}
