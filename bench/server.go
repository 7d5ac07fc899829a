package main

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strconv"
	"time"

	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/rest"
)

// The servers: what was done to the study since the mirror was synced, or how the server answers.
const (
	plain      = "as it was"
	distant    = "50 ms away"
	changed    = "0.1 % changed"
	changedTen = "1 % changed"
	removed    = "20 records removed"
)

const (
	latency      = 50 * time.Millisecond
	removedCount = 20 // at most half of the records
)

// serve answers requests for the study until its input ends, which it also does when the bench dies. It
// prints its address.
func serve(t task) error {
	study := newStudy(t.Rows)
	if err := edit(study, t.Edit); err != nil {
		return err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	var handler http.Handler = imednettest.NewServer(study)
	if t.Edit == distant {
		handler = late{handler}
	}
	mux := http.NewServeMux()
	mux.Handle("/", handler)
	mux.HandleFunc(cpuPath, func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, int64(processorTime())) })
	fmt.Println("http://" + listener.Addr().String())
	go func() { _ = http.Serve(listener, mux) }() // until the process ends
	_, err = io.Copy(io.Discard, os.Stdin)
	return err
}

// late answers after a wait, as a distant server does. The wait is real: what is measured is how much of
// it passes while other requests are under way.
type late struct{ http.Handler }

func (l late) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	time.Sleep(latency)
	l.Handler.ServeHTTP(w, r)
}

func edit(study *imednettest.Study, how string) error {
	ids := study.RecordIDs()
	switch how {
	case changed:
		return change(study, spread(ids, (len(ids)+999)/1000))
	case changedTen:
		return change(study, spread(ids, (len(ids)+99)/100))
	case removed:
		for _, id := range spread(ids, min(removedCount, len(ids)/2)) {
			if err := study.RemoveRecord(id); err != nil {
				return err
			}
		}
	}
	return nil
}

// spread picks n ids at equal distances.
func spread(ids []int64, n int) []int64 {
	picked := make([]int64, n)
	for i := range picked {
		picked[i] = ids[i*len(ids)/n]
	}
	return picked
}

func change(study *imednettest.Study, ids []int64) error {
	for _, id := range ids {
		if err := study.EditRecord(id, "BENCHED", "yes"); err != nil {
			return err
		}
	}
	return nil
}

// cpuPath is where a server tells its processor time.
const cpuPath = "/bench/cpu"

// serverCPU is what the job's server has used of the processors so far; 0 without a server.
func (w *work) serverCPU() (time.Duration, error) {
	if w.server == "" {
		return 0, nil
	}
	res, err := http.Get(w.server + cpuPath)
	if err != nil {
		return 0, err
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		return 0, err
	}
	n, err := strconv.ParseInt(string(text), 10, 64)
	return time.Duration(n), err
}

func (w *work) client(opts ...rest.Option) (*rest.Client, error) {
	return rest.New(imednettest.APIKey, imednettest.SecurityKey, append(opts, rest.WithBaseURL(w.server))...)
}
