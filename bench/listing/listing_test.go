// Package listing measures what look-ahead gains when every request takes a while, beside the
// same rows served without a wait and the bare sum of the waits.
//
//	go test -bench . ./bench/listing
//	LISTING_RECORDS=200000 LISTING_LATENCY=300ms go test -bench . -benchtime 1x ./bench/listing
package listing

import (
	"fmt"
	"net/http"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/rest"
)

// slow answers after a wait, as a distant server does. The wait is real: what is measured is how much of
// it passes while other requests are under way, and a clock that is made up passes for nobody. It is a
// benchmark's, never a test's.
type slow struct {
	http.RoundTripper
	wait time.Duration
}

func (s slow) RoundTrip(r *http.Request) (*http.Response, error) {
	time.Sleep(s.wait)
	return s.RoundTripper.RoundTrip(r)
}

func settings(b *testing.B) (records int, latency time.Duration) {
	records, latency = 10000, 200*time.Millisecond
	if text := os.Getenv("LISTING_RECORDS"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil {
			b.Fatal(err)
		}
		records = n
	}
	if text := os.Getenv("LISTING_LATENCY"); text != "" {
		d, err := time.ParseDuration(text)
		if err != nil {
			b.Fatal(err)
		}
		latency = d
	}
	return records, latency
}

func BenchmarkRecords(b *testing.B) {
	records, latency := settings(b)
	study := imednettest.Generate(imednettest.GenerateOptions{Records: records})
	for _, wait := range []time.Duration{0, latency} {
		for _, ahead := range []int{1, 2, 4, 8} {
			b.Run(fmt.Sprintf("latency=%v/ahead=%d", wait, ahead), func(b *testing.B) {
				server := imednettest.NewServer(study)
				transport := http.DefaultTransport.(*http.Transport).Clone()
				transport.MaxIdleConnsPerHost = ahead
				client, err := rest.New(imednettest.APIKey, imednettest.SecurityKey, rest.WithLookAhead(ahead),
					rest.WithBaseURL(imednettest.Start(b, server)), rest.WithHTTPClient(&http.Client{Transport: slow{transport, wait}}))
				if err != nil {
					b.Fatal(err)
				}
				rows := 0
				for b.Loop() {
					for _, err := range client.Records(b.Context(), study.Key(), imednet.ListOptions{}) {
						if err != nil {
							b.Fatal(err)
						}
						rows++
					}
				}
				transport.CloseIdleConnections()
				requests := float64(len(server.Requests())) / float64(b.N)
				b.ReportMetric(float64(rows)/b.Elapsed().Seconds(), "rows/s")
				b.ReportMetric(requests, "requests")
				b.ReportMetric(requests*wait.Seconds()/(b.Elapsed().Seconds()/float64(b.N)), "waits/time")
			})
		}
	}
}
