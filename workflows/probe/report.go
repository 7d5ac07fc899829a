package probe

import (
	"fmt"
	"time"

	"github.com/imednetgo/imednet"
)

// Answer is what an examination says about a point.
type Answer string

// The answers.
const (
	Yes     Answer = "yes"
	No      Answer = "no"
	Seen    Answer = "seen"    // Point.Came and Capabilities.Settings have what was seen
	Differs Answer = "differs" // neither: Point.Came says what was seen
	Open    Answer = "open"    // not settled: Point.Came says why
)

// Report is the result of an examination. It holds no values of answers, no keys of subjects, no names and
// no logins: of the study it has its key, ids of records, forms and sites, and counts. Written as JSON it is the file
// that [imednet.ReadCapabilities] reads.
type Report struct {
	imednet.Capabilities
	ServerTime string  `json:"serverTime"`        // of the first reply, UTC, as the API writes it
	Requests   int     `json:"requests"`          // how many were sent
	Stopped    string  `json:"stopped,omitempty"` // why the examination ended early
	RetryAfter string  `json:"retryAfter,omitempty"`
	Points     []Point `json:"points"`
}

// Point is one question that the API contract leaves open.
type Point struct {
	ID       string   `json:"id"`
	Question string   `json:"question"`
	Asked    []string `json:"asked,omitempty"` // the requests, without values of answers
	Came     string   `json:"came"`            // statuses, counts and kinds of documents
	Answer   Answer   `json:"answer"`
	Meaning  string   `json:"meaning,omitempty"` // for whoever reads or mirrors the study
}

// Point returns the point with an id.
func (r *Report) Point(id string) (Point, bool) {
	for _, p := range r.Points {
		if p.ID == id {
			return p, true
		}
	}
	return Point{}, false
}

// Count returns how many points have an answer.
func (r *Report) Count(answer Answer) (n int) {
	for _, p := range r.Points {
		if p.Answer == answer {
			n++
		}
	}
	return n
}

// String returns the line that the command shows.
func (r *Report) String() string {
	text := fmt.Sprintf("%d requests: %d points are settled, %d are open", r.Requests, len(r.Points)-r.Count(Open), r.Count(Open))
	if r.Stopped != "" {
		text += "; " + r.Stopped
	}
	return text
}

// tolerance is how far two times of one change may lie apart: the API writes whole seconds.
const tolerance = 2 * time.Second
