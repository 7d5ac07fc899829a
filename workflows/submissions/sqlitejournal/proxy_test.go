package sqlitejournal_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"

	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/workflows/submissions"
)

// proxied is what a proxy does to the next results of a job.
type proxied int

const (
	honest    proxied = iota
	crossed           // answers with those of another batch
	swapped           // gives every record the id of another one of the batch
	inverted          // calls the stored ones refused, and the others stored
	shortened         // leaves records out
	nameless          // shuffles them and leaves the indexes out, which is true all the same
)

// proxy stands between the processes and the server.
type proxy struct{ next proxied }

// pass lets a request through; what it does to results is drawn once.
func (x *proxy) pass(w *world, r *http.Request) *http.Response {
	isResults := r.Method == http.MethodGet && strings.HasSuffix(r.URL.Path, "/results")
	if !isResults || x.next == honest {
		return w.serve(r)
	}
	twist := x.next
	x.next = honest
	if twist != nameless {
		w.doubt(r.URL.Path)
	}
	if twist == crossed {
		all := w.study.Submissions()
		other := r.Clone(r.Context())
		parts := strings.Split(r.URL.Path, "/")
		parts[len(parts)-2] = all[w.random.IntN(len(all))].BatchID
		other.URL.Path = strings.Join(parts, "/")
		w.tally["crossed"]++
		return w.serve(other)
	}
	resp := w.serve(r)
	body, _ := io.ReadAll(resp.Body)
	var list []map[string]any
	if json.Unmarshal(body, &list) == nil && len(list) > 0 {
		body, _ = json.Marshal(w.twist(twist, list))
	}
	resp.Body = io.NopCloser(bytes.NewReader(body))
	resp.ContentLength = int64(len(body))
	resp.Header.Del("Content-Length")
	return resp
}

func (w *world) twist(how proxied, list []map[string]any) []map[string]any {
	switch how {
	case swapped:
		w.tally["swapped"]++
		first := list[0]["recordId"]
		for i := range list[:len(list)-1] {
			list[i]["recordId"] = list[i+1]["recordId"]
		}
		list[len(list)-1]["recordId"] = first
	case inverted:
		w.tally["inverted"]++
		for _, r := range list {
			if r["status"] == "FAILED" {
				r["status"] = "SUCCESS"
			} else {
				r["status"] = "FAILED"
			}
		}
	case nameless:
		w.tally["nameless"]++
		for _, r := range list {
			delete(r, "index")
		}
		w.random.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	case shortened:
		w.tally["shortened"]++
		n := w.random.IntN(len(list))
		list = append(list[:n], list[n+1:]...)
	}
	return list
}

func (w *world) serve(r *http.Request) *http.Response {
	before := len(w.study.Submissions())
	recorder := httptest.NewRecorder()
	w.server.ServeHTTP(recorder, r)
	if all := w.study.Submissions(); recorder.Code == http.StatusTooManyRequests && len(all) > before {
		w.doubt(all[len(all)-1].BatchID)
		w.limiting = false
	}
	return recorder.Result()
}

// doubt notes that the answers about a batch were not true: they were changed on their way, or it was taken and
// answered 429.
func (w *world) doubt(path string) {
	for _, sub := range w.study.Submissions() {
		if strings.Contains(path, sub.BatchID) {
			for _, item := range sub.Items {
				w.doubted[w.contentOf(item.Raw)] = true
			}
		}
	}
}

// planNext decides how the job of the next batch goes, and whether its answer is a 429 although it is
// processed.
func (w *world) planNext() {
	if w.limiting { // the batch that was to be answered so did not arrive
		w.server.ClearFaults()
		w.limiting = false
	}
	if w.random.IntN(25) > 0 {
		w.study.SetJobPlan(w.plan())
		return
	}
	w.tally["limited after processing"]++
	w.limiting = true
	w.study.SetJobPlan(imednettest.JobPlan{StoreAtOnce: true})
	w.server.ClearFaults()
	w.server.Inject(imednettest.Fault{Method: http.MethodPost, Status: http.StatusTooManyRequests, AfterApply: true})
}

// lag is a time for which nothing new is listed: by the clock, and by how long anybody has slept.
type lag struct {
	on        bool
	until     time.Time
	sleptThen time.Duration
}

// fallBehind lets the listings lag for at most the settle delay.
func (w *world) fallBehind() {
	if w.lag.on {
		return
	}
	w.tally["lagged"]++
	d := time.Duration(1+w.random.IntN(int(submissions.DefaultSettleDelay/time.Second))) * time.Second
	w.lag = lag{true, w.clock.Now().Add(d), w.slept() + d}
	w.study.HoldRows(true)
}

func (w *world) slept() time.Duration { return time.Duration(w.clock.slept.Load()) }

// catchUp ends a lag whose time is over.
func (w *world) catchUp() {
	if w.lag.on && (!w.clock.Now().Before(w.lag.until) || w.slept() >= w.lag.sleptThen) {
		w.lag.on = false
		w.study.HoldRows(false)
	}
}
