// Package formats_test measures the writers and readers of package cdisc beside encoding/csv
// writing the same cells. IMEDNET_BENCH_ROWS sets the number of rows (default 20,000; 1,000,000 is
// the full size):
//
//	IMEDNET_BENCH_ROWS=1000000 go test -bench . -benchtime 1x ./bench/formats
//
// 1,000,000 rows of 40 columns on two busy cores, in multiples of the time of encoding/csv in the same run:
//
//	xpt5    0.31
//	xpt8    0.36
//	json    0.58
//	ndjson  0.65
//	dsjc    1.56 (level 1; level 9 takes 16 times as long to compress)
//	export  1.64 (sorted, surveyed and written as version 5, with a define.xml; heap 34 MiB at most)
package formats_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"io"
	"iter"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet/cdisc"
)

const columns = 40

func rows(b *testing.B) int {
	n, err := strconv.Atoi(os.Getenv("IMEDNET_BENCH_ROWS"))
	if err != nil {
		return 20_000
	}
	return n
}

// table is rows in memory that repeat: texts of three lengths, whole numbers, numbers with a
// fraction, and dates, a tenth of them missing.
type table struct{ n int }

var distinct = makeRows()

func makeRows() [][]cdisc.Value {
	list := make([][]cdisc.Value, 1000)
	for i := range list {
		row := make([]cdisc.Value, columns)
		for j := range row {
			if (i*7+j*3)%10 == 0 {
				continue
			}
			switch j % 5 {
			case 0:
				row[j] = cdisc.Text("HEADACHE " + strconv.Itoa(i%97))
			case 1:
				row[j] = cdisc.Integer(int64(i * j))
			case 2:
				row[j] = cdisc.Float(float64(i*j) / 8)
			case 3:
				row[j] = cdisc.Integer(int64(15000 + i))
			case 4:
				row[j] = cdisc.Text([]string{"Y", "N"}[i%2])
			}
		}
		list[i] = row
	}
	return list
}

func (t table) Dataset() cdisc.Dataset {
	d := cdisc.Dataset{Name: "BENCH", Label: "Bench"}
	for j := range columns {
		v := cdisc.Variable{Name: "V" + strconv.Itoa(j), Type: []cdisc.Type{cdisc.Character, cdisc.WholeNumber, cdisc.Double, cdisc.Date, cdisc.Character}[j%5]}
		d.Variables = append(d.Variables, v)
	}
	return d
}

func (t table) Rows(context.Context) iter.Seq2[cdisc.Row, error] {
	return func(yield func(cdisc.Row, error) bool) {
		for i := range t.n {
			if !yield(distinct[i%len(distinct)], nil) {
				return
			}
		}
	}
}

// cellsPerSecond reports the speed in cells.
func cellsPerSecond(b *testing.B, n int) {
	b.ReportMetric(float64(n)*columns*float64(b.N)/b.Elapsed().Seconds()/1e6, "Mcells/s")
}

func BenchmarkCSV(b *testing.B) {
	n := rows(b)
	for b.Loop() {
		w := csv.NewWriter(io.Discard)
		record := make([]string, columns)
		for row := range (table{n}).Rows(b.Context()) {
			for j, v := range row {
				record[j] = text(j, v)
			}
			require.NoError(b, w.Write(record))
		}
		w.Flush()
	}
	cellsPerSecond(b, n)
}

func text(j int, v cdisc.Value) string {
	if v.IsMissing() {
		return ""
	}
	switch j % 5 {
	case 1:
		n, _ := v.Integer()
		return strconv.FormatInt(n, 10)
	case 2:
		x, _ := v.Float()
		return strconv.FormatFloat(x, 'g', -1, 64)
	case 3:
		n, _ := v.Integer()
		return time.Unix(n*86400, 0).UTC().Format(time.DateOnly)
	}
	s, _ := v.Text()
	return s
}

func survey(b *testing.B, n int) *cdisc.Survey {
	s, err := cdisc.NewSurvey(b.Context(), table{n})
	require.NoError(b, err)
	return s
}

func BenchmarkSurvey(b *testing.B) {
	n := rows(b)
	for b.Loop() {
		survey(b, n)
	}
	cellsPerSecond(b, n)
}

var created = time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)

func write(b *testing.B, w io.Writer, n int, s *cdisc.Survey, f cdisc.Format) {
	var err error
	if f == cdisc.XPT5 || f == cdisc.XPT8 {
		err = cdisc.WriteXPT(b.Context(), w, table{n}, s, cdisc.XPTOptions{Format: f, Created: created})
	} else {
		err = cdisc.WriteDatasetJSON(b.Context(), w, table{n}, s, cdisc.JSONOptions{Format: f, Created: created})
	}
	require.NoError(b, err)
}

func BenchmarkWrite(b *testing.B) {
	n := rows(b)
	for _, f := range []cdisc.Format{cdisc.XPT5, cdisc.XPT8, cdisc.JSON, cdisc.NDJSON, cdisc.DSJC} {
		b.Run(string(f), func(b *testing.B) {
			s := survey(b, n)
			for b.Loop() {
				write(b, io.Discard, n, s, f)
			}
			cellsPerSecond(b, n)
		})
	}
}

func BenchmarkRead(b *testing.B) {
	n := min(rows(b), 100_000) // in memory
	for _, f := range []cdisc.Format{cdisc.XPT5, cdisc.NDJSON, cdisc.DSJC} {
		b.Run(string(f), func(b *testing.B) {
			var file bytes.Buffer
			write(b, &file, n, survey(b, n), f)
			path := filepath.Join(b.TempDir(), "bench"+f.Extension())
			require.NoError(b, os.WriteFile(path, file.Bytes(), 0o600))
			for b.Loop() {
				open, err := cdisc.OpenFile(path)
				require.NoError(b, err)
				read := 0
				for _, err := range open.Rows(b.Context()) {
					require.NoError(b, err)
					read++
				}
				require.Equal(b, n, read)
			}
			cellsPerSecond(b, n)
		})
	}
}

// BenchmarkExport sorts, surveys and writes version 5 with a define.xml, and reports the greatest
// heap on the way.
func BenchmarkExport(b *testing.B) {
	n := rows(b)
	var peak atomic.Uint64
	done := make(chan struct{})
	go watchHeap(&peak, done)
	for b.Loop() {
		_, err := cdisc.Export(b.Context(), b.TempDir(), []cdisc.Source{table{n}}, cdisc.ExportOptions{JSON: cdisc.JSONOptions{Created: created, StudyOID: "S", MetaDataVersionOID: "M"}, Define: &cdisc.DefineOptions{}})
		require.NoError(b, err)
	}
	close(done)
	cellsPerSecond(b, n)
	b.ReportMetric(float64(peak.Load())/(1<<20), "peak-MiB")
}

func watchHeap(peak *atomic.Uint64, done chan struct{}) {
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	var m runtime.MemStats
	for {
		select {
		case <-done:
			return
		case <-tick.C:
			runtime.ReadMemStats(&m)
			peak.Store(max(peak.Load(), m.HeapInuse))
		}
	}
}
