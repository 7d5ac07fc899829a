package imednet

import (
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// EncodeSubmissions renders a batch as the body of the POST: a JSON array, variables in ascending
// name, numbers as they were given. It is what every client sends and every dry run shows.
func EncodeSubmissions(items []Submission) (jsontext.Value, error) {
	return json.Marshal(items, json.Deterministic(true))
}

// JournalState says how far a journaled submission is known to have come.
type JournalState string

// The states of a journaled submission, in the order in which it goes through them. Only the
// first and Refused prove that the server holds nothing of it.
const (
	JournalPrepared  JournalState = "prepared"  // the intent is on disk; nothing was sent
	JournalSending   JournalState = "sending"   // the POST may have reached the server
	JournalAccepted  JournalState = "accepted"  // the server took it
	JournalConfirmed JournalState = "confirmed" // the job has ended (JobState), or the records were read back
	JournalRefused   JournalState = "refused"   // the server answered that it takes nothing of it (4xx)
)

// JournalEntry is one POST in a write journal. Payload is subject data.
type JournalEntry struct {
	ID         string
	StudyKey   string
	State      JournalState
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
