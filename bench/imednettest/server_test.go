// Package imednettest_test measures the test server, which bounds every benchmark that runs against it.
package imednettest_test

import (
	"io"
	"net/http"
	"strconv"
	"testing"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/imednettest"
)

// BenchmarkPages reads a generated study page by page over HTTP: the speed limit of every
// benchmark that runs against this server.
func BenchmarkPages(b *testing.B) {
	study := imednettest.Generate(imednettest.GenerateOptions{Records: 1_000_000})
	base := imednettest.Start(b, imednettest.NewServer(study)) + "/api/v1/edc/studies/DEMO/records?size=500&sort=recordId,ASC&filter=recordId%3E"
	ids := study.RecordIDs()
	n := 0
	for b.Loop() {
		req, err := http.NewRequestWithContext(b.Context(), "GET", base+strconv.FormatInt(ids[n%1900*500], 10), nil)
		if err != nil {
			b.Fatal(err)
		}
		for _, header := range []string{"Accept", "Content-Type"} {
			req.Header.Set(header, "application/json")
		}
		req.Header.Set("x-api-key", imednettest.APIKey)
		req.Header.Set("x-imn-security-key", imednettest.SecurityKey)
		res, err := http.DefaultClient.Do(req)
		if err != nil || res.StatusCode != 200 {
			b.Fatal(res, err)
		}
		size, err := io.Copy(io.Discard, res.Body)
		if err != nil {
			b.Fatal(err)
		}
		b.SetBytes(size)
		n++
	}
	b.ReportMetric(float64(n)*500/b.Elapsed().Seconds(), "rows/s")
}

// BenchmarkProbe counts the records up to an id among 1,000,000.
func BenchmarkProbe(b *testing.B) {
	study := imednettest.Generate(imednettest.GenerateOptions{Records: 1_000_000})
	client := imednettest.NewServer(study).Client()
	for b.Loop() {
		if _, err := client.ProbeRecords(b.Context(), "DEMO", imednet.Where("recordId", imednet.LessOrEqual, 700_000)); err != nil {
			b.Fatal(err)
		}
	}
}
