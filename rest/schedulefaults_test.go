package rest_test

import (
	"crypto/x509"
	"math/rand/v2"
	"net"
	"net/http"
	"sync"
	"syscall"
	"time"

	"github.com/imednetgo/imednet/imednettest"
)

// later returns a condition that no question for the first page meets: an empty or shortened first
// page that agrees with itself is the one thing that no client can tell from its reply.
func later() func(imednettest.Request) bool {
	var mu sync.Mutex
	var first string
	begun := false
	return func(r imednettest.Request) bool {
		mu.Lock()
		defer mu.Unlock()
		question := r.Filter + " " + r.Query.Get("page")
		if first == "" {
			first = question
		}
		begun = begun || question != first
		return begun
	}
}

// retryAfters are the forms of the header that servers send.
var retryAfters = []string{"0", "3", "120", "301", "-7", "2.5", "soon", "99999999999999999999"}

// noisyFault is a fault of one answer, or of a connection: what a server or a network can do to a
// listing without telling a story that holds together.
func noisyFault(rnd *rand.Rand) imednettest.Fault {
	html, gateway, empty, number := "<html><title>Sign in</title></html>", `{"message":"Limit Exceeded"}`, "", rnd.IntN(400)
	begun, after := later(), retryAfters[rnd.IntN(len(retryAfters))]
	faults := []imednettest.Fault{
		{Status: []int{400, 401, 403, 404, 408, 409, 413, 429, 500, 502, 503, 504}[rnd.IntN(12)]},
		{Status: 502, Body: &html}, {Status: 429, Body: &gateway}, {Status: 504, Body: &empty},
		{Status: []int{429, 503}[rnd.IntN(2)], RetryAfter: after},
		{Status: []int{429, 503}[rnd.IntN(2)], RetryAfterDate: []time.Duration{-time.Hour, 40 * time.Second, time.Hour}[rnd.IntN(3)]},
		{PerSecond: 1 + rnd.IntN(3), Times: -1, Status: 429, RetryAfter: "1"}, {Concurrent: 1, Times: -1, Status: 429},
		{Body: &html}, {Body: &empty}, {Status: 204, Body: &empty}, {Status: 200, Body: &html},
		{Redirect: "https://elsewhere.invalid/"}, {Redirect: "/login"}, {Header: map[string]string{"Content-Type": "text/html", "Date": "soon"}},
		{Reset: true}, {Reset: true, AfterApply: true}, {Truncate: true}, {Malformed: true}, {Hang: true},
		{Trickle: time.Second}, {Trickle: time.Minute}, {Trickle: time.Second, Truncate: true},
		{Delay: 10 * time.Second}, {Delay: 10 * time.Minute}, {Jump: -time.Hour}, {Jump: 48 * time.Hour},
		{OmitData: true}, {EchoSize: 1 + rnd.IntN(500)}, {EchoPage: &number},
		{RepeatRow: true}, {SkipRow: true}, {SwapRows: true}, {CutRows: 1 + rnd.IntN(30)},
		{Empty: true, Match: begun}, {EmptyPage: true}, {OverRows: 1 + rnd.IntN(100), Status: 413}, {OverBytes: 1 + rnd.IntN(1<<16), Status: 504},
		{IgnoreFilter: true}, {Stale: []imednettest.Stale{imednettest.StaleReplica, imednettest.StaleCache}[rnd.IntN(2)]},
	}
	return timed(rnd, faults[rnd.IntN(len(faults))])
}

// falseTotal is a total that is not the number of rows.
func falseTotal(rnd *rand.Rand) imednettest.Fault {
	number := rnd.IntN(400)
	faults := []imednettest.Fault{{AddTotal: 1 + rnd.IntN(900)}, {AddTotal: -1 - rnd.IntN(30), Match: later()}, {Total: &number, Match: later()}}
	return timed(rnd, faults[rnd.IntN(len(faults))])
}

// plausibleLie is a page whose rows and total agree with each other, but not with the table. Two
// false answers of this kind can confirm each other, so that a schedule has one of them, and no
// other false totals.
func plausibleLie(rnd *rand.Rand) imednettest.Fault {
	n := 1 + rnd.IntN(30)
	faults := []imednettest.Fault{
		{SkipRow: true, AddTotal: -1}, {CutRows: n, AddTotal: -n}, {RepeatRow: true, AddTotal: 1},
		{ShiftRows: n}, {ShiftRows: -n}, {ShiftRows: 1}, {ShiftRows: -1}, {RefillRow: true}, {IgnoreSort: true}, // of a page of one row, no order can be seen
	}
	f := timed(rnd, faults[rnd.IntN(len(faults))])
	f.Match = later()
	return f
}

// timed decides when a fault strikes: some requests in a row, all from one on (as keys that
// expire), or a share of them.
func timed(rnd *rand.Rand, f imednettest.Fault) imednettest.Fault {
	if f.Times != 0 {
		return f
	}
	f.Skip, f.Times = rnd.IntN(8), []int{1, 1, 1, 2, 3, 5, -1}[rnd.IntN(7)]
	if rnd.IntN(3) == 0 {
		f.Skip, f.Times, f.Probability = 0, -1, 0.05+0.4*rnd.Float64()
	}
	return f
}

// randomFaults are the faults of one schedule; plausible says that a page among them lies so.
func randomFaults(rnd *rand.Rand) (faults []imednettest.Fault, plausible bool) {
	for range rnd.IntN(4) {
		faults = append(faults, noisyFault(rnd))
	}
	switch rnd.IntN(4) {
	case 0:
		faults, plausible = append(faults, plausibleLie(rnd)), true
	case 1, 2:
		faults = append(faults, falseTotal(rnd))
	default:
		faults = append(faults, noisyFault(rnd))
	}
	rnd.Shuffle(len(faults), func(i, k int) { faults[i], faults[k] = faults[k], faults[i] })
	return faults, plausible
}

// randomNetwork is the way to a server, which now and then is not reached at all.
func randomNetwork(rnd *rand.Rand, server *imednettest.Server) http.RoundTripper {
	broken := []error{nil, nil, nil, nil, nil, nil,
		&net.DNSError{Err: "no such host", Name: "edc.invalid", IsNotFound: true},
		&net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED},
		x509.UnknownAuthorityError{},
	}[rnd.IntN(9)]
	if broken == nil {
		return server.Transport()
	}
	return imednettest.BrokenTransport(broken, rnd.IntN(5), server.Transport())
}
