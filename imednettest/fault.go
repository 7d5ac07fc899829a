package imednettest

import (
	"cmp"
	"time"
)

// Fault says which requests something goes wrong with, and what. Faults are tried in the order in
// which they were injected; at most one hits a request. The zero value hits the next request and
// does nothing to it. As JSON, a fault has the same members in lower camel case, and durations such
// as "1.5s"; see [ReadScenario].
type Fault struct {
	// Method is GET or POST; empty matches both.
	Method string `json:"method,omitempty"`
	// Path is the end of the path, such as "records" or "/jobs/x"; "jobs" is the path of every poll, and
	// empty matches every path.
	Path string `json:"path,omitempty"`
	// Query names parameters that must have these values, decoded; "*" means any value, and "" that
	// the parameter is not sent.
	Query map[string]string `json:"query,omitempty"`
	// Match is a further condition; nil matches every request.
	Match func(Request) bool `json:"-"`
	// OverRows and OverBytes hit only answers with more rows than this, or more bytes of rows; for a
	// POST, OverBytes applies to its body. 0 means no such condition. Together with Status, they
	// make a gateway that refuses large pages. The server has then answered what the gateway refuses: a
	// poll counts, and its job goes on. A poll has no rows, and its whole answer is its bytes.
	OverRows  int `json:"overRows,omitempty"`
	OverBytes int `json:"overBytes,omitempty"`
	// PerSecond and Concurrent let through this many matching requests in each second of the
	// server's clock ([Server.SetClock]), or at the same time, and hit the others. 0 means no limit.
	PerSecond  int `json:"perSecond,omitempty"`
	Concurrent int `json:"concurrent,omitempty"`
	// Skip lets the first matching requests through: {Skip: 100, Times: -1, Status: 401} are keys
	// that expire.
	Skip int `json:"skip,omitempty"`
	// Times is the number of requests that are hit; 0 means 1, and a negative number all.
	Times int `json:"times,omitempty"`
	// Probability hits only this share, between 0 and 1, of the requests that match otherwise; 0
	// means all. The draws depend only on [Server.SetSeed] and on how many were made.
	Probability float64 `json:"probability,omitempty"`

	// Delay is waited on the server's clock before the answer, at most until the request ends.
	Delay time.Duration `json:"-"`
	// Hang never answers; it ends with the request.
	Hang bool `json:"hang,omitempty"`
	// Reset breaks the connection instead of answering.
	Reset bool `json:"reset,omitempty"`
	// AfterApply lets the request take effect first, such as a POST that is accepted and then times
	// out. Without it, Status, Reset and Hang refuse the request before anything is accepted.
	AfterApply bool `json:"afterApply,omitempty"`
	// Jump moves the study's clock, forwards or back, before the request is answered.
	Jump time.Duration `json:"-"`

	// Status answers with this HTTP status, 200 to 599, and Body. Without Body, a status of 300 and above
	// has an error envelope, and one below has nothing. HTTP has no body for 204 and 304.
	Status int `json:"status,omitempty"`
	// Header is set on the answer and replaces the headers of the same names.
	Header map[string]string `json:"header,omitempty"`
	// RetryAfter is sent as the Retry-After header. RetryAfterDate sends an HTTP date instead, this
	// far from the server's clock.
	RetryAfter     string        `json:"retryAfter,omitempty"`
	RetryAfterDate time.Duration `json:"-"`
	// Redirect is sent as the Location header; the default of Status is then 307.
	Redirect string `json:"redirect,omitempty"`
	// Body replaces the body of the answer, with a gateway's text, HTML or nothing, for example.
	Body *string `json:"body,omitempty"`

	// OmitData leaves data out of an answer with status 200.
	OmitData bool `json:"omitData,omitempty"`
	// AddTotal is added to totalElements without any rows; Total replaces it.
	AddTotal int  `json:"addTotal,omitempty"`
	Total    *int `json:"total,omitempty"`
	// EchoSize and EchoPage replace pagination.size and pagination.currentPage.
	EchoSize int  `json:"echoSize,omitempty"`
	EchoPage *int `json:"echoPage,omitempty"`
	// RepeatRow lists the first row of the page twice; SkipRow leaves out only that row; SwapRows
	// exchanges the first and the last row; CutRows leaves out this many rows at the end.
	RepeatRow bool `json:"repeatRow,omitempty"`
	SkipRow   bool `json:"skipRow,omitempty"`
	SwapRows  bool `json:"swapRows,omitempty"`
	CutRows   int  `json:"cutRows,omitempty"`
	// ShiftRows answers with the rows that stand this many places further on in the listing, or further
	// back if it is negative, in a full page with the usual total: 1 skips a row across the border to
	// the page before, and -1 doubles one. RefillRow leaves out a row in the middle of the page and
	// fills the page with the first row of the next one; a page without a next one stays as it is.
	ShiftRows int  `json:"shiftRows,omitempty"`
	RefillRow bool `json:"refillRow,omitempty"`
	// Stale answers a listing from an old state of the study: as it was when the fault was injected.
	Stale Stale `json:"stale,omitempty"`
	// IgnoreFilter lists what no filter and recordDataFilter would list. IgnoreSort lists in an order
	// that differs from page to page, and echoes the one that was asked for.
	IgnoreFilter bool `json:"ignoreFilter,omitempty"`
	IgnoreSort   bool `json:"ignoreSort,omitempty"`
	// Empty answers with status 200, no rows and a total of 0; EmptyPage keeps the total.
	Empty     bool `json:"empty,omitempty"`
	EmptyPage bool `json:"emptyPage,omitempty"`

	// Truncate cuts the body in the middle while Content-Length promises all of it.
	Truncate bool `json:"truncate,omitempty"`
	// Malformed damages the JSON of the body.
	Malformed bool `json:"malformed,omitempty"`
	// Trickle sends the body in eight pieces and waits this long on the server's clock after each.
	Trickle time.Duration `json:"-"`
}

// Inject adds faults. A fault stays until it has hit as often as it says, or until
// [Server.ClearFaults]. Inject panics if a member has a value that cannot be played, such as a status
// below 200 or a negative number of rows, which is a mistake in the test.
func (s *Server) Inject(faults ...Fault) {
	for _, f := range faults {
		mustPlay(at("fault", f.check()))
		if f.Redirect != "" {
			f.Status = cmp.Or(f.Status, 307)
		}
		s.script(&scripted{Fault: f, former: s.formerStudies(f.Stale)})
	}
}

func (s *Server) script(f *scripted) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f.number = uint64(len(s.faults))
	s.faults = append(s.faults, f)
}

// ClearFaults removes all faults.
func (s *Server) ClearFaults() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = nil
}

// SetSeed decides the draws of faults with a Probability. The default is 0.
func (s *Server) SetSeed(seed uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.seed = seed
}
